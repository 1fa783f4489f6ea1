"""Entry point of the program, however it is started."""

from __future__ import annotations

import sys


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


def import_eagerly() -> None:
    """Turn lazy imports off: each import is carried out where it stands, as before Python 3.15.

    Once Shiboken 6.12 is loaded, what a module imports lazily stays a placeholder for all who ask
    the module for it: the next ``asyncio.to_thread`` fails, since its executor is such a name.
    """
    if sys.version_info >= (3, 15):
        sys.set_lazy_imports_filter(lambda *_: False)


if __name__ == "__main__":
    sys.exit(main())
