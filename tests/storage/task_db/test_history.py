"""Taking tasks from the list, and remembering what the service no longer has."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.storage.task_db.store import TaskStore
from tests.support import stored
from tests.support.stored import open_store

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> TaskStore:
    return open_store(tmp_path)


def test_what_is_taken_from_the_list_is_gone_from_the_history_and_stays_stored(
    store: TaskStore, tmp_path: Path
) -> None:
    kept, taken = stored.saved(store, "a"), stored.saved(store, "b")
    assert [task.id for task in store.tasks.hide([taken.id])] == [taken.id]
    assert [task.id for task in store.tasks.history()] == [kept.id]
    assert store.tasks.get(taken.id) == taken
    store.close()
    again = open_store(tmp_path)
    assert [task.id for task in again.tasks.history()] == [kept.id]
    assert [task.id for task in again.tasks.bring_back([taken.id])] == [taken.id]
    assert [task.id for task in again.tasks.history()] == [kept.id, taken.id]


def test_the_money_that_a_hidden_task_has_cost_stays_in_the_ledger(store: TaskStore) -> None:
    task = stored.queued(store)
    store.attempts.begin(task.id, "private", "", cost=5)
    store.attempts.accepted(task.id, "there")
    store.accepted.failed(task.id, Failure("task_failed", "no face"))
    before = store.charges.ledger(LONG_AGO)
    store.tasks.hide([task.id])
    assert store.charges.ledger(LONG_AGO) == before
    assert [entry.cost for entry in before] == [5]


def test_only_what_has_ended_is_taken_from_the_list(store: TaskStore, tmp_path: Path) -> None:
    running = stored.accepted(store, "a")
    assert store.tasks.hide([running.id]) == []
    refused = pytest.raises(sqlite3.IntegrityError, match="it has not ended")
    with closing(sqlite3.connect(tmp_path / "tasks.sqlite3")) as other, other, refused:
        other.execute("UPDATE task SET hidden_at = 'now'")


def test_a_hidden_task_that_goes_on_comes_back_into_the_list(store: TaskStore) -> None:
    task = store.attempts.give_up(stored.in_doubt(store, "a").id)
    store.tasks.hide([task.id])
    confirmed = store.hints.confirm_accepted("a", "proven")
    assert confirmed is not None
    assert confirmed.state is TaskState.ACCEPTED
    store.accepted.failed(task.id, Failure("task_failed", ""))
    assert [each.id for each in store.tasks.history()] == [task.id]


def test_a_hidden_task_is_still_known_as_the_same_picture(store: TaskStore) -> None:
    task = stored.saved(store, "a")
    store.tasks.hide([task.id])
    again = store.drafts.add([stored.new_task("http://pictures.test/a")], draft=True)[0]
    assert [duplicate.id for duplicate in store.earlier.duplicates(again)] == [task.id]


def test_ten_thousand_tasks_are_taken_from_the_list_in_one_step(store: TaskStore) -> None:
    drafts = store.drafts.add([stored.new_task(f"http://pictures.test/{n}") for n in range(10_000)])
    for task in drafts[:3]:
        store.drafts.remove(task.id)
    assert len(store.tasks.hide([task.id for task in drafts])) == 3


def test_what_the_service_has_deleted_is_remembered(store: TaskStore, tmp_path: Path) -> None:
    task = stored.saved(store, "a")
    assert [each.service_task_id for each in task.on_service] == ["service-a"]
    deleted = store.deletions.done(task.id, 1)
    assert deleted.on_service == ()
    assert deleted.state is TaskState.SAVED
    assert deleted.files == task.files
    store.close()
    assert open_store(tmp_path).tasks.get(task.id).on_service == ()


def test_a_cancelled_task_is_not_on_the_service_any_more(store: TaskStore) -> None:
    task = stored.accepted(store, "a")
    store.deletions.begin_cancel(task.id)
    assert store.deletions.cancelled(task.id).on_service == ()


@pytest.mark.parametrize("kind", ["task_unknown", "task_deleted"])
def test_the_service_does_not_have_what_it_says_it_does_not(store: TaskStore, kind: str) -> None:
    task = store.accepted.failed(stored.accepted(store, "a").id, Failure(kind, ""))
    assert task.on_service == ()


def test_each_attempt_that_was_accepted_is_on_the_service(store: TaskStore) -> None:
    first = store.accepted.failed(stored.accepted(store, "a").id, Failure("task_failed", ""))
    store.attempts.retry(first.id)
    store.attempts.begin(first.id, "second", "")
    store.attempts.accepted(first.id, "there-2")
    both = store.accepted.failed(first.id, Failure("task_unknown", ""))
    assert [each.service_task_id for each in both.on_service] == ["service-a"]
    with pytest.raises(Exception, match="no record"):
        store.deletions.done(stored.in_doubt(store, "b").id, 1)


def test_the_log_tells_each_step_with_what_belongs_to_it(store: TaskStore) -> None:
    task = store.accepted.failed(
        stored.accepted(store, "a").id, Failure("task_failed", "no face found")
    )
    store.tasks.hide([task.id])
    reported = [(event.step, event.detail) for event in store.tasks.events(task.id)]
    assert reported == [
        ("add", ""),
        ("check", "jpg, 512 × 512, 74,000 bytes"),
        ("send", "a"),
        ("accept", "service-a"),
        ("fail", "no face found"),
        ("hide", ""),
    ]
    moments = [event.at for event in store.tasks.events(task.id)]
    assert moments == sorted(moments)
