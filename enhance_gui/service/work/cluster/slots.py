"""The slots of a service whose jobs a Dask cluster does: as many as its workers have threads."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.service.engine import WorkJob
from enhance_gui.service.work.cluster.errand import Errand
from enhance_gui.service.work.cluster.link import ClusterLink
from enhance_gui.service.work.cluster.seats import Seats
from enhance_gui.service.work.slots import JobEnd, WorkerLost

_LOG = logging.getLogger(__name__)

_ONE_THREAD: Final = 1
"""Of a processor: what a task of Dask's keeps busy, as it counts."""


class ClusterSlot:
    """Does one job at a time, on whichever worker of the cluster has room."""

    def __init__(self, slots: ClusterSlots) -> None:
        self._slots = slots
        self._lock = threading.Lock()
        self._stopped = False
        self._task_id = ""
        self._withdrawn_id = ""
        self._errand: Errand | None = None
        self._running: concurrent.futures.Future[JobEnd] | None = None

    def run(self, task_id: str, job: WorkJob, limit_s: float) -> JobEnd:
        """Do one job; anew where its worker was lost. See :class:`JobSlot`."""
        with self._lock:
            if self._stopped or self._withdrawn_id == task_id:
                return JobEnd(WorkerLost.WITHDRAWN)
            self._task_id = task_id
            self._errand = Errand(job, limit_s)
            self._running = running = self._slots.begin(self._errand)
        try:
            return running.result()
        except concurrent.futures.CancelledError:
            return JobEnd(WorkerLost.WITHDRAWN)
        finally:
            with self._lock:
                self._task_id, self._errand, self._running = "", None, None

    def withdraw(self, task_id: str) -> None:
        """Cancel the job, wherever it is: its worker notices."""
        with self._lock:
            self._withdrawn_id = task_id
            if self._running is not None and self._task_id == task_id:
                self._running.cancel()

    def share(self, task_id: str) -> float:
        """Return which share of the work on a task is done, as far as its worker has said."""
        errand = self._errand
        return errand.share if errand is not None and self._task_id == task_id else 0.0

    def stop(self) -> None:
        """Cancel the job, and take no other."""
        with self._lock:
            self._stopped = True
            if self._running is not None:
                self._running.cancel()


class ClusterSlots:
    """The slots of a service whose jobs a cluster does."""

    def __init__(self, address: str, max_jobs: int, worker_bytes: int) -> None:
        """
        :param max_jobs: jobs at once, however many workers there are.
        :param worker_bytes: memory that each process which computes may take.
        """
        self._address = address
        self._worker_bytes = worker_bytes
        self._slots = [ClusterSlot(self) for _ in range(max_jobs)]
        self._running: _Running | None = None
        # They say of every hiccup what we say in fewer words.
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)

    @property
    def all(self) -> Sequence[ClusterSlot]:
        return self._slots

    @property
    def room(self) -> int:
        return min(self._running.seats.room, len(self._slots)) if self._running else 0

    @property
    def threads(self) -> int:
        return _ONE_THREAD

    def start(self, on_more_room: Callable[[], object]) -> None:
        """Connect, and stay connected."""
        seats = Seats(on_more_room)
        link = ClusterLink(self._address, self._worker_bytes, seats)
        self._running = _Running(seats, link)

    def warm_up(self) -> None:
        """Each worker is made ready when it comes."""

    def begin(self, errand: Errand) -> concurrent.futures.Future[JobEnd]:
        """Begin to do a job. From any thread, between :meth:`start` and :meth:`close`."""
        assert self._running is not None  # noqa: S101
        return self._running.begin(errand)

    def stop(self) -> None:
        for slot in self._slots:
            slot.stop()

    def close(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.close()


class _Running:
    """The event loop in a thread of its own that speaks with the cluster.

    The service's own loop is never stopped by it, however large the pictures.
    """

    def __init__(self, seats: Seats, link: ClusterLink) -> None:
        self.seats = seats
        self._link = link
        self._errands = TaskSupervisor(_log_crash)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._work, name="cluster", daemon=True)
        self._thread.start()

    def begin(self, errand: Errand) -> concurrent.futures.Future[JobEnd]:
        return asyncio.run_coroutine_threadsafe(self._do(errand), self._loop)

    def close(self) -> None:
        """Cancel all jobs, and tell their workers; then end the connection and the thread."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _work(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._hold())

    async def _hold(self) -> None:
        connection = TaskSupervisor(_log_crash)
        connection.start(self._link.hold(), "cluster")
        await self._stop.wait()
        await self._errands.close()
        await connection.close()

    async def _do(self, errand: Errand) -> JobEnd:
        work = errand.run(self._link, self.seats)
        end: JobEnd = await self._errands.start(work, "errand")
        return end


def _log_crash(error: BaseException) -> None:
    _LOG.error("work with the cluster broke off", exc_info=error)
