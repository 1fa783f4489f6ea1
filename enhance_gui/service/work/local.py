"""Does jobs on this computer, and tries again what brought its worker process down."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from enhance_gui.core.services.model_files import SLOW_TYPES
from enhance_gui.service.engine import Verdict, WorkJob
from enhance_gui.service.work.probes import find_graphics
from enhance_gui.service.work.slot import WorkerSlot
from enhance_gui.service.work.slots import JobEnd, WorkerLost
from enhance_gui.wire.codes import Code

_LOG = logging.getLogger(__name__)

_NOT_LOOKED: Final = -1
_MODEL_CRASHED: Final = (
    "the model “{name}” ended the worker process: it may need more memory than there is, or be "
    "damaged"
)


class Graphics:
    """The graphics processor of this computer: looked for once, left alone after a crash."""

    def __init__(self, worker_bytes: int) -> None:
        """:param worker_bytes: memory that the process which tries it may take."""
        self._worker_bytes = worker_bytes
        self._looking = threading.Lock()
        self._number: int | None = _NOT_LOOKED

    def number_for(self, job: WorkJob) -> int | None:
        """Return ncnn's number of it, where the job is slow without. Blocks for a second, once."""
        if job.type_id not in SLOW_TYPES and job.own_model is None:
            return None
        with self._looking:
            if self._number == _NOT_LOOKED:
                self._number = find_graphics(self._worker_bytes)
        return self._number

    def give_up(self) -> None:
        """Never use it again."""
        _LOG.warning("the graphics processor is not used any more: a worker died of it")
        self._number = None


class LocalSlot:
    """Does one job at a time, in a worker process of this computer."""

    def __init__(self, worker_bytes: int, graphics: Graphics) -> None:
        """:param worker_bytes: memory that the process may take."""
        self.worker = WorkerSlot(worker_bytes)
        self._graphics = graphics

    def run(self, task_id: str, job: WorkJob, limit_s: float) -> JobEnd:
        """Do one job; a second time where the worker died. See :class:`JobSlot`."""
        job = replace(job, graphics=self._graphics.number_for(job))
        end = self._try(task_id, job, limit_s)
        if end.outcome is WorkerLost.CRASHED and job.graphics is not None:
            self._graphics.give_up()
            job = replace(job, graphics=None)
            end = self._try(task_id, job, limit_s)
        if end.outcome is WorkerLost.CRASHED and job.own_model is not None:
            # It is most likely the model's fault, and would be again.
            crashed = _MODEL_CRASHED.format(name=job.own_model.name)
            return JobEnd(Verdict(Code.CREATE_FAILED, crashed))
        if end.outcome is WorkerLost.CRASHED:
            _LOG.warning("a worker process died; its task is tried once more")
            end = self._try(task_id, job, limit_s)
        if end.outcome is WorkerLost.WITHDRAWN:
            # Its process has been ended: the next task must not wait for a new one's libraries.
            self.worker.warm_up()
        return end

    def withdraw(self, task_id: str) -> None:
        """End the process that works on a task."""
        self.worker.withdraw(task_id)

    def share(self, task_id: str) -> float:
        """Return which share of the work on a task is done."""
        return self.worker.share(task_id)

    def close(self) -> None:
        """End its process, when no job runs."""
        self.worker.close()

    def _try(self, task_id: str, job: WorkJob, limit_s: float) -> JobEnd:
        begun_s = time.monotonic()
        outcome = self.worker.run(task_id, job, limit_s)
        return JobEnd(outcome, time.monotonic() - begun_s)


class LocalSlots:
    """The slots of a service that works on its own computer."""

    def __init__(self, count: int, worker_bytes: int, threads: int) -> None:
        """
        :param worker_bytes: memory that each worker process may take.
        :param threads: processor threads that each job may keep busy.
        """
        graphics = Graphics(worker_bytes)
        self._slots = [LocalSlot(worker_bytes, graphics) for _ in range(count)]
        self._threads = threads

    @property
    def all(self) -> Sequence[LocalSlot]:
        return self._slots

    @property
    def room(self) -> int:
        return len(self._slots)

    @property
    def threads(self) -> int:
        return self._threads

    def start(self, on_more_room: Callable[[], object]) -> None:
        """There is room already, and never more."""

    def warm_up(self) -> None:
        """Start one worker, so that the first task is quick."""
        self._slots[0].worker.warm_up()

    def stop(self) -> None:
        for slot in self._slots:
            slot.worker.stop()

    def close(self) -> None:
        for slot in self._slots:
            slot.close()
