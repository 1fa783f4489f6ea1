"""Looks at accepted tasks when the poller says so, and notices what became of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from enhance_gui.core.errors import (
    AllTasksUnknown,
    RecordUnusable,
    RequestRefused,
    ServiceBusy,
    ServiceError,
    TaskDeleted,
    TaskFailed,
    TaskUnknown,
    TokenMissing,
    TokenRefused,
)
from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.task import Failure, Task, TaskState
from enhance_gui.jobs.barrier import Barrier
from enhance_gui.jobs.events import TaskProgress
from enhance_gui.jobs.polling.health import Connection
from enhance_gui.jobs.worker.context import Line
from enhance_gui.wire.records import TaskRecord, write_task_record

_log = logging.getLogger(__name__)

POLLS_AT_ONCE: Final = 4

PUZZLES_TO_TELL: Final = 4
"""Answers in a row that tell nothing of a task, or do not know it, before the user is told."""

VARIANTS_PATIENCE_S: Final = 60.0
"""How long further variants are waited for since the last came: the service counts faces as well,
and by its count some results may never come."""


class Follower:
    """The third loop of a line."""

    def __init__(self, line: Line, barrier: Barrier, on_finished: Callable[[Task], None]) -> None:
        """:param on_finished: takes a task whose result can be fetched."""
        self._line = line
        self._barrier = barrier
        self._on_finished = on_finished
        self._running = 0
        self._probes = 0
        self._puzzles: dict[int, int] = {}
        self._unknown: dict[int, int] = {}
        """How often in a row the service did not know a task."""
        self._all_unknown = False
        """Whether that was said of all tasks together, and none has been known since."""
        self._variants: dict[int, tuple[int, float]] = {}
        """Of a task without a main result: how many variants it names, and since when."""

    def adopt(self, task: Task) -> None:
        """Follow a task of an earlier run, or one that is to be looked at anew."""
        clock = self._line.clock
        self._line.poller.forget(task.id)
        self._puzzles.pop(task.id, None)
        self._unknown.pop(task.id, None)
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
        look = self._ask_whether_there if self._is_to_ask(now_s) else self._look_at
        line.poller.poll_sent(key, now_s)
        self._running += 1
        self._barrier.start(key, "poll", self._poll, task, look)

    def _is_to_ask(self, now_s: float) -> bool:
        """Tell whether this is a probe that asks for no task.

        Each second one does: a single task that the service fails to tell of must not make it
        seem to be gone, and keep all others waiting.
        """
        if self._line.poller.state(now_s).connection is not Connection.OFFLINE:
            return False
        self._probes += 1
        return self._probes % 2 == 0

    async def _poll(self, task: Task, look: Callable[[Task], Awaitable[None]]) -> None:
        line = self._line
        try:
            await look(task)
        except (ServiceError, TokenMissing) as error:
            await self._not_seen(task, error)
        finally:
            self._running -= 1
            line.announce()
            line.bell.ring()

    async def _ask_whether_there(self, task: Task) -> None:
        line = self._line
        await line.api.ask_whether_there(task.type_id)
        line.poller.reached(task.id, line.clock.now_s())

    async def _look_at(self, task: Task) -> None:
        line = self._line
        task_id = task.service_task_id or ""
        record = await line.api.get_task(task_id, task.type_id, task.private_ids)
        self._puzzles.pop(task.id, None)
        self._unknown.pop(task.id, None)
        self._all_unknown = False
        now_s = line.clock.now_s()
        phase = self._phase(task, record, now_s)
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
            percent = record.percent if phase is Phase.PROCESSING else None
            line.poller.answered(
                task.id, now_s, phase=phase, queue_position=position, percent=percent
            )
            if current.failure is not None:
                await self._tell(task, None)
            expected_s = line.poller.remaining_s(task.id, now_s)
            line.publish(TaskProgress(task.id, phase, position, expected_s, percent))

    def _phase(self, task: Task, record: TaskRecord, now_s: float) -> Phase:
        """Return where a task is: some variants are not all, unless no more come."""
        table = self._line.profile.status
        phase = record.phase(table)
        count = record.named_variants
        if phase in (Phase.FINISHED, Phase.FAILED) or record.status in table or not count:
            self._variants.pop(task.id, None)
            return phase
        known, since_s = self._variants.get(task.id, (0, now_s))
        if count == known and now_s - since_s >= VARIANTS_PATIENCE_S:
            del self._variants[task.id]
            return Phase.FINISHED
        self._variants[task.id] = (count, since_s if count == known else now_s)
        return phase

    async def _not_seen(self, task: Task, error: ServiceError | TokenMissing) -> None:
        line, now_s = self._line, self._line.clock.now_s()
        if isinstance(error, ServiceBusy):
            line.poller.busy(task.id, now_s, error.retry_after_s)
        elif isinstance(error, TaskUnknown) and line.poller.unknown(task.id, now_s):
            await self._tell_unknown(task, error)
        elif isinstance(error, TaskUnknown | TaskDeleted):
            await self._fail(task, Failure.of(error))
        elif isinstance(error, RequestRefused | RecordUnusable):
            _log.info("task %s: %s: %s", task.id, error.kind, error.detail)
            line.poller.puzzled(task.id, now_s)
            self._puzzles[task.id] = self._puzzles.get(task.id, 0) + 1
            if self._puzzles[task.id] == PUZZLES_TO_TELL:
                await self._tell(task, Failure(RecordUnusable.kind, error.detail, error.code))
        else:
            _log.info("task %s: %s: %s", task.id, error.kind, error.detail)
            line.poller.unreachable(task.id, now_s)
            if isinstance(error, TokenRefused | TokenMissing):
                line.pause(Failure.of(error))
                line.park(task)

    async def _tell_unknown(self, task: Task, error: TaskUnknown) -> None:
        """Tell that the service does not know a task, where that is no mere lag; go on asking.

        Where it knows none of several, it is probably asked with the token of another account:
        nothing more is sent there before the user has looked.
        """
        line = self._line
        self._unknown[task.id] = self._unknown.get(task.id, 0) + 1
        if self._unknown[task.id] != PUZZLES_TO_TELL:
            return
        await self._tell(task, Failure.of(error))
        followed = [each.id for each in line.tasks.values() if each.state is TaskState.ACCEPTED]
        all_unknown = len(followed) > 1 and all(each in self._unknown for each in followed)
        if all_unknown and not self._all_unknown and line.paused is None:
            self._all_unknown = True
            line.pause(Failure(AllTasksUnknown.kind, f"{len(followed)} tasks that it had accepted"))

    async def _tell(self, task: Task, failure: Failure | None) -> None:
        """Show why nothing is heard of a task, or that something is again."""
        line = self._line
        now = await line.step(line.db.store.wait, task.id, failure)
        if now is None or now.state is not TaskState.ACCEPTED:
            return
        if failure is None:
            line.changed(now)
        else:
            line.park(now)

    async def _fail(self, task: Task, failure: Failure, record: bytes | None = None) -> None:
        line = self._line
        line.poller.forget(task.id)
        self._puzzles.pop(task.id, None)
        self._unknown.pop(task.id, None)
        failed = await line.step(line.db.store.failed, task.id, failure, record)
        if failed is not None:
            line.end(failed)


def encoded_record(record: TaskRecord) -> bytes:
    """Return a record as it is stored."""
    return json.dumps(write_task_record(record), ensure_ascii=False).encode()


def _failure_of(record: TaskRecord) -> Failure:
    detail = record.error_message or "the service gave no reason"
    return Failure(TaskFailed.kind, detail, record.error_code or None)
