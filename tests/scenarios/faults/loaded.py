"""The program forked from a process that has loaded it: many starts without the loading.

What runs is ``enhance_gui.__main__.main`` with its own arguments, environment and standard
streams. Two thirds of a start's time are saved, and the program can wait, loaded, until a tracer
has been attached, so that faults hit its work and not its loading.
"""

from __future__ import annotations

import ctypes
import faulthandler
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Lock
from typing import Final

from enhance_gui.__main__ import main
from tests.scenarios.faults.mutants import MUTANTS
from tests.support.preloaded import LOADED

# What is loaded when it is used first; errors are to meet the work, and not the loading.
for _name in LOADED:
    import_module(_name)

_PR_SET_PTRACER: Final = 0x59616D61
_ANYBODY: Final = ctypes.c_ulong(-1)

# Starting a process reads the ends of all others, which only one thread may do at a time.
_STARTING: Final = Lock()

_REPORTING_S: Final = 0.3

_CONTEXT: Final = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


class LoadedProgram:
    """One start of the program, waiting for leave to begin."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], streams: Path, mutant: str
    ) -> None:
        """
        :param streams: path of its standard output, and with ``.err`` of its standard error.
        :param mutant: name of a mistake to put in; empty: none.
        """
        self._gate, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=_run, args=(theirs, list(arguments), dict(environment), streams, mutant)
        )
        with _STARTING:
            self._process.start()
        theirs.close()
        self._gate.recv()

    @property
    def pid(self) -> int:
        return int(self._process.pid or 0)

    def give_leave(self) -> None:
        """Let it begin."""
        self._gate.send(None)

    def kill(self) -> None:
        self._process.kill()

    def tell_where(self) -> None:
        """Have it write where each of its threads is to its standard error."""
        os.kill(self.pid, signal.SIGUSR1)
        time.sleep(_REPORTING_S)

    def wait(self, limit_s: float) -> int | None:
        """Wait for its end; return its exit code, the signal's number below 0 where one ended it.

        :returns: ``None`` where it still runs.
        """
        wait([self._process.sentinel], limit_s)
        with _STARTING:
            code = self._process.exitcode
        if code is not None:
            self._gate.close()
        return code


def errors_of(streams: Path) -> Path:
    """Return the path of the standard error that belongs to a standard output."""
    return streams.with_suffix(".err")


def _run(
    gate: Connection, arguments: list[str], environment: dict[str, str], streams: Path, mutant: str
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, path in ((1, streams), (2, errors_of(streams))):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, number)
        os.close(file)
    sys.argv = ["enhance-gui", *arguments]
    faulthandler.register(signal.SIGUSR1)  # where a program that hangs is
    if mutant:
        MUTANTS[mutant]()
    _allow_tracing()
    gate.send(None)
    gate.recv()
    gate.close()
    sys.exit(main())


def _allow_tracing() -> None:
    """Let a process that is not our parent trace us, where the kernel restricts that."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANYBODY, 0, 0, 0)
