"""Defines how long one exchange may take, and how slow it may be."""

from __future__ import annotations

from dataclasses import dataclass

import httpx


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
