"""The program at work on one list of tasks: real store, sender, follower; no clock, no network.

Each start of it opens the list anew, as after a kill; whoever drives it decides what comes next.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Coroutine, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, ParamSpec, TypeVar, cast

from enhance_gui.client.api import ApiClient
from enhance_gui.core.clock import Clock
from enhance_gui.core.images.picture import CheckedPicture, PictureHeader
from enhance_gui.core.picture_errors import PictureUnreachable
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.spending import day_of, is_held
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.threads import StoreThread
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.polling.settings import PollerSettings
from enhance_gui.jobs.queue.budgets import Batches, Spending
from enhance_gui.jobs.worker.callbacks import Callbacks
from enhance_gui.jobs.worker.context import ServiceContext, Shared
from enhance_gui.jobs.worker.polling_loop import Follower
from enhance_gui.jobs.worker.submitting import Creator
from enhance_gui.storage.task_db.store import TaskStore
from enhance_gui.wire.records import TaskRecord
from tests.scenarios.promises.judge import Judge, Key
from tests.scenarios.promises.provider import GONE, CrashError, Provider

P = ParamSpec("P")
R = TypeVar("R")

PRICES: Final[dict[str, dict[int, float]]] = {
    "right": {1: 2, 2: 3},
    "stale": {1: 2, 2: 1},
    "lacking": {1: 2},
}
"""What a profile says that enhance types cost; the last has lost one of them."""

ADDRESSES: Final = {
    "Studio": "https://studio.test",
    "Atelier": "https://studio.test",
    "Elsewhere": "https://elsewhere.test",
}
"""Services by name: two of them are one."""


def profile_of(service: str, prices: str, *, idempotent: bool) -> ServiceProfile:
    kinds = tuple(EnhanceType(number, "Enhance", cost=c) for number, c in PRICES[prices].items())
    return ServiceProfile(
        service,
        ADDRESSES[service],
        private_id_is_idempotent=idempotent,
        upload_path="/upload",
        enhance_types=kinds,
    )


def run(work: Coroutine[Any, Any, R]) -> R:
    """Run what never has to wait; without a loop, which would take most of the time."""
    try:
        work.send(None)
    except StopIteration as done:
        return cast(R, done.value)
    finally:
        work.close()
    raise AssertionError("it waits for something")


class HastyClock(Clock):
    """Time that goes on when it is told to.

    Where the program would wait until an answer can be written down, it is ended instead.
    """

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now_s(self) -> float:
        return self.passed_s

    def wall(self) -> datetime:
        self.passed_s += 0.01
        return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC) + timedelta(seconds=self.passed_s)

    async def sleep(self, delay_s: float) -> None:
        raise CrashError


class SameThread(StoreThread[TaskStore]):
    """Runs the store's methods at once, so that a crash strikes between two of them."""

    def __init__(self, store: TaskStore) -> None:
        self.store = store

    async def do(self, method: Any, *args: Any, **kwargs: Any) -> Any:
        return method(*args, **kwargs)


class Nothing:
    """Stands for what begins work that is not part of this: copies, waits, other loops."""

    def start(self, work: Coroutine[Any, Any, object], name: str) -> None:
        work.close()

    def begin(self, task: Task) -> None:
        """No copy of the input is made."""

    def collect(self, task: Task, record: TaskRecord) -> None:
        """No result is fetched: see :mod:`.saving`."""

    def __call__(self, *_: object) -> None:
        """Nobody listens."""


