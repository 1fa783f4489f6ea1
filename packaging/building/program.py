"""Entry point of a frozen program."""

from __future__ import annotations

import os
import sys

_TRACKER = "from multiprocessing.resource_tracker import main;main("
"""How multiprocessing asks Python to run the process that keeps track of shared resources."""


def forget_library_path() -> None:
    """Undo what PyInstaller set so that this process finds its libraries, which it now has.

    Programs started from ours would load our libraries in place of their own. A child that is
    our program is told to set it again, as it would not on its own.
    """
    os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
    own = os.environ.pop("LD_LIBRARY_PATH", None)
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if own is not None and before:
        os.environ["LD_LIBRARY_PATH"] = before


def serve_multiprocessing() -> None:
    """Run the worker that multiprocessing started this program as, if it did.

    What PyInstaller has for this is loaded at every start; here, only where there are arguments.
    """
    from multiprocessing import process, resource_tracker, spawn

    # The script that this is has no file which a worker could run again.
    process.ORIGINAL_DIR = None  # type: ignore[attr-defined]
    command = sys.argv[-1]
    if "-c" in sys.argv and command.startswith(_TRACKER):
        resource_tracker.main(int(command.removeprefix(_TRACKER).removesuffix(")")))
        sys.exit()
    spawn.freeze_support()


if __name__ == "__main__":
    if sys.platform == "linux":
        forget_library_path()
        if len(sys.argv) > 1:
            serve_multiprocessing()
    from enhance_gui.__main__ import main

    sys.exit(main())
