"""Looks at accepted tasks when the poller says so, and notices what became of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Final

from enhance_gui.core.errors import (
    ServiceBusy,
    ServiceError,
    TaskDeleted,
    TaskFailed,
    TaskUnknown,
    TokenMissing,
    TokenRefused,
)
from enhance_gui.core.profiles import Phase
from enhance_gui.core.tasks import Failure, Task, TaskState
from enhance_gui.jobs.events import TaskProgress
from enhance_gui.jobs.line import Line
from enhance_gui.wire.records import TaskRecord, write_task_record

_log = logging.getLogger(__name__)

POLLS_AT_ONCE: Final = 4


class Follower:
    """The third loop of a line."""

    def __init__(self, line: Line, on_finished: Callable[[Task], None]) -> None:
        """:param on_finished: takes a task whose result can be fetched."""
        self._line = line
        self._on_finished = on_finished
        self._running = 0

    def adopt(self, task: Task) -> None:
        """Follow a task of an earlier run."""
        clock = self._line.clock
        age_s = 0.0
        if task.accepted_at is not None:
            age_s = (clock.wall() - task.accepted_at).total_seconds()
        self._line.poller.adopt(
            task.id,
            clock.now_s(),
            type_id=task.type_id,
            megapixels=task.megapixels,
            age_s=max(0.0, age_s),
        )
        self._line.bell.ring()

    async def run(self) -> None:
        line = self._line
        while True:
            now_s = line.clock.now_s()
            following = line.poller.next_poll(now_s) if self._running < POLLS_AT_ONCE else None
            if following is None:
                await line.bell.wait()
            elif following[0] > now_s:
                await line.bell.wait(following[0])
            else:
                self._start_poll(following[1], now_s)

    def _start_poll(self, key: int, now_s: float) -> None:
        line = self._line
        task = line.tasks.get(key)
        if task is None or task.service_task_id is None:
            line.poller.forget(key)
            return
        line.poller.poll_sent(key, now_s)
        self._running += 1
        line.owner.start(self._poll(task), f"task {key}: poll")

    async def _poll(self, task: Task) -> None:
        line = self._line
        try:
            await self._look_at(task)
        except (ServiceError, TokenMissing) as error:
            await self._not_seen(task, error)
        finally:
            self._running -= 1
            line.announce()
            line.bell.ring()

    async def _look_at(self, task: Task) -> None:
        line = self._line
        record = await line.api.get_task(task.service_task_id or "", task.type_id)
        now_s = line.clock.now_s()
        phase = record.phase(line.profile.status)
        position = record.queue_position
        current = line.tasks.get(task.id)
        if current is None or current.state is not TaskState.ACCEPTED:
            # Cancelled meanwhile, and no longer watched; but the service is there.
            line.poller.answered(task.id, now_s, phase=phase, queue_position=position)
        elif phase is Phase.FINISHED:
            sample = line.poller.finished(task.id, now_s)
            encoded = encoded_record(record)
            finished = await line.step(line.db.store.finished, task.id, encoded, sample)
            if finished is not None:
                line.changed(finished)
                self._on_finished(finished)
        elif phase is Phase.FAILED:
            # Not "finished": how soon a task fails says nothing of how long one takes.
            line.poller.answered(task.id, now_s, phase=phase, queue_position=0)
            await self._fail(task, _failure_of(record), encoded_record(record))
        else:
            line.poller.answered(task.id, now_s, phase=phase, queue_position=position)
            expected_s = line.poller.remaining_s(task.id, now_s)
            line.publish(TaskProgress(task.id, phase, position, expected_s))

    async def _not_seen(self, task: Task, error: ServiceError | TokenMissing) -> None:
        line, now_s = self._line, self._line.clock.now_s()
        if isinstance(error, ServiceBusy):
            line.poller.busy(task.id, now_s, error.retry_after_s)
        elif isinstance(error, TaskUnknown) and line.poller.unknown(task.id, now_s):
            return
        elif isinstance(error, TaskUnknown | TaskDeleted):
            await self._fail(task, Failure.of(error))
        else:
            _log.info("task %s: %s: %s", task.id, error.kind, error.detail)
            line.poller.unreachable(task.id, now_s)
            if isinstance(error, TokenRefused | TokenMissing):
                line.pause(Failure.of(error))
                line.park(task)

    async def _fail(self, task: Task, failure: Failure, record: bytes | None = None) -> None:
        line = self._line
        line.poller.forget(task.id)
        failed = await line.step(line.db.store.failed, task.id, failure, record)
        if failed is not None:
            line.end(failed)


def encoded_record(record: TaskRecord) -> bytes:
    """Return a record as it is stored."""
    return json.dumps(write_task_record(record), ensure_ascii=False).encode()


def _failure_of(record: TaskRecord) -> Failure:
    detail = record.error_message or "the service gave no reason"
    return Failure(TaskFailed.kind, detail, record.error_code or None)
