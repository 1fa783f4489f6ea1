"""Standard output, which may lead nowhere any more."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from enhance_gui.command_line.messages import say


class Output:
    """Writes lines; where nobody reads them any more the run ends, with its work kept."""

    def __init__(self, on_broken: Callable[[], None]) -> None:
        self._on_broken = on_broken
        self._broken = False

    def write(self, line: str) -> None:
        """Write a line, if that is still possible."""
        if self._broken:
            return
        try:
            print(line, flush=True)  # noqa: T201  this is what the command is for
        except OSError as error:  # the reader has gone, or the disk that it leads to is full
            self._broken = True
            say(f"standard output cannot be written to: {error.strerror}")
            # The interpreter writes what is left at its end, and would fail once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self._on_broken()
