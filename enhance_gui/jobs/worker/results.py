"""Fetches results, a few at once, with retries as the cause of each failure suggests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from enhance_gui.core.errors import TokenMissing
from enhance_gui.core.picture_errors import ResultError, ResultGone, ResultNotAsPromised
from enhance_gui.core.service_errors import ServiceError
from enhance_gui.core.services.profile import Phase
from enhance_gui.core.storage_errors import DiskFull, StorageError
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.jobs.barrier import Barrier
from enhance_gui.jobs.worker.context import ServiceContext
from enhance_gui.jobs.worker.input_copies import InputCopier
from enhance_gui.jobs.worker.result_fetch import ResultFetcher
from enhance_gui.jobs.worker.result_retry import ResultRetry
from enhance_gui.wire.records import TaskRecord, record_from_json, record_to_json

_log = logging.getLogger(__name__)

FETCHES_AT_ONCE: Final = 3

ASK_WITHIN_S: Final = 30.0
"""How long a fetch waits for its turn to ask for the present addresses of the result."""


class Collector:
    """Fetches the results of finished tasks."""

    def __init__(self, context: ServiceContext, barrier: Barrier, copier: InputCopier) -> None:
        self._context = context
        self._barrier = barrier
        self._fetcher = ResultFetcher(context, copier)
        self._places = asyncio.Semaphore(FETCHES_AT_ONCE)
        self._turn_alone = asyncio.Lock()

    def collect(self, task: Task, record: TaskRecord | None = None) -> None:
        """Begin to fetch the result of a finished task.

        :param record: the one that shows the result; ``None``: it is stored with the task, and its
            addresses may be out of date.
        """
        self._barrier.start(task.id, "fetch", self._collect, task, record)

    async def _collect(self, task: Task, record: TaskRecord | None) -> None:
        retry = ResultRetry(self._context.clock)
        may_be_old = record is None
        # What is stored is read only where the service cannot name it anew: it may be damaged.
        known = record
        while True:
            try:
                try:
                    async with self._places:
                        if may_be_old:
                            known = await self._with_new_addresses(task, known)
                        known = known or record_from_json(task.record)
                        saved = await self._fetcher.fetch(task, known, retry)
                except DiskFull:
                    # What others had half fetched took the last room: all of them can fail so,
                    # where one after the other would have fitted.
                    async with self._alone():
                        known = known or record_from_json(task.record)
                        saved = await self._fetcher.fetch(task, known, retry, at_once=1)
            except (ResultError, StorageError) as error:
                waiting = await self._failed(task, error, last=retry.is_last(error))
                if waiting is None:
                    return
                task = waiting
                may_be_old = not isinstance(error, StorageError)
                if await self._barrier.rest(task.id, retry.next_delay_s(error)):
                    self._context.changed(task)
                    retry.start_over()
            else:
                self._context.end(saved)
                return

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Take every place, one taker at a time: two with some places each would wait for ever."""
        async with self._turn_alone, AsyncExitStack() as places:
            for _ in range(FETCHES_AT_ONCE):
                await places.enter_async_context(self._places)
            yield

    async def _failed(
        self, task: Task, error: ResultError | StorageError, *, last: bool
    ) -> Task | None:
        """Record a failed try; return the task where it is to be tried again."""
        context = self._context
        if last and isinstance(error, ResultGone | ResultNotAsPromised):
            lost = await context.step(context.store.outputs.lose, task.id, Failure.of(error))
            if lost is not None:
                context.end(lost)
            return None
        now = await context.step(context.store.drafts.wait, task.id, Failure.of(error))
        if now is None or now.state is not TaskState.FINISHED:
            return None
        if last or isinstance(error, StorageError):
            context.suspend(now)
        return now

    async def _with_new_addresses(self, task: Task, known: TaskRecord | None) -> TaskRecord | None:
        """A result's addresses may have expired, or the service moved: the record names others."""
        context = self._context
        # Where the service cannot be reached or is busy for long, what is known is tried: the
        # result may lie elsewhere.
        with context.queued_to_ask() as place:
            if not await context.turn_to_ask(place, ASK_WITHIN_S):
                return known
        try:
            with context.asking():
                task_id = task.service_task_id or ""
                record = await context.api.get_task(task_id, task.type_id, task.private_ids)
        except (ServiceError, TokenMissing) as error:
            _log.info("task %s: no new address: %s", task.id, error.kind)
            return known
        if record.phase(context.profile.status) is not Phase.FINISHED:
            return known
        stored = record_to_json(record)
        renewed = await context.step(context.store.accepted.new_record, task.id, stored)
        return known if renewed is None else record
