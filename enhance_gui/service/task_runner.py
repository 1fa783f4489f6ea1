"""Works the queue off: oldest task first, as many at once as there are worker processes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import EnhanceError
from enhance_gui.service.engine import PictureFile, WorkJob, WorkResult
from enhance_gui.service.file_store import FileStore, new_name
from enhance_gui.service.refusals import code_of
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.store_thread import StoreThread
from enhance_gui.service.task_store import StoredTask, TaskStore, result_names
from enhance_gui.service.worker import Verdict
from enhance_gui.service.worker_slot import Outcome, WorkerLost, WorkerSlot
from enhance_gui.wire.codes import Code

_LOG = logging.getLogger(__name__)

_DISK_PAUSE_S: Final = 5.0
_P = ParamSpec("_P")
_T = TypeVar("_T")

_LOST_WORDS = {
    WorkerLost.CRASHED: "the worker process ended unexpectedly, twice",
    WorkerLost.TIMED_OUT: "the picture took too long",
}


class TaskRunner:
    """Hands tasks to worker slots and stores what comes of them."""

    def __init__(
        self,
        tasks: StoreThread,
        files: FileStore,
        slots: list[WorkerSlot],
        settings: ServiceSettings,
        clock: Clock,
        on_end: Callable[[str], None],
    ) -> None:
        """:param on_end: told the id of each task that finished or failed."""
        self._tasks = tasks
        self._files = files
        self._slots = slots
        self._settings = settings
        self._clock = clock
        self._on_end = on_end
        self._threads = ThreadPoolExecutor(len(slots), thread_name_prefix="worker slot")
        self._arrivals = 0
        self._arrival = asyncio.Condition()

    async def announce_arrival(self) -> None:
        """Tell the slots that wait that there is a new task."""
        async with self._arrival:
            self._arrivals += 1
            self._arrival.notify_all()

    async def warm_up(self) -> None:
        """Start one worker, so that the first task is quick."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._slots[0].warm_up)

    async def work(self, slot: WorkerSlot) -> None:
        """Work with one slot until cancelled."""
        while True:
            seen = self._arrivals
            if not await self._work_once(slot):
                async with self._arrival:
                    await self._arrival.wait_for(partial(self._has_grown, seen))

    def stop(self) -> None:
        """End all workers at once; the tasks they were at start anew with the next service."""
        for slot in self._slots:
            slot.stop()
        self._threads.shutdown(wait=True)
        for slot in self._slots:
            slot.close()

    def _has_grown(self, seen: int) -> bool:
        return self._arrivals != seen

    async def _work_once(self, slot: WorkerSlot) -> bool:
        """Do the next task; tell whether there was one."""
        task = await self._insist(TaskStore.take_next)
        if task is None:
            return False
        try:
            await self._process(task, slot)
        except EnhanceError as error:
            await self._fail(task, Verdict(code_of(error), error.detail))
        # A bug met with one picture must not stop the pictures behind it.
        except Exception:  # noqa: BLE001
            _LOG.exception("a task failed")
            await self._fail(task, Verdict(Code.CREATE_FAILED, "the picture was not processed"))
        return True

    async def _process(self, task: StoredTask, slot: WorkerSlot) -> None:
        folder = await asyncio.to_thread(self._files.new_unfinished_folder)
        try:
            outcome = await self._run(task, slot, folder)
            if isinstance(outcome, WorkResult):
                await self._finish(task, outcome, folder)
            else:
                await self._fail(task, _verdict_of(outcome))
        finally:
            self._files.remove_unfinished(folder)

    async def _run(self, task: StoredTask, slot: WorkerSlot, folder: Path) -> Outcome:
        """Have the pixels worked on; a second time where the worker died."""
        job = WorkJob(
            task.type_id, self._files.inputs / task.picture.name, folder, name_prefix=new_name()
        )
        megapixels = task.picture.width_px * task.picture.height_px / 1e6
        limit_s = self._settings.work_base_s + self._settings.work_per_megapixel_s * megapixels
        loop = asyncio.get_running_loop()
        outcome = await loop.run_in_executor(self._threads, slot.run, job, limit_s)
        if outcome is WorkerLost.CRASHED:
            _LOG.warning("a worker process died; its task is tried once more")
            outcome = await loop.run_in_executor(self._threads, slot.run, job, limit_s)
        return outcome

    async def _finish(self, task: StoredTask, made: WorkResult, folder: Path) -> None:
        result = await asyncio.to_thread(self._publish, made, folder)
        wanted = await self._insist(
            TaskStore.finish, task.task_id, result, self._callback_tries, self._now_s()
        )
        if wanted:
            self._on_end(task.task_id)
        else:
            self._files.remove(self._files.results, result_names(result))
            self._files.remove(self._files.inputs, [task.picture.name])

    async def _fail(self, task: StoredTask, verdict: Verdict) -> None:
        wanted = await self._insist(
            TaskStore.fail,
            task.task_id,
            verdict.code,
            verdict.message,
            self._callback_tries,
            self._now_s(),
        )
        if wanted:
            self._on_end(task.task_id)
        else:
            self._files.remove(self._files.inputs, [task.picture.name])

    async def _insist(
        self,
        method: Callable[Concatenate[TaskStore, _P], _T],
        *arguments: _P.args,
        **named: _P.kwargs,
    ) -> _T:
        """Ask the store until it answers: while the disk is full, the queue stands still."""
        while True:
            try:
                return await self._tasks.run(method, *arguments, **named)
            except EnhanceError as error:
                _LOG.error("the queue stands still: %s", error.detail)
                await asyncio.sleep(_DISK_PAUSE_S)

    def _now_s(self) -> float:
        return self._clock.wall().timestamp()

    @property
    def _callback_tries(self) -> int:
        """How often a task that ends now is announced at most."""
        return 1 + len(self._settings.callback_offsets_s) if self._settings.callback_url else 0

    def _publish(self, made: WorkResult, folder: Path) -> WorkResult:
        """Move a worker's files into ``results``, each under a name of its own."""
        kept: dict[str, PictureFile] = {}

        def publish(picture: PictureFile) -> PictureFile:
            if picture.name not in kept:
                name = self._files.keep(
                    folder / picture.name, self._files.results, picture.extension
                )
                kept[picture.name] = replace(picture, name=name)
            return kept[picture.name]

        try:
            return WorkResult(
                publish(made.after),
                tuple(
                    replace(
                        face,
                        before=None if face.before is None else publish(face.before),
                        after=publish(face.after),
                    )
                    for face in made.faces
                ),
            )
        except EnhanceError:
            self._files.remove(self._files.results, [each.name for each in kept.values()])
            raise


def _verdict_of(outcome: Verdict | WorkerLost) -> Verdict:
    if isinstance(outcome, Verdict):
        return outcome
    return Verdict(Code.CREATE_FAILED, _LOST_WORDS[outcome])
