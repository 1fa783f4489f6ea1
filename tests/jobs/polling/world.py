"""A small world of discrete events: a driver with the program's poller, and a provider."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from enhance_gui.core.services.profile import Phase
from enhance_gui.jobs.polling.poller import Poller
from tests.jobs.polling.provider import Job, Provider, Record, Refused, Unanswered, Weather, fair

TYPE_ID = 1
MEGAPIXELS = 2.0


@dataclass(slots=True)
class Outcome:
    """What became of one task."""

    job: Job
    polls: int = 0
    noticed_s: float = math.nan

    @property
    def late_s(self) -> float:
        """Seconds from the finish until it was noticed."""
        return self.noticed_s - self.job.ends_s


@dataclass(slots=True)
class Diary:
    """All that happened."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    sent_s: list[float] = field(default_factory=list)
    """When each request left."""
    refused: int = 0
    max_in_flight: int = 0
    longest_queue: int = 0

    @property
    def lateness_s(self) -> list[float]:
        """Return how late each finish was noticed, sorted."""
        return sorted(outcome.late_s for outcome in self.outcomes.values())

    @property
    def polls_a_task(self) -> float:
        return sum(outcome.polls for outcome in self.outcomes.values()) / len(self.outcomes)


class World:
    """Sends what the poller says, when it says so, and brings the replies."""

    def __init__(
        self,
        poller: Poller,
        provider: Provider,
        durations_s: Sequence[float],
        *,
        latency_s: float = 0.0,
        weather: Weather = fair,
        start_s: float = 1000.0,
        seen_as: Callable[[Job, Record, float], Record | None] | None = None,
        callback: Callable[[int, Job], float | None] | None = None,
    ) -> None:
        """Set the scene.

        :param seen_as: what the service says of a job instead of the truth; ``None``: no such task.
        :param callback: when the service calls back about a job, if at all.
        """
        self.poller = poller
        self.provider = provider
        self.diary = Diary()
        self.now_s = start_s
        self._backlog: Iterator[tuple[int, float]] = iter(enumerate(durations_s))
        self._next = next(self._backlog, None)
        self._latency_s = latency_s
        self._weather = weather
        self._seen_as = seen_as
        self._callback = callback
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._asleep_until_s = -math.inf

    @property
    def has_backlog(self) -> bool:
        """Whether some tasks have not been created yet."""
        return self._next is not None

    def at(self, moment_s: float, event: Callable[[], None]) -> None:
        """Let something happen at a moment."""
        heappush(self._events, (moment_s, next(self._order), event))

    def sleep_at(self, moment_s: float, length_s: float) -> None:
        """Let the computer sleep; what is under way then is lost."""

        def fall_asleep() -> None:
            self.now_s = self._asleep_until_s = moment_s + length_s
            self.poller.system_resumed(self.now_s)

        self.at(moment_s, fall_asleep)

    def resume_polling(self, key: int, job: Job) -> None:
        """Hand the poller a task of an earlier run."""
        self.diary.outcomes[key] = Outcome(job)
        self.poller.resume_polling(
            key,
            self.now_s,
            type_id=TYPE_ID,
            megapixels=MEGAPIXELS,
            age_s=self.now_s - job.created_s,
        )

    def run(self) -> Diary:
        """Go on until nothing is left to do."""
        while True:
            create_s = self.poller.create_due_s(self.now_s) if self._next else math.inf
            poll = self.poller.next_poll(self.now_s)
            poll_s = poll[0] if poll else math.inf
            event_s = self._events[0][0] if self._events else math.inf
            first_s = min(create_s, poll_s, event_s)
            if first_s == math.inf:
                return self.diary
            self.now_s = max(self.now_s, first_s)
            if event_s <= first_s:
                heappop(self._events)[2]()
            elif create_s <= first_s:
                self._create()
            elif poll:
                self._poll(poll[1])

    def _request(
        self, arrive: Callable[[], None], fail: Callable[[Unanswered | Refused], None]
    ) -> None:
        """Send a request: it arrives half a latency on, and its reply another half later."""
        sent_s = self.now_s
        self.diary.sent_s.append(sent_s)
        verdict = self._weather(sent_s)

        def reply() -> None:
            if sent_s < self._asleep_until_s:
                fail(Unanswered())
            elif verdict is None:
                arrive()
            else:
                self.diary.refused += isinstance(verdict, Refused)
                fail(verdict)

        self.at(sent_s + self._latency_s, reply)

    def _create(self) -> None:
        assert self._next is not None
        key, duration_s = self._next
        self._next = next(self._backlog, None)
        self.poller.create_sent(self.now_s)

        def arrive() -> None:
            job = self.provider.create(self.now_s, duration_s)
            self.diary.outcomes[key] = Outcome(job)
            record = self.provider.record(job, self.now_s)
            self.poller.created(
                key,
                self.now_s,
                type_id=TYPE_ID,
                megapixels=MEGAPIXELS,
                queue_position=record.queue_position,
            )
            self.diary.max_in_flight = max(self.diary.max_in_flight, self.poller.in_flight)
            self.diary.longest_queue = max(self.diary.longest_queue, record.queue_position)
            called_s = self._callback(key, job) if self._callback else None
            if called_s is not None:
                self.at(called_s, lambda: self.poller.hint(key, self.now_s))

        def fail(verdict: Unanswered | Refused) -> None:
            # The task stays in the backlog: nothing of it has reached the service.
            self._backlog = _chain_back(self._next, self._backlog)
            self._next = (key, duration_s)
            self.poller.create_failed()
            if isinstance(verdict, Refused):
                self.poller.busy(None, self.now_s, verdict.retry_after_s)
            else:
                self.poller.unreachable(None, self.now_s)

        self._request(arrive, fail)

    def _poll(self, key: int) -> None:
        outcome = self.diary.outcomes[key]
        outcome.polls += 1
        self.poller.poll_sent(key, self.now_s)
        polled_s = self.now_s + self._latency_s / 2

        def arrive() -> None:
            record: Record | None = self.provider.record(outcome.job, polled_s)
            if self._seen_as and record:
                record = self._seen_as(outcome.job, record, polled_s)
            if record is None:
                assert self.poller.unknown(key, self.now_s), "given up for lost"
            elif record.phase is Phase.FINISHED:
                outcome.noticed_s = self.now_s
                self.poller.finished(key, self.now_s)
            else:
                self.poller.answered(
                    key,
                    self.now_s,
                    phase=record.phase,
                    queue_position=record.queue_position,
                    percent=record.percent,
                )

        def fail(verdict: Unanswered | Refused) -> None:
            if isinstance(verdict, Refused):
                self.poller.busy(key, self.now_s, verdict.retry_after_s)
            else:
                self.poller.unreachable(key, self.now_s)

        self._request(arrive, fail)


def _chain_back(
    first: tuple[int, float] | None, rest: Iterator[tuple[int, float]]
) -> Iterator[tuple[int, float]]:
    if first is not None:
        yield first
    yield from rest


def max_over_budget(sent_s: Sequence[float], requests_per_s: float) -> float:
    """Return the largest ``n − rate · t`` over all stretches of time: the burst that was used."""
    maximum = 0.0
    min_before = math.inf
    for number, moment_s in enumerate(sent_s):
        min_before = min(min_before, number - requests_per_s * moment_s)
        maximum = max(maximum, number + 1 - requests_per_s * moment_s - min_before)
    return maximum


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which a share of a sorted list lies."""
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]
