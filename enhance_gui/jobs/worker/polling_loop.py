"""Polls accepted tasks when the poller says so, and notices what became of them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from enhance_gui.core.errors import TokenMissing
from enhance_gui.core.service_errors import (
    ALL_TASKS_UNKNOWN,
    TASK_FAILED,
    RecordUnusable,
    RequestRefused,
    ServiceBusy,
    ServiceError,
    TaskDeleted,
    TaskUnknown,
    TokenRefused,
)
from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_
from enhance_gui.jobs.barrier import Barrier
from enhance_gui.jobs.events import ServiceStatus, TaskProgress
from enhance_gui.jobs.worker.context import ServiceContext
from enhance_gui.jobs.worker.results import Collector
from enhance_gui.wire.records import TaskRecord, record_to_json

_log = logging.getLogger(__name__)

POLLS_AT_ONCE: Final = 4

UNEXPECTED_REPLIES_TO_REPORT: Final = 4
"""Answers in a row that say nothing of a task, or do not know it, before that is reported."""

VARIANTS_TIMEOUT_S: Final = 60.0
"""How long further variants are waited for since the last came: the service counts faces as well,
and by its count some results may never come."""


class Follower:
    """Polls accepted tasks: the third loop of a worker."""

    def __init__(self, context: ServiceContext, barrier: Barrier, collector: Collector) -> None:
        self._context = context
        self._barrier = barrier
        self._collector = collector
        self._running = 0
        self._probes = 0
        self._puzzles: dict[int, int] = {}
        self._unknown: dict[int, int] = {}
        """How often in a row the service did not know a task."""
        self._all_unknown = False
        """Whether that was said of all tasks together, and none has been known since."""
        self._variants: dict[int, tuple[int, float]] = {}
        """Of a task without a main result: how many variants it names, and since when."""

    def resume_polling(self, task: Task) -> None:
        """Poll a task of an earlier run, or one that is to be polled anew."""
        clock = self._context.clock
        self._puzzles.pop(task.id, None)
        self._unknown.pop(task.id, None)
        age_s = 0.0
        if task.accepted_at is not None:
            age_s = (clock.wall() - task.accepted_at).total_seconds()
        self._context.poller.resume_polling(
            task.id,
            clock.now_s(),
            type_id=task.type_id,
            megapixels=task.megapixels,
            age_s=age_s,
        )
        self._context.notifier.notify_all()

    async def run(self) -> None:
        context = self._context
        while True:
            now_s = context.clock.now_s()
            following = context.poller.next_poll(now_s) if self._running < POLLS_AT_ONCE else None
            if following is None:
                await context.notifier.wait()
            elif following[0] > now_s:
                await context.notifier.wait(following[0])
            else:
                self._start_poll(following[1], now_s)

    def _start_poll(self, key: int, now_s: float) -> None:
        context = self._context
        task = context.tasks.get(key)
        if task is None or task.service_task_id is None:
            context.poller.forget(key)
            return
        look = self._ping if self._is_to_ask(now_s) else self._look_at
        context.poller.poll_sent(key, now_s)
        context.announce()
        self._running += 1
        self._barrier.start(key, "poll", self._poll, task, look)

    def _is_to_ask(self, now_s: float) -> bool:
        """Return whether this is a probe that asks for no task.

        Each second one does: a single task that the service fails to report must not make it
        seem to be gone, and keep all others waiting.
        """
        if self._context.poller.status(now_s) is not ServiceStatus.OFFLINE:
            return False
        self._probes += 1
        return self._probes % 2 == 0

    async def _poll(self, task: Task, look: Callable[[Task], Awaitable[None]]) -> None:
        context = self._context
        asked = context.api
        try:
            await look(task)
        except (ServiceError, TokenMissing) as error:
            await self._not_seen(task, error)
            # What an earlier token met says nothing of another.
            if isinstance(error, TokenRefused | TokenMissing) and asked is context.api:
                context.pause(Failure.of(error))
                context.suspend(task)
        finally:
            self._running -= 1
            context.announce()
            context.notifier.notify_all()

    async def _ping(self, task: Task) -> None:
        context = self._context
        await context.api.ping(task.type_id)
        context.poller.reached(task.id, context.clock.now_s())

    async def _look_at(self, task: Task) -> None:
        context = self._context
        task_id = task.service_task_id or ""
        record = await context.api.get_task(task_id, task.type_id, task.private_ids)
        self._puzzles.pop(task.id, None)
        self._unknown.pop(task.id, None)
        self._all_unknown = False
        now_s = context.clock.now_s()
        phase = self._phase(task, record, now_s)
        position = record.queue_position
        current = context.tasks.get(task.id)
        if current is None or current.state is not TaskState.ACCEPTED:
            # Cancelled meanwhile, and no longer watched; but the service is there.
            context.poller.answered(task.id, now_s, phase=phase, queue_position=position)
        elif phase is Phase.FINISHED:
            sample = context.poller.finished(task.id, now_s)
            encoded = record_to_json(record)
            finished = await context.step(context.store.accepted.finished, task.id, encoded, sample)
            if finished is not None:
                context.changed(finished)
                self._collector.collect(finished, record)
        elif phase is Phase.FAILED:
            # Not "finished": how soon a task fails says nothing of how long one takes.
            context.poller.answered(task.id, now_s, phase=phase, queue_position=0)
            detail = record.error_message or N_("the service gave no reason")
            failure = Failure(TASK_FAILED, detail, record.error_code or None)
            await self._fail(task, failure, record_to_json(record))
        else:
            percent = record.percent if phase is Phase.PROCESSING else None
            context.poller.answered(
                task.id, now_s, phase=phase, queue_position=position, percent=percent
            )
            if current.failure is not None:
                await self._publish_failure(task, None)
            expected_s = context.poller.remaining_s(task.id, now_s)
            context.publish(TaskProgress(task.id, phase, position, expected_s, percent))

    def _phase(self, task: Task, record: TaskRecord, now_s: float) -> Phase:
        """Return where a task is: some variants are not all, unless no more come."""
        table = self._context.profile.status
        phase = record.phase(table)
        count = record.named_variants
        if phase in (Phase.FINISHED, Phase.FAILED) or record.status in table or not count:
            self._variants.pop(task.id, None)
            return phase
        known, since_s = self._variants.get(task.id, (0, now_s))
        if count == known and now_s - since_s >= VARIANTS_TIMEOUT_S:
            del self._variants[task.id]
            return Phase.FINISHED
        self._variants[task.id] = (count, since_s if count == known else now_s)
        return phase

    async def _not_seen(self, task: Task, error: ServiceError | TokenMissing) -> None:
        context, now_s = self._context, self._context.clock.now_s()
        if isinstance(error, ServiceBusy):
            context.busy(task.id, error)
        elif isinstance(error, TaskUnknown) and context.poller.unknown(task.id, now_s):
            await self._report_unknown(task, error)
        elif isinstance(error, TaskUnknown | TaskDeleted):
            await self._fail(task, Failure.of(error))
        elif isinstance(error, RequestRefused | RecordUnusable):
            _log.info("task %s: %s: %s", task.id, error.kind, error.detail)
            context.poller.unexpected_reply(task.id, now_s)
            self._puzzles[task.id] = self._puzzles.get(task.id, 0) + 1
            if self._puzzles[task.id] == UNEXPECTED_REPLIES_TO_REPORT:
                await self._publish_failure(
                    task, Failure(RecordUnusable.kind, error.detail, error.code)
                )
        else:
            _log.info("task %s: %s: %s", task.id, error.kind, error.detail)
            context.poller.unreachable(task.id, now_s)

    async def _report_unknown(self, task: Task, error: TaskUnknown) -> None:
        """Report that the service does not know a task, where that is no mere lag; go on asking.

        Where it knows none of several, it is probably asked with the token of another account:
        nothing more is sent there before the user has looked.
        """
        context = self._context
        self._unknown[task.id] = self._unknown.get(task.id, 0) + 1
        if self._unknown[task.id] != UNEXPECTED_REPLIES_TO_REPORT:
            return
        await self._publish_failure(task, Failure.of(error))
        followed = [each.id for each in context.tasks.values() if each.state is TaskState.ACCEPTED]
        all_unknown = len(followed) > 1 and all(each in self._unknown for each in followed)
        if all_unknown and not self._all_unknown and context.paused is None:
            self._all_unknown = True
            reported = Detail("{count} tasks that it had accepted", count=len(followed))
            context.pause(Failure(ALL_TASKS_UNKNOWN, reported))

    async def _publish_failure(self, task: Task, failure: Failure | None) -> None:
        """Publish why no answer comes about a task, or that one has come again."""
        context = self._context
        now = await context.step(context.store.drafts.wait, task.id, failure)
        if now is None or now.state is not TaskState.ACCEPTED:
            return
        if failure is None:
            context.changed(now)
        else:
            context.suspend(now)

    async def _fail(self, task: Task, failure: Failure, record: bytes | None = None) -> None:
        context = self._context
        context.poller.forget(task.id)
        self._puzzles.pop(task.id, None)
        self._unknown.pop(task.id, None)
        failed = await context.step(context.store.accepted.failed, task.id, failure, record)
        if failed is not None:
            context.end(failed)
