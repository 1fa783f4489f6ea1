"""Deletes on the service: accepted tasks that the user cancels, and the records of ended ones.

A cancellation is repeated until the service answers, since deleting is idempotent.

A request to delete a record is stored before the service is asked. Where it cannot be asked it is
asked again, in this run and at the next opening of the worker; no worker is opened for that alone,
since it may need the password manager. The request is over once the service has deleted the record,
has none or refuses, and where the user wants the task to go on.
"""

from __future__ import annotations

import asyncio
import logging
import math
from typing import Final

from enhance_gui.client.api import ApiClient
from enhance_gui.core.backoff import Backoff
from enhance_gui.core.errors import EnhanceError, TokenMissing
from enhance_gui.core.service_errors import (
    RequestRefused,
    ServiceBusy,
    ServiceError,
    TaskDeleted,
    TaskUnknown,
    TokenRefused,
)
from enhance_gui.core.storage_errors import StorageError, TransitionRefused
from enhance_gui.core.tasks.states import ENDED
from enhance_gui.core.tasks.task import Attempt, Task
from enhance_gui.jobs.barrier import Barrier
from enhance_gui.jobs.events import TaskChanged
from enhance_gui.jobs.worker.context import STORAGE_RETRY_S, ServiceContext
from enhance_gui.jobs.worker.polling_loop import Follower

_log = logging.getLogger(__name__)

BUSY_TRIES: Final = 3
"""How often at a time a service that asks to be asked later is asked to delete a record."""

_CANCEL_BACKOFF: Final = Backoff(1.0, 60.0)

BACKOFF: Final = Backoff(60.0, 3600.0)
"""Waits before a service that could not be asked is asked again to delete records."""


