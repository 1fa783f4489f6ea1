"""Cancels accepted tasks: deletes them on the service.

It is repeated until the service answers, since deleting is idempotent.
"""

from __future__ import annotations

from typing import Final

from enhance_gui.core.backoff import Backoff
from enhance_gui.core.errors import TokenMissing
from enhance_gui.core.service_errors import RequestRefused, ServiceError, TaskDeleted, TaskUnknown
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.barrier import Barrier
from enhance_gui.jobs.worker.context import ServiceContext
from enhance_gui.jobs.worker.polling_loop import Follower

_BACKOFF: Final = Backoff(1.0, 60.0)


class Deleter:
    """Deletes accepted tasks on the service that the user cancels."""

    def __init__(self, context: ServiceContext, barrier: Barrier, follower: Follower) -> None:
        self._context = context
        self._barrier = barrier
        self._follower = follower

    def delete(self, task: Task) -> None:
        """Begin to delete a task whose cancellation is recorded."""
        self._barrier.start(task.id, "delete", self._delete, task)

    async def _delete(self, task: Task) -> None:
        context = self._context
        if await self._deleted(task):
            cancelled = await context.step(context.db.store.deletions.cancelled, task.id)
            if cancelled is not None:
                context.end(cancelled)
            return
        kept = await context.step(context.db.store.deletions.keep, task.id)
        if kept is not None:
            context.changed(kept)
            self._follower.adopt(kept)

    async def _deleted(self, task: Task) -> bool:
        failures = 0
        while True:
            try:
                return await self._context.api.delete_task(task.service_task_id or "")
            except (TaskUnknown, TaskDeleted):
                return True
            except RequestRefused:
                return False
            except (ServiceError, TokenMissing):
                failures += 1
                await self._context.clock.sleep(_BACKOFF.delay_s(failures))
