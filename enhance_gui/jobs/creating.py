"""Sends what is checked: one create at a time, when the poller allows."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Final

from enhance_gui.core.errors import (
    BalanceTooLow,
    CostUnknown,
    CreateInDoubt,
    EnhanceError,
    InputError,
    RequestRefused,
    ServiceBusy,
    ServiceError,
    ServiceSilent,
    ServiceUnreachable,
    SpendingLimitReached,
    StorageError,
    TokenMissing,
    TokenRefused,
    TransitionRefused,
    UsageError,
)
from enhance_gui.core.spending import is_held
from enhance_gui.core.tasks import Failure, Task, TaskState
from enhance_gui.jobs.input_copies import InputCopier
from enhance_gui.jobs.line import STORAGE_RETRY_S, Line
from enhance_gui.jobs.polling.poller import CreateFailure
from enhance_gui.jobs.ready import ReadyTasks
from enhance_gui.jobs.sending import Sender

RESEND_DELAY_S: Final = 2.0
"""Wait before an attempt in doubt is repeated, where an equal private id is the same task."""


class Creator:
    """The second loop of a line.

    One create at a time: an outage then leaves one task in doubt and not as many as are in
    flight.
    """

    def __init__(
        self,
        line: Line,
        ready: ReadyTasks,
        copier: InputCopier,
        may_be_settled: Callable[[Task], bool],
    ) -> None:
        """:param may_be_settled: tells of a task in doubt whether a callback about it, which came
        before the answer that never did, is being asked about; it is parked by whoever asks.
        """
        self._line = line
        self._ready = ready
        self._copier = copier
        self._may_be_settled = may_be_settled
        self._sender = Sender(line)
        self._must_probe = False
        self._running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        line = self._line
        while True:
            now_s = line.clock.now_s()
            due_s = math.inf
            if len(self._ready) and line.paused is None:
                due_s = line.poller.create_due_s(now_s)
            if due_s > now_s:
                await line.bell.wait(due_s)
            elif self._must_probe:
                await self._probe()
            else:
                task = self._ready.pop()
                self._running = line.owner.start(self._create(task), f"task {task.id}: create")
                await asyncio.wait([self._running])
            line.announce()

    async def finish(self, grace_s: float) -> None:
        """Give a request that is on its way some time to be answered."""
        if self._running is not None and not self._running.done():
            await asyncio.wait([self._running], timeout=grace_s)

    async def _create(self, task: Task) -> None:
        line = self._line
        if task.id not in line.tasks:
            return  # taken back meanwhile
        line.poller.create_sent(line.clock.now_s())
        try:
            sent = await self._sender.send(task)
        except StorageError as error:
            self._failed(CreateFailure.NOT_SENT)
            line.storage_trouble(error, task.id)
            self._later(task, STORAGE_RETRY_S)
            return
        except TransitionRefused:
            self._failed(CreateFailure.NOT_SENT)
            await self._not_the_same(task)
            return
        except EnhanceError as error:
            await self._not_handed_over(task, error)
            return
        if sent.error is not None:
            await self._not_created(sent.task, sent.error)
            return
        line.poller.created(
            task.id,
            line.clock.now_s(),
            type_id=task.type_id,
            megapixels=task.megapixels,
            queue_position=sent.queue_position,
        )
        self._copier.begin(sent.task)
        line.bell.ring()

    async def _not_the_same(self, task: Task) -> None:
        """The profile says no longer that an equal private id is one task: the user decides."""
        now = await self._line.db.do(self._line.db.store.task, task.id)
        if now.state is TaskState.IN_DOUBT:
            self._line.end(now)

    async def _not_handed_over(self, task: Task, error: EnhanceError) -> None:
        """The upload of a local file did not succeed: nothing was created."""
        self._report(error)
        line = self._line
        passing = ServiceUnreachable | ServiceSilent | ServiceBusy | TokenRefused | UsageError
        if isinstance(error, passing):
            self._put_back(task, error)
            return
        refused = await line.step(line.db.store.refuse, task.id, Failure.of(error))
        if refused is not None:
            line.end(refused)

    async def _not_created(self, task: Task, error: EnhanceError) -> None:
        if isinstance(error, SpendingLimitReached):
            await self._hold(task, error)
            return
        if isinstance(error, TransitionRefused):
            self._not_begun(task, error)
            return
        self._report(error)
        if task.state is TaskState.QUEUED:
            self._put_back(task, error)
        elif task.state is TaskState.IN_DOUBT and self._may_repeat(error):
            self._later(task, RESEND_DELAY_S)
            self._pause_for(error)
        else:
            if isinstance(error, CreateInDoubt):
                # One create without an answer may be the first of many: make sure that somebody
                # is there before the next one is put at risk.
                self._must_probe = True
            if task.state is TaskState.IN_DOUBT and self._may_be_settled(task):
                self._line.changed(task)
            else:
                self._line.end(task)

    def _may_repeat(self, error: EnhanceError) -> bool:
        """Tell whether the same request may be sent again: refused once, it would be again."""
        refused = isinstance(error, RequestRefused) and not isinstance(error, BalanceTooLow)
        return self._line.profile.private_id_is_idempotent and not refused

    async def _hold(self, task: Task, error: SpendingLimitReached) -> None:
        """A limit of the user has no room for it, nor for what shares that limit: all of that
        waits for the user's word. Nothing else does.
        """
        self._failed(CreateFailure.NOT_SENT)
        line = self._line
        own = [each for each in line.tasks.values() if each.state is TaskState.QUEUED]
        if error.of_batch:
            own = [each for each in own if each.batch == task.batch]
        if isinstance(error, CostUnknown):
            own = [each for each in own if each.type_id == task.type_id]
        failure, ids = Failure.of(error), {task.id, *(each.id for each in own)}
        try:
            held = await line.db.do(line.db.store.hold, ids, failure)
        except StorageError as trouble:
            line.storage_trouble(trouble, task.id)
            self._later(task, STORAGE_RETRY_S)
            return
        for each in held:
            self._ready.remove(each.id)
            if is_held(each):
                line.end(each)

    def _not_begun(self, task: Task, error: TransitionRefused) -> None:
        """The intent was refused: by a proof of an earlier attempt that came first, or because
        another program has the list.
        """
        self._failed(CreateFailure.NOT_SENT)
        if task.state is TaskState.QUEUED:
            self._ready.put_back(task)
            self._line.pause(Failure.of(error))

    def _put_back(self, task: Task, error: EnhanceError) -> None:
        """To be sent later; what only the user can mend stops all sending until then."""
        self._ready.put_back(task)
        self._pause_for(error)

    def _pause_for(self, error: EnhanceError) -> None:
        if isinstance(error, BalanceTooLow | TokenRefused | UsageError):
            self._line.pause(Failure.of(error))

    def _later(self, task: Task, delay_s: float) -> None:
        self._line.owner.start(self._ready_in(task, delay_s), f"task {task.id}: wait")

    async def _ready_in(self, task: Task, delay_s: float) -> None:
        await self._line.clock.sleep(delay_s)
        if task.id in self._line.tasks:
            self._ready.append(task)
            self._line.bell.ring()

    async def _probe(self) -> None:
        """Ask for a task that does not exist: whatever the API answers shows that it is there."""
        line = self._line
        line.poller.create_sent(line.clock.now_s())
        try:
            await line.api.ask_whether_there(self._ready.first().type_id)
        except (ServiceError, TokenMissing) as error:
            self._report(error)
            if isinstance(error, TokenRefused | TokenMissing):
                line.pause(Failure.of(error))
        else:
            self._failed(CreateFailure.ANSWERED)
            self._must_probe = False

    def _report(self, error: EnhanceError) -> None:
        """Tell the poller how a create ended."""
        if isinstance(error, ServiceBusy):
            self._failed(CreateFailure.BUSY, error.retry_after_s)
        elif isinstance(error, InputError | UsageError):
            self._failed(CreateFailure.NOT_SENT)
        elif error.code is None and not isinstance(error, TokenRefused):
            self._failed(CreateFailure.UNREACHABLE)
        else:
            self._failed(CreateFailure.ANSWERED)

    def _failed(self, failure: CreateFailure, retry_after_s: float | None = None) -> None:
        now_s = self._line.clock.now_s()
        self._line.poller.create_failed(now_s, failure, retry_after_s)
