"""A deadline after which data that has already arrived is still read.

A program that was stopped, or whose event loop was held up, finds the time over and the answer in
its socket. To throw that away would leave in doubt what is known.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Final

LAST_LOOK_S: Final = 0.25
"""Time for reading what has arrived already."""


class Deadline:
    """Cancels its block when the time is over, and raises :class:`TimeoutError`."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._timeout = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Deadline:
        await self._timeout.__aenter__()
        self.restart()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.pause()
        await self._timeout.__aexit__(kind, error, traceback)

    @property
    def expired(self) -> bool:
        """Whether this deadline ended the block."""
        return self._timeout.expired()

    def pause(self) -> None:
        """Stop the countdown until :meth:`restart`."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def restart(self) -> None:
        """Restart the countdown with the whole time."""
        self.pause()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._limit_s, self._look_once_more)

    def _look_once_more(self) -> None:
        self._timeout.reschedule(asyncio.get_running_loop().time() + LAST_LOOK_S)
