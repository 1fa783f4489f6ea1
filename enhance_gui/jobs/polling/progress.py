"""The progress of one task, as its service reports it: what is left, and when to poll again.

Only the service of this program reports it. Nobody who sends odd figures gains anything: what does
not grow brings no look, and a whole number of hundredths can grow a hundred times at most.
"""

from __future__ import annotations

from dataclasses import dataclass

_KNOWN_AFTER_S = 3.0
_KNOWN_AFTER_PERCENT = 3
_WEIGHT_OF_THE_NEWEST = 0.5
_LOOKS_A_TASK = 50
_SOONEST = 1 / 4
_MAX_DOUBLINGS = 10


@dataclass(slots=True)
class Progress:
    """What was reported of one task. Moments are clock values."""

    percent: int | None = None
    """What was last reported, 0 to 100."""
    _from_s: float = 0
    """Since when it is counted …"""
    _from_percent: int = 0
    """… and how far it was then."""
    _ends_s: float | None = None
    """When it will end, by what was reported so far."""
    _highest: int = 0
    _stalls: int = 0
    """Looks in a row that found no more than an earlier one."""

    def take(self, percent: int, polled_s: float, began_s: float | None) -> None:
        """Take in what a poll has found.

        :param began_s: when the service began with it; ``None`` where that is not known.
        """
        if self.percent is None and began_s is not None:
            self._from_s, self._from_percent = began_s, 0
        elif self.percent is None or percent < self.percent:
            # A second attempt of the service counts from its own beginning.
            self._from_s, self._from_percent, self._ends_s = polled_s, percent, None
        self.percent = percent
        self._stalls = 0 if percent > self._highest else self._stalls + 1
        self._highest = max(self._highest, percent)
        self._estimate(polled_s)

    def left_s(self, now_s: float) -> float | None:
        """Return about how long it still takes; ``None`` while too little was reported for that."""
        return None if self._ends_s is None else max(0.0, self._ends_s - now_s)

    def gap_s(self, planned_s: float, now_s: float, interval_s: float) -> float:
        """Return how long to leave the task alone.

        :param planned_s: how long by what is known of other tasks.
        :param interval_s: how long for the sake of showing progress.
        """
        left_s = self.left_s(now_s)
        if left_s is not None:
            interval_s = max(interval_s, (now_s + left_s - self._from_s) / _LOOKS_A_TASK)
        if self._stalls or left_s is None:
            return min(planned_s, interval_s * (1 << min(self._stalls, _MAX_DOUBLINGS)))
        return min(interval_s, max(left_s, min(planned_s, _SOONEST * interval_s)))

    def _estimate(self, polled_s: float) -> None:
        assert self.percent is not None  # noqa: S101  just taken
        passed_s, done = polled_s - self._from_s, self.percent - self._from_percent
        if passed_s < _KNOWN_AFTER_S or done < _KNOWN_AFTER_PERCENT:
            return
        # Reported as a whole number, it is half of one more in the mean.
        left_s = passed_s * (100 - self.percent) / (done + 0.5)
        if self._ends_s is None:
            self._ends_s = polled_s + left_s
        elif self._stalls:
            # Work goes in steps: between them the time runs down, but not to nothing.
            self._ends_s = max(self._ends_s, polled_s + left_s / 2)
        else:
            self._ends_s += _WEIGHT_OF_THE_NEWEST * (polled_s + left_s - self._ends_s)
