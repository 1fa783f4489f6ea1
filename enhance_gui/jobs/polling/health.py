"""When the next request to one service may go: as the budget allows, and as errors let it.

The circuit breaker: backoff after errors, one probe at a time while offline.

Full jitter after transport errors and equal jitter after refusals follow the retry rules of the
AWS SDKs (botocore's ``retries`` package), the shared store of retries too; full jitter alone can
be close to nothing where a service asks for less (aws/aws-sdk-net#4341).
"""

from __future__ import annotations

import math
from random import Random

from enhance_gui.core.backoff import Backoff
from enhance_gui.jobs.events import ServiceStatus
from enhance_gui.jobs.polling.rate import TokenBucket

_FAILURES_TO_OFFLINE = 5
_LONGEST_RETRY_AFTER_S = 900.0
_PAUSE = Backoff(2.0, 60.0, jitter=0.5)
_RETRY = Backoff(2.0, 60.0, jitter=1.0)
# With jitter a probe goes at least each 16 s, so that return is noticed well within 30 s.
_PROBE = Backoff(10.0, 16.0, jitter=0.5)
_PROBE_LOST_S = 60.0
_RETRY_STORE = 500
_RETRY_COST = 5


class ConnectionHealth:
    """Counts what goes wrong and says when the next request, of whatever kind, may go."""

    def __init__(self, budget: TokenBucket, random: Random) -> None:
        self.budget = budget
        self._random = random
        self._failures_in_row = 0
        self._refusals_in_row = 0
        self._busy_until_s = -math.inf
        self._probe_due_s: float | None = None
        self._probe_sent_s: float | None = None
        self._probes_in_row = 1
        self._retries_left = _RETRY_STORE

    def status(self, now_s: float) -> ServiceStatus:
        """Return how things stand, for display."""
        if self.offline:
            return ServiceStatus.OFFLINE
        return ServiceStatus.BUSY if now_s < self._busy_until_s else ServiceStatus.READY

    @property
    def offline(self) -> bool:
        """Whether all schedules are frozen but for one probe at a time."""
        return self._probe_due_s is not None

    def ready_s(self, now_s: float) -> float:
        """Return the earliest moment at which a request may go."""
        return max(self.budget.due_s(now_s), self.clear_s())

    def clear_s(self) -> float:
        """Return the earliest moment at which errors let a request go; may lie in the past."""
        if self._probe_due_s is None:
            return self._busy_until_s
        if self._probe_sent_s is not None:
            return self._probe_sent_s + _PROBE_LOST_S
        return max(self._probe_due_s, self._busy_until_s)

    @property
    def next_probe_s(self) -> float | None:
        """The moment of the next probe, or of the one that is out; ``None``: not offline."""
        if self._probe_due_s is None or self._probe_sent_s is not None:
            return self._probe_sent_s
        return max(self._probe_due_s, self._busy_until_s)

    def sent(self, now_s: float) -> None:
        """Note a request: while offline it is the probe."""
        self.budget.take(now_s)
        if self.offline:
            self._probe_sent_s = now_s

    def answered(self, now_s: float) -> None:
        """Note an answer; after an offline time requests begin again one by one."""
        self.budget.answered()
        if self.offline:
            self.budget.rest_until(now_s)
        self._refusals_in_row = 0
        self._retries_left = min(_RETRY_STORE, self._retries_left + 1)
        self._end_offline()

    def unreachable(self, now_s: float) -> None:
        """Note a request without an answer."""
        self._failures_in_row += 1
        if not self.offline:
            if self._failures_in_row >= _FAILURES_TO_OFFLINE:
                self._plan_probe(now_s)
        elif self._probe_sent_s is not None:
            self._probes_in_row += 1
            self._plan_probe(now_s)

    def busy(self, now_s: float, retry_after_s: float | None) -> bool:
        """Pause and slow down after a 429 or 503; return whether it is news, or an answer to what
        was sent before the pause began.
        """
        is_news = self._pause(now_s, retry_after_s)
        if is_news:
            self.budget.refused()
        self.budget.rest_until(self.clear_s())
        return is_news

    def _pause(self, now_s: float, retry_after_s: float | None) -> bool:
        self._end_offline()
        is_news = now_s >= self._busy_until_s
        if is_news:
            self._refusals_in_row += 1
        pause_s = _PAUSE.delay_s(self._refusals_in_row, self._random)
        if retry_after_s is not None and retry_after_s > 0:
            asked_s = min(_LONGEST_RETRY_AFTER_S, retry_after_s)
            pause_s = max(asked_s + self._random.uniform(0, 0.5), pause_s if is_news else 0)
        elif not is_news:
            return False
        self._busy_until_s = max(self._busy_until_s, now_s + pause_s)
        return is_news

    def system_resumed(self, now_s: float) -> None:
        """Forget what happened before the computer slept, but for a pause the service asked for,
        and begin one by one.
        """
        self._end_offline()
        self.budget.rest_until(now_s)

    def try_now(self, now_s: float) -> None:
        """Have the probe go at once, where the service is out of reach, as it stays until it has
        answered; but for a pause that the service asked for.
        """
        if self.offline:
            self._probe_due_s, self._probe_sent_s = now_s, None
        self.budget.rest_until(now_s)

    def retry_delay_s(self, failures: int) -> float:
        """Return how long one task waits after its n-th failure in a row."""
        if self._retries_left < _RETRY_COST:
            return self._random.uniform(_PAUSE.max_s / 2, _PAUSE.max_s)
        self._retries_left -= _RETRY_COST
        return _RETRY.delay_s(failures, self._random)

    def _plan_probe(self, now_s: float) -> None:
        self._probe_sent_s = None
        self._probe_due_s = now_s + _PROBE.delay_s(self._probes_in_row, self._random)

    def _end_offline(self) -> None:
        self._failures_in_row = 0
        self._probe_due_s = None
        self._probe_sent_s = None
        self._probes_in_row = 1
