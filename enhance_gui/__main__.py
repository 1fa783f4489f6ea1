"""Entry point of the program, however it is started."""

from __future__ import annotations

import sys

from enhance_gui.core.eager_imports import import_eagerly


def main() -> int:
    """Run the program with the process's arguments; return its exit code."""
    import_eagerly()
    # In a frozen build the service's worker processes are this program, too: told apart by their
    # arguments. A start from the menu has none, and does not wait for this module.
    if len(sys.argv) > 1:
        import multiprocessing

        multiprocessing.freeze_support()
    # Loaded here, not above: such a worker does without it.
    from enhance_gui.command_line.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
