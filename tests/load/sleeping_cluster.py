"""A cluster whose workers sleep instead of computing: ``python -m tests.load.sleeping_cluster``.

Scheduler and workers are Dask's own, in one process; each worker has a thread, and what the service
runs on it but for the engine. A result is the picture itself.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import shutil
import threading

from distributed import Scheduler, Worker

from enhance_gui.service.engine import PictureFile, WorkJob, WorkResult
from enhance_gui.service.work.cluster import on_worker
from enhance_gui.service.work.slots import JobEnd, WorkerLost


class SleepingSlot:
    """Sleeps for the time that a job takes."""

    sleep_s = 1.0

    def __init__(self, *_: object) -> None:
        self._withdrawn = threading.Event()

    def run(self, _task_id: str, job: WorkJob, _limit_s: float) -> JobEnd:
        # The small pictures with which a worker is warmed up would all be done by this process.
        is_real = job.name_prefix != on_worker.SMALL
        if self._withdrawn.wait(self.sleep_s if is_real else 0):
            self._withdrawn.clear()
            return JobEnd(WorkerLost.WITHDRAWN)
        made = job.out_folder / f"{job.name_prefix}-after.png"
        shutil.copyfile(job.source_path, made)
        after = PictureFile(made.name, 1, 1, made.stat().st_size, "png")
        return JobEnd(WorkResult(after), self.sleep_s)

    def withdraw(self, _task_id: str) -> None:
        self._withdrawn.set()

    def share(self, _task_id: str) -> float:
        return 0.5

    def close(self) -> None:
        """There is no process."""


async def _run(port: int, workers: int) -> None:
    async with Scheduler(host="127.0.0.1", port=port, dashboard=False) as scheduler:
        started = [Worker(scheduler.address, nthreads=1, dashboard=False) for _ in range(workers)]
        await asyncio.gather(*started)
        print("ready", flush=True)
        await scheduler.finished()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--sleep-s", type=float, default=2.0)
    given = parser.parse_args()
    SleepingSlot.sleep_s = given.sleep_s
    vars(on_worker)["LocalSlot"] = SleepingSlot
    # All these workers have the same nets: they are read once.
    vars(on_worker)["facts_of"] = functools.cache(on_worker.facts_of)
    asyncio.run(_run(given.port, given.workers))


if __name__ == "__main__":
    main()
