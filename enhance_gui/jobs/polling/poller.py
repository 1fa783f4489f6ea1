"""What to ask the service next, and when: few requests, quick notice, no storm.

The class does nothing by itself: a driver asks it what is due, sends that, and tells it what came
of it. Every moment (``now_s``, ``due_s``) is a value of one clock that goes on while the computer
sleeps. One instance serves one service.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum
from random import Random

from enhance_gui.core.backoff import Backoff
from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.durations import DurationSample
from enhance_gui.jobs.polling.due_queue import DueQueue, PolledTask
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.health import ConnectionHealth, ServiceState
from enhance_gui.jobs.polling.hints import Hints
from enhance_gui.jobs.polling.planner import Planner
from enhance_gui.jobs.polling.rate import TokenBucket
from enhance_gui.jobs.polling.service_queue import ServiceQueue
from enhance_gui.jobs.polling.settings import PollerSettings
from enhance_gui.jobs.polling.unknown import UNKNOWN_FOR_LONG, ask_again_s, is_believed
from enhance_gui.jobs.polling.window import ConcurrencyWindow

_JITTER = 0.1
_TIMEOUT_S = 2.0
_OVERDUE_REQUESTS = 3
_PUZZLE = Backoff(2.0, 300.0, jitter=0.5)


class CreateFailure(StrEnum):
    """Why a create did not lead to a task under watch."""

    ANSWERED = "answered"
    """The service answered with an error code, or with something that is not the API."""
    UNREACHABLE = "unreachable"
    """No answer came: not connected, or in doubt."""
    BUSY = "busy"
    """429 or 503."""
    NOT_SENT = "not_sent"
    """Given up before the request left."""


class Poller:
    """Decides for one service when to create and when to look at which task."""

    def __init__(self, settings: PollerSettings, durations: DurationModel, random: Random) -> None:
        self._settings = settings
        self._random = random
        self._queue = ServiceQueue()
        self._planner = Planner(settings, durations, self._queue)
        self._budget = TokenBucket(settings.requests_per_s, settings.burst_size)
        self._window = ConcurrencyWindow(settings.max_in_flight)
        self._health = ConnectionHealth(random)
        self._hints = Hints()
        self._agenda = DueQueue()
        self._tasks: dict[int, PolledTask] = {}
        self._creating = 0
        self._waiting = 0
        self._overlong = 0

    def change(self, settings: PollerSettings, now_s: float) -> None:
        """Go by other settings from now on; what was learned of the service is kept."""
        self._settings = self._planner.settings = settings
        self._budget.change(settings.requests_per_s, settings.burst_size, now_s)
        self._window.fix(settings.max_in_flight)

    @property
    def settings(self) -> PollerSettings:
        return self._settings

    # What to display.

    @property
    def in_flight(self) -> int:
        """Tasks alive on the service, those being created included."""
        return len(self._tasks) + self._creating

    @property
    def window(self) -> int:
        """Tasks that may be alive on the service at once."""
        return self._window.size

    def state(self, now_s: float) -> ServiceState:
        """Return how things stand with the service."""
        return self._health.state(now_s)

    def remaining_s(self, key: int, now_s: float) -> float | None:
        """Return about how long a task still takes; ``None`` before that is learned."""
        task = self._tasks.get(key)
        return None if task is None else self._planner.remaining_s(task, now_s)

    # Sending creates.

    def create_due_s(self, now_s: float) -> float:
        """Return the earliest moment at which a create may be sent.

        Infinite while the window is full, and while tasks are to be asked about first: as a probe
        of a service that is offline, or because looks are long overdue. Ask again after any
        other call.
        """
        if self.in_flight - self._overlong >= self._window.size:
            return math.inf
        if self._health.offline and self._tasks:
            return math.inf
        ready_s = max(self._budget.due_s(now_s), self._health.clear_s())
        poll = self._agenda.first(ready_s, self._tasks)
        # More tasks would only be noticed later still.
        overdue_s = max(_TIMEOUT_S, _OVERDUE_REQUESTS / self._budget.requests_per_s)
        if poll is not None and poll.due_s + overdue_s < ready_s:
            return math.inf
        return ready_s

    def create_sent(self, now_s: float) -> None:
        """Note that a create leaves now; :meth:`created` or :meth:`create_failed` must follow."""
        self._creating += 1
        self._sent(now_s)

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
        self._answered(now_s)
        task = PolledTask(key, type_id, megapixels, created_s=now_s, adopted=False)
        task.seen_s = task.began_after_s = task.began_by_s = now_s
        self._tasks[key] = task
        self._queue.joined(task, now_s, max(0, queue_position))
        self._note_begun(now_s)
        self._set_position(task, max(0, queue_position))
        self._window.created(min(queue_position, self._waiting))
        self._watch(task, now_s)

    def create_failed(
        self, now_s: float, failure: CreateFailure, retry_after_s: float | None = None
    ) -> None:
        """Note that a create led to no task to watch."""
        self._creating -= 1
        if failure is CreateFailure.ANSWERED:
            self._answered(now_s)
        elif failure is CreateFailure.UNREACHABLE:
            self._unreachable(now_s)
        elif failure is CreateFailure.BUSY:
            self._busy(now_s, retry_after_s)

    def adopt(
        self,
        key: int,
        now_s: float,
        *,
        type_id: int,
        megapixels: float,
        age_s: float,
    ) -> None:
        """Watch a task of an earlier run, ``age_s`` old. It is looked at as the budget allows."""
        task = PolledTask(key, type_id, megapixels, created_s=now_s - max(0.0, age_s), adopted=True)
        task.began_after_s = task.began_by_s = task.seen_s = task.created_s
        self._tasks[key] = task
        self._due(task, now_s)

    # Polling.

    def next_poll(self, now_s: float) -> tuple[float, int] | None:
        """Return when to look next, and at which task; ``None`` with nothing to look at.

        Valid until any other call is made.
        """
        ready_s = max(self._budget.due_s(now_s), self._health.clear_s())
        task = self._agenda.first(ready_s, self._tasks)
        if task is None:
            return None
        # While offline the most urgent look is the probe, however far off it was meant to be.
        return (ready_s if self._health.offline else max(task.due_s, ready_s)), task.key

    def poll_sent(self, key: int, now_s: float) -> None:
        """Note that a look at this task leaves now."""
        self._tasks[key].sent_s = now_s
        self._sent(now_s)

    def answered(
        self,
        key: int,
        now_s: float,
        *,
        phase: Phase,
        queue_position: int,
        percent: int | None = None,
    ) -> None:
        """Note that a task is not finished yet; ``percent``: how far it is, where that is told."""
        self._answered(now_s)
        task = self._tasks.get(key)
        if task is None:
            return
        looked_s = now_s if task.sent_s is None else task.sent_s
        if phase is Phase.QUEUED and queue_position > 0:
            self._found_waiting(task, looked_s, queue_position)
        else:
            self._found_begun(task, looked_s)
        self._planner.reported(task, looked_s, percent)
        task.seen_s = looked_s
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
        self._answered(now_s)
        task = self._tasks.get(key)
        if task is None:
            return None
        self._hints.finished(task)
        self._found_begun(task, now_s)
        self.forget(key)
        sample = self._planner.finished(task, now_s)
        if sample is None:
            self._window.interrupted()
        else:
            unseen_s = now_s - max(task.seen_s, task.began_by_s)
            self._window.finished(now_s, unseen_s / 2, self._waiting)
        return sample

    def unknown(self, key: int, now_s: float) -> bool:
        """Note that the service knows no such task; return whether it may know it again.

        If so the task is looked at again, ever less often; if not, it is for the caller to believe
        it and to call :meth:`forget`.
        """
        self._answered(now_s)
        task = self._tasks.get(key)
        if task is None:
            return False
        if is_believed(task.unknowns, now_s - task.created_s):
            return False
        if task.unknowns >= UNKNOWN_FOR_LONG and not task.overlong:
            task.overlong = True
            self._overlong += 1
        self._due(task, now_s + ask_again_s(task.unknowns))
        task.unknowns += 1
        return True

    def unexpected_reply(self, key: int, now_s: float) -> None:
        """Note an answer that tells nothing of this task: the service is there all the same."""
        self._answered(now_s)
        task = self._tasks.get(key)
        if task is not None:
            task.failures += 1
            self._due(task, now_s + _PUZZLE.delay_s(task.failures, self._random))

    def reached(self, key: int, now_s: float) -> None:
        """Note that the service answered, in place of a look at this task, another question."""
        self._answered(now_s)
        task = self._tasks.get(key)
        if task is not None:
            self._due(task, now_s)

    def forget(self, key: int) -> None:
        """Stop watching a task: cancelled, deleted or lost."""
        task = self._tasks.pop(key, None)
        if task is not None:
            self._set_position(task, 0)
            self._overlong -= task.overlong

    def hint(self, key: int, now_s: float) -> None:
        """Note that somebody says a task is worth a look."""
        task = self._tasks.get(key)
        if task is None:
            return
        task.reported = True
        if task.sent_s is not None:
            # The answer under way may be older than what the hint tells of.
            task.reported_meanwhile = True
            return
        due_s = self._hints.due_s(task, now_s)
        if due_s < task.due_s:
            self._hints.followed(task, due_s)
            self._due(task, due_s)

    def probe_due_s(self, now_s: float) -> float:
        """Return when a hint about a task that is not under watch may be followed."""
        ready_s = max(now_s, self._budget.due_s(now_s), self._health.clear_s())
        return self._hints.free_s(ready_s, now_s)

    def probe_sent(self, now_s: float) -> None:
        """Note that such a look leaves now.

        :meth:`probe_answered`, or :meth:`unreachable` or :meth:`busy` with ``None``, must follow.
        """
        self._hints.take(now_s)
        self._sent(now_s)

    def probe_answered(self, now_s: float) -> None:
        """Note that such a look was answered, whatever the answer."""
        self._answered(now_s)

    def set_visible(self, keys: Iterable[int]) -> None:
        """Prefer the tasks that a person is looking at, among those that are due."""
        self._agenda.set_visible(keys, self._tasks)

    # Trouble.

    def unreachable(self, key: int | None, now_s: float) -> None:
        """Note a look (or, with ``None``, a delete) that had no answer."""
        self._unreachable(now_s)
        task = self._tasks.get(key) if key is not None else None
        if task is not None:
            task.failures += 1
            self._due(task, now_s + self._health.retry_delay_s(task.failures))

    def busy(self, key: int | None, now_s: float, retry_after_s: float | None) -> None:
        """Note a look (or, with ``None``, a delete) that was answered with 429 or 503."""
        self._busy(now_s, retry_after_s)
        task = self._tasks.get(key) if key is not None else None
        if task is not None:
            self._due(task, now_s)

    def system_resumed(self, now_s: float) -> None:
        """Note that the computer has slept: every task is due, at the pace of the budget."""
        self._health.system_resumed()
        self._budget.rest_until(now_s)
        for task in self._tasks.values():
            task.failures = 0
            if task.sent_s is None:
                self._due(task, now_s)

    # Inside.

    def _sent(self, now_s: float) -> None:
        self._budget.take(now_s)
        self._health.sent(now_s)

    def _answered(self, now_s: float) -> None:
        self._budget.answered()
        if self._health.answered():
            self._budget.rest_until(now_s)

    def _unreachable(self, now_s: float) -> None:
        self._health.unreachable(now_s)

    def _busy(self, now_s: float, retry_after_s: float | None) -> None:
        if self._health.busy(now_s, retry_after_s):
            self._budget.refused()
            self._window.shrink()
        self._budget.rest_until(self._health.clear_s())

    def _found_waiting(self, task: PolledTask, looked_s: float, position: int) -> None:
        self._queue.waits(task, looked_s, position)
        task.began_after_s = looked_s
        self._set_position(task, position)
        self._note_begun(looked_s)

    def _found_begun(self, task: PolledTask, looked_s: float) -> None:
        if task.position > 0:
            self._queue.began(task, looked_s)
            self._note_begun(looked_s)

    def _note_begun(self, now_s: float) -> None:
        """Plan anew for the tasks that an answer about another has shown to have begun."""
        for task in self._queue.newly_begun():
            self._set_position(task, 0)
            # A hint or a retry keeps the moment it has set.
            settled = task.reported or task.failures or task.unknowns or task.sent_s is not None
            if task.key in self._tasks and not settled:
                self._watch(task, now_s)

    def _set_position(self, task: PolledTask, position: int) -> None:
        self._waiting += (position > 0) - (task.position > 0)
        task.position = position

    def _watch(self, task: PolledTask, now_s: float) -> None:
        """Plan the next look at a task that is unfinished as far as is known."""
        if not task.overlong and self._planner.is_overlong(task, now_s):
            task.overlong = True
            self._overlong += 1
        at_work = len(self._tasks) - self._waiting
        gap_s = (self._planner.next_look_s(task, at_work) - now_s) * self._hints.stretch
        gap_s *= 1 + self._random.uniform(-_JITTER, _JITTER)
        task.planned_s = now_s + max(0.0, gap_s)
        self._due(task, task.planned_s)

    def _due(self, task: PolledTask, due_s: float) -> None:
        task.sent_s = None
        task.due_s = due_s
        self._agenda.put(task)
