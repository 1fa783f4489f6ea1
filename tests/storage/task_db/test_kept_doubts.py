"""What may have been charged stays in doubt, whatever becomes of a further attempt."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from enhance_gui.core.storage_errors import TransitionRefused
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.storage.task_db.store import TaskStore
from tests.support import stored
from tests.support.stored import open_store

REFUSED = Failure("create_failed", "no", 1001001)


@pytest.fixture
def store(tmp_path: Path) -> TaskStore:
    return open_store(tmp_path)


def _approved(store: TaskStore) -> Task:
    """Return a task that waits to be sent a second time."""
    return store.attempts.send_again(stored.in_doubt(store, "first").id)


def _rejected(store: TaskStore, task_id: int) -> Task:
    store.attempts.begin(task_id, "second", "")
    return store.attempts.rejected(task_id, REFUSED)


ENDS = [
    pytest.param(_rejected, id="rejected"),
    pytest.param(lambda store, task_id: store.drafts.refuse(task_id, REFUSED), id="refused here"),
    pytest.param(lambda store, task_id: store.drafts.remove(task_id), id="taken back"),
]


@pytest.mark.parametrize("end", ENDS)
def test_a_further_attempt_that_comes_to_nothing_leads_back_to_the_doubt(
    store: TaskStore, end: Callable[[TaskStore, int], Task]
) -> None:
    task = end(store, _approved(store).id)
    assert task.state is TaskState.IN_DOUBT
    assert task.private_id == "first"
    assert task.charges_possible == 1
    assert task.failure is not None
    assert task.failure.kind == "in_doubt"
    # The yes was to that attempt, and to no other.
    assert not task.attempts[0].approved
    again = store.attempts.begin(store.attempts.send_again(task.id).id, "third", "")
    assert again.charges_possible == 2


@pytest.mark.parametrize("end", ENDS)
def test_what_was_accepted_before_is_what_a_task_then_stands_for(
    store: TaskStore, end: Callable[[TaskStore, int], Task]
) -> None:
    failed = store.accepted.failed(stored.accepted(store, "first").id, Failure("task_failed", ""))
    task = end(store, store.attempts.retry(failed.id).id)
    assert task.state in (TaskState.FAILED, TaskState.CANCELLED)
    assert task.private_id == "first"
    asked = store.accepted.ask_again(task.id)
    assert asked.state is TaskState.ACCEPTED
    assert asked.accepted_at is not None, "its age would begin anew with each start of the program"


def test_the_same_request_is_repeated_for_the_attempt_in_doubt(store: TaskStore) -> None:
    task = _rejected(store, _approved(store).id)
    sending = store.attempts.reopen(task.id)
    assert sending.private_id == "first"
    accepted = store.attempts.accepted(task.id, "there")
    assert [attempt.outcome for attempt in accepted.attempts] == [
        Outcome.ACCEPTED,
        Outcome.REJECTED,
    ]
    assert (accepted.private_id, accepted.service_task_id) == ("first", "there")


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_the_database_lets_no_doubt_end_as_if_nothing_had_been_sent(
    store: TaskStore, tmp_path: Path, state: str
) -> None:
    task = _approved(store)
    with (
        closing(sqlite3.connect(tmp_path / "tasks.sqlite3")) as other,
        other,
        pytest.raises(sqlite3.IntegrityError, match="in doubt"),
    ):
        other.execute("UPDATE task SET state = ? WHERE id = ?", (state, task.id))


def test_a_task_that_waits_to_be_sent_again_has_no_reason_to_wait(store: TaskStore) -> None:
    assert _approved(store).failure is None


def test_a_recovered_task_goes_back_to_its_doubt_too(store: TaskStore) -> None:
    task = _approved(store)
    with store._db.transaction() as sql:  # as the reading of a damaged list leaves it
        sql.execute("DROP TRIGGER task_step")
        sql.execute("UPDATE task SET state = 'draft' WHERE id = ?", (task.id,))
    assert store.drafts.remove(task.id).state is TaskState.IN_DOUBT


# -- proof that comes late ------------------------------------------------------------------------


def _cancelled_before(store: TaskStore) -> Task:
    """Return a task that an earlier version let end, though its first attempt is in doubt."""
    task = _approved(store)
    with store._db.transaction() as sql:
        sql.execute("DROP TRIGGER task_stays_in_doubt")
        sql.execute("UPDATE task SET state = 'cancelled' WHERE id = ?", (task.id,))
    return store.tasks.get(task.id)


def _failed_with_a_doubt(store: TaskStore) -> Task:
    """Return a task whose last doubt is later than what the service accepted."""
    accepted = stored.accepted(store, "accepted")
    failed = store.accepted.failed(accepted.id, Failure("task_failed", ""))
    store.attempts.begin(store.attempts.retry(failed.id).id, "first", "")
    store.attempts.in_doubt(failed.id, stored.TROUBLE)
    store.attempts.send_again(failed.id)
    return _rejected(store, failed.id)


@pytest.mark.parametrize("make", [_cancelled_before, _failed_with_a_doubt])
def test_a_proof_brings_back_what_has_failed_or_was_cancelled(
    store: TaskStore, make: Callable[[TaskStore], Task]
) -> None:
    task = make(store)
    assert task.state in (TaskState.FAILED, TaskState.CANCELLED)
    confirmed = store.hints.confirm_accepted("first", "proven")
    assert confirmed is not None
    assert confirmed.state is TaskState.ACCEPTED
    assert (confirmed.service_task_id, confirmed.failure) == ("proven", None)


def test_a_proof_of_an_earlier_attempt_leaves_a_later_accepted_one_where_it_is(
    store: TaskStore,
) -> None:
    task = _approved(store)
    store.attempts.begin(task.id, "second", "")
    store.attempts.accepted(task.id, "there")
    failed = store.accepted.failed(task.id, Failure("task_failed", ""))
    confirmed = store.hints.confirm_accepted("first", "proven")
    assert confirmed is not None
    assert confirmed.accepted_twice
    assert (confirmed.state, confirmed.service_task_id) == (failed.state, "there")


# -- asking again ---------------------------------------------------------------------------------


def test_what_was_cancelled_after_it_was_accepted_is_asked_about_where_it_may_be(
    store: TaskStore,
) -> None:
    failed = store.accepted.failed(stored.accepted(store, "first").id, Failure("task_failed", ""))
    cancelled = store.drafts.remove(store.attempts.retry(failed.id).id)
    assert cancelled.can_ask_again
    assert store.accepted.ask_again(cancelled.id).state is TaskState.ACCEPTED


def test_a_saved_result_is_fetched_once_more_as_if_it_never_had_been(store: TaskStore) -> None:
    task = stored.saved(store, "a")
    again = store.accepted.ask_again(task.id)
    assert (again.state, again.service_task_id) == (TaskState.ACCEPTED, "service-a")
    assert store.outputs.of(task.id) == []


def test_nobody_asks_about_what_was_deleted(store: TaskStore) -> None:
    deleted = store.deletions.done(stored.saved(store, "a").id, 1)
    said = store.accepted.failed(stored.accepted(store, "b").id, Failure("task_deleted", ""))
    for task in (deleted, said):
        with pytest.raises(TransitionRefused):
            store.accepted.ask_again(task.id)
