"""Hundreds of tasks of all kinds, bad ones among them, while the service and workers are killed.

``python -m tests.service.work.cluster.mixed --tasks 500 --bad 50`` (five minutes on two cores) has
``enhance-gui serve --cluster`` take small pictures of several formats and enhance types, some as
uploads and some from addresses, and among them what must be refused. Meanwhile the service is
killed twice and started anew on the same folder, and three times a worker is. ``--alone`` does it
without a cluster: then it is the service's own workers that are killed.

Each createtask has a private id, and is sent again where its answer did not come and after each
kill: it has to give the same task. The exit code is 1 where a good task did not finish or its
pictures cannot be fetched, a bad one was not refused with its code and a sentence, there are more
tasks than were asked for, or what the service says of a task is wrong (see ``watch.py``).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx
from PIL import Image

from enhance_gui.service.tasks.status import Status
from tests.service.serving import TOKEN, addresses_of
from tests.service.work.cluster.clusters import Cluster, spawned_by
from tests.service.work.cluster.watch import Room, Watch
from tests.service.work.cluster.wishes import Wish, some_wishes
from tests.support.patience import HUNG_S
from tests.support.scriptable_service import ScriptableService

_WORKERS = 3
_LOOKED_AT = 40
"""How many tasks are asked for in a round."""
_SETTLED_WITHIN_S = 1800.0


@dataclass
class Service:
    """``enhance-gui serve``, in a process of its own, that is killed and comes back."""

    folder: Path
    options: list[str]
    port: int = 0
    process: subprocess.Popen[str] | None = None
    base_url: str = ""

    def start(self) -> None:
        """Start it, at the same address each time; return when it listens."""
        with (self.folder / "service.log").open("a") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "enhance_gui", "serve", f"--port={self.port}"),
                    *(f"--data={self.folder / 'data'}", *self.options),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "ENHANCE_GUI_TOKEN": TOKEN},
                text=True,
            )
        assert self.process.stdout is not None
        self.base_url = json.loads(self.process.stdout.readline())["base_url"]
        self.port = int(self.base_url.rpartition(":")[2])

    def kill(self) -> None:
        """Kill it, in the middle of whatever it does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@dataclass
class Customer:
    """Who wants all that, and does not let go."""

    wanted: list[Wish]
    service: Service
    http: httpx.AsyncClient
    watch: Watch = field(default_factory=lambda: Watch(Room(2 * _WORKERS)))
    ids: dict[int, str] = field(default_factory=dict)
    """Of each wish, by its number, the task; empty: it was refused."""
    wrong: list[str] = field(default_factory=list)
    repeated: int = 0
    """How often a createtask was sent again."""
    present: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the service is away, and while records are asked for."""
    _addresses: dict[int, str] = field(default_factory=dict)
    """Of each wish, by its number, that of the picture."""

    async def create_all(self) -> None:
        """Have a task made of each wish, one after the other."""
        for number in range(len(self.wanted)):
            self.watch.makes()
            task_id = await self._create(number)
            if task_id:
                self.watch.made(task_id)
            else:
                self.watch.refused()
            self.ids[number] = task_id

    async def create_again(self) -> None:
        """Send each createtask again that has given a task: it has to give the same one."""
        for number, task_id in list(self.ids.items()):
            if task_id:
                self.repeated += 1
                if await self._create(number) != task_id:
                    self.wrong.append(f"the createtask of wish {number} gave a second task")

    async def look(self) -> None:
        """Ask for the oldest and the newest of the tasks that have not ended until all have."""
        half = _LOOKED_AT // 2
        while len(self.ids) < len(self.wanted) or self.watch.unsettled():
            async with self.present:
                unsettled = self.watch.unsettled()
                few = len(unsettled) <= _LOOKED_AT
                await self.look_at(unsettled if few else unsettled[:half] + unsettled[-half:])
            await asyncio.sleep(0.1)

    async def look_at(self, task_ids: list[str]) -> None:
        """Ask for tasks, the newest first."""
        types = {task_id: self.wanted[number].type_id for number, task_id in self.ids.items()}
        records = []
        # One that has just been made may not be among the ids yet.
        for task_id in reversed([each for each in task_ids if each in types]):
            moment = self.watch.moment()
            envelope = await self._call("gettask", taskid=task_id, type=types[task_id])
            records.append((task_id, envelope["data"], moment))
        self.watch.saw_round(records)

    async def check_ends(self) -> Counter[str]:
        """Fetch all results; return how often what came of what was wanted, for the table."""
        ends = self.watch.ends
        counts: Counter[str] = Counter()
        for number, wish in enumerate(self.wanted):
            task_id = self.ids[number]
            if not task_id:  # by whose code it was refused has been looked at
                counts[f"{wish.name}: refused"] += 1
                continue
            end = ends[task_id]
            if end["status"] == Status.FAILED:
                counts[f"{wish.name}: failed"] += 1
                self._check_refusal(wish, end["errorcode"], end["errormsg"])
                continue
            counts[f"{wish.name}: finished"] += 1
            if wish.code:
                self.wrong.append(f"{wish.name} finished")
            for address in addresses_of(end):
                reply = await self.http.get(address)
                with Image.open(io.BytesIO(reply.content)) as picture:
                    picture.load()
        return counts

    async def _create(self, number: int) -> str:
        """Send a createtask until an answer comes; return the task, or nothing: it was refused."""
        wish = self.wanted[number]
        while True:
            try:
                address = self._addresses.get(number) or wish.address or await self._upload(wish)
                self._addresses[number] = address
                envelope = await self._call(
                    "createtask", picurl=address, type=wish.type_id, chtaskid=f"wish {number}"
                )
            except RefusedUpload as refused:
                envelope = refused.envelope
            except httpx.TransportError:
                self.repeated += 1
                await asyncio.sleep(0.2)
                continue
            if envelope["code"]:
                self._check_refusal(wish, envelope["code"], envelope["msg"])
                return ""
            task_id: str = envelope["data"]["taskid"]
            return task_id

    async def _upload(self, wish: Wish) -> str:
        headers = {"content-type": "application/octet-stream"}
        reply = await self.http.post("/upload", content=wish.picture, headers=headers)
        if reply.json()["code"]:
            raise RefusedUpload(reply.json())
        address: str = reply.json()["data"]["picurl"]
        return address

    async def _call(self, name: str, **fields: Any) -> dict[str, Any]:
        envelope: dict[str, Any] = (await self.http.post(f"/{name}", json=fields)).json()
        return envelope

    def _check_refusal(self, wish: Wish, code: int, sentence: str) -> None:
        if code != wish.code or not sentence:
            self.wrong.append(f"{wish.name} was refused with {code}: {sentence}")


class RefusedUpload(Exception):
    """The picture of a wish is not taken."""

    def __init__(self, envelope: dict[str, Any]) -> None:
        super().__init__(envelope["msg"])
        self.envelope = envelope


async def _kill(customer: Customer, cluster: Cluster | None, random: Random) -> Counter[str]:
    """Kill the service while it is still given tasks, and in the middle; workers between."""
    total = sum(not wish.code for wish in customer.wanted)
    killed: Counter[str] = Counter()
    for what, share, counted in (
        ("service", 0.4, customer.ids),
        ("worker", 0.2, customer.watch.ends),
        ("worker", 0.35, customer.watch.ends),
        ("service", 0.5, customer.watch.ends),
        ("worker", 0.7, customer.watch.ends),
    ):
        while len(counted) < share * total:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        if what == "worker":
            # One that is just starting has nothing to be killed.
            while not _killed_worker(customer.service, cluster, random):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        else:
            async with customer.present:
                customer.service.kill()
                customer.watch.restarted()
                await asyncio.to_thread(customer.service.start)
            await customer.create_again()
        killed[what] += 1
    return killed


def _killed_worker(service: Service, cluster: Cluster | None, random: Random) -> bool:
    """Kill a worker, of the cluster or of the service; return whether one was there."""
    assert service.process is not None
    try:
        if cluster is not None:
            os.kill(random.choice(cluster.workers).dask_worker, signal.SIGKILL)
        else:
            os.kill(spawned_by(service.process.pid), signal.SIGKILL)
    except (LookupError, OSError):
        return False
    return True


def _wrong_rest(data: Path, ends: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield what is there that should not be, or the other way round."""
    with contextlib.closing(sqlite3.connect(data / "tasks.sqlite")) as database:
        rows = database.execute("SELECT task_id, private_id FROM task").fetchall()
    if {task_id for task_id, _ in rows} != set(ends):
        yield f"{len(rows)} tasks were made, not {len(ends)}"
    if len({private_id for _, private_id in rows}) != len(rows):
        yield "two tasks have the same private id"
    shown = {address for end in ends.values() for address in addresses_of(end)}
    made = {address for address in shown if "/results/" in address}  # not those of inputs
    for name, wanted in {"inputs": len(ends), "results": len(made), "unfinished": 0}.items():
        found = len(list((data / name).iterdir()))
        if found != wanted:
            yield f"{found} files in {name}, not {wanted}"


