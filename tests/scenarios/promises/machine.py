"""The whole state machine: beside the work, words of the user, crashes, troubles of the list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from enhance_gui.core.storage_errors import StorageError, TransitionRefused
from enhance_gui.core.tasks.spending import is_held
from enhance_gui.core.tasks.states import ENDED, TaskState
from enhance_gui.core.tasks.task import Task
from tests.scenarios.promises.judge import CommandHandlers
from tests.scenarios.promises.program import ADDRESSES, PRICES, profile_of, run
from tests.scenarios.promises.provider import ANSWERS
from tests.scenarios.promises.type_changes import TypeChanges
from tests.scenarios.promises.work import LIMITS, NONE, SERVICES, nth

_MAX_LISTS: Final = 2
"""So often the list meets a trouble in one example: each excuses charges that it has forgotten."""

DECISIONS: Final = (
    "give_up",
    "ask_again",
    "ask_again",
    "take_back",
    "cancel",
    "delete_there",
    "results_are_moved",
)


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the list."""

    path: Path
    progress: tuple[int, int]
    """How far it has come."""
    handlers: CommandHandlers


class Promises(TypeChanges):
    """Everything that can happen, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.copy: Copy | None = None
        self.put_in_place: Copy | None = None
        """What has replaced the list while it was open; ``None``: it is gone."""
        self.troubles = 0
        """How often the list was swapped or damaged."""

    # -- what the user wants ----------------------------------------------------------------------

    @rule(number=nth, limit=st.sampled_from((NONE, *LIMITS)), answer=st.sampled_from(ANSWERS))
    def try_once_more(self, number: int, limit: Any, answer: str) -> None:
        """The user says yes to a further attempt; often it is sent at once."""
        task = self._in(number, TaskState.IN_DOUBT, *ENDED - {TaskState.SAVED})
        if task is None:
            return
        again = (
            self.store.attempts.send_again
            if task.state is TaskState.IN_DOUBT
            else self.store.attempts.retry
        )
        self._further(again, task, limit)
        if number % 2:
            self._send_if(self.store.tasks.get(task.id), answer)

    def _further(self, request: Callable[[int], Task], task: Task, limit: Any) -> None:
        """A further attempt is wanted; with a budget it is held to that one alone."""
        try:
            request(task.id)
        except StorageError:
            assert self.disk_full
            return
        self.judge.said_yes(task.id)
        budget, held_to = self._budget(limit)
        if budget is None:
            return
        try:
            run(self.program.batches.join(budget, [task]))
        except StorageError:
            assert self.disk_full
            return
        self.judge.orders[task.id].limit = held_to

    @rule(
        what=st.sampled_from(DECISIONS),
        number=nth,
        answer=st.sampled_from(("deleted", "refused", "none")),
    )
    def the_user_decides(self, what: str, number: int, answer: str) -> None:
        if what == "cancel":
            self.cancel(number, answer)
        else:
            getattr(self, what)(number)

    def give_up(self, number: int) -> None:
        if (task := self._in(number, TaskState.IN_DOUBT)) is not None:
            self._spawn(self.store.attempts.give_up, task)

    def ask_again(self, number: int) -> None:
        if (task := self._in(number, *ENDED)) is None:
            return
        has_result = self._has_result_there(task)
        try:
            self.store.accepted.ask_again(task.id)
        except TransitionRefused:
            assert not has_result, "refused to ask, though that is free"
        except StorageError:
            assert self.disk_full

    def take_back(self, number: int) -> None:
        """Cancel what is not sent."""
        if (task := self._in(number, TaskState.DRAFT, TaskState.QUEUED)) is None:
            return
        if self._spawn(self.store.drafts.remove, task):
            self.judge.taken_back(task.id)

    def cancel(self, number: int, answer: str) -> None:
        """Cancel what the service has; it may answer in a later run."""
        task = self._in(number, TaskState.ACCEPTED, TaskState.CANCELLING)
        if task is None:
            return
        if task.state is TaskState.ACCEPTED and not self._spawn(
            self.store.deletions.begin_cancel, task
        ):
            return
        if answer == "deleted":
            self._delete_there(task)
            self._spawn(self.store.deletions.cancelled, task)
        elif answer == "refused":
            self._spawn(self.store.deletions.keep, task)

    def delete_there(self, number: int) -> None:
        """What the service keeps of an ended task is deleted at the user's request."""
        task = self._in(number, *ENDED)
        if task is None or not task.on_service or self.disk_full:
            return
        self.store.deletions.want(task.id)
        self._delete_there(task)
        for attempt in task.on_service:
            self.store.deletions.done(task.id, attempt.number)

    def _delete_there(self, task: Task) -> None:
        tasks = self.program.providers[ADDRESSES[task.service]].tasks
        for attempt in task.on_service:
            tasks[attempt.service_task_id or ""].outcome = "deleted"

    def _spawn(self, request: Callable[[int], Task], task: Task) -> bool:
        """Return whether it could be stored."""
        try:
            request(task.id)
        except StorageError:
            assert self.disk_full
            return False
        return True

    def results_are_moved(self, number: int) -> None:
        """The user moves, sorts away or deletes what was saved."""
        if (task := self._in(number, TaskState.SAVED)) is not None:
            for path in task.files:
                path.unlink(missing_ok=True)

    # -- limits and Pause -------------------------------------------------------------------------

    @rule(
        what=st.sampled_from(
            ("limit_day", "limit_batches", "allow_more", "try_limits", "pause", "unpause")
        ),
        service=st.sampled_from(SERVICES),
        maximum=st.sampled_from((None, 3.0, 5.0, 8.0)),
    )
    def limits_change(self, what: str, service: str, maximum: float | None) -> None:
        if what == "limit_day":
            self.limit_day(service, maximum)
        elif what == "limit_batches":
            self.limit_batches(maximum)
        elif what in ("pause", "unpause"):
            self.pause(paused=what == "pause")
        else:
            getattr(self, what)(service)

    def limit_day(self, service: str, maximum: float | None) -> None:
        self.program.spending.limit_day(service, maximum)
        self.judge.day_limits.pop(service, None)
        if maximum is not None:
            self.judge.day_limits[service] = maximum

    def limit_batches(self, maximum: float | None) -> None:
        self.program.spending.batch_limit = self.judge.batch_limit = maximum

    def allow_more(self, service: str) -> None:
        """The user says yes to more than the limits."""
        self.program.spending.free_day(service)
        self.judge.free_days.add((service, self.program.today()))
        try:
            self.store.batches.allow_more(service)
            for order_id, order in self.judge.orders.items():
                if order.service == service and self._waits(order_id):
                    order.limit = None
            self.store.batches.let_go(service)
        except StorageError:
            assert self.disk_full

    def _waits(self, task_id: int) -> bool:
        return self.store.tasks.get(task_id).state is TaskState.QUEUED

    def try_limits(self, service: str) -> None:
        try:
            assert all(not is_held(task) for task in self.store.batches.let_go(service))
        except StorageError:
            assert self.disk_full

    def pause(self, *, paused: bool) -> None:
        try:
            self.store.batches.set_paused(paused)
        except StorageError:
            assert self.disk_full
            return
        self.program.is_paused = self.judge.is_paused = paused

    @rule(
        what=st.sampled_from(("forgets", "remembers", "time", "profile", "profile")),
        service=st.sampled_from(SERVICES),
        prices=st.sampled_from(sorted(PRICES)),
    )
    def the_world_changes(self, what: str, service: str, prices: str) -> None:
        """A service knows none of its tasks for a while; a day passes; a profile is edited."""
        if what == "time":
            self.program.clock.passed_s += 24 * 3600.0
        elif what == "profile":
            self.edit_the_profile(service, prices)
        else:
            self.program.providers[ADDRESSES[service]].forgets = what == "forgets"

    def edit_the_profile(self, service: str, prices: str) -> None:
        """What services cost changes in the profile that the work goes by, in each way."""
        if self.store.services.profile(service) is None or self.disk_full:
            return
        profile = profile_of(service, prices, idempotent=self.idempotent)
        self.store.services.remember(profile)
        self.program.at_work(service).context.profile = profile

    # -- ends and starts --------------------------------------------------------------------------

    @rule(what=st.sampled_from(("killed", "ended", "second", "full")), number=nth)
    def the_program_ends(self, what: str, number: int) -> None:
        """It ends and is started again; or a second one takes its list; or its disk fills."""
        if self.disk_full:
            self.there_is_room_again()
        elif what == "killed":
            self._kill()
        elif what == "ended" or self.judge.is_replaced:
            self.store.close()
            self.restart()
        elif what == "second":
            self.a_second_program_takes_the_list(number)
        else:
            self.the_disk_fills()

    def a_second_program_takes_the_list(self, number: int) -> None:
        stale = self.store
        self.restart()
        before = len(self.judge.charged)
        task = self._in(number, TaskState.QUEUED)
        if task is not None:
            with pytest.raises(TransitionRefused):
                stale.attempts.begin(task.id, "stale", "")
        stale.close()
        assert len(self.judge.charged) == before

    def the_disk_fills(self) -> None:
        pages = self.program.sql("PRAGMA page_count")
        self.program.sql(f"PRAGMA max_page_count = {pages}")
        # Fill the last page too, so that the next row needs another one.
        with pytest.raises(StorageError):
            self._fill()
        self.disk_full = True

    def _fill(self) -> None:
        connection = self.store._connection
        for _ in range(1000):
            try:
                connection.execute("INSERT INTO duration VALUES (NULL, ?, 1, 1, 1, 1)", ("x" * 99,))
            except Exception as error:
                raise StorageError(str(error)) from error

    def there_is_room_again(self) -> None:
        self.program.sql("PRAGMA max_page_count = 1073741823")
        self.disk_full = False

    # -- troubles of the list ---------------------------------------------------------------------

    @precondition(lambda self: self.troubles < _MAX_LISTS and not self.judge.is_replaced)
    @rule(
        what=st.sampled_from(("copied", "copied", "older", "older", "replaced", "damaged")),
        flag=st.booleans(),
        page=st.integers(0, 60),
    )
    def the_list_is_touched(self, what: str, flag: bool, page: int) -> None:
        """Somebody copies the list, puts a copy back, deletes it; or the disk damages it."""
        if what == "copied" or (what == "older" and self.copy is None):
            self.the_list_is_copied()
        elif what == "older":
            self.an_older_copy_is_put_back(ended=flag)
        elif what == "replaced":
            self.the_list_is_replaced_while_open(by_copy=flag)
        else:
            self.the_list_is_damaged(page)

    def the_list_is_copied(self) -> None:
        self.copy = Copy(self.program.copy(), self.program.progress(), self.judge.handlers())

    def an_older_copy_is_put_back(self, *, ended: bool) -> None:
        """While the program does not run, the list is replaced by an earlier copy of it."""
        assert self.copy is not None
        self.store.close() if ended else self.program.kill()
        self.program.put_back(self.copy.path)
        self._go_on_with(self.copy)

    def the_list_is_replaced_while_open(self, *, by_copy: bool) -> None:
        """It is deleted, or an earlier copy takes its place, while the program works in it."""
        self.put_in_place = self.copy if by_copy else None
        self.program.put_back(None if self.put_in_place is None else self.put_in_place.path)
        self.judge.is_replaced = True

    def the_list_is_damaged(self, page: int) -> None:
        self.store.close()
        self.program.damage(page)
        self._begin_anew()
        assert self.store.recovery.quarantined is not None

    def restart(self) -> None:
        if self.judge.is_replaced:
            self._go_on_with(self.put_in_place)
        else:
            self._start()

    def _start(self) -> None:
        self.disk_full = False
        self.shared = None
        self.program.start()

    def _go_on_with(self, copy: Copy | None) -> None:
        """Start with another list than the last program had: an earlier one, or none."""
        has_gone_on = copy is None or copy.progress < self.program.recorded()
        if has_gone_on:
            self._begin_anew()
            return
        # Since the copy was made nothing was sent; it is as if later requests had not been.
        assert copy is not None
        assert len(copy.handlers.charged) == len(self.judge.charged), "charged, and not known since"
        self._start()
        self.judge.take_back_to(copy.handlers)

    def _begin_anew(self) -> None:
        self.troubles += 1
        self._start()
        tasks = self.program.tasks()
        assert all(task.state is not TaskState.QUEUED for task in tasks), "to be sent by itself"
        keys = self.program.keys(tasks)
        self.judge.begin_anew(tasks, keys, is_paused=self.program.is_paused)

    # -- what must hold ---------------------------------------------------------------------------

    @invariant()
    def the_promises_hold(self) -> None:
        self.held.look(disk_full=self.disk_full)


class PromisesOfIdempotent(Promises):
    """The same against services to which an equal private id is the same task."""

    idempotent = True
