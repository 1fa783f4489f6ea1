"""Lines on standard output, written beside the work."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

from enhance_gui.command_line.interruption import Interruption
from enhance_gui.command_line.messages import plain, say
from enhance_gui.core.daemon_thread import in_daemon_thread
from enhance_gui.jobs.task_owner import TaskOwner


class LineWriter:
    """Writes lines; where nobody reads them any more the run ends, with its work kept.

    In a thread of its own: a reader that takes its time, or stands still, must not hold up the
    event loop, in which answers of services arrive that were paid for. What waits to be read has
    no bound of its own, since the run keeps its reports to its end anyway.
    """

    def __init__(self, on_broken: Callable[[], None]) -> None:
        self._on_broken = on_broken
        self._is_terminal = sys.stdout.isatty()
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._ended: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def write(self, line: str) -> None:
        """Write a line when the reader takes it, if that is still possible."""
        if self._ended is None:
            self._loop = asyncio.get_running_loop()
            self._ended = in_daemon_thread(self._write_all, "standard output")
        # A program gets every name as it is.
        self._lines.put(plain(line) if self._is_terminal else line)

    async def drain(self, interruption: Interruption) -> None:
        """Let the reader take what is left, at its pace, unless somebody wants the end."""
        if self._ended is None:
            return
        self._lines.put(None)
        enough = interruption.urgent if interruption.wanted.is_set() else interruption.wanted
        owner = TaskOwner(lambda _: None)
        stopped = owner.start(enough.wait(), "enough")
        await asyncio.wait([self._ended, stopped], return_when=asyncio.FIRST_COMPLETED)
        await owner.close()

    def _write_all(self) -> None:
        try:
            while (line := self._lines.get()) is not None:
                _write(line, is_terminal=self._is_terminal)
        except OSError as error:  # the reader has gone, or the disk that it leads to is full
            say(f"standard output cannot be written to: {error.strerror}")
            if self._loop is not None:
                with suppress(RuntimeError):  # it has ended meanwhile
                    self._loop.call_soon_threadsafe(self._on_broken)


def _write(line: str, *, is_terminal: bool) -> None:
    """Write a line past the buffer of standard output.

    Its lock would be held while the reader stands still, and the interpreter needs it to end.
    """
    try:
        file = sys.stdout.fileno()
    except OSError:  # no file of the system
        file = -1
    if file < 0 or (is_terminal and sys.platform == "win32"):  # a console takes no bytes
        print(line, flush=True)  # noqa: T201  this is what the command is for
        return
    encoding, errors = sys.stdout.encoding, sys.stdout.errors or "strict"
    data = (line + os.linesep).encode(encoding, errors)
    while data:
        data = data[os.write(file, data) :]