async def run(folder: Path, tasks: int, bad: int, *, alone: bool, random: Random) -> bool:
    """Have all of it done; return whether all was well."""
    begun_s = time.monotonic()
    cluster = None if alone else Cluster(folder / "cluster")
    options = ["--workers=2"] if cluster is None else [f"--cluster={cluster.address}"]
    service = Service(folder, options)
    try:
        if cluster is not None:
            cluster.start_scheduler()
            for _ in range(_WORKERS):
                cluster.start_worker()
        service.start()
        async with (
            ScriptableService() as host,
            httpx.AsyncClient(
                base_url=service.base_url,
                headers={"token": TOKEN},
                trust_env=False,
                timeout=HUNG_S,
            ) as http,
        ):
            customer = Customer(some_wishes(host, tasks, bad, random), service, http)
            async with asyncio.timeout(_SETTLED_WITHIN_S), asyncio.TaskGroup() as group:
                group.create_task(customer.create_all())
                group.create_task(customer.look())
                killing = group.create_task(_kill(customer, cluster, random))
            killed = killing.result()
            await customer.create_again()
            await customer.look_at(customer.watch.tasks())
            counts = await customer.check_ends()
        assert service.process is not None
        service.process.terminate()
        if await asyncio.to_thread(service.process.wait, HUNG_S) != 0:
            customer.wrong.append("the service did not end in order")
    finally:
        service.kill()
        if cluster is not None:
            cluster.end()
    wrong = [*customer.wrong, *customer.watch.wrong]
    wrong += _wrong_rest(folder / "data", customer.watch.ends)
    print("| wanted: became | tasks |\n|---|---|")
    for name, count in sorted(counts.items()):
        print(f"| {name} | {count} |")
    took_s = time.monotonic() - begun_s
    print(f"killed {dict(killed)}; createtask sent again {customer.repeated} times")
    print(f"{customer.watch.polls} polls; {took_s:.0f} s; wrong: {len(wrong)}")
    print(*wrong, sep="\n", flush=True)
    return not wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tasks", type=int, default=500)
    parser.add_argument("--bad", type=int, default=50)
    parser.add_argument("--alone", action="store_true", help="without a cluster")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = run(
            Path(folder), given.tasks, given.bad, alone=given.alone, random=Random(given.seed)
        )
        return int(not asyncio.run(work))


if __name__ == "__main__":
    sys.exit(main())
