"""How many tasks to keep alive on the service: enough that it never idles, and no more.

A task that waits here is free to cancel and needs no poll; one that waits on the service costs
both. So the window follows the number of our own tasks that wait in the service's queue: it grows
by one with each finish while they are few, and shrinks by 0.7 when they are many or the service
asks for mercy. "Few" is what the service works off while a finish goes unnoticed (Little's law).
"""

from __future__ import annotations

import math

_MIN = 4
_MAX = 64
_SHRINK = 0.7
_MAX_WAITING = 16
_LEARN = 0.1


class ConcurrencyWindow:
    """Adapts the maximum of tasks that may be alive on the service."""

    def __init__(self, fixed: int = 0) -> None:
        self._fixed = fixed
        self._size = float(fixed or _MIN)
        self._notice_s = 1.0
        self._between_finishes_s: float | None = None
        self._finished_s: float | None = None
        self._finishes_until_shrink = 0

    def fix(self, size: int) -> None:
        """Have another fixed size from now on; 0: adapt from the present one."""
        self._fixed = size
        if size:
            self._size = float(size)
        else:
            self._resize(self._size)

    @property
    def size(self) -> int:
        """Tasks that may be alive on the service at once."""
        return int(self._size)

    @property
    def wanted_waiting(self) -> int:
        """Our own tasks that ought to wait in the service's queue."""
        if not self._between_finishes_s:
            return 2
        unnoticed = self._notice_s / self._between_finishes_s
        return min(_MAX_WAITING, max(2, math.ceil(1.5 * unnoticed)))

    def interrupted(self) -> None:
        """Note a finish that says nothing of the service's speed, such as one found on waking."""
        self._finished_s = None

    def finished(self, now_s: float, notice_s: float, own_waiting: int) -> None:
        """Learn from a finish noticed ``notice_s`` late, with ``own_waiting`` in the queue."""
        self._notice_s += _LEARN * (notice_s - self._notice_s)
        if self._finished_s is not None:
            between_s = now_s - self._finished_s
            known_s = self._between_finishes_s
            self._between_finishes_s = (
                between_s if known_s is None else known_s + _LEARN * (between_s - known_s)
            )
        self._finished_s = now_s
        self._finishes_until_shrink -= 1
        if own_waiting <= self.wanted_waiting:
            self._resize(self._size + 1)

    def created(self, own_waiting: int) -> None:
        """Shrink where a fresh task finds a long queue of ours before it."""
        if own_waiting > 2 * self.wanted_waiting + 4:
            self.shrink()

    def shrink(self) -> None:
        """Keep fewer alive; again only after the queue had the time to show the effect."""
        if self._finishes_until_shrink <= 0:
            self._resize(self._size * _SHRINK)
            self._finishes_until_shrink = self.size

    def _resize(self, size: float) -> None:
        if not self._fixed:
            self._size = min(_MAX, max(_MIN, size))
