"""A running service and somebody who asks it, for tests."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import multiprocessing
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from enhance_gui.core.clock import Clock
from enhance_gui.core.secret import Secret
from enhance_gui.service.assembly import open_service
from enhance_gui.service.running import RunningService
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.tasks.status import Status
from enhance_gui.service.work.slot import WORKER_NAME
from tests.support.patience import HUNG_S

TOKEN = "a token of the tests"
UPSCALE = 2
UPSCALE_4 = 3
PORTRAIT = 1
COLORIZE = 5
ENDED = (Status.FINISHED, Status.FAILED)


class QuickClock(Clock):
    """A clock on which waiting takes no time, and is noted."""

    def __init__(self) -> None:
        self.waited_s: list[float] = []
        self._ahead_s = 0.0

    def now_s(self) -> float:
        return super().now_s() + self._ahead_s

    async def sleep(self, delay_s: float) -> None:
        self.waited_s.append(delay_s)
        self._ahead_s += delay_s
        await asyncio.sleep(0)


@dataclass
class Asker:
    """Calls the service as the document says."""

    service: RunningService
    http: httpx.AsyncClient

    async def call(self, name: str, **fields: Any) -> dict[str, Any]:
        """Make a call; return the envelope."""
        reply = await self.http.post(f"/{name}", json=fields)
        envelope: dict[str, Any] = reply.json()
        assert set(envelope) == {"code", "msg", "data"}
        return envelope

    async def data(self, name: str, **fields: Any) -> dict[str, Any]:
        """Make a call that succeeds; return its data."""
        envelope = await self.call(name, **fields)
        assert envelope["code"] == 0, envelope
        data: dict[str, Any] = envelope["data"]
        return data

    async def upload(self, picture: bytes) -> str:
        """Hand a picture over; return the address for createtask."""
        reply = await self.http.post(
            "/upload", content=picture, headers={"content-type": "application/octet-stream"}
        )
        assert reply.json()["code"] == 0, reply.text
        address: str = reply.json()["data"]["picurl"]
        return address

    async def create(self, picture: bytes, type_id: int = UPSCALE, **fields: Any) -> str:
        """Make a task of a local picture; return its id."""
        picurl = await self.upload(picture)
        task = await self.data("createtask", picurl=picurl, type=type_id, **fields)
        task_id: str = task["taskid"]
        return task_id

    async def record(self, task_id: str, type_id: int = UPSCALE) -> dict[str, Any]:
        """Return a task's record."""
        return await self.data("gettask", taskid=task_id, type=type_id)

    async def ended(self, task_id: str, type_id: int = UPSCALE) -> dict[str, Any]:
        """Wait for a task's end; return its record."""
        async with asyncio.timeout(HUNG_S):
            while True:
                record = await self.record(task_id, type_id)
                if record["status"] in ENDED:
                    return record
                await asyncio.sleep(0.02)

    async def until_processing(self, task_id: str, type_id: int = UPSCALE) -> None:
        """Wait until a worker has the task."""
        async with asyncio.timeout(HUNG_S):
            while (await self.record(task_id, type_id))["status"] == Status.QUEUED:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def serving(
    data_folder: Path, clock: Clock | None = None, **changes: Any
) -> AsyncIterator[Asker]:
    """Run a service with one worker in this event loop, and end it."""
    settings = replace(ServiceSettings(data_folder, workers=1), **changes)
    service = open_service(settings, Secret(TOKEN), clock)
    listening = asyncio.Event()
    running = asyncio.create_task(service.run(listening.set))
    await listening.wait()
    try:
        async with httpx.AsyncClient(
            base_url=service.base_url, headers={"token": TOKEN}, trust_env=False, timeout=HUNG_S
        ) as http:
            yield Asker(service, http)
    finally:
        service.request_stop()
        await running


def addresses_of(record: dict[str, Any]) -> list[str]:
    """Return where the pictures of a finished task are."""
    found = [record["outputurl"]]
    for face in record["facelist"]:
        found += [value for key, value in face.items() if key.endswith("url")]
    return [address for address in dict.fromkeys(found) if address]


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(HUNG_S):
        while not holds():  # noqa: ASYNC110  what it looks at sends no event
            await asyncio.sleep(0.01)


async def a_worker(*, other_than: int | None = None) -> int:
    """Wait until the service has a worker process; return its id."""
    async with asyncio.timeout(HUNG_S):
        while True:
            for child in multiprocessing.active_children():
                if child.name == WORKER_NAME and child.pid not in (None, other_than):
                    assert child.pid is not None
                    return child.pid
            await asyncio.sleep(0.01)


def contents(folder: Path) -> dict[str, str]:
    """Return each file below a folder with its digest: what a request must not change."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(("tasks.sqlite", "speeds.json", "names.key"))
    }
