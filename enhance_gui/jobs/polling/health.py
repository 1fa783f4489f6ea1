"""The circuit breaker of one service: backoff after errors, one probe at a time while offline.

Full jitter after transport errors and equal jitter after refusals follow the retry rules of the
AWS SDKs (botocore's ``retries`` package), the shared store of retries too; full jitter alone can
be close to nothing where a service asks for less (aws/aws-sdk-net#4341).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from enhance_gui.core.backoff import Backoff

_FAILURES_TO_OFFLINE = 5
_LONGEST_RETRY_AFTER_S = 900.0
_PAUSE = Backoff(2.0, 60.0, jitter=0.5)
_RETRY = Backoff(2.0, 60.0, jitter=1.0)
# With jitter a probe goes at least each 16 s, so that return is noticed well within 30 s.
_PROBE = Backoff(10.0, 16.0, jitter=0.5)
_PROBE_LOST_S = 60.0
_RETRY_STORE = 500
_RETRY_COST = 5


class Connection(StrEnum):
    """Whether the service can be reached, for display."""

    ONLINE = "online"
    OFFLINE = "offline"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class ServiceState:
    """Whether the service can be reached, and until when at least."""

    connection: Connection
    until_s: float | None = None
    """Clock value of the next try; ``None`` while online."""


class ConnectionHealth:
    """Counts what goes wrong and says when the next request may go."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._failures_in_row = 0
        self._refusals_in_row = 0
        self._busy_until_s = -math.inf
        self._probe_due_s: float | None = None
        self._probe_sent_s: float | None = None
        self._probes_in_row = 1
        self._retries_left = _RETRY_STORE

    def state(self, now_s: float) -> ServiceState:
        """Return how things stand."""
        if self.offline:
            return ServiceState(Connection.OFFLINE, self.clear_s())
        if now_s < self._busy_until_s:
            return ServiceState(Connection.BUSY, self._busy_until_s)
        return ServiceState(Connection.ONLINE)

    @property
    def offline(self) -> bool:
        """Whether all schedules are frozen but for one probe at a time."""
        return self._probe_due_s is not None

    def clear_s(self) -> float:
        """Return the earliest moment at which errors let a request go; may lie in the past."""
        if self._probe_due_s is None:
            return self._busy_until_s
        if self._probe_sent_s is not None:
            return self._probe_sent_s + _PROBE_LOST_S
        return max(self._probe_due_s, self._busy_until_s)

    def sent(self, now_s: float) -> None:
        """Note a request: while offline it is the probe."""
        if self.offline:
            self._probe_sent_s = now_s

    def answered(self) -> bool:
        """Note an answer; return whether it ended an offline time."""
        was_offline = self.offline
        self._failures_in_row = 0
        self._refusals_in_row = 0
        self._retries_left = min(_RETRY_STORE, self._retries_left + 1)
        self._end_offline()
        return was_offline

    def unreachable(self, now_s: float) -> bool:
        """Note a request without an answer; return whether that began an offline time."""
        self._failures_in_row += 1
        if self.offline:
            if self._probe_sent_s is not None:
                self._probes_in_row += 1
                self._plan_probe(now_s)
            return False
        if self._failures_in_row < _FAILURES_TO_OFFLINE:
            return False
        self._plan_probe(now_s)
        return True

    def busy(self, now_s: float, retry_after_s: float | None) -> bool:
        """Note a 429 or 503; return whether it is news, or was sent before the pause began."""
        self._failures_in_row = 0
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

    def system_resumed(self) -> None:
        """Forget what happened before the computer slept, but for a pause the service asked for."""
        self._failures_in_row = 0
        self._end_offline()

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
        self._probe_due_s = None
        self._probe_sent_s = None
        self._probes_in_row = 1
