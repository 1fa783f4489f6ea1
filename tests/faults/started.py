"""The program with everything loaded, waiting for leave to begin, so that faults hit its work.

``python -m tests.faults.started [--mutant NAME] ARGUMENTS…`` prints a line when it is ready, waits
for the end of a line on standard input, and then is ``python -m enhance_gui ARGUMENTS…``.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from importlib import import_module

from enhance_gui.__main__ import main
from tests.faults.mutants import MUTANTS

_PR_SET_PTRACER = 0x59616D61
_ANYBODY = ctypes.c_ulong(-1)


def _allow_tracing() -> None:
    """Let a process that is not our parent trace us, where the kernel restricts that."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANYBODY, 0, 0, 0)


if __name__ == "__main__":
    import_module("enhance_gui.command_line.enhance_run")  # the command itself loads it later
    if sys.argv[1] == "--mutant":
        MUTANTS[sys.argv[2]]()
        del sys.argv[1:3]
    _allow_tracing()
    print("ready", flush=True)
    os.read(0, 1)
    sys.exit(main())
