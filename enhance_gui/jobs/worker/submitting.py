"""Submits checked tasks: one create at a time, when the poller allows."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from enhance_gui.core.errors import (
    CostUnknown,
    EnhanceError,
    SpendingLimitReached,
    TokenMissing,
    UsageError,
)
from enhance_gui.core.picture_errors import PICTURE_CHANGED, InputError
from enhance_gui.core.service_errors import (
    BalanceTooLow,
    CreateInDoubt,
    RequestRefused,
    ServiceBusy,
    ServiceError,
    ServiceSilent,
    ServiceUnreachable,
    TokenRefused,
)
from enhance_gui.core.storage_errors import (
    ListTakenOver,
    SendingPaused,
    StorageError,
    TransitionRefused,
    TypeChanged,
)
from enhance_gui.core.tasks.spending import is_held
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.jobs.barrier import Barrier
from enhance_gui.jobs.events import TaskChanged
from enhance_gui.jobs.support.uploads_ahead import UploadsAhead
from enhance_gui.jobs.worker.callbacks import Callbacks
from enhance_gui.jobs.worker.checking import stand_in
from enhance_gui.jobs.worker.context import STORAGE_RETRY_S, ServiceContext
from enhance_gui.jobs.worker.input_copies import InputCopier
from enhance_gui.jobs.worker.sending import Sender

_log = logging.getLogger(__name__)

RESEND_DELAY_S: Final = 2.0
"""Wait before an attempt in doubt is repeated, where an equal private id is the same task."""


class Creator:
    """Submits checked tasks: the second loop of a worker.

    One create at a time: an outage then leaves one task in doubt and not as many as are in
    flight.
    """

    def __init__(
        self,
        context: ServiceContext,
        barrier: Barrier,
        copier: InputCopier,
        callbacks: Callbacks,
        uploads: UploadsAhead,
    ) -> None:
        self._context = context
        self._barrier = barrier
        self._copier = copier
        self._callbacks = callbacks
        self._sender = Sender(context, uploads)
        self._must_probe = False
        self._asked = context.api
        """What the last request to create was sent by."""
        self._is_received = True
        """Whether the poller knows what became of the last create."""
        self._running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        context = self._context
        while True:
            now_s = context.clock.now_s()
            due_s = math.inf
            if context.ready and context.paused is None:
                due_s = context.poller.create_due_s(now_s)
            if due_s > now_s:
                await context.notifier.wait(due_s)
            elif self._must_probe:
                await self._probe()
            else:
                # Of equal rank the first.
                task = context.ready.pop(
                    min(context.ready, key=lambda id_: context.ready[id_].rank)
                )
                self._running = self._barrier.start(task.id, "create", self._create, task)
                await asyncio.wait([self._running])
            context.announce()

    async def finish(self, grace_s: float) -> None:
        """Give a request that is on its way some time to be answered."""
        if self._running is not None and not self._running.done():
            await asyncio.wait([self._running], timeout=grace_s)

    async def _create(self, ready: Task) -> None:
        context = self._context
        task = context.tasks.get(ready.id)
        if task is None or task.state is not ready.state:
            return  # taken back meanwhile, or gone on by another way
        with self._creating():
            await self._send(task)

    @contextmanager
    def _creating(self) -> Iterator[None]:
        """Have the poller know of a create: without a report it had no answer."""
        context = self._context
        self._is_received = False
        self._asked = context.api
        context.poller.create_sent(context.clock.now_s())
        context.announce()
        try:
            yield
        finally:
            if not self._is_received:
                self._ended()
                context.poller.unreachable(None, context.clock.now_s())

    async def _send(self, task: Task) -> None:
        context = self._context
        try:
            sent = await self._sender.send(task)
        except StorageError as error:
            self._ended()
            context.report_storage_error(error, task.id)
            self._later(task, STORAGE_RETRY_S)
            return
        except SendingPaused:
            self._ended()
            now = context.tasks.get(task.id)
            if now is not None and now.state is task.state:
                self._put_back(now)
            return
        except TransitionRefused:
            self._ended()
            await self._not_the_same(task)
            return
        except EnhanceError as error:
            await self._not_sent(task, error)
            return
        if sent.error is not None:
            await self._not_created(task, sent.task, sent.error)
            return
        self._is_received = True
        context.poller.created(
            task.id,
            context.clock.now_s(),
            type_id=task.type_id,
            megapixels=task.megapixels,
            queue_position=sent.queue_position,
        )
        if task.state is TaskState.IN_DOUBT:
            # The same once more: it may have been worked on ever since the first request.
            now_s = context.clock.now_s()
            context.poller.resume_polling(
                task.id, now_s, type_id=task.type_id, megapixels=task.megapixels, age_s=0.0
            )
        self._copier.begin(sent.task)
        context.notifier.notify_all()

    async def _not_the_same(self, task: Task) -> None:
        """The profile says no longer that an equal private id is one task: the user decides."""
        now = await self._context.db.do(self._context.store.tasks.get, task.id)
        if now.state is TaskState.IN_DOUBT:
            self._context.end(now)

    async def _not_sent(self, task: Task, error: EnhanceError) -> None:
        """The upload of a local file did not succeed: nothing was created."""
        self._report(error)
        context = self._context
        transience = ServiceUnreachable | ServiceSilent | ServiceBusy | TokenRefused | UsageError
        if isinstance(error, transience):
            self._put_back(task)
            self._pause_for(error)
            return
        now = context.tasks.get(task.id)
        if error.kind == PICTURE_CHANGED and now is not None:
            if now.state is TaskState.QUEUED:
                self._barrier.take_up(now)  # what it is by now is to be checked as well
                return
            if now.state is TaskState.DRAFT:
                return  # made one meanwhile: it is found again when it is started
        refused = await context.step(context.store.drafts.refuse, task.id, Failure.of(error))
        if refused is not None:
            context.end(refused)
        elif task.state is TaskState.IN_DOUBT:
            # It stays in doubt, and the same request cannot be repeated: the user decides.
            context.end(await context.db.do(context.store.tasks.get, task.id))

    async def _not_created(self, before: Task, task: Task, error: EnhanceError) -> None:
        """:param task: as it stands now."""
        if isinstance(error, SpendingLimitReached):
            await self._hold(task, error)
            return
        if isinstance(error, TransitionRefused):
            self._not_begun(before, task, error)
            return
        self._report(error)
        if task.state is TaskState.QUEUED:
            self._put_back(task)
            self._pause_for(error)
        elif task.state is TaskState.IN_DOUBT and self._may_repeat(error):
            self._later(task, RESEND_DELAY_S)
            self._pause_for(error)
        else:
            if isinstance(error, CreateInDoubt):
                # One create without an answer may be the first of many: make sure that somebody
                # is there before the next one is put at risk.
                self._must_probe = True
            if task.state is TaskState.IN_DOUBT and self._callbacks.holds(task):
                self._context.changed(task)
            else:
                self._context.end(task)
                if task.state is TaskState.FAILED:
                    await self._offer_stand_by(task, error)

    async def _offer_stand_by(self, task: Task, error: EnhanceError) -> None:
        """Have what the user's browser has sent if the user wants: nothing was charged.

        The task has ended before, so that a request of the user in between is taken up.
        """
        stood_in = await stand_in(self._context, task, Failure.of(error))
        if stood_in is not None:
            self._context.publish(TaskChanged(stood_in, suspended=True))

    def _may_repeat(self, error: EnhanceError) -> bool:
        """Return whether the same request may be sent again: refused once, it would be again."""
        refused = isinstance(error, RequestRefused) and not isinstance(error, BalanceTooLow)
        return self._context.profile.private_id_is_idempotent and not refused

    async def _hold(self, task: Task, error: SpendingLimitReached) -> None:
        """A limit of the user has no room for it, nor for what shares that limit: all of that
        waits for the user's word. Nothing else does.
        """
        self._ended()
        if self._sender.has_old_limits:
            # By the old limit it would be held after the user's change has released all others.
            if task.state is TaskState.QUEUED:
                self._put_back(task)
            return
        context = self._context
        own = [each for each in context.tasks.values() if each.state is TaskState.QUEUED]
        if error.of_batch:
            own = [each for each in own if each.batch == task.batch]
        if isinstance(error, CostUnknown):
            own = [each for each in own if each.type_id == task.type_id]
        failure, ids = Failure.of(error), {task.id, *(each.id for each in own)}
        try:
            held = await context.db.do(context.store.batches.hold, ids, failure)
        except StorageError as problem:
            context.report_storage_error(problem, task.id)
            self._later(task, STORAGE_RETRY_S)
            return
        for each in held:
            context.ready.pop(each.id, None)
            if is_held(each):
                context.end(each)

    def _not_begun(self, before: Task, task: Task, error: TransitionRefused) -> None:
        """The intent was refused: because another program has the list, or because a request or a
        proof of an earlier attempt came first, which goes on by its way.

        :param task: as it stands now.
        """
        self._ended()
        if isinstance(error, ListTakenOver):
            if task.state is TaskState.QUEUED:
                self._put_back(task)
            self._context.pause(Failure.of(error))
        elif isinstance(error, TypeChanged) and task.state is before.state:
            # With the one that was chosen at that moment it is sent now.
            self._context.changed(task)
            self._put_back(task)
        elif task.state is before.state:
            raise error  # nobody came first
        else:
            _log.info("overtaken: %s", error.detail)

    def _put_back(self, task: Task) -> None:
        """Have a task sent first, once sending goes on."""
        self._context.ready[task.id] = task
        self._context.ready.move_to_end(task.id, last=False)

    def _pause_for(self, error: EnhanceError) -> None:
        """Stop all sending where only the user can mend what has happened."""
        # Another token since then may mend it: what an earlier one met says nothing of that.
        is_asked_still = self._context.api is self._asked
        if is_asked_still and isinstance(error, BalanceTooLow | TokenRefused | UsageError):
            self._context.pause(Failure.of(error))

    def _later(self, task: Task, delay_s: float) -> None:
        self._context.owner.start(self._ready_in(task, delay_s), f"task {task.id}: wait")

    async def _ready_in(self, task: Task, delay_s: float) -> None:
        await self._context.clock.sleep(delay_s)
        now = self._context.tasks.get(task.id)
        if now is not None and now.state is task.state:
            self._context.ready[now.id] = now
            self._context.ready.move_to_end(now.id)
            self._context.notifier.notify_all()

    async def _probe(self) -> None:
        """Ask for a task that does not exist: whatever the API answers shows that it is there."""
        context = self._context
        type_id = next(iter(context.ready.values())).type_id
        with self._creating():
            try:
                await context.api.ping(type_id)
            except (ServiceError, TokenMissing) as error:
                self._report(error)
                self._pause_for(error)
            else:
                self._ended()
                context.poller.probe_answered(context.clock.now_s())
                self._must_probe = False

    def _report(self, error: EnhanceError) -> None:
        """Report to the poller how a create ended."""
        self._ended()
        poller, now_s = self._context.poller, self._context.clock.now_s()
        if isinstance(error, ServiceBusy):
            self._context.busy(None, error)
        elif isinstance(error, InputError | UsageError):
            return  # nothing was sent
        elif error.code is None and not isinstance(error, TokenRefused):
            poller.unreachable(None, now_s)
        else:
            poller.probe_answered(now_s)

    def _ended(self) -> None:
        self._is_received = True
        self._context.poller.create_failed()
