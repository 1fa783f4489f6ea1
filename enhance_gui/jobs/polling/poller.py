"""Decides what to ask the service next, and when: few requests, quick notice, no storm.

The class does nothing by itself: a driver asks it what is due, sends that, and reports what came
of it. Every moment (``now_s``, ``due_s``) is a value of one clock that goes on while the computer
sleeps. One instance serves one service.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from random import Random

from enhance_gui.core.backoff import Backoff, Waits
from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.work_times import DurationSample
from enhance_gui.jobs.events import ServiceStatus
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.health import ConnectionHealth
from enhance_gui.jobs.polling.hints import Hints
from enhance_gui.jobs.polling.planner import Planner
from enhance_gui.jobs.polling.polled_task import PolledTask
from enhance_gui.jobs.polling.polled_tasks import PolledTasks
from enhance_gui.jobs.polling.rate import TokenBucket
from enhance_gui.jobs.polling.service_queue import ServiceQueue
from enhance_gui.jobs.polling.settings import PollerSettings
from enhance_gui.jobs.polling.turns import Turns
from enhance_gui.jobs.polling.window import ConcurrencyWindow

_JITTER = 0.1
_OVERDUE_MIN_S = 2.0
_OVERDUE_REQUESTS = 3
_PUZZLE = Backoff(2.0, 300.0, jitter=0.5)

_UNKNOWN_RETRIES_S = Waits((5.0, 5.0, 5.0, 20.0, 60.0, 300.0, 900.0, 1800.0, 3600.0))
"""Waits before a task that the service does not know is asked about again; then the last."""
_UNKNOWN_FOR_LONG = 3
"""Answers after which such a task holds no place in the window: it may be a mere lag until then."""
_UNKNOWN_MIN = 5
_UNKNOWN_BELIEVED_AT_S = 24 * 3600.0
"""Age at which the word is believed: the task was paid, to ask is free, and a service that has
failed over, or is asked with the token of another account, may know it again."""


class Poller:
    """Decides for one service when to create and when to poll which task."""

    def __init__(self, settings: PollerSettings, durations: DurationModel, random: Random) -> None:
        self.settings = settings
        """What it goes by now; :meth:`change` replaces it."""
        self._random = random
        self._queue = ServiceQueue()
        self._planner = Planner(settings, durations, self._queue)
        budget = TokenBucket(settings.requests_per_s, settings.burst_size)
        self._health = ConnectionHealth(budget, random)
        self.turns = Turns(self._health)
        """The order of what may go, where more waits than may."""
        self.window = ConcurrencyWindow(settings.max_in_flight)
        self._hints = Hints()
        self._tasks = PolledTasks()
        self._creating = 0

    def change(self, settings: PollerSettings, now_s: float) -> None:
        """Go by other settings from now on; what was learned of the service is kept."""
        self.settings = self._planner.settings = settings
        self._health.budget.change(settings.requests_per_s, settings.burst_size, now_s)
        self.window.fix(settings.max_in_flight)

    # What to display.

    @property
    def in_flight(self) -> int:
        """Tasks alive on the service, those being created included."""
        return len(self._tasks) + self._creating

    def status(self, now_s: float) -> ServiceStatus:
        """Return how things stand with the service."""
        return self._health.status(now_s)

    def remaining_s(self, key: int, now_s: float) -> float | None:
        """Return about how long a task still takes; ``None`` before that is learned."""
        task = self._tasks.get(key)
        return None if task is None else self._planner.remaining_s(task, now_s)

    # Sending creates.

    def create_due_s(self, now_s: float) -> float:
        """Return the earliest moment at which a create may be sent.

        Infinite while the window is full, and while tasks are to be asked about first: as a probe
        of a service that is offline, or because polls are long overdue. Ask again after any
        other call.
        """
        if self.in_flight - self._tasks.overlong >= self.window.size:
            return math.inf
        if self._health.offline and self._tasks:
            return math.inf
        ready_s = self._health.ready_s(now_s)
        poll = self._tasks.first_due(ready_s)
        # More tasks would only be noticed later still.
        overdue_s = max(_OVERDUE_MIN_S, _OVERDUE_REQUESTS / self._health.budget.requests_per_s)
        if poll is not None and poll.due_s + overdue_s < ready_s:
            return math.inf
        return self.turns.other_due_s(ready_s)

    def create_sent(self, now_s: float) -> None:
        """Note that a create leaves now; :meth:`created` or :meth:`create_failed` must follow."""
        self._creating += 1
        self.turns.sent(now_s)

    def created(
        self,
        key: int,
        now_s: float,
        *,
        type_id: int,
        megapixels: float,
        queue_position: int,
    ) -> None:
        """Watch the task that a create led to."""
        self._creating -= 1
        self._health.answered(now_s)
        task = PolledTask(key, type_id, megapixels, created_s=now_s, resumed=False)
        task.seen_s = task.began_after_s = task.began_by_s = now_s
        self._tasks[key] = task
        self._watch_all(self._queue.joined(task, now_s, max(0, queue_position)), now_s)
        self.window.created(min(queue_position, self._queue.waiting))
        self._watch(task, now_s)

    def create_failed(self) -> None:
        """Note that a create led to no task to watch.

        If it left, :meth:`probe_answered`, or :meth:`unreachable` or :meth:`busy` with ``None``,
        must follow.
        """
        self._creating -= 1

    def resume_polling(
        self,
        key: int,
        now_s: float,
        *,
        type_id: int,
        megapixels: float,
        age_s: float,
    ) -> None:
        """Watch a task of an earlier run, ``age_s`` old. It is polled as the budget allows."""
        self.forget(key)
        task = PolledTask(key, type_id, megapixels, created_s=now_s - max(0.0, age_s), resumed=True)
        task.began_after_s = task.began_by_s = task.seen_s = task.created_s
        self._tasks[key] = task
        self._tasks.schedule(task, now_s)

    # Polling.

    def next_poll(self, now_s: float) -> tuple[float, int] | None:
        """Return when to poll next, and which task; ``None`` with nothing to poll.

        Valid until any other call is made.
        """
        ready_s = self._health.ready_s(now_s)
        task = self._tasks.first_due(ready_s)
        if task is None:
            return None
        # While offline the most urgent poll is the probe, however far off it was meant to be.
        offline = self._health.offline
        due_s = ready_s if offline else max(task.due_s, self.turns.other_due_s(ready_s))
        return due_s, task.key

    def poll_sent(self, key: int, now_s: float) -> None:
        """Note that a poll of this task leaves now."""
        self._tasks[key].sent_s = now_s
        self.turns.sent(now_s)

    def answered(
        self,
        key: int,
        now_s: float,
        *,
        phase: Phase,
        queue_position: int,
        percent: int | None = None,
    ) -> None:
        """Note that a task is not finished yet; ``percent``: how far it is, where reported."""
        task = self._answered(key, now_s)
        if task is None:
            return
        polled_s = now_s if task.sent_s is None else task.sent_s
        if phase is Phase.QUEUED and queue_position > 0:
            begun = self._queue.waits(task, polled_s, queue_position)
        else:
            begun = self._queue.began(task, polled_s)
        self._watch_all(begun, polled_s)
        self._planner.reported(task, polled_s, percent)
        task.seen_s = polled_s
        task.failures = task.unknowns = 0
        reported_meanwhile = task.reported_meanwhile
        task.reported = task.reported_meanwhile = False
        self._watch(task, now_s)
        if reported_meanwhile:
            self.hint(key, now_s)

    def finished(self, key: int, now_s: float) -> DurationSample | None:
        """Note that a task is finished or failed on the service.

        :returns: what was learned of its duration, worth keeping for the next start.
        """
        task = self._answered(key, now_s)
        if task is None:
            return None
        self._hints.finished(task)
        self._watch_all(self._queue.began(task, now_s), now_s)
        self.forget(key)
        sample = self._planner.finished(task, now_s)
        if sample is None:
            self.window.interrupted()
        else:
            unseen_s = now_s - max(task.seen_s, task.began_by_s)
            self.window.finished(now_s, unseen_s / 2, self._queue.waiting)
        return sample

    def unknown(self, key: int, now_s: float) -> bool:
        """Note that the service knows no such task; return whether it may know it again.

        If so the task is polled again, ever less often; if not, it is for the caller to believe
        it and to call :meth:`forget`.
        """
        task = self._answered(key, now_s)
        if task is None:
            return False
        is_old = now_s - task.created_s >= _UNKNOWN_BELIEVED_AT_S
        if is_old and task.unknowns >= _UNKNOWN_MIN:
            return False
        if task.unknowns >= _UNKNOWN_FOR_LONG:
            self._tasks.mark_overlong(task)
        task.unknowns += 1
        delay_s = _UNKNOWN_RETRIES_S.after(task.unknowns) or _UNKNOWN_RETRIES_S[-1]
        self._tasks.schedule(task, now_s + delay_s)
        return True

    def unexpected_reply(self, key: int, now_s: float) -> None:
        """Note an answer that says nothing of this task: the service is there all the same."""
        task = self._answered(key, now_s)
        if task is not None:
            task.failures += 1
            self._tasks.schedule(task, now_s + _PUZZLE.delay_s(task.failures, self._random))

    def reached(self, key: int, now_s: float) -> None:
        """Note that the service answered another question in place of a poll of this task."""
        task = self._answered(key, now_s)
        if task is not None:
            self._tasks.schedule(task, now_s)

    def forget(self, key: int) -> None:
        """Stop watching a task: cancelled, deleted or lost."""
        task = self._tasks.pop(key, None)
        if task is not None:
            self._queue.left(task)
            self._tasks.overlong -= task.overlong

    def hint(self, key: int, now_s: float) -> None:
        """Note a hint that a task is to be polled sooner."""
        task = self._tasks.get(key)
        if task is None:
            return
        task.reported = True
        if task.sent_s is not None:
            # The answer under way may be older than what the hint is about.
            task.reported_meanwhile = True
            return
        due_s = self._hints.due_s(task, now_s)
        if due_s < task.due_s:
            self._hints.followed(task, due_s)
            self._tasks.schedule(task, due_s)

    def probe_due_s(self, now_s: float) -> float:
        """Return when a question that is no poll may be asked, as to follow a hint."""
        ready_s = max(now_s, self._health.ready_s(now_s))
        poll = self._tasks.first_due(ready_s)
        return self._hints.free_s(self.turns.question_due_s(ready_s, poll), now_s)

    def probe_sent(self, now_s: float) -> None:
        """Note that such a poll leaves now.

        :meth:`probe_answered`, or :meth:`unreachable` or :meth:`busy` with ``None``, must follow.
        """
        self._hints.take(now_s)
        self.turns.sent(now_s, is_question=True)

    def probe_answered(self, now_s: float) -> None:
        """Note that such a poll was answered, whatever the answer."""
        self._health.answered(now_s)

    def set_visible(self, keys: Iterable[int]) -> None:
        """Prefer the tasks that a person is looking at, among those that are due."""
        self._tasks.set_visible(keys)

    # Errors.

    def unreachable(self, key: int | None, now_s: float) -> None:
        """Note a poll (or, with ``None``, another request) that had no answer."""
        self._health.unreachable(now_s)
        task = self._tasks.get(key) if key is not None else None
        if task is not None:
            task.failures += 1
            self._tasks.schedule(task, now_s + self._health.retry_delay_s(task.failures))

    def busy(self, key: int | None, now_s: float, retry_after_s: float | None) -> None:
        """Note a poll (or, with ``None``, another request) answered with 429 or 503."""
        if self._health.busy(now_s, retry_after_s):
            self.window.shrink()
        task = self._tasks.get(key) if key is not None else None
        if task is not None:
            self._tasks.schedule(task, now_s)

    def system_resumed(self, now_s: float, *, by_user: bool = False) -> None:
        """Note that the computer has slept: every task is due, at the pace of the budget.

        :param by_user: whether the user only wants it so: one out of reach gets a probe at once.
        """
        (self._health.try_now if by_user else self._health.system_resumed)(now_s)
        self._tasks.ask_about_all(now_s)

    # Inside.

    def _answered(self, key: int, now_s: float) -> PolledTask | None:
        """Note an answer about a task; return the task if it is under watch."""
        self._health.answered(now_s)
        return self._tasks.get(key)

    def _watch_all(self, tasks: Iterable[PolledTask], now_s: float) -> None:
        """Plan anew for the tasks that an answer about another has shown to have begun."""
        for task in tasks:
            self._watch(task, now_s)

    def _watch(self, task: PolledTask, now_s: float) -> None:
        """Plan the next poll of a task that is unfinished as far as is known."""
        if not task.overlong and self._planner.is_overlong(task, now_s):
            self._tasks.mark_overlong(task)
        at_work = len(self._tasks) - self._queue.waiting
        gap_s = (self._planner.next_poll_s(task, at_work) - now_s) * self._hints.stretch
        gap_s *= 1 + self._random.uniform(-_JITTER, _JITTER)
        task.planned_s = now_s + max(0.0, gap_s)
        self._tasks.schedule(task, task.planned_s)
