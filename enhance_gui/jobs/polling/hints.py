"""Callbacks as hints: when to follow one, and when to rely on them."""

from __future__ import annotations

import math

from enhance_gui.jobs.polling.polled_task import PolledTask

_BETWEEN_HINTS_OF_A_TASK_S = 10.0
_BETWEEN_HINTS_S = 0.2
_FIRST_REPORTS_PROVEN = 20
_FIRST_REPORTS_MAX = 40
_STRETCH = 4.0


class Hints:
    """Decides when to follow hints: at most one a task in 10 s and five a second over all."""

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._first_report = 0

    @property
    def stretch(self) -> float:
        """Factor by which polling is slowed down while callbacks are reliable."""
        return _STRETCH if self._first_report >= _FIRST_REPORTS_PROVEN else 1.0

    def due_s(self, task: PolledTask, now_s: float) -> float:
        """Return when to follow a hint for this task."""
        return self.free_s(max(now_s, task.hinted_s + _BETWEEN_HINTS_OF_A_TASK_S), now_s)

    def followed(self, task: PolledTask, due_s: float) -> None:
        """Note that a task falls due by a hint."""
        task.hinted_s = due_s
        self.take(due_s)

    def free_s(self, wanted_s: float, now_s: float) -> float:
        """Return the first moment from ``wanted_s`` on whose fifth of a second is free.

        A hint that is put off, because its task was asked about just now, holds up no other.
        """
        self._taken = {each for each in self._taken if each >= _fifth(now_s)}
        fifth = _fifth(wanted_s)
        if fifth not in self._taken:
            return wanted_s
        while fifth in self._taken:
            fifth += 1
        return fifth * _BETWEEN_HINTS_S

    def take(self, due_s: float) -> None:
        """Take the fifth of a second around a moment."""
        self._taken.add(_fifth(due_s))

    def finished(self, task: PolledTask) -> None:
        """Learn whether the callback came before the poll that found the finish."""
        if task.reported:
            self._first_report = min(_FIRST_REPORTS_MAX, self._first_report + 1)
        else:
            self._first_report //= 2


def _fifth(moment_s: float) -> int:
    # A hair more: the start of a fifth, computed from its number, belongs to it.
    return math.floor(moment_s / _BETWEEN_HINTS_S + 1e-6)
