"""Processes the queue in its order, as many tasks at once as there are worker processes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar, TypeVarTuple

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.services.model_files import SLOW_TYPES
from enhance_gui.core.services.own_models import (
    FIRST_TYPE_ID,
    OwnModel,
    models_folder,
    usable_model,
)
from enhance_gui.service.engine import PictureFile, Verdict, WorkJob, WorkResult
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.store.file_store import FileStore, new_name
from enhance_gui.service.store.task_store import StoredTask, TaskThread
from enhance_gui.service.tasks.refusals import code_of
from enhance_gui.service.work.probes import find_graphics
from enhance_gui.service.work.slot import Outcome, WorkerLost, WorkerSlot
from enhance_gui.service.work.speeds import WorkSpeeds
from enhance_gui.wire.codes import Code

_LOG = logging.getLogger(__name__)

_NOT_LOOKED: Final = -1
_DISK_PAUSE_S: Final = 5.0
_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")
_MODEL_CRASHED: Final = (
    "the model “{name}” ended the worker process: it may need more memory than there is, or be "
    "damaged"
)
_NOT_PROCESSED: Final = Verdict(Code.CREATE_FAILED, "the picture was not processed")
_MODEL_GONE: Final = "the model of this task is not in the folder of own models any more"


@dataclass(eq=False)
class TaskRunner:
    """Gives tasks to worker slots and stores their results."""

    tasks: TaskThread
    files: FileStore
    slots: list[WorkerSlot]
    settings: ServiceSettings
    clock: Clock
    on_end: Callable[[StoredTask, WorkResult | Verdict, float], None]
    """Called with each task that finished or failed, how, and how many seconds a slot had it."""
    threads: int
    """Processor threads that each job may keep busy."""

    def __post_init__(self) -> None:
        self._speeds = WorkSpeeds(self.settings.data_folder, self.settings.work_per_megapixel_s)
        self._slot_of: dict[str, WorkerSlot] = {}
        """Of each task that is worked on."""
        self._slot_threads = ThreadPoolExecutor(len(self.slots), thread_name_prefix="worker slot")
        self._graphics: int | None = _NOT_LOOKED
        self._looking = asyncio.Lock()
        self._arrival = asyncio.Event()
        """Is set, and another takes its place, when a task arrives."""
        self._takes_tasks = True
        self._idle = asyncio.Event()
        """Is set while no task is worked on."""
        self._idle.set()

    def announce_arrival(self) -> None:
        """Notify the waiting slots of a new task."""
        self._arrival.set()
        self._arrival = asyncio.Event()

    async def warm_up(self) -> None:
        """Start one worker, so that the first task is quick."""
        await self._in_slot_thread(self.slots[0].warm_up)

    async def work(self, slot: WorkerSlot) -> None:
        """Work with one slot until cancelled, or until no further task is taken."""
        while self._takes_tasks:
            arrival = self._arrival
            if not await self._work_once(slot):
                await arrival.wait()

    async def drain(self) -> None:
        """Take no further task; return when none is worked on."""
        self._takes_tasks = False
        self.announce_arrival()
        await self._idle.wait()

    async def withdraw(self, task_id: str) -> None:
        """Stop the work on a task that has been deleted; its pictures are removed."""
        slot = self._slot_of.get(task_id)
        if slot is not None:
            await asyncio.to_thread(slot.withdraw, task_id)

    @property
    def idle_slots(self) -> int:
        """How many workers have nothing to do: so many tasks are begun at once."""
        return len(self.slots) - len(self._slot_of)

    def percent(self, task_id: str) -> int | None:
        """Return how far the work on a task is; ``None`` where none is done on it."""
        slot = self._slot_of.get(task_id)
        return None if slot is None else int(100 * slot.share(task_id))

    def stop(self) -> None:
        """End all workers at once; the tasks they were at start anew with the next service."""
        for slot in self.slots:
            slot.stop()
        self._slot_threads.shutdown(wait=True)
        for slot in self.slots:
            slot.close()

    async def _work_once(self, slot: WorkerSlot) -> bool:
        """Do the next task; return whether there was one."""
        # No task is begun whose end could not be recorded.
        await self._insist(partial(asyncio.to_thread, self.files.hold_reserve))
        task = await self._insist(partial(self.tasks.do, self.tasks.store.take_next))
        if task is None:
            return False
        # Before anything is waited for: whoever deletes the task from now on finds its slot.
        self._slot_of[task.task_id] = slot
        self._idle.clear()
        begun_s = time.monotonic()
        try:
            await self._end(task, await self._process(task, slot), begun_s)
        # A bug met with one picture must not stop the pictures behind it.
        except Exception:  # noqa: BLE001
            _LOG.exception("the end of a task was not recorded")
            await self._end(task, _NOT_PROCESSED, begun_s)
        finally:
            del self._slot_of[task.task_id]
            if not self._slot_of:
                self._idle.set()
        return True

    async def _process(self, task: StoredTask, slot: WorkerSlot) -> WorkResult | Verdict:
        """Make and publish the results of a task; leave nothing else of its work on the disk."""
        try:
            folder = await asyncio.to_thread(self.files.new_unfinished_folder)
            try:
                outcome = await self._run(task, slot, folder)
                if isinstance(outcome, WorkResult):
                    return await asyncio.to_thread(self._publish, outcome, folder)
                return outcome
            finally:
                self.files.remove_unfinished(folder)
        except EnhanceError as error:
            return Verdict(code_of(error), error.detail)
        # A bug met with one picture must not stop the pictures behind it.
        except Exception:  # noqa: BLE001
            _LOG.exception("a task failed")
            return _NOT_PROCESSED

    async def _run(self, task: StoredTask, slot: WorkerSlot, folder: Path) -> WorkResult | Verdict:
        """Run the job in a worker; a second time where the worker died."""
        job = WorkJob(
            task.type_id,
            self.files.inputs / task.picture.name,
            folder,
            name_prefix=new_name(),
            threads=self.threads,
            graphics=await self._graphics_for(task.type_id),
            own_model=await asyncio.to_thread(self._model_of, task),
            models_folder=models_folder(self.settings.data_folder),
        )
        outcome = await self._run_once(task, slot, job)
        if outcome is WorkerLost.CRASHED and job.graphics is not None:
            _LOG.warning("the graphics processor is not used any more: a worker died of it")
            self._graphics = None
            job = replace(job, graphics=None)
            outcome = await self._run_once(task, slot, job)
        if outcome is WorkerLost.CRASHED and job.own_model is not None:
            # It is most likely the model's fault, and would be again.
            return Verdict(Code.CREATE_FAILED, _MODEL_CRASHED.format(name=job.own_model.name))
        if outcome is WorkerLost.CRASHED:
            _LOG.warning("a worker process died; its task is tried once more")
            outcome = await self._run_once(task, slot, job)
        if outcome is WorkerLost.WITHDRAWN:
            # Its process has been ended: the next task must not wait for a new one's libraries.
            await self._in_slot_thread(slot.warm_up)
        if isinstance(outcome, WorkerLost):
            return Verdict(Code.CREATE_FAILED, outcome.value)
        return outcome

    async def _graphics_for(self, type_id: int) -> int | None:
        """Return the graphics processor, where a type is slow without; looked for once."""
        if type_id not in SLOW_TYPES and type_id < FIRST_TYPE_ID:
            return None
        async with self._looking:
            if self._graphics == _NOT_LOOKED:
                self._graphics = await asyncio.to_thread(find_graphics, self.settings.worker_bytes)
        return self._graphics

    def _model_of(self, task: StoredTask) -> OwnModel | None:
        """Return the user's model that the type of a task stands for.

        :raises EnhanceError: it is not there any more.
        """
        model = usable_model(self.settings.data_folder, task.type_id)
        if model is None and task.type_id >= FIRST_TYPE_ID:
            raise EnhanceError(_MODEL_GONE)
        return model

    async def _run_once(self, task: StoredTask, slot: WorkerSlot, job: WorkJob) -> Outcome:
        """Run the job in a worker within its time limit; learn its speed."""
        megapixels = task.picture.width_px * task.picture.height_px / 1e6
        may_take_s = self._speeds.may_take_s(task.type_id, megapixels)
        limit_s = self.settings.work_base_s + may_take_s
        begun_s = time.monotonic()
        outcome = await self._in_slot_thread(slot.run, task.task_id, job, limit_s)
        if isinstance(outcome, WorkResult):
            took_s = time.monotonic() - begun_s
            await asyncio.to_thread(self._speeds.learn, task.type_id, megapixels, took_s)
        elif outcome is WorkerLost.TIMED_OUT:
            await asyncio.to_thread(self._speeds.forget, task.type_id)
        return outcome

    async def _in_slot_thread(self, function: Callable[[*_Ts], _T], *arguments: *_Ts) -> _T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._slot_threads, function, *arguments)

    async def _end(self, task: StoredTask, outcome: WorkResult | Verdict, begun_s: float) -> None:
        """Record how a task ended; where it has been deleted meanwhile, remove its pictures."""
        tries = 1 + len(self.settings.callback_offsets_s) if self.settings.callback_url else 0
        ended = task.task_id, outcome, tries, self.clock.wall().timestamp()
        if await self._insist(partial(self.tasks.do_even_if_full, self.tasks.store.end, *ended)):
            self.on_end(task, outcome, time.monotonic() - begun_s)
        else:
            result = outcome if isinstance(outcome, WorkResult) else None
            self.files.remove_pictures(task.picture, result)

    async def _insist(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Retry until the disk takes the change: while it is full, the queue stands still."""
        reported = ""
        while True:
            try:
                return await ask()
            except EnhanceError as error:
                if error.detail != reported:
                    reported = error.detail
                    _LOG.error("the queue stands still: %s", reported)
                await self.clock.sleep(_DISK_PAUSE_S)

    def _publish(self, made: WorkResult, folder: Path) -> WorkResult:
        """Move a worker's files into ``results``, each under a name of its own."""
        kept: dict[PictureFile, PictureFile] = {}
        try:
            for each in made.pictures:
                name = self.files.keep(folder / each.name, self.files.results, each.extension)
                kept[each] = replace(each, name=name)
        except EnhanceError:
            self.files.remove(self.files.results, [each.name for each in kept.values()])
            raise
        faces = (
            replace(face, before=face.before and kept[face.before], after=kept[face.after])
            for face in made.faces
        )
        return replace(made, after=kept[made.after], faces=tuple(faces))
