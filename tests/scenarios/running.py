"""The real queue, run against a provider on loopback, with time that hurries."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from enhance_gui.core.clock import Clock
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.enhance_types import EnhanceType, Outputs
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.network import DIRECT, NetworkSettings
from enhance_gui.core.settings.saving import Saving
from enhance_gui.core.tasks.spending import Totals, month_of, totals
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import NewTask, Task
from enhance_gui.core.threads import StoreThread
from enhance_gui.jobs.events import Event, ServiceStatusChanged, TaskChanged
from enhance_gui.jobs.queue.task_queue import TaskQueue
from enhance_gui.jobs.services.network import NetworkProvider
from enhance_gui.jobs.worker.worker import ServiceWorker
from enhance_gui.storage.folders import Folders
from enhance_gui.storage.task_db.store import TaskStore
from enhance_gui.wire.callback import CallbackHint
from tests.support.provider import Provider

T = TypeVar("T")

TOKEN = Secret("the-token")
HURRY = 40


class HurriedClock(Clock):
    """A clock on which everything that waits waits a fortieth of the time."""

    def now_s(self) -> float:
        return time.monotonic() * HURRY

    def wall(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s / HURRY)

    async def wait(self, event: asyncio.Event, delay_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(None if math.isinf(delay_s) else delay_s / HURRY):
                await event.wait()


@dataclass
class Running:
    """A queue at work, and what it has told."""

    queue: TaskQueue
    store: TaskStore
    profile: ServiceProfile
    provider: Provider
    results: Path
    events: list[Event] = field(default_factory=list)
    _happened: asyncio.Event = field(default_factory=asyncio.Event)

    def on_event(self, event: Event) -> None:
        self.events.append(event)
        self._happened.set()
        self._happened = asyncio.Event()

    @property
    def worker(self) -> ServiceWorker:
        """The open worker of the service."""
        worker = self.queue.pool.get(self.profile.name)
        assert worker is not None
        return worker

    @property
    def saving(self) -> Saving:
        return Saving(self.results)

    def new(self, address: str) -> NewTask:
        return NewTask(address, self.profile.name, 1, "Enhance", self.results)

    async def add(self, *addresses: str) -> list[Task]:
        return await self.queue.add(self.profile, [self.new(address) for address in addresses])

    async def add_pictures(self, names: str) -> list[Task]:
        return await self.add(*self.provider.pictures(names))

    async def until(self, task: Task, *states: TaskState) -> Task:
        """Wait until a task is in one of the states; return it."""
        return await self.until_true(
            lambda: next((each for each in [self.last(task)] if each.state in states), None),
            f"task {task.id} is not {states}",
        )

    async def until_suspended(self, task: Task) -> Task:
        """Wait until nothing more will happen to a task by itself."""

        def suspended() -> Task | None:
            reported = [
                e for e in self.events if isinstance(e, TaskChanged) and e.task.id == task.id
            ]
            return reported[-1].task if reported and reported[-1].suspended else None

        return await self.until_true(suspended, f"task {task.id} is not suspended")

    async def until_true(
        self, check: Callable[[], T | None], otherwise: str, limit_s: float = 60
    ) -> T:
        try:
            async with asyncio.timeout(limit_s):
                while not (value := check()):
                    await self._happened.wait()
                return value
        except TimeoutError:
            raise AssertionError(f"{otherwise}:\n{self.story()}") from None

    async def spent(self, service: str) -> Totals:
        """Return what a service may have charged today and this month."""
        now = datetime.now(UTC)
        ledger = self.store.charges.ledger
        return totals(await self.queue.db.do(ledger, month_of(now), service), now)

    async def called_back(self, service_task_id: str, private_id: str) -> None:
        """Have a callback of the service come in, whose headers are right."""
        await self.worker.callbacks.take(CallbackHint(service_task_id, private_id))

    def story(self) -> str:
        """Return what was told, a line each."""
        return "\n".join(
            f"{event.task.id} {event.task.state.value} {'suspended' if event.suspended else ''} "
            f"{event.task.failure or ''}"
            if isinstance(event, TaskChanged)
            else str(event)
            for event in self.events
        )

    def last(self, task: Task) -> Task:
        reported = [
            e.task for e in self.events if isinstance(e, TaskChanged) and e.task.id == task.id
        ]
        return reported[-1] if reported else task

    def line_states(self) -> list[str]:
        return [
            event.state.value for event in self.events if isinstance(event, ServiceStatusChanged)
        ]


class Faults(logging.Handler):
    """Keeps the errors that are logged with a traceback: nobody foresaw them."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info is not None and record.exc_info[1] is not None:
            self.errors.append(record.exc_info[1])


def profile_of(provider: Provider, **changes: Any) -> ServiceProfile:
    """Return the profile of a provider on loopback."""
    fields: dict[str, Any] = {
        "name": "Studio",
        "base_url": provider.base_url,
        "allow_private_addresses": True,
        "requests_per_s": 10.0,
        "enhance_types": (EnhanceType(1, "Enhance", outputs=Outputs.FACES),),
    }
    return ServiceProfile(**{**fields, **changes})


@asynccontextmanager
async def at_work(
    folder: Path,
    provider: Provider,
    profile: ServiceProfile | None = None,
    token: Secret = TOKEN,
    network: NetworkSettings = DIRECT,
    login_of: Callable[[NetworkSettings], Awaitable[NetworkSettings]] | None = None,
    *,
    token_of: Callable[[ServiceProfile], Awaitable[Secret | None]] | None = None,
    with_faults: bool = False,
    thread_of: Callable[[TaskStore], StoreThread[TaskStore]] = StoreThread,
) -> AsyncIterator[Running]:
    """Open the list of tasks in ``folder`` and work on it until the block ends.

    :param token_of: gives the tokens in the place of ``token``.
    :param with_faults: whether errors that nobody foresaw are what the test is about; else the
        first of them is raised.
    :param thread_of: runs the store.
    """
    clock = HurriedClock()
    store = await asyncio.to_thread(TaskStore.open, folder / "tasks.sqlite3", clock.wall)

    async def only_token(_: ServiceProfile) -> Secret:
        return token

    folders = Folders(
        data=folder,
        config=folder / "config",
        state=folder / "state",
        cache=folder / "cache",
        results=folder / "results",
    )
    queue = TaskQueue(
        thread_of(store),
        clock,
        folders,
        token_of or only_token,
        NetworkProvider(network, login_of),
    )
    running = Running(queue, store, profile or profile_of(provider), provider, folder / "results")
    queue.listen(running.on_event)
    faults = Faults()
    logging.getLogger("enhance_gui").addHandler(faults)
    try:
        yield running
    finally:
        crash = queue.crashed.exception() if queue.crashed.done() else None
        await queue.close()
        logging.getLogger("enhance_gui").removeHandler(faults)
    if crash is not None:
        raise crash
    if faults.errors and not with_faults:
        raise faults.errors[0]


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds of which no event tells."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def with_provider(test: Callable[[Provider], Awaitable[None]]) -> None:
    """Run a test's coroutine with a provider."""

    async def run() -> None:
        async with asyncio.timeout(100), Provider() as provider:
            await test(provider)

    coroutine: Coroutine[Any, Any, None] = run()
    asyncio.run(coroutine)
