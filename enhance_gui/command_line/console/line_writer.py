"""Writes standard output and error beside the work.

In threads of their own: a reader that takes its time, or stands still, must not hold up the event
loop, in which answers of services arrive that were paid for.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import TextIO

from enhance_gui.command_line.console.output import plain, print_message
from enhance_gui.command_line.enhance.interruption import Interruption
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.threads import in_daemon_thread


class TextWriter:
    """Writes texts to a stream when its reader takes them, as long as that is possible.

    What waits to be read has no bound of its own: a run keeps its reports to its end anyway, and
    what changes all the time is not written where the reader is behind.
    """

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self.is_terminal = stream.isatty()
        self._texts: SimpleQueue[str | None] = SimpleQueue()
        self._ended: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def is_behind(self) -> bool:
        """Whether the reader has not taken all yet."""
        return not self._texts.empty()

    def begin(self) -> None:
        """Begin to write; from then on every thread may put texts."""
        if self._ended is None:
            self._loop = asyncio.get_running_loop()
            self._ended = in_daemon_thread(self._write_all, self._name)

    def write(self, text: str) -> None:
        """Write a text when the reader takes it."""
        self.begin()
        self._texts.put(text)

    async def drain(self, interruption: Interruption) -> None:
        """Let the reader take what is left, at its pace, unless somebody wants the end."""
        if self._ended is None:
            return
        self._texts.put(None)
        enough = interruption.hurried if interruption.wanted.is_set() else interruption.wanted
        owner = TaskSupervisor(lambda _: None)
        stopped = owner.start(enough.wait(), "enough")
        await asyncio.wait([self._ended, stopped], return_when=asyncio.FIRST_COMPLETED)
        await owner.close()

    def broken(self, error: OSError) -> None:
        """Take in, in the thread, that nothing more can be written."""

    def _write_all(self) -> None:
        try:
            while (text := self._texts.get()) is not None:
                _write(self._stream, text, is_terminal=self.is_terminal)
        except OSError as error:  # the reader has gone, or the disk that it leads to is full
            self.broken(error)


class LineWriter(TextWriter):
    """Writes lines to standard output; where nobody reads them any more the run ends.

    Its work is kept.
    """

    def __init__(self, on_broken: Callable[[], None]) -> None:
        super().__init__(sys.stdout, "standard output")
        self._on_broken = on_broken

    def write_line(self, line: str) -> None:
        """Write a line when the reader takes it, if that is still possible."""
        # A program gets every name as it is.
        self.write((plain(line) if self.is_terminal else line) + "\n")

    def broken(self, error: OSError) -> None:
        print_message(f"standard output cannot be written to: {error.strerror}")
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended meanwhile
                self._loop.call_soon_threadsafe(self._on_broken)


class ErrorWriter(TextWriter):
    """Writes to standard error, the log for the terminal included.

    Paid work does not stop because nobody can read of it: where it cannot be written, the disk
    that it leads to is full say, the rest is dropped.
    """

    def __init__(self) -> None:
        super().__init__(sys.stderr, "standard error")

    @contextmanager
    def with_log(self) -> Iterator[None]:
        """Have the log that goes to standard error come this way while the block runs."""
        self.begin()  # what is logged first may come out of a thread
        handlers = [
            handler
            for handler in logging.getLogger().handlers
            if isinstance(handler, logging.StreamHandler) and handler.stream is self._stream
        ]
        for handler in handlers:
            handler.setStream(self)
        try:
            yield
        finally:
            for handler in handlers:
                handler.setStream(self._stream)

    def flush(self) -> None:
        """Do nothing: what is put is written. A handler of the log wants it of a stream."""


def _write(stream: TextIO, text: str, *, is_terminal: bool) -> None:
    """Write a text past the buffer of a stream.

    Its lock would be held while the reader stands still, and the interpreter needs it to end.
    """
    try:
        file = stream.fileno()
    except OSError:  # no file of the system
        file = -1
    if file < 0 or (is_terminal and sys.platform == "win32"):  # a console takes no bytes
        stream.write(text)
        stream.flush()
        return
    encoding, errors = stream.encoding, stream.errors or "strict"
    data = text.replace("\n", os.linesep).encode(encoding, errors)
    while data:
        data = data[os.write(file, data) :]
