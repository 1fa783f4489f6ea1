"""Turns: questions beside the polls go in order, and one after the other with what else waits."""

from __future__ import annotations

import math
from collections import deque

from enhance_gui.jobs.polling.health import ConnectionHealth
from enhance_gui.jobs.polling.polled_task import PolledTask


class Turns:
    """Keeps the order of those who wait to ask, and has them and all others take turns.

    Without it each request that the budget allows would be for whoever happens to look first.
    """

    def __init__(self, health: ConnectionHealth) -> None:
        self.askers: deque[object] = deque()
        """Who waits to ask something that is no poll, in order; for whoever asks to keep."""
        self._health = health
        self._sent_s = -math.inf
        self._was_question = False

    @property
    def next_probe_s(self) -> float | None:
        """When a service out of reach is asked next, or was asked what it has not answered yet;
        ``None`` for one within reach.
        """
        return self._health.next_probe_s

    def sent(self, now_s: float, *, is_question: bool = False) -> None:
        """Note a request: a question beside the polls, or a poll or create."""
        self._health.sent(now_s)
        self._sent_s, self._was_question = now_s, is_question

    def question_due_s(self, ready_s: float, poll: PolledTask | None) -> float:
        """Return when such a question may go, if requests may at ``ready_s``.

        :param poll: which would be the next then.
        """
        waits = poll is not None and poll.due_s <= ready_s
        return self._after_other_s(ready_s) if waits and self._was_question else ready_s

    def other_due_s(self, ready_s: float) -> float:
        """Return when a poll or a create may go, if requests may at ``ready_s``."""
        return ready_s if self._was_question or not self.askers else self._after_other_s(ready_s)

    def _after_other_s(self, ready_s: float) -> float:
        if self._health.offline:
            return ready_s  # the first to come is the probe
        # A moment that stands: the other may be kept from its turn, as by polls without an answer.
        return max(ready_s, self._sent_s + 2 / self._health.budget.requests_per_s)
