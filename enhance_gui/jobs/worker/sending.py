"""Makes the paid call: the intent is durable before a byte leaves, the answer before it is used."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, ParamSpec

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.inputs.source import LocalFile
from enhance_gui.core.picture_errors import PICTURE_CHANGED, InputError
from enhance_gui.core.service_errors import (
    BalanceTooLow,
    CreateInDoubt,
    RequestRefused,
    ServiceBusy,
    ServiceUnreachable,
    TokenRefused,
)
from enhance_gui.core.storage_errors import SendingPaused, StorageError, TransitionRefused
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task, new_private_id
from enhance_gui.core.text.i18n import N_
from enhance_gui.jobs.support.uploads_ahead import UploadsAhead
from enhance_gui.jobs.worker.context import ServiceContext
from enhance_gui.jobs.worker.conversion import converted
from enhance_gui.storage.files.results import sha256_of
from enhance_gui.wire.requests import CreateTaskRequest, write_request

_log = logging.getLogger(__name__)

_P = ParamSpec("_P")

RECORD_AGAIN_S: Final = 2.0
"""Wait before an answer that could not be written down is written again."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one createtask, already durable."""

    task: Task
    queue_position: int = 0
    """Where the accepted task stands in the service's queue."""
    error: EnhanceError | None = None
    """Why it was not accepted; ``None`` where it was."""


class Sender:
    """Sends tasks to one service, one at a time."""

    def __init__(self, context: ServiceContext, ahead: UploadsAhead) -> None:
        self._context = context
        self._ahead = ahead
        self._limits_version = 0

    @property
    def has_old_limits(self) -> bool:
        """Whether the user has changed a limit since the last intent was held to the limits."""
        return self._context.shared.spending.version != self._limits_version

    async def send(self, task: Task) -> Sent:
        """Create the task on the service, as a new attempt or, where in doubt, the same again.

        :returns: the task in the state that the answer led to; recorded in any case.
        :raises StorageError: the intent could not be made durable: nothing was sent.
        :raises SendingPaused: nothing was created.
        :raises InputError, ServiceError: nor where a local file could not be uploaded.
        """
        same = task.state is TaskState.IN_DOUBT
        if same and not (self._context.profile.private_id_is_idempotent and task.may_be_repeated):
            raise TransitionRefused(
                "task {number} is in doubt: only the user may send it again", number=task.id
            )
        private_id = task.private_id if same and task.private_id else new_private_id()
        request = CreateTaskRequest(await self._picurl(task), task.type_id, private_id)

        async def before_send() -> None:
            if self._context.paused is not None:
                raise SendingPaused
            if same:
                started = await self._context.db.do(self._context.store.attempts.reopen, task.id)
            else:
                digest = hashlib.sha256(write_request(request)).hexdigest()
                spending = self._context.shared.spending
                self._limits_version = spending.version
                started = await self._context.db.do(
                    self._context.store.attempts.begin,
                    task.id,
                    private_id,
                    digest,
                    cost=self._context.profile.cost_of(task.type_id),
                    limits=spending.limits_on(task.service),
                    type_id=request.type,
                )
            self._context.changed(started)

        try:
            created = await self._context.api.create_task(request, before_send)
        except (StorageError, SendingPaused):
            raise
        except EnhanceError as error:
            return await self._not_accepted(task.id, error, same=same)
        except asyncio.CancelledError:
            await self._leave_in_doubt(task.id)
            raise
        try:
            accepted = await self._record(
                self._context.store.attempts.accepted, task.id, created.task_id
            )
        except TransitionRefused:
            doubt = CreateInDoubt("the service named a task that another picture has already")
            return await self._not_accepted(task.id, doubt, same=same)
        return Sent(accepted, created.queue_position)

    async def _picurl(self, task: Task) -> str:
        """Return the address for the service: the final one, or that of the uploaded file.

        :raises InputError: the file cannot be converted to a kind that the service takes.
        """
        source, picture = task.source, task.checked
        if isinstance(source, LocalFile) and picture is not None and picture.sent_as:
            async with converted(self._context, task, source.path, picture) as copy:
                digest = await asyncio.to_thread(sha256_of, source.path)
                if task.input_sha256 not in (None, digest):
                    raise InputError(kind=PICTURE_CHANGED)
                return await self._ahead.upload(task, copy, None)
        if isinstance(source, LocalFile):
            address = await self._ahead.take(task)
            return address or await self._ahead.upload(task, source.path, task.input_sha256)
        return picture.location if picture else source.url

    async def _not_accepted(self, task_id: int, error: EnhanceError, *, same: bool) -> Sent:
        store = self._context.store
        now = await self._context.db.do(store.tasks.get, task_id)
        if now.state is not TaskState.SENDING:
            # It failed before the intent was written: nothing happened at all.
            return Sent(now, error=error)
        # Whatever is said of a repetition, the first request may have been charged.
        record = store.attempts.in_doubt if same else self._record_of(error)
        failure = Failure.of(error)
        return Sent(await self._record(record, task_id, failure), error=error)

    def _record_of(self, error: EnhanceError) -> Callable[[int, Failure], Task]:
        """Return the step that an answer to a first request leads to."""
        store = self._context.store
        if isinstance(error, ServiceUnreachable | ServiceBusy | TokenRefused):
            return store.attempts.unsent
        if isinstance(error, BalanceTooLow):
            return store.attempts.held
        if isinstance(error, RequestRefused):
            return store.attempts.rejected
        if not isinstance(error, CreateInDoubt):
            _log.warning("createtask ended in an unexpected way: %s", error.kind)
        return store.attempts.in_doubt

    async def _leave_in_doubt(self, task_id: int) -> None:
        """Leave a task in doubt: the program ends while the request is on its way."""
        now = await self._context.db.do(self._context.store.tasks.get, task_id)
        if now.state is TaskState.SENDING:
            failure = Failure(
                CreateInDoubt.kind, N_("the program was ended while the request was on its way")
            )
            self._context.changed(
                await self._context.db.do(self._context.store.attempts.in_doubt, task_id, failure)
            )

    async def _record(self, step: Callable[_P, Task], *args: _P.args, **kwargs: _P.kwargs) -> Task:
        """Write an answer down; on a full or failing disk, again and again.

        Nothing else is done with the answer before, and if the program ends meanwhile the task is
        found in doubt at the next start.
        """
        while True:
            try:
                task = await self._context.db.do(step, *args, **kwargs)
            except StorageError as error:
                _log.error("an answer of the service could not be written down: %s", error.detail)
                await self._context.clock.sleep(RECORD_AGAIN_S)
            else:
                self._context.changed(task)
                return task
