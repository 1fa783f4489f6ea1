"""A service on a virtual clock: a queue first in, first out, some workers, and some bad days."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random

from enhance_gui.core.services.profile import Phase


@dataclass(frozen=True, slots=True)
class Record:
    """What a task looks like to one who asks."""

    phase: Phase
    queue_position: int
    percent: int | None = None


@dataclass(slots=True)
class Job:
    """One task as the service knows it."""

    number: int
    """Its turn."""
    created_s: float
    begins_s: float
    ends_s: float


class Provider:
    """Works off jobs in order, ``workers`` at a time. All is decided when a job arrives."""

    def __init__(self, workers: int, *, reports_progress: bool = False) -> None:
        self._reports_progress = reports_progress
        self._free_s = [0.0] * workers
        self._begins_s: list[float] = []

    def create(self, now_s: float, duration_s: float) -> Job:
        """Take a job."""
        begins_s = max(now_s, heappop(self._free_s))
        heappush(self._free_s, begins_s + duration_s)
        self._begins_s.append(begins_s)
        return Job(len(self._begins_s) - 1, now_s, begins_s, begins_s + duration_s)

    def record(self, job: Job, now_s: float) -> Record:
        """Tell where a job is."""
        if now_s >= job.ends_s:
            return Record(Phase.FINISHED, 0)
        if now_s >= job.begins_s:
            done = (now_s - job.begins_s) / (job.ends_s - job.begins_s)
            return Record(Phase.PROCESSING, 0, int(100 * done) if self._reports_progress else None)
        begun = bisect_right(self._begins_s, now_s)
        return Record(Phase.QUEUED, job.number - begun + 1)


class Unanswered:
    """No reply came."""


@dataclass(frozen=True, slots=True)
class Refused:
    """429 or 503."""

    retry_after_s: float | None


Verdict = Unanswered | Refused | None
"""What becomes of a request on its way; ``None``: it arrives."""
Weather = Callable[[float], Verdict]
"""Given the moment at which a request leaves, what becomes of it."""


def fair(_now_s: float) -> Verdict:
    """Let everything arrive."""
    return None


def outages(spans_s: Sequence[tuple[float, float]]) -> Weather:
    """Let nothing arrive within these spans."""

    def weather(now_s: float) -> Verdict:
        down = any(start_s <= now_s < stop_s for start_s, stop_s in spans_s)
        return Unanswered() if down else None

    return weather


def refusals_at_random(chance: float, random: Random) -> Weather:
    """Refuse a share of the requests, without saying for how long."""

    def weather(_now_s: float) -> Verdict:
        return Refused(None) if random.random() < chance else None

    return weather


def refusal_once(from_s: float, retry_after_s: float) -> Weather:
    """Refuse from a moment on, until the time that is asked for has passed since the first."""
    until_s = None

    def weather(now_s: float) -> Verdict:
        nonlocal until_s
        if now_s < from_s:
            return None
        if until_s is None:
            until_s = now_s + retry_after_s
        return Refused(until_s - now_s) if now_s < until_s else None

    return weather


@dataclass(slots=True)
class RateLimit:
    """Refuse whatever comes faster than ``per_s``, as a strict service does."""

    per_s: float
    burst: int
    _tokens: float = field(init=False)
    _updated_s: float = 0.0

    def __post_init__(self) -> None:
        self._tokens = self.burst

    def __call__(self, now_s: float) -> Verdict:
        gained = (now_s - self._updated_s) * self.per_s
        self._tokens = min(self.burst, self._tokens + gained)
        self._updated_s = now_s
        if self._tokens < 1:
            return Refused(None)
        self._tokens -= 1
        return None
