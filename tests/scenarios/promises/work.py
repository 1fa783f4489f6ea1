"""Part of the state machine: orders, and what the program and the services make of them."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from enhance_gui.core.storage_errors import StorageError
from enhance_gui.core.tasks.states import ENDED, Outcome, TaskState
from enhance_gui.core.tasks.task import Failure, NewTask, Task
from enhance_gui.jobs.queue.budgets import Budget, priced
from enhance_gui.jobs.queue.start_policy import by_place
from enhance_gui.storage.task_db.store import TaskStore
from tests.scenarios.promises.held import Held
from tests.scenarios.promises.judge import Judge, Key, Limit
from tests.scenarios.promises.program import ADDRESSES, Program, profile_of, run
from tests.scenarios.promises.provider import ANSWERS, CrashError
from tests.scenarios.promises.saving import save
from tests.support.stored import TROUBLE

INPUTS: Final = ("http://pictures.test/a.jpg", "/pictures/b.png")
SERVICES: Final = ("Studio", "Studio", "Atelier", "Elsewhere")
NONE: Final = "none"
SAME: Final = "same"
LIMITS: Final = (NONE, SAME, SAME, SAME, None, 3.0, 4.0, math.inf)

_DAY_S: Final = 24 * 3600.0
_NO_CRASH: Final = 99


nth = st.integers(0, 5)
"""Which of the tasks that something can happen to."""


class Work(RuleBasedStateMachine):
    """Orders and answers, in any order."""

    idempotent = False

    def __init__(self) -> None:
        super().__init__()
        # In memory where there is such a folder: what is tried here is order, not the disk.
        parent = Path("/dev/shm")  # noqa: S108
        self.folder = Path(tempfile.mkdtemp(dir=parent if parent.is_dir() else None))
        self.program = Program(self.folder, idempotent=self.idempotent)
        self.held = Held(self.program)
        self.disk_full = False
        self.files = 0
        self.shared: tuple[Budget | None, Limit | None] | None = None
        """What the orders of one command, or of one drop, may cost together."""

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @property
    def store(self) -> TaskStore:
        return self.program.store

    @property
    def judge(self) -> Judge:
        return self.program.judge

    # -- orders -----------------------------------------------------------------------------------

    @initialize(kind=st.sampled_from((1, 2)), answer=st.sampled_from(ANSWERS))
    def begin(self, kind: int, answer: str) -> None:
        """There is always something to go on with."""
        self.name(INPUTS[0], kind, "Studio", "right", NONE, resume=False, answer=answer)

    @rule(
        picture=st.sampled_from(INPUTS),
        kind=st.sampled_from((1, 2)),
        service=st.sampled_from(SERVICES),
        prices=st.sampled_from(("right", "right", "lacking")),
        limit=st.sampled_from(LIMITS),
        resume=st.booleans(),
        answer=st.sampled_from((None, *ANSWERS)),
    )
    def name(
        self,
        picture: str,
        kind: int,
        service: str,
        prices: str,
        limit: Any,
        resume: bool,
        answer: str | None,
    ) -> None:
        """A command names a picture, perhaps once more; ``--resume`` takes what was saved."""
        before = {task.id: task for task in self.program.tasks()}
        try:
            new, budget, limit_of_order = self._order(picture, kind, service, prices, limit)
            there: Collection[int] = ()
            moved: Collection[int] = ()
            if resume:
                there, moved = by_place(self.store.earlier.saved([new]))
            batch = run(self.program.batches.number_of(budget))
            task = self.store.drafts.add_or_find([new], there, moved, batch)[0]
        except StorageError:
            assert self.disk_full
            return
        note(f"{task.id}: {'found' if task.id in before else 'added'}, {task.state}")
        self._take_in(task, before, new, limit_of_order)
        if answer is not None:
            self._send_if(task, answer)

    def _take_in(
        self, task: Task, before: dict[int, Task], new: NewTask, limit: Limit | None
    ) -> None:
        key = Key(new.input, new.type_id, ADDRESSES[new.service])
        if task.id in before:
            self.judge.named_again(task.id, new.cost, limit)
            earlier = before[task.id]
            if self._has_result_there(earlier) and earlier.state is not TaskState.SAVED:
                assert task.state not in ENDED, "not asked again, though that is free"
            return
        paid = [
            each
            for each in before.values()
            if self.judge.orders[each.id].key == key
            and each.state is not TaskState.DRAFT
            and each.charges_possible
        ]
        is_another = bool(paid) and paid[-1].state is TaskState.SAVED
        self.judge.ordered(task, key, new.cost, limit, is_another=is_another)

    def _has_result_there(self, task: Task) -> bool:
        """Tell whether the service has, or may have, a result of an ended task."""
        provider = self.program.providers[ADDRESSES[task.service]]
        attempt = task.followed
        if attempt is not None and attempt.elsewhere and not self.judge.is_complete:
            return False  # a damaged list may have lost where it was sent
        if task.state not in ENDED or attempt is None or attempt.outcome is not Outcome.ACCEPTED:
            return False
        return provider.tasks[attempt.service_task_id or ""].outcome != "deleted"

    @rule(
        picture=st.sampled_from(INPUTS),
        kind=st.sampled_from((1, 2)),
        service=st.sampled_from(SERVICES),
        limit=st.sampled_from(LIMITS),
    )
    def drop(self, picture: str, kind: int, service: str, limit: Any) -> None:
        """A picture is dropped on the window: it waits for Start."""
        try:
            new, budget, limit_of_order = self._order(picture, kind, service, "right", limit)
            batch = run(self.program.batches.number_of(budget))
            task = self.store.drafts.add([new], draft=True, batch=batch)[0]
            key = self.program.keys([task])[task.id]
            self.judge.ordered(task, key, new.cost, limit_of_order)
            self.program.check(task)
        except StorageError:
            assert self.disk_full

    @rule(number=nth, in_spite=st.booleans(), answer=st.sampled_from(ANSWERS))
    def start(self, number: int, in_spite: bool, answer: str) -> None:
        """Start is clicked, perhaps in spite of what was ordered before, which is shown."""
        if (task := self._in(number, TaskState.DRAFT)) is None:
            return
        known = (
            [duplicate.id for duplicate in self.store.earlier.duplicates(task)] if in_spite else []
        )
        try:
            against = self.store.drafts.start_unless_repeated(task.id, known)
        except StorageError:
            assert self.disk_full
            return
        if not against:
            self.judge.started(task.id, in_spite=bool(known))
            self._send_if(self.store.tasks.get(task.id), answer)

    def _order(
        self, picture: str, kind: int, service: str, prices: str, limit: Any
    ) -> tuple[NewTask, Budget | None, Limit | None]:
        profile = profile_of(service, prices, idempotent=self.idempotent)
        self.store.services.remember(profile)
        content = f"content of {picture}" if picture.startswith("/") else ""
        new = NewTask(picture, service, kind, "Enhance", self.program.results, sha256=content)
        return priced([new], profile)[0], *self._budget(limit)

    def _budget(self, limit: Any) -> tuple[Budget | None, Limit | None]:
        """Return what an order is held to, for the program and for the judge.

        :param limit: credits, or a word: that of the order before, as of one command with several
            inputs; or none.
        """
        if limit == NONE:
            return None, None
        if limit != SAME or self.shared is None:
            maximum = None if limit == SAME else limit
            budget = Budget(maximum)
            self.shared = budget, Limit(maximum) if budget.max_cost != math.inf else None
        return self.shared

    # -- what the program does by itself ----------------------------------------------------------

    @rule(number=nth, answer=st.sampled_from(ANSWERS))
    def send(self, number: int, answer: str) -> None:
        waiting = self.program.tasks(TaskState.QUEUED, TaskState.IN_DOUBT)
        sendable = [task for task in waiting if self.program.sends(task)]
        if not sendable:
            for work in self.program.at_work_on.values():
                work.context.resume()  # the user has mended what it had paused for
            return
        self._send(sendable[number % len(sendable)], answer)

    def _send_if(self, task: Task, answer: str) -> None:
        """Send a task where nothing holds it."""
        if self.program.sends(task):
            self._send(task, answer)

    def _send(self, task: Task, answer: str) -> None:
        try:
            self.program.send(task, answer)
            note(f"{task.id}: {answer} -> {self.store.tasks.get(task.id).state}")
        except CrashError:
            self._kill()
        except StorageError:
            assert self.disk_full
            if self.store.tasks.get(task.id).state is TaskState.SENDING:
                self._kill()  # the answer cannot be written down: the next start finds it

    @rule(
        number=nth,
        answer=st.sampled_from(("finished", "finished", "finished", "failed", "silent")),
        after_s=st.sampled_from((1.0, 60.0, 3600.0, 1.2 * _DAY_S)),
        crash_after=st.integers(0, 9),
        is_gone=st.integers(0, 7),
    )
    def follow(
        self, number: int, answer: str, after_s: float, crash_after: int, is_gone: int
    ) -> None:
        """What the service has accepted is asked about; a result is fetched."""
        self.program.clock.passed_s += after_s
        if (task := self._in(number, TaskState.ACCEPTED)) is not None:
            self._ask(task, answer)
            if self.program.providers[ADDRESSES[task.service]].forgets:
                self._ask_on(task.id, number)
        if (task := self._in(number, TaskState.FINISHED)) is not None:
            self._fetch(task, crash_after, is_gone=is_gone == 1)

    @rule(number=nth)
    def follow_all(self, number: int) -> None:
        """Work goes well for a while."""
        if self.disk_full:
            return
        for task in self.program.tasks(TaskState.ACCEPTED)[number:]:
            self._ask(task, "finished")
        for task in self.program.tasks(TaskState.FINISHED)[number:]:
            self._fetch(task, _NO_CRASH, is_gone=False)

    def _ask_on(self, task_id: int, times: int) -> None:
        """Ask about a task again and again that the service does not know for now."""
        for _ in range(times):
            known = {task.id: task for task in self.program.tasks(TaskState.ACCEPTED)}
            if task_id in known:
                self._ask(known[task_id], "finished")

    def _ask(self, task: Task, answer: str) -> None:
        if not self.program.reaches(task.service):
            return
        try:
            self.program.ask(task, answer)
        except CrashError:
            assert self.disk_full
            self._kill()
            return
        now = self.store.tasks.get(task.id)
        if now.state is TaskState.FAILED and now.failure and now.failure.kind == "task_unknown":
            assert now.accepted_at is not None
            age_s = (self.program.clock.wall() - now.accepted_at).total_seconds()
            assert age_s >= _DAY_S, "given up, though the service may know it again"

    def _fetch(self, task: Task, crash_after: int, *, is_gone: bool) -> None:
        try:
            if is_gone:
                self.store.outputs.lose(task.id, Failure("result_gone", "404"))
            else:
                self.files += 1
                name = self.program.results / f"{self.files}.png"
                save(self.store, task, name, crash_after)
        except CrashError:
            self._kill()
        except StorageError:
            if self.store.tasks.get(task.id).state is TaskState.FETCHING and not self.disk_full:
                self.store.outputs.put_off(task.id, TROUBLE)

    # -- how --------------------------------------------------------------------------------------

    def _in(self, number: int, *states: TaskState) -> Task | None:
        found = self.program.tasks(*states)
        return found[number % len(found)] if found else None

    def _kill(self) -> None:
        """The program ends without a word, and is started again."""
        self.program.kill()
        self.restart()

    def restart(self) -> None:
        """Start the program, which has ended, with the list that is in its place."""
        raise NotImplementedError
