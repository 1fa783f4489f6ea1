"""The promises under every order of events: a state machine that Hypothesis drives.

The real list of tasks (SQLite on disk), the real sender and the real saving of files, against a
provider that keeps a book of charges. The usual run tries a few dozen orders; the long one is

    pytest tests/jobs/test_promises.py --hypothesis-profile=long -o faulthandler_timeout=0
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

from enhance_gui.client.api import ApiClient
from enhance_gui.core.clock import SystemClock
from enhance_gui.core.errors import (
    BalanceTooLow,
    CreateInDoubt,
    EnhanceError,
    KindRefused,
    ServiceBusy,
    ServiceUnreachable,
    StorageError,
    TokenRefused,
    TransitionRefused,
)
from enhance_gui.core.profiles import ServiceProfile
from enhance_gui.core.tasks import Failure, Outcome, Task, TaskState
from enhance_gui.jobs.sending import Sender
from enhance_gui.jobs.spending import Spending
from enhance_gui.jobs.store_thread import StoreThread
from enhance_gui.storage.result_files import PartFile, sha256_of
from enhance_gui.storage.task_store import Output, TaskStore
from enhance_gui.wire.records import CreatedTask
from enhance_gui.wire.requests import CreateTaskRequest
from tests.support.stored import PICTURE, SERVICE, TROUBLE, Wall, new_task

P = ParamSpec("P")
R = TypeVar("R")

RESULT = b"the enhanced picture"


class CrashError(BaseException):
    """The program ends at this very point. No handler of the program may see it as an error."""


class BookKeepingApi(ApiClient):
    """Answers createtask as it is told to, and notes what it has charged."""

    def __init__(self, *, idempotent: bool) -> None:
        self.idempotent = idempotent
        self.charged: list[str] = []
        self.answer = "accept"

    async def create_task(
        self, request: CreateTaskRequest, before_send: Callable[[], Awaitable[None]]
    ) -> CreatedTask:
        if self.answer == "no connection":
            raise ServiceUnreachable("refused")
        await before_send()
        if self.answer == "crash before the request":
            raise CrashError
        private_id = str(request.chtaskid)
        if self.idempotent and private_id in self.charged and self.answer in _REFUSALS:
            return CreatedTask(f"task-of-{private_id}")  # what it promises
        if self.answer in ("accept", "accept, answer lost", "crash after the charge"):
            self._charge(private_id)
        if self.answer == "crash after the charge":
            raise CrashError
        if (error := _ERRORS.get(self.answer)) is not None:
            raise error
        return CreatedTask(f"task-of-{private_id}")

    def _charge(self, private_id: str) -> None:
        if not (self.idempotent and private_id in self.charged):
            self.charged.append(private_id)


_ERRORS: dict[str, EnhanceError] = {
    "accept, answer lost": CreateInDoubt("reset"),
    "lost": CreateInDoubt("reset"),
    "closed before a byte": ServiceUnreachable("closed"),
    "busy": ServiceBusy("429", retry_after_s=1),
    "wrong token": TokenRefused("401"),
    "no credit": BalanceTooLow("none", code=1003002),
    "wrong kind": KindRefused("gif", code=1001004),
}

_REFUSALS = ("no credit", "wrong kind")

ANSWERS = sorted(
    {"accept", "no connection", "crash before the request", "crash after the charge", *_ERRORS}
)


class ImpatientClock(SystemClock):
    """Where the program would wait until an answer can be written down, it is ended instead."""

    async def sleep(self, delay_s: float) -> None:
        raise CrashError


class SameThread(StoreThread):
    """Runs the store's methods at once, so that a crash strikes between two of them."""

    def __init__(self, store: TaskStore) -> None:
        self.store = store

    async def do(self, method: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return method(*args, **kwargs)


class Promises(RuleBasedStateMachine):
    """Adds, sends, crashes, asks and answers in any order."""

    idempotent = False
    pictures = Bundle("pictures")

    def __init__(self) -> None:
        super().__init__()
        # In memory where there is such a folder: what is tried here is order, not the disk.
        parent = Path("/dev/shm")  # noqa: S108
        self.folder = Path(tempfile.mkdtemp(dir=parent if parent.is_dir() else None))
        self.generation = 0
        self.api = BookKeepingApi(idempotent=self.idempotent)
        self.approvals: dict[int, int] = {}
        self.store = self._open()
        self.store.remember_service(ServiceProfile(SERVICE, "https://studio.test"))
        self.disk_full = False
        self.known: set[int] = set()
        self.runner = asyncio.Runner()

    def teardown(self) -> None:
        self.runner.close()
        self.store.close()
        shutil.rmtree(self.folder)

    # -- what happens -----------------------------------------------------------------------------

    @rule(target=pictures)
    def add(self) -> int:
        try:
            task = self.store.add([new_task(folder=self.folder)])[0]
        except StorageError:
            assert self.disk_full
            return 0
        self.known.add(task.id)
        return task.id

    @rule(picture=pictures, answer=st.sampled_from(ANSWERS))
    def send(self, picture: int, answer: str) -> None:
        task = self._in(picture, TaskState.QUEUED, TaskState.IN_DOUBT)
        if task is None or (task.state is TaskState.IN_DOUBT and not self.idempotent):
            return
        self._send(task, answer)

    @rule(picture=pictures)
    def a_callback_tells_the_truth(self, picture: int) -> None:
        if picture not in self.known or self.disk_full:
            return
        for attempt in self.store.task(picture).attempts:
            if attempt.private_id in self.api.charged:
                self.store.adopt(attempt.private_id, f"task-of-{attempt.private_id}")

    @rule()
    def a_callback_lies(self) -> None:
        assert self.store.adopt("nobody's", "task-of-nobody") is None

    @rule(picture=pictures, choice=st.sampled_from(["send_again", "give_up", "retry", "ask_again"]))
    def the_user_decides(self, picture: int, choice: str) -> None:
        if picture not in self.known:
            return
        try:
            getattr(self.store, choice)(picture)
        except (TransitionRefused, StorageError):
            return
        if choice in ("send_again", "retry"):
            self.approvals[picture] = self.approvals.get(picture, 0) + 1

    @rule(picture=pictures, good=st.booleans())
    def the_service_finishes(self, picture: int, good: bool) -> None:
        task = self._in(picture, TaskState.ACCEPTED)
        if task is None or self.disk_full:
            return
        if good:
            self.store.finished(task.id, b"{}", None)
        else:
            self.store.failed(task.id, Failure("task_failed", "no face"))

    @rule(picture=pictures, crash_after=st.integers(0, 6))
    def the_result_is_fetched(self, picture: int, crash_after: int) -> None:
        task = self._in(picture, TaskState.FINISHED)
        if task is None:
            return
        try:
            self._save(task, crash_after)
        except CrashError:
            self._crash()
        except StorageError:
            if self.store.task(picture).state is TaskState.FETCHING and not self.disk_full:
                self.store.put_off(picture, TROUBLE)

    @rule()
    def the_program_is_killed(self) -> None:
        self._crash()

    @rule(picture=pictures)
    def a_second_program_takes_the_list(self, picture: int) -> None:
        if self.disk_full:
            return
        stale, self.store = self.store, self._open()
        before = list(self.api.charged)
        task = self._in(picture, TaskState.QUEUED)
        if task is not None:
            with pytest.raises(TransitionRefused):
                stale.begin_attempt(task.id, "stale", "")
        stale.close()
        assert self.api.charged == before

    @precondition(lambda self: not self.disk_full)
    @rule()
    def the_disk_fills(self) -> None:
        pages = self._sql("PRAGMA page_count")
        self._sql(f"PRAGMA max_page_count = {pages}")
        # Fill the last page too, so that the next row needs another one.
        with pytest.raises(StorageError):
            self._fill()
        self.disk_full = True

    @precondition(lambda self: self.disk_full)
    @rule()
    def there_is_room_again(self) -> None:
        self._sql("PRAGMA max_page_count = 1073741823")
        self.disk_full = False

    # -- what must hold ---------------------------------------------------------------------------

    @invariant()
    def nothing_is_charged_twice_without_a_yes(self) -> None:
        for task_id in self.known:
            task = self.store.task(task_id)
            mine = [each for each in task.attempts if each.private_id in self.api.charged]
            assert len(mine) <= 1 + self.approvals.get(task_id, 0)
        assert len(self.api.charged) == len(set(self.api.charged))

    @invariant()
    def every_charge_is_known(self) -> None:
        attempts = {
            attempt.private_id: attempt
            for task_id in self.known
            for attempt in self.store.task(task_id).attempts
        }
        for private_id in self.api.charged:
            assert attempts[private_id].outcome in (Outcome.ACCEPTED, Outcome.IN_DOUBT)

    @invariant()
    def nothing_stays_on_its_way(self) -> None:
        for task_id in self.known:
            task = self.store.task(task_id)
            assert task.state is not TaskState.SENDING or self.disk_full
            assert sum(each.outcome is Outcome.OPEN for each in task.attempts) == (
                task.state is TaskState.SENDING
            )

    @invariant()
    def what_is_saved_is_whole(self) -> None:
        for path in self.folder.glob("*.png"):
            assert path.read_bytes() == RESULT
        for task_id in self.known:
            task = self.store.task(task_id)
            if task.state is TaskState.SAVED:
                assert task.files
                assert all(path.exists() for path in task.files)

    # -- how --------------------------------------------------------------------------------------

    def _send(self, task: Task, answer: str) -> None:
        self.api.answer = answer
        line = cast(
            "Any",
            _LineOfTest(
                profile=ServiceProfile(
                    SERVICE, "https://studio.test", private_id_is_idempotent=self.idempotent
                ),
                api=self.api,
                db=SameThread(self.store),
                clock=ImpatientClock(),
            ),
        )
        try:
            sent = self.runner.run(Sender(line).send(task))
            note(f"{task.id}: {answer} -> {sent.task.state}")
        except CrashError:
            self._crash()
        except StorageError:
            assert self.disk_full
            if self.store.task(task.id).state is TaskState.SENDING:
                self._crash()  # the answer cannot be written down: the next start finds it

    def _save(self, task: Task, crash_after: int) -> None:
        """Save as the program does, ending after any of its steps."""
        final = self.folder / f"{task.id}.png"
        outputs = self.store.outputs(task.id)
        placed = bool(outputs) and sha256_of(outputs[0].final) == outputs[0].sha256 is not None
        part = self.folder / f".{task.id}.part"
        opened: list[PartFile] = []

        def write() -> None:
            file = PartFile(part)
            opened.append(file)
            file.write(RESULT)
            file.finish()

        def put() -> None:
            if not placed:
                opened[-1].place(final)

        steps: list[Callable[[], object]] = [
            lambda: self.store.begin_fetch(task.id, [Output(0, part, final)]),
            write,
            lambda: self.store.output_verified(task.id, 0, final, _digest(part), PICTURE),
            put,
            lambda: self.store.output_placed(task.id, 0),
            lambda: self.store.saved(task.id, final.with_suffix(".json")),
        ]
        try:
            for number, step in enumerate(steps):
                if number == crash_after:
                    raise CrashError
                step()
        finally:
            for file in opened:
                file.close()

    def _crash(self) -> None:
        """Go on with the files as they are now, as after a kill or a power cut.

        All commits are on disk (``synchronous = FULL``); what was not committed is gone.
        """
        copies = self.folder / f"copy-{self.generation}"
        copies.mkdir()
        for path in self._database().parent.glob("tasks.sqlite3*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, copies / path.name)
        self.store.close()
        self.generation += 1
        home = self._database().parent
        home.mkdir()
        for path in copies.iterdir():
            path.rename(home / path.name)
        self.disk_full = False
        self.store = self._open()

    def _open(self) -> TaskStore:
        return TaskStore.open(self._database(), Wall())

    def _database(self) -> Path:
        return self.folder / f"data-{self.generation}" / "tasks.sqlite3"

    def _in(self, picture: int, *states: TaskState) -> Task | None:
        if picture not in self.known:
            return None
        task = self.store.task(picture)
        return task if task.state in states else None

    def _fill(self) -> None:
        for _ in range(1000):
            self.store.add([new_task("/filler", self.folder)])

    def _sql(self, statement: str) -> int:
        return int(self.store._connection.execute(statement).fetchone()[0])


class _LineOfTest:
    """What the sender uses of a line."""

    def __init__(
        self, profile: ServiceProfile, api: ApiClient, db: StoreThread, clock: SystemClock
    ) -> None:
        self.profile = profile
        self.api = api
        self.db = db
        self.clock = clock
        self.spending = Spending(clock.wall)

    def changed(self, task: Task) -> None:
        """Nobody listens."""


class PromisesOfIdempotent(Promises):
    """The same against a service to which an equal private id is the same task."""

    idempotent = True


def _digest(path: Path) -> str:
    digest = sha256_of(path)
    assert digest is not None
    return digest


TestPromises = Promises.TestCase
TestPromisesOfIdempotent = PromisesOfIdempotent.TestCase
