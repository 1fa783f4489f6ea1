"""Cancels in the middle of the work: how soon the worker stops, and what becomes of the others.

``python -m tests.service.tasks.cancels --cancels 50 --tasks 200`` deletes running tasks at random
moments, then works off tasks of which some are deleted and whose workers are killed meanwhile. The
exit code is 1 where a worker went on for longer than a second, or a task did not settle.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from enhance_gui.service.tasks.status import Status
from enhance_gui.wire.codes import Code
from tests.service.serving import UPSCALE, UPSCALE_4, Asker, a_worker, serving, until
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes

STOPPED_WITHIN_S = 1.0


async def half_done(asker: Asker, picture: bytes) -> str:
    """Make a task and wait until a worker is in the middle of it; return its id."""
    task_id = await asker.create(picture, UPSCALE_4)
    async with asyncio.timeout(HUNG_S):
        while not (await asker.record(task_id, UPSCALE_4)).get("x_progress"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return task_id


async def stop_s(asker: Asker, picture: bytes, after_s: float) -> float:
    """Delete a task in the middle of its work; return how long its worker went on."""
    task_id = await half_done(asker, picture)
    worker = await a_worker()
    await asyncio.sleep(after_s)
    begun_s = time.monotonic()
    assert await asker.data("deletetask", taskid=task_id) == {"success": True}
    await until(lambda: not is_there(worker))
    took_s = time.monotonic() - begun_s
    envelope = await asker.call("gettask", taskid=task_id, type=UPSCALE_4)
    assert envelope["code"] == Code.TASK_DELETED
    return took_s


async def stops_s(asker: Asker, how_many: int, random: Random) -> list[float]:
    """Delete one task after the other; return how long each worker went on."""
    # It takes the longest wait several times over, so that each is deleted in the middle.
    picture = picture_bytes("jpg", 2400, 2400)
    return [await stop_s(asker, picture, random.uniform(0, 0.5)) for _ in range(how_many)]


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the tasks of a storm."""

    fates: Counter[str]
    left_behind: tuple[str, ...]
    """Files that belong to no task, and files that a task lacks."""


async def storm(asker: Asker, folder: Path, tasks: int, random: Random) -> Settled:
    """Make tasks, delete a third of them and kill workers meanwhile; wait until all settle."""
    address = await asker.upload(picture_bytes("png", 320, 240))
    made = [await asker.data("createtask", picurl=address, type=UPSCALE) for _ in range(tasks)]
    ids = [task["taskid"] for task in made]
    killing = asyncio.create_task(_kill_now_and_then(random))
    deleted = random.sample(ids, tasks // 3)
    for task_id in sorted(deleted, key=ids.index):
        if random.random() < 0.5:
            await _until_begun(asker, task_id)
        await asker.data("deletetask", taskid=task_id)
    fates = Counter({"deleted": len(deleted)})
    for task_id in set(ids) - set(deleted):
        record = await asker.ended(task_id)
        is_finished = record["status"] == Status.FINISHED
        assert is_finished or "twice" in record["errormsg"], record
        fates["finished" if is_finished else "killed twice"] += 1
    killing.cancel()
    await asyncio.gather(killing, return_exceptions=True)
    wanted = {"inputs": tasks - len(deleted), "results": fates["finished"], "unfinished": 0}
    return Settled(fates, tuple(await _draining(folder, wanted)))


async def _until_begun(asker: Asker, task_id: str) -> None:
    async with asyncio.timeout(HUNG_S):
        while (await asker.record(task_id))["status"] == Status.QUEUED:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def _kill_now_and_then(random: Random) -> None:
    while True:
        os.kill(await a_worker(), signal.SIGKILL)
        await asyncio.sleep(random.uniform(1, 4))


async def _draining(folder: Path, wanted: dict[str, int]) -> list[str]:
    """Compare the numbers of files; what a runner is just removing gets a moment."""
    found: dict[str, int] = {}
    for _ in range(100):
        found = {name: len(list((folder / name).iterdir())) for name in wanted}
        if found == wanted:
            return []
        await asyncio.sleep(0.02)
    return [f"{found[name]} in {name}, not {wanted[name]}" for name in wanted]


def is_there(process_id: int) -> bool:
    """Tell whether there is such a process."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


async def _run(cancels: int, tasks: int, seed: int, folder: Path) -> bool:
    random = Random(seed)
    async with serving(folder / "one", workers=1) as asker:
        stopped_s = await stops_s(asker, cancels, random)
    late = sum(each > STOPPED_WITHIN_S for each in stopped_s)
    print(f"stopped: {cancels}, slowest {1000 * max(stopped_s):.0f} ms, too late: {late}")
    async with serving(folder / "two", workers=2) as asker:
        settled = await storm(asker, folder / "two", tasks, random)
    fates = ", ".join(f"{count} {fate}" for fate, count in sorted(settled.fates.items()))
    print(f"tasks: {tasks}: {fates}", *settled.left_behind, sep="\n")
    return not late and settled.fates.total() == tasks and not settled.left_behind


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cancels", type=int, default=50)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return int(not asyncio.run(_run(given.cancels, given.tasks, given.seed, Path(folder))))


if __name__ == "__main__":
    sys.exit(main())
