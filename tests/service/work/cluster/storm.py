"""Kills of every kind while a cluster works: no task lost, none done twice, results as at home.

``python -m tests.service.work.cluster.storm --workers 2 4 8 --tasks 40 --kills 6`` (ten minutes on
two cores) works the pictures of two users off on a cluster of real processes while it kills Dask's
workers, what computes below them, and the scheduler, stops workers for good, and has new ones join.
Further pictures come for as long as that lasts; one needs more memory than a worker may take.
Meanwhile all tasks are asked for again and again, and what the service says of them, by itself too,
is held against what it may say. Then the same pictures are done by this computer alone. The exit
code is 1 where a task did not end as it should, a result differs, a position was wrong, or a file
is left over.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import httpx
from PIL import Image

from enhance_gui.service.tasks.status import Status
from enhance_gui.service.users import add_user
from enhance_gui.service.work.cluster.seats import Seats
from enhance_gui.wire.codes import Code
from tests.service.serving import Asker, serving, until
from tests.service.work.cluster.clusters import Cluster, Member, slots_of
from tests.service.work.cluster.watch import Room, Watch
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes
from tests.support.scriptable_service import ScriptableService, envelope

_SETTLED_WITHIN_S = 900.0
_WORKER_BYTES = 900_000_000
"""The libraries and a net take most of it."""
_USERS = ("", "Ana")


@dataclass
class _Storm:
    """One cluster, a service with it, and who asks that."""

    cluster: Cluster
    askers: dict[str, Asker]
    watch: Watch
    random: Random
    pictures: dict[str, bytes] = field(default_factory=dict)
    """By the task's id, in the order in which they were made."""
    killed: Counter[str] = field(default_factory=Counter)

    async def weather(self, tasks: int, kills: int, waiting: int) -> str:
        """Have tasks done during kills; return the one that is too large.

        :param waiting: how many unfinished tasks there are at least, as long as kills go on.
        """
        for _ in range(tasks):
            await self.create(self._some_picture())
        too_large = await self.create(_too_large())
        async with asyncio.timeout(_SETTLED_WITHIN_S), asyncio.TaskGroup() as group:
            killing = group.create_task(self._kill(kills))
            group.create_task(self._look(killing))
            while not killing.done():
                if self._unsettled() < waiting:
                    await self.create(self._some_picture())
                else:
                    await asyncio.sleep(0.1)
        for user in _USERS:
            await self._look_at(user, self.watch.tasks(user))
        return too_large

    async def create(self, picture: bytes) -> str:
        """Make a task of one of the users."""
        user = self.random.choice(_USERS)
        self.watch.makes(user)
        task_id = await self.askers[user].create(picture)
        self.watch.made(task_id, user)
        self.pictures[task_id] = picture
        return task_id

    def _some_picture(self) -> bytes:
        return picture_bytes("png", self.random.randint(64, 160), 100)

    def _unsettled(self) -> int:
        return sum(len(self.watch.unsettled(user)) for user in _USERS)

    async def _look(self, killing: asyncio.Task[None]) -> None:
        while not killing.done() or self._unsettled():
            for user in _USERS:
                await self._look_at(user, self.watch.unsettled(user))
            await asyncio.sleep(0.1)

    async def _look_at(self, user: str, task_ids: list[str]) -> None:
        """Ask for tasks of a user, the newest first."""
        records = []
        for task_id in reversed(task_ids):
            moment = self.watch.moment(user)
            records.append((task_id, await self.askers[user].record(task_id), moment))
        self.watch.saw_round(records)

    async def _kill(self, kills: int) -> None:
        """Kill now and then, each kind in its turn."""
        kinds = [_kill_worker, _kill_computing, _stop_worker, _replace_worker, _kill_scheduler]
        for number in range(kills):
            await asyncio.sleep(self.random.uniform(4, 10))
            kind = kinds[number % len(kinds)]
            # One that is just starting has nothing to be killed.
            while not _worked(kind, self.cluster, self.random):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            self.killed[kind.__name__.strip("_")] += 1


def _worked(kind: Callable[[Cluster, Member], None], cluster: Cluster, random: Random) -> bool:
    try:
        kind(cluster, random.choice(cluster.workers))
    except (LookupError, OSError):
        return False
    return True


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


