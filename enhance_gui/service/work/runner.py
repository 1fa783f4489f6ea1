"""Processes the queue in its order, as many tasks at once as there is room for in the slots."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import EnhanceError
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
from enhance_gui.service.work.slots import JobSlot, JobSlots, Outcome, WorkerLost
from enhance_gui.service.work.speeds import WorkSpeeds
from enhance_gui.wire.codes import Code

_LOG = logging.getLogger(__name__)

_DISK_PAUSE_S: Final = 5.0
_T = TypeVar("_T")
_NOT_PROCESSED: Final = Verdict(Code.CREATE_FAILED, "the picture was not processed")
_MODEL_GONE: Final = "the model of this task is not in the folder of own models any more"


@dataclass(eq=False)
class TaskRunner:
    """Gives tasks to worker slots and stores their results."""

    tasks: TaskThread
    files: FileStore
    slots: JobSlots
    settings: ServiceSettings
    clock: Clock

    def __post_init__(self) -> None:
        self._speeds = WorkSpeeds(self.settings.data_folder, self.settings.work_per_megapixel_s)
        self._slot_of: dict[str, JobSlot] = {}
        """Of each task that is worked on."""
        slots = len(self.slots.all)
        self._slot_threads = ThreadPoolExecutor(slots, thread_name_prefix="worker slot")
        self._open = 0
        """How many slots look for a task or have one: no more than there is room for."""
        self._waiting: deque[asyncio.Future[None]] = deque()
        """Slots that wait for a task or for room; longest first."""
        self._wakes = 0
        """How often there was a reason to look for a task."""
        self._takes_tasks = True
        self._idle = asyncio.Event()
        """Is set while no slot looks for a task or has one."""
        self._idle.set()

    def start(self, on_end: Callable[[StoredTask, WorkResult | Verdict, float], None]) -> None:
        """Begin to make room in the slots.

        :param on_end: called with each task that finished or failed, how, and how many seconds a
            slot had it.
        """
        self._on_end = on_end
        loop = asyncio.get_running_loop()
        self.slots.start(partial(loop.call_soon_threadsafe, self._use_room))

    def announce_arrival(self) -> None:
        """Have one waiting slot look for the new task: any further one would look in vain."""
        self._wake(1)

    async def warm_up(self) -> None:
        """Prepare the slots, so that the first task is quick."""
        await asyncio.to_thread(self.slots.warm_up)

    async def work(self, slot: JobSlot) -> None:
        """Work with one slot until cancelled, or until no further task is taken."""
        while self._takes_tasks:
            wakes = self._wakes
            if self._open >= self.slots.room or not await self._work_once(slot):
                await self._until_woken(wakes)

    async def drain(self) -> None:
        """Take no further task; return when none is worked on."""
        self._takes_tasks = False
        self._wake(len(self._waiting))
        await self._idle.wait()

    async def withdraw(self, task_id: str) -> None:
        """Stop the work on a task that has been deleted; its pictures are removed."""
        slot = self._slot_of.get(task_id)
        if slot is not None:
            await asyncio.to_thread(slot.withdraw, task_id)

    @property
    def idle_slots(self) -> int:
        """Return how many workers have nothing to do."""
        return max(0, self.slots.room - len(self._slot_of))

    @property
    def begins_at_once(self) -> int:
        """Return how many of the tasks that wait are begun at once."""
        return self.idle_slots if self._takes_tasks else 0

    def percent(self, task_id: str) -> int | None:
        """Return how far the work on a task is; ``None`` where none is done on it."""
        slot = self._slot_of.get(task_id)
        return None if slot is None else int(100 * slot.share(task_id))

    def stop(self) -> None:
        """End all workers at once; the tasks they were at start anew with the next service."""
        self.slots.stop()
        self._slot_threads.shutdown(wait=True)
        self.slots.close()

    def _use_room(self) -> None:
        self._wake(self.slots.room - self._open)

    def _wake(self, count: int) -> None:
        self._wakes += 1
        while count > 0 and self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(None)
                count -= 1

    async def _until_woken(self, wakes: int) -> None:
        """Wait until there is a reason to look for a task; return at once where one has come."""
        if self._wakes == wakes:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            await waiting

    async def _work_once(self, slot: JobSlot) -> bool:
        """Do the next task; return whether there was one."""
        self._open += 1
        self._idle.clear()
        try:
            return await self._take_and_do(slot)
        finally:
            self._open -= 1
            if not self._open:
                self._idle.set()

    async def _take_and_do(self, slot: JobSlot) -> bool:
        # No task is begun whose end could not be recorded.
        await self._insist(partial(asyncio.to_thread, self.files.hold_reserve))
        task = await self._insist(partial(self.tasks.do, self.tasks.store.take_next))
        if task is None:
            return False
        # Before anything is waited for: whoever deletes the task from now on finds its slot.
        self._slot_of[task.task_id] = slot
        begun_s = time.monotonic()
        try:
            loop = asyncio.get_running_loop()
            work = partial(self._process, task, slot)
            await self._end(task, await loop.run_in_executor(self._slot_threads, work), begun_s)
        # A bug met with one picture must not stop the pictures behind it.
        except Exception:  # noqa: BLE001
            _LOG.exception("the end of a task was not recorded")
            await self._end(task, _NOT_PROCESSED, begun_s)
        finally:
            del self._slot_of[task.task_id]
        return True

    def _process(self, task: StoredTask, slot: JobSlot) -> WorkResult | Verdict:
        """Make and publish the results of a task; leave nothing else of its work on the disk.

        Blocks: it is run by a thread of the slots, from the first step to the last.
        """
        try:
            folder = self.files.new_unfinished_folder()
            try:
                outcome = self._run(task, slot, folder)
                if isinstance(outcome, WorkResult):
                    return self._publish(outcome, folder)
                return outcome
            finally:
                self.files.remove_unfinished(folder)
        except EnhanceError as error:
            return Verdict(code_of(error), error.detail)
        # A bug met with one picture must not stop the pictures behind it.
        except Exception:  # noqa: BLE001
            _LOG.exception("a task failed")
            return _NOT_PROCESSED

    def _run(self, task: StoredTask, slot: JobSlot, folder: Path) -> WorkResult | Verdict:
        """Do the job in a slot; make a verdict of what else may come of it."""
        job = WorkJob(
            task.type_id,
            self.files.inputs / task.picture.name,
            folder,
            name_prefix=new_name(),
            threads=self.slots.threads,
            own_model=self._model_of(task),
            models_folder=models_folder(self.settings.data_folder),
        )
        outcome = self._run_timed(task, slot, job)
        if isinstance(outcome, WorkerLost):
            return Verdict(Code.CREATE_FAILED, outcome.value)
        return outcome

    def _model_of(self, task: StoredTask) -> OwnModel | None:
        """Return the user's model that the type of a task stands for.

        :raises EnhanceError: it is not there any more.
        """
        model = usable_model(self.settings.data_folder, task.type_id)
        if model is None and task.type_id >= FIRST_TYPE_ID:
            raise EnhanceError(_MODEL_GONE)
        return model

    def _run_timed(self, task: StoredTask, slot: JobSlot, job: WorkJob) -> Outcome:
        """Do the job within its time limit; learn the speed of its type."""
        megapixels = task.picture.width_px * task.picture.height_px / 1e6
        may_take_s = self._speeds.may_take_s(task.type_id, megapixels)
        outcome, took_s = slot.run(task.task_id, job, self.settings.work_base_s + may_take_s)
        if isinstance(outcome, WorkResult):
            self._speeds.learn(task.type_id, megapixels, took_s)
        elif outcome is WorkerLost.TIMED_OUT:
            self._speeds.forget(task.type_id)
        return outcome

    async def _end(self, task: StoredTask, outcome: WorkResult | Verdict, begun_s: float) -> None:
        """Record how a task ended; where it has been deleted meanwhile, remove its pictures."""
        tries = 1 + len(self.settings.callback_offsets_s) if self.settings.callback_url else 0
        ended = task.task_id, outcome, tries, self.clock.wall().timestamp()
        if await self._insist(partial(self.tasks.do_even_if_full, self.tasks.store.end, *ended)):
            self._on_end(task, outcome, time.monotonic() - begun_s)
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