class UploadsAtOnce:
    """Uploads a file when its turn has come, and waits for nothing."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def take(self, task: Task) -> str:
        return ""

    async def upload(self, task: Task, file: Path, sha256: str | None) -> str:
        return await self._context.api.upload(file, sha256)


class AtWork:
    """One open line: what sends to a service, and what follows there."""

    def __init__(
        self,
        profile: ServiceProfile,
        api: ApiClient,
        db: StoreThread[TaskStore],
        spending: Spending,
        clock: HastyClock,
    ) -> None:
        nothing = cast(Any, Nothing())
        durations = DurationModel([], prior_median_s=15.0)
        self.context = ServiceContext(
            Shared(db, clock, nothing, nothing, Path(), spending, marks=nothing),
            profile,
            api,
            pictures=nothing,
            poller=Poller(PollerSettings(), durations, Random(0)),
            owner=nothing,
        )
        callbacks = Callbacks(self.context, nothing)
        uploads = cast(Any, UploadsAtOnce(self.context))
        self.creator = Creator(self.context, nothing, nothing, callbacks, uploads)
        self.follower = Follower(self.context, nothing, nothing)
        self.followed: set[int] = set()


class Program:
    """One program after the other, on one list."""

    def __init__(self, folder: Path, *, idempotent: bool) -> None:
        self.folder = folder
        self.results = folder / "results"
        self.results.mkdir()
        self.path = folder / "data" / "tasks.sqlite3"
        self.record = folder / "state" / "lists.json"
        self.copies = self.starts = 0
        self.clock = HastyClock()
        self.judge = Judge()
        self.idempotent = idempotent
        self.providers = {
            address: Provider(address, self.judge, idempotent=idempotent)
            for address in dict.fromkeys(ADDRESSES.values())
        }
        self.start()

    def start(self) -> None:
        """Open the list."""
        self.starts += 1
        self.store = TaskStore.open(self.path, self.clock.wall, self.record)
        self.spending = Spending(self.clock.wall)
        self.spending.batch_limit = self.judge.batch_limit
        for service, maximum in self.judge.day_limits.items():
            self.spending.limit_day(service, maximum)
        self.judge.free_days.clear()
        self.judge.is_replaced = False
        self.db = SameThread(self.store)
        self.batches = Batches(self.db)
        self.is_paused = self.store.batches.is_paused()
        self.at_work_on: dict[str, AtWork] = {}

    # -- what it does by itself -------------------------------------------------------------------

    def at_work(self, service: str) -> AtWork:
        """Return the worker of a service, opened with the profile that is kept of it."""
        if service not in self.at_work_on:
            profile = self.store.services.profile(service)
            assert profile is not None
            api = self.providers[ADDRESSES[service]]
            self.at_work_on[service] = AtWork(profile, api, self.db, self.spending, self.clock)
        return self.at_work_on[service]

    def sends(self, task: Task) -> bool:
        """Tell whether the program would send a task by itself."""
        if self.is_paused or self.at_work(task.service).context.paused is not None:
            return False
        if not self.reaches(task.service):
            return False
        if task.state is TaskState.IN_DOUBT:
            return self.idempotent and task.may_be_repeated
        return task.state is TaskState.QUEUED and not is_held(task)

    def reaches(self, service: str) -> bool:
        """Return whether the worker reaches its service; a damaged list may lack its address."""
        return self.at_work(service).context.profile.base_url == ADDRESSES[service]

    def send(self, task: Task, answer: str) -> None:
        """Check the picture of a task, and send it.

        :raises CrashError: the program has ended on the way.
        """
        work = self.at_work(task.service)
        line = work.context
        line.tasks[task.id] = task
        if task.checked is None:
            task = line.tasks[task.id] = self.check(task)
        is_web = not task.input.startswith("/")
        if answer == GONE and is_web and task.state is TaskState.QUEUED:
            refused = run(line.step(self.store.drafts.refuse, task.id, _GONE))
            if refused is not None:
                line.end(refused)
            self.judge.taken_back(task.id)
            return
        provider = self.providers[ADDRESSES[task.service]]
        provider.answer = answer
        provider.on_request = lambda private_id, key: self.judge.request(
            task.id, private_id, key, line.profile.cost_of(task.type_id), self.today()
        )
        provider.on_free = lambda private_id, is_owed: self.judge.free(
            task.id, private_id, self.today(), is_owed=is_owed
        )
        run(work.creator._create(task))
        now = self.store.tasks.get(task.id)
        if now.state is not TaskState.QUEUED:
            self.judge.taken_back(task.id)
        if now.state is TaskState.ACCEPTED:
            work.followed.add(task.id)

    def check(self, task: Task) -> Task:
        """Record what is found of a picture."""
        content = f"content of {task.input}" if task.input.startswith("/") else None
        picture = CheckedPicture(task.input, PictureHeader("jpg", 512, 512), 74_000)
        return self.store.drafts.checked(task.id, picture, content)

    def ask(self, task: Task, answer: str) -> None:
        """Ask the service about a task that it has accepted, and take in what it says."""
        work = self.at_work(task.service)
        work.context.tasks[task.id] = task
        if task.id not in work.context.poller._tasks:
            work.follower.resume_polling(task)
        self.providers[ADDRESSES[task.service]].answer = answer
        work.context.poller.poll_sent(task.id, self.clock.now_s())
        run(work.follower._poll(task, work.follower._look_at))

    def today(self) -> datetime:
        return day_of(self.clock.wall())

    # -- the list and its files -------------------------------------------------------------------

    def tasks(self, *states: TaskState) -> list[Task]:
        return self.store.tasks.in_states(states or TaskState)

    def keys(self, tasks: Iterable[Task]) -> dict[int, Key]:
        return {task.id: Key(task.input, task.type_id, ADDRESSES[task.service]) for task in tasks}

    def progress(self) -> tuple[int, int]:
        """Return how far the list has come."""
        return self.store._file.progress()[:2]

    def recorded(self) -> tuple[int, int]:
        """Return what is known of that outside of the list."""
        recorded = self.store._file.recorded()
        return (0, 0) if recorded is None else recorded[:2]

    def kill(self) -> None:
        """End the program, and leave the files as they are, as after a kill or a power cut.

        All commits are on disk (``synchronous = FULL``); what was not committed is gone.
        """
        if not self.store.is_in_place:
            self.store._connection.close()
            return
        aside = self.copy()
        self.store._connection.close()
        self.put_back(aside)

    def copy(self) -> Path:
        """Copy the list as it is on disk."""
        self.copies += 1
        aside = self.folder / f"copy-{self.copies}"
        aside.mkdir()
        for path in self.path.parent.glob("tasks.sqlite3*"):
            if path.is_file() and not path.name.endswith("-shm"):
                shutil.copyfile(path, aside / path.name)
        return aside

    def put_back(self, copy: Path | None) -> None:
        """Replace the list by a copy of it, or by nothing."""
        for path in self.path.parent.glob("tasks.sqlite3*"):
            if path.is_file():
                path.unlink()
        if copy is not None:
            for path in copy.iterdir():
                shutil.copyfile(path, self.path.parent / path.name)

    def damage(self, page: int) -> None:
        """Overwrite a page of the closed list."""
        with sqlite3.connect(self.path) as sql:
            size, count = (sql.execute(f"PRAGMA {what}").fetchone()[0] for what in _SIZES)
        sql.close()
        with self.path.open("r+b") as file:
            file.seek(page % count * size)
            file.write(b"\xa5" * size)

    def sql(self, statement: str) -> int:
        return int(self.store._connection.execute(statement).fetchone()[0])


_GONE: Final = Failure(PictureUnreachable.kind, "404")
_SIZES: Final = ("page_size", "page_count")
