"""Has tasks deleted on the service.

For the user who cancels a task it is repeated until the service answers, since deleting is
idempotent. For the user who only wants the record of an ended task gone it is tried now, and told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from enhance_gui.core.errors import (
    RequestRefused,
    ServiceBusy,
    ServiceError,
    TaskDeleted,
    TaskUnknown,
    TokenMissing,
    TransitionRefused,
)
from enhance_gui.core.tasks import ENDED, Task
from enhance_gui.jobs.events import TaskChanged
from enhance_gui.jobs.line import Line

_LONGEST_DELAY_S: Final = 60.0

BUSY_TRIES: Final = 3
"""How often a service that asks to be asked later is asked to delete a record."""


class Deleter:
    """Carries out the user's wish to have a task gone there."""

    def __init__(self, line: Line, on_kept: Callable[[Task], None]) -> None:
        """:param on_kept: takes a task that the service would not delete."""
        self._line = line
        self._on_kept = on_kept

    # -- cancelling -------------------------------------------------------------------------------

    def delete(self, task: Task) -> None:
        """Begin to delete a task whose wish to be cancelled is recorded."""
        self._line.owner.start(self._delete(task), f"task {task.id}: delete")

    async def _delete(self, task: Task) -> None:
        line = self._line
        if await self._deleted(task):
            cancelled = await line.step(line.db.store.cancelled, task.id)
            if cancelled is not None:
                line.end(cancelled)
            return
        kept = await line.step(line.db.store.keep, task.id)
        if kept is not None:
            line.changed(kept)
            self._on_kept(kept)

    async def _deleted(self, task: Task) -> bool:
        delay_s = 1.0
        while True:
            try:
                return await self._line.api.delete_task(task.service_task_id or "")
            except (TaskUnknown, TaskDeleted):
                return True
            except RequestRefused:
                return False
            except (ServiceError, TokenMissing):
                await self._line.clock.sleep(delay_s)
                delay_s = min(_LONGEST_DELAY_S, 2 * delay_s)

    # -- records of ended tasks -------------------------------------------------------------------

    async def delete_records(self, task: Task) -> Task:
        """Have every record of an ended task deleted, and remember which were.

        :returns: the task as it is then.
        :raises ServiceError: the service could not be asked.
        :raises TokenMissing: its token was forgotten.
        :raises TransitionRefused: the task goes on, by another wish of the user.
        """
        line = self._line
        for attempt in task.on_service:
            if await self._record_deleted(task.id, attempt.service_task_id or ""):
                mark = line.db.store.deleted_on_service
                task = await line.db.do(mark, task.id, attempt.number)
                line.publish(TaskChanged(task, parked=task.state in ENDED))
        return task

    async def _record_deleted(self, task_id: int, service_task_id: str) -> bool:
        poller, clock = self._line.poller, self._line.clock
        tries = 0
        while True:
            await self._turn(task_id)
            tries += 1
            try:
                deleted = await self._line.api.delete_task(service_task_id)
            except (TaskUnknown, TaskDeleted):
                deleted = True
            except RequestRefused:
                deleted = False
            except ServiceBusy as error:
                poller.busy(None, clock.now_s(), error.retry_after_s)
                if tries == BUSY_TRIES:
                    raise
                continue
            except (ServiceError, TokenMissing):
                poller.unreachable(None, clock.now_s())
                raise
            poller.aside_answered(clock.now_s())
            return deleted

    async def _turn(self, task_id: int) -> None:
        """Wait until the pace that the service bears allows one more request about a task.

        :raises TransitionRefused: meanwhile the user wanted the task to go on.
        """
        poller, clock = self._line.poller, self._line.clock
        while (due_s := poller.aside_due_s(clock.now_s())) > (now_s := clock.now_s()):
            await clock.sleep(due_s - now_s)
        task = await self._line.db.do(self._line.db.store.task, task_id)
        if task.state not in ENDED:
            raise TransitionRefused(f"task {task_id} is {task.state.value}: it goes on")
        poller.aside_sent(clock.now_s())
