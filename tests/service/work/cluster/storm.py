"""Kills of every kind while a cluster works: no task lost, none done twice, results as at home.

``python -m tests.service.work.cluster.storm --workers 2 4 8 --tasks 40 --kills 6`` (ten minutes on
two cores) works pictures off on a cluster of real processes while it kills Dask's workers, what
computes below them, and the scheduler, stops workers for good, and has new ones join. Then the same
pictures are done by this computer alone. The exit code is 1 where a task did not finish, a result
differs, or a file is left over.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

from enhance_gui.service.tasks.status import Status
from tests.service.serving import UPSCALE, Asker, serving
from tests.service.work.cluster.clusters import Cluster, Member
from tests.support.pictures import picture_bytes

_SETTLED_WITHIN_S = 900.0


async def _result(asker: Asker, task_id: str) -> bytes | str:
    """Wait for a task's end; return its picture, or why there is none."""
    async with asyncio.timeout(_SETTLED_WITHIN_S):
        while (record := await asker.record(task_id))["status"] < Status.FINISHED:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    if record["status"] != Status.FINISHED:
        return str(record["errormsg"])
    return (await asker.http.get(record["outputurl"])).content


async def _results(asker: Asker, pictures: list[bytes]) -> list[bytes | str]:
    ids = [await asker.create(picture, UPSCALE) for picture in pictures]
    return [await _result(asker, task_id) for task_id in ids]


async def _kill_now_and_then(
    cluster: Cluster, scheduler: Member, kills: int, random: Random
) -> None:
    kinds = [_kill_worker, _kill_computing, _stop_worker, _replace_worker]
    done: Counter[str] = Counter()
    for number in range(kills):
        await asyncio.sleep(random.uniform(4, 10))
        if number % 5 == 4:
            scheduler.process.kill()
            scheduler.process.wait()
            scheduler = cluster.start_scheduler()
            done["scheduler"] += 1
            continue
        kind = kinds[number % len(kinds)]
        # One that is just starting has nothing to be killed.
        with contextlib.suppress(LookupError, OSError):
            kind(cluster, random.choice(cluster.workers))
            done[kind.__name__.strip("_")] += 1
    print("  ", ", ".join(f"{name}: {count}" for name, count in sorted(done.items())))


def _kill_worker(_cluster: Cluster, worker: Member) -> None:
    os.kill(worker.dask_worker, signal.SIGKILL)


def _kill_computing(_cluster: Cluster, worker: Member) -> None:
    os.kill(worker.computing, signal.SIGKILL)


def _stop_worker(cluster: Cluster, worker: Member) -> None:
    """Have a worker hang, and its nanny, as a computer does that is taken off the network."""
    os.kill(worker.dask_worker, signal.SIGSTOP)
    os.kill(worker.process.pid, signal.SIGSTOP)
    cluster.workers.remove(worker)
    cluster.start_worker()


def _replace_worker(cluster: Cluster, worker: Member) -> None:
    """End a worker in order, in the middle of its work; another joins."""
    worker.process.terminate()
    cluster.workers.remove(worker)
    cluster.start_worker()


async def _storm(folder: Path, workers: int, tasks: int, kills: int, random: Random) -> bool:
    pictures = [picture_bytes("png", random.randint(64, 160), 100) for _ in range(tasks)]
    (folder / "cluster").mkdir()
    cluster = Cluster(folder / "cluster")
    try:
        scheduler = cluster.start_scheduler()
        for _ in range(workers):
            cluster.start_worker()
        async with serving(folder / "there", workers=256, cluster=cluster.address) as asker:
            storm = asyncio.create_task(_kill_now_and_then(cluster, scheduler, kills, random))
            made = await _results(asker, pictures)
            storm.cancel()
            await asyncio.gather(storm, return_exceptions=True)
    finally:
        cluster.end()
    async with serving(folder / "here") as asker:
        expected = await _results(asker, pictures)
    failed = [each for each in made if isinstance(each, str)]
    differ = sum(one != other for one, other in zip(made, expected, strict=True))
    left = len(list((folder / "there" / "results").iterdir())) - (tasks - len(failed))
    print(f"{workers} workers, {tasks} tasks: failed {len(failed)}, differ {differ}, left {left}")
    print(*sorted(set(failed)), sep="\n")
    return not (failed or differ or left)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workers", type=int, nargs="+", default=[2, 4, 8])
    parser.add_argument("--tasks", type=int, default=40)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    good = True
    for workers in given.workers:
        with tempfile.TemporaryDirectory() as folder:
            random = Random(given.seed)
            storm = _storm(Path(folder), workers, given.tasks, given.kills, random)
            good &= asyncio.run(storm)
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
