"""Defines how long one exchange may take, and how slow it may be."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import httpx

LAST_LOOK_S: Final = 0.25
"""Time for reading what has arrived already, when the time is over."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """The limits in time of one exchange. httpx alone limits each read, never the whole."""

    connect_s: float = 10.0
    """For finding the host, connecting and TLS."""
    read_s: float = 15.0
    """Longest pause within a request or an answer."""
    overall_s: float = 30.0
    """For everything together, redirects included."""
    slow_window_s: float = 30.0
    """The time over which a body's rate is judged."""
    slow_bytes_per_s: float = 1000.0
    """A body slower than this over a whole window is given up."""

    def as_timeout(self) -> httpx.Timeout:
        """Return what httpx itself can watch."""
        return httpx.Timeout(connect=self.connect_s, read=self.read_s, write=self.read_s, pool=None)


class Deadline:
    """Cancels its block when the time is over, and raises :class:`TimeoutError`.

    Data that has already arrived is still read. A program that was stopped, or whose event loop was
    held up, finds the time over and the answer in its socket: to throw that away would leave in
    doubt what is known.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._timeout = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Deadline:
        await self._timeout.__aenter__()
        self.restart()
        return self

    async def __aexit__(self, *error: Any) -> None:
        self.pause()
        await self._timeout.__aexit__(*error)

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