class Deleter:
    """Deletes a service's tasks and their records, as the user requested."""

    def __init__(self, context: ServiceContext, barrier: Barrier, follower: Follower) -> None:
        self._context = context
        self._barrier = barrier
        self._follower = follower
        self._turns = asyncio.Lock()
        self._changed = asyncio.Event()
        self._due_s = -math.inf
        self._failures = 0

    # -- accepted tasks ---------------------------------------------------------------------------

    def cancel(self, task: Task) -> None:
        """Begin to delete a task whose cancellation is recorded."""
        self._barrier.start(task.id, "delete", self._cancel, task)

    async def _cancel(self, task: Task) -> None:
        context = self._context
        if await self._cancelled(task):
            cancelled = await context.step(context.store.deletions.cancelled, task.id)
            if cancelled is not None:
                context.end(cancelled)
            return
        kept = await context.step(context.store.deletions.keep, task.id)
        if kept is not None:
            context.changed(kept)
            self._follower.resume_polling(kept)

    async def _cancelled(self, task: Task) -> bool:
        failures = 0
        while True:
            try:
                return await _deleted(self._context.api, task.service_task_id)
            except (ServiceError, TokenMissing):
                failures += 1
                await self._context.clock.sleep(_CANCEL_BACKOFF.delay_s(failures))

    # -- records of ended tasks -------------------------------------------------------------------

    async def run(self) -> None:
        """Carry out what is left of earlier requests: the fifth loop of a worker."""
        clock = self._context.clock
        while True:
            self._changed.clear()
            if self._due_s <= clock.now_s():
                self._due_s = await self._carry_out()
            await clock.wait(self._changed, max(0.0, self._due_s - clock.now_s()))

    def hurry(self) -> None:
        """Try again: something has changed by which the service may be asked now."""
        self._due_s = -math.inf
        self._failures = 0
        self._changed.set()

    async def delete_records(self, task: Task) -> Task:
        """Have the service delete the records of a task of which that is requested.

        :returns: the task as it is then.
        :raises ServiceError: the service could not be asked; it is asked again later.
        :raises TokenMissing: its token was forgotten; likewise.
        :raises TransitionRefused: the task goes on, by another request of the user.
        """
        try:
            return await self._delete_records(task)
        except (ServiceError, TokenMissing) as error:
            self._due_s = min(self._due_s, self._again_s(error))
            self._changed.set()
            raise

    async def _carry_out(self) -> float:
        """Carry out all requests; return when to come again, infinity: at the next request."""
        context = self._context
        is_left = False
        try:
            for task in await context.db.do(context.store.deletions.wanted, context.profile.name):
                try:
                    await self._delete_records(task)
                except TransitionRefused as error:
                    _log.info("overtaken: %s", error.detail)
                except EnhanceError:
                    raise
                # A fault with one record must not keep the others from being deleted.
                except Exception:  # noqa: BLE001
                    _log.exception("task %s: its record could not be deleted", task.id)
                    is_left = True
        except (ServiceError, TokenMissing) as error:
            _log.info("records are not deleted yet: %s: %s", error.kind, error.detail)
            return self._again_s(error)
        except StorageError as error:
            _log.error("%s: %s", error.kind, error.detail)
            return context.clock.now_s() + STORAGE_RETRY_S
        if is_left:
            return self._later_s()
        self._failures = 0
        return math.inf

    def _again_s(self, error: ServiceError | TokenMissing) -> float:
        if isinstance(error, TokenRefused | TokenMissing):
            return math.inf  # until there is another token
        return self._later_s()

    def _later_s(self) -> float:
        self._failures += 1
        return self._context.clock.now_s() + BACKOFF.delay_s(self._failures)

    async def _delete_records(self, task: Task) -> Task:
        for attempt in task.to_delete:
            async with self._turns:  # two requests of the user are one to the service
                await self._delete_record(task.id, attempt)
        return await self._context.db.do(self._context.store.tasks.get, task.id)

    async def _delete_record(self, task_id: int, attempt: Attempt) -> None:
        context = self._context
        tries = 0
        while (api := await self._turn(task_id, attempt.number)) is not None:
            tries += 1
            try:
                with context.asking():
                    deleted = await _deleted(api, attempt.service_task_id)
            except ServiceBusy:
                if tries == BUSY_TRIES:
                    raise
                continue
            deletions = context.store.deletions
            over = deletions.done if deleted else deletions.forget
            task = await context.db.do(over, task_id, attempt.number)
            context.publish(TaskChanged(task, suspended=task.state in ENDED))
            return

    async def _turn(self, task_id: int, number: int) -> ApiClient | None:
        """Wait until the service may be asked about a task.

        :returns: by what to ask; ``None`` where this attempt is not to be deleted any more.
        :raises TransitionRefused: meanwhile the user wanted the task to go on.
        """
        context, is_turn = self._context, False
        with context.queued_to_ask() as place:
            while not is_turn:
                await context.turn_to_ask(place)
                api = context.api  # before the look at the list: the service may move meanwhile
                if not await self._is_wanted(task_id, number):
                    return None
                # Another request may have gone during that look.
                now_s = context.clock.now_s()
                is_turn = context.poller.probe_due_s(now_s) <= now_s
        return api

    async def _is_wanted(self, task_id: int, number: int) -> bool:
        """Return whether an attempt is to be deleted still.

        :raises TransitionRefused: meanwhile the user wanted the task to go on.
        """
        task = await self._context.db.do(self._context.store.tasks.get, task_id)
        if task.state not in ENDED:
            raise TransitionRefused(
                "task {number} is {state}: it goes on", number=task_id, state=task.state.value
            )
        return any(each.number == number for each in task.to_delete)


async def _deleted(api: ApiClient, service_task_id: str | None) -> bool:
    """Have the service delete a task; return whether it has none any more: it may refuse.

    :raises ServiceError: it could not be asked.
    :raises TokenMissing: likewise.
    """
    try:
        return await api.delete_task(service_task_id or "")
    except (TaskUnknown, TaskDeleted):
        return True
    except RequestRefused:
        return False
