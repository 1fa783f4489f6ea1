"""Brings results home: tries again as the reason of each failure suggests, a few at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from enhance_gui.core.enhance_types import Outputs
from enhance_gui.core.errors import (
    DiskFull,
    ResultError,
    ResultGone,
    ResultNotAsPromised,
    ServiceError,
    StorageError,
    TokenMissing,
)
from enhance_gui.core.profiles import Phase
from enhance_gui.core.tasks import Failure, Task, TaskState
from enhance_gui.jobs.fetching import ResultFetcher
from enhance_gui.jobs.following import encoded_record
from enhance_gui.jobs.input_copies import InputCopier
from enhance_gui.jobs.line import Line
from enhance_gui.jobs.result_patience import ResultPatience

_log = logging.getLogger(__name__)

FETCHES_AT_ONCE: Final = 3


class Collector:
    """Fetches finished tasks."""

    def __init__(self, line: Line, copier: InputCopier) -> None:
        self._line = line
        self._fetcher = ResultFetcher(line, copier)
        self._places = asyncio.Semaphore(FETCHES_AT_ONCE)
        self._turn_alone = asyncio.Lock()
        self._waiting: dict[int, asyncio.Event] = {}

    def hurry(self, task_id: int) -> None:
        """Try at once what waits for its next try, as if it were the first."""
        if (waiting := self._waiting.get(task_id)) is not None:
            waiting.set()

    def collect(self, task: Task, *, of_earlier_run: bool = False) -> None:
        """Begin to fetch the result of a finished task.

        :param of_earlier_run: whether the addresses in its record may be out of date.
        """
        fetching = self._collect(task, of_earlier_run=of_earlier_run)
        self._line.owner.start(fetching, f"task {task.id}: fetch")

    async def _collect(self, task: Task, *, of_earlier_run: bool) -> None:
        if of_earlier_run:
            task = await self._with_new_addresses(task)
        patience = ResultPatience(self._line.clock)
        while True:
            try:
                saved = await self._fetch(task, patience)
            except (ResultError, StorageError) as error:
                waiting = await self._failed(task, error, last=patience.is_last(error))
                if waiting is None:
                    return
                task = waiting
                if await self._rest(task, patience.rest_s(error)):
                    patience.start_over()
            else:
                self._line.end(saved)
                return

    async def _fetch(self, task: Task, patience: ResultPatience) -> Task:
        outputs = self._outputs_of(task)
        try:
            async with self._places:
                return await self._fetcher.fetch(task, outputs, patience)
        except DiskFull:
            # What others had half fetched took the last room: all of them can fail so, where one
            # after the other would have fitted.
            async with self._alone():
                return await self._fetcher.fetch(task, outputs, patience, at_once=1)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Take every place, one taker at a time: two with some places each would wait for ever."""
        async with self._turn_alone, AsyncExitStack() as places:
            for _ in range(FETCHES_AT_ONCE):
                await places.enter_async_context(self._places)
            yield

    async def _rest(self, task: Task, delay_s: float) -> bool:
        """Wait before the next try; return whether somebody wanted it at once."""
        event = self._waiting[task.id] = asyncio.Event()
        try:
            await self._line.clock.wait(event, delay_s)
        finally:
            del self._waiting[task.id]
        if event.is_set():
            self._line.changed(task)
        return event.is_set()

    async def _failed(
        self, task: Task, error: ResultError | StorageError, *, last: bool
    ) -> Task | None:
        """Record a failed try; return the task where it is to be tried again."""
        line = self._line
        store = line.db.store
        if last and isinstance(error, ResultGone | ResultNotAsPromised):
            lost = await line.step(store.lose, task.id, Failure.of(error))
            if lost is not None:
                line.end(lost)
            return None
        now = await line.step(store.wait, task.id, Failure.of(error))
        if now is None or now.state is not TaskState.FINISHED:
            return None
        if not isinstance(error, StorageError):
            now = await self._with_new_addresses(now)
        if last or isinstance(error, StorageError):
            line.park(now)
        return now

    async def _with_new_addresses(self, task: Task) -> Task:
        """A result's addresses may have expired, or the service moved: the record names others."""
        line = self._line
        try:
            task_id = task.service_task_id or ""
            record = await line.api.get_task(task_id, task.type_id, task.private_ids)
        except (ServiceError, TokenMissing) as error:
            _log.info("task %s: no new address: %s", task.id, error.kind)
            return task
        if record.phase(line.profile.status) is not Phase.FINISHED:
            return task
        renewed = await line.step(line.db.store.new_record, task.id, encoded_record(record))
        return renewed or task

    def _outputs_of(self, task: Task) -> Outputs:
        for each in self._line.profile.enhance_types:
            if each.id == task.type_id:
                return each.outputs
        return Outputs.FACES