def _kill_scheduler(cluster: Cluster, _worker: Member) -> None:
    assert cluster.scheduler is not None
    cluster.scheduler.process.kill()
    cluster.scheduler.process.wait()
    cluster.start_scheduler()


def _room_of(seats: Seats) -> Room:
    """Return how much room there is, which is kept up to date."""
    room = Room(seats.room)
    count = seats._count

    def compare() -> None:
        before = seats.room
        count()
        room.lost += max(0, before - seats.room)
        room.most = max(room.most, seats.room)

    seats._count = compare  # type: ignore[method-assign]
    return room


def _too_large() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (9000, 9000), "teal").save(file, "PNG")
    return file.getvalue()


def _wrong_callbacks(ends: dict[str, Any], called: list[Any]) -> Iterator[str]:
    """Yield what is wrong about what the service said by itself: each end once, as it was."""
    counts = Counter(record["taskid"] for record in called)
    for task_id, record in ends.items():
        if counts[task_id] != 1:
            yield f"{task_id[:8]} was announced {counts[task_id]} times"
        if record not in called:
            yield f"{task_id[:8]} was announced otherwise than as {record}"


def _wrong_rest(asker: Asker, folder: Path, made: int, finished: int) -> Iterator[str]:
    """Yield what is there that should not be, or the other way round."""
    for name, wanted in {"inputs": made, "results": finished, "unfinished": 0}.items():
        found = len(list((folder / name).iterdir()))
        if found != wanted:
            yield f"{found} files in {name}, not {wanted}"
    running = slots_of(asker)._running
    assert running is not None
    if running._link.on_share:
        yield f"{len(running._link.on_share)} jobs are still listened for"
    if any(seat.taken for seat in running.seats._seats.values()):
        yield "seats are still taken"


async def _picture(asker: Asker, record: dict[str, Any]) -> bytes:
    return (await asker.http.get(record["outputurl"])).content


async def _storm(folder: Path, workers: int, tasks: int, kills: int, random: Random) -> bool:
    """Weather one storm; return whether all was well."""
    cluster = Cluster(folder / "cluster")
    token = add_user(folder / "users.toml", _USERS[1]).reveal()
    try:
        cluster.start_scheduler()
        for _ in range(workers):
            cluster.start_worker()
        async with ScriptableService() as host:
            host.on("/called", envelope({"success": True}))
            async with (
                serving(
                    folder / "there",
                    workers=256,
                    cluster=cluster.address,
                    users_file=folder / "users.toml",
                    callback_url=host.url("/called"),
                    worker_bytes=_WORKER_BYTES,
                ) as asker,
                httpx.AsyncClient(
                    base_url=asker.http.base_url,
                    headers={"token": token},
                    trust_env=False,
                    timeout=HUNG_S,
                ) as http,
            ):
                running = slots_of(asker)._running
                assert running is not None
                watch = Watch(_room_of(running.seats))
                askers = {"": asker, _USERS[1]: replace(asker, http=http)}
                storm = _Storm(cluster, askers, watch, random)
                too_large = await storm.weather(tasks, kills, 2 * workers)
                ends = watch.ends
                failed = [each for each, end in ends.items() if end["status"] == Status.FAILED]
                made = {
                    each: await _picture(asker, ends[each])
                    for each in storm.pictures
                    if each not in failed
                }
                await until(lambda: len(host.requests) >= len(ends))
                wrong = list(_wrong_rest(asker, folder / "there", len(ends), len(made)))
            wrong += _wrong_callbacks(ends, [each.json()["data"] for each in host.requests])
    finally:
        cluster.end()
    if (ends[too_large]["errorcode"], failed) != (Code.TOO_LARGE, [too_large]):
        wrong += [f"{each[:8]} failed: {ends[each]['errormsg']}" for each in failed]
    async with serving(folder / "here") as asker:
        for task_id, picture in made.items():
            task = await asker.create(storm.pictures[task_id])
            if await _picture(asker, await asker.ended(task)) != picture:
                wrong.append(f"{task_id[:8]} has another result than here")
    wrong = [*watch.wrong, *wrong]
    print(f"{workers} workers, {len(ends)} tasks; killed:", dict(storm.killed))
    print(f"  polls {watch.polls}, positions grown rightly {watch.grown}, wrong {len(wrong)}")
    print(*wrong, sep="\n", flush=True)
    return not wrong


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
