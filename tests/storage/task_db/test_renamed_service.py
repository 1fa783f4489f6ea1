"""A service that gets another name takes its ended tasks along, and what belongs to them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.durations import DurationSample
from enhance_gui.core.tasks.task import NewTask, Task, TaskState
from enhance_gui.storage.task_db.store import TaskStore
from tests.support import stored
from tests.support.stored import SERVICE, TROUBLE, Wall, open_store

NEW = ServiceProfile("Atelier", "https://studio.test/api")
SAMPLE = DurationSample(1, 2.5, 3.0, 4.0)


@pytest.fixture
def store(tmp_path: Path) -> TaskStore:
    return open_store(tmp_path)


def names(store: TaskStore) -> dict[int, str]:
    return {task.id: task.service for task in store.tasks(TaskState)}


def saved_under(store: TaskStore, service: str, number: str) -> Task:
    """Store a task that has failed, with this number on the service."""
    picture = f"http://pictures.test/{service}"
    new = NewTask(picture, service, 1, "Enhance", Path("/results"))
    found = replace(stored.PICTURE, location=picture)
    task = store.checked(store.add([new])[0].id, found, None)
    store.accepted(store.begin_attempt(task.id, f"{service}-{number}", "", cost=2).id, number)
    return store.failed(task.id, TROUBLE)


def test_ended_tasks_go_by_the_new_name_with_all_that_belongs_to_them(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    saved = stored.saved(store, "a")
    failed = saved_under(store, SERVICE, "1")
    given_up = store.give_up(stored.in_doubt(store, "b").id)
    assert store.note_callback(SERVICE, "hinted", "b") is not None
    hidden = stored.saved(store, "c")
    store.hide([hidden.id])
    store.want_deleted(failed.id)
    spent = store.ledger(saved.created_at, SERVICE)
    renamed = store.rename_service(SERVICE, NEW)
    assert [task.id for task in renamed] == [saved.id, failed.id, given_up.id]
    assert {task.service for task in renamed} == {"Atelier"}
    store.close()
    store = TaskStore.open(tmp_path / "tasks.sqlite3", Wall())
    assert set(names(store).values()) == {"Atelier"}
    assert hidden.id not in [task.id for task in store.history()]
    assert store.service("Atelier") == NEW
    assert [task.id for task in store.deletions_wanted("Atelier")] == [failed.id]
    assert [hint.private_id for hint in store.callback_hints("Atelier")] == ["b"]
    assert len(store.ledger(saved.created_at, "Atelier")) == len(spent) == 4
    assert store.ledger(saved.created_at, SERVICE) == []
    again = store.retry(failed.id)
    assert store.begin_attempt(again.id, "d", "").service == "Atelier"


def test_what_was_learned_of_a_service_is_known_under_its_new_name(store: TaskStore) -> None:
    store.finished(stored.accepted(store).id, b"{}", SAMPLE)
    store.lose(1, TROUBLE)
    store.rename_service(SERVICE, NEW)
    assert store.durations("Atelier") == [SAMPLE]
    assert store.durations(SERVICE) == []


@pytest.mark.parametrize(
    "unfinished", [stored.queued, stored.sending, stored.in_doubt, stored.accepted, stored.fetching]
)
def test_while_a_task_is_unfinished_every_one_keeps_its_name(
    store: TaskStore, unfinished: object
) -> None:
    assert callable(unfinished)
    saved_under(store, SERVICE, "1")
    unfinished(store)
    assert store.rename_service(SERVICE, NEW) == []
    assert set(names(store).values()) == {SERVICE}
    assert store.service("Atelier") is None


def test_a_name_that_had_tasks_before_keeps_them_and_its_profile(store: TaskStore) -> None:
    known = ServiceProfile("Atelier", "https://studio.test/api", requests_per_s=3.0)
    store.remember_service(known)
    there = saved_under(store, "Atelier", "1")
    own = saved_under(store, SERVICE, "2")
    assert [task.id for task in store.rename_service(SERVICE, NEW)] == [own.id]
    assert names(store) == {there.id: "Atelier", own.id: "Atelier"}
    assert store.service("Atelier") == known


def test_a_task_whose_number_another_one_has_keeps_its_name(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.remember_service(NEW)
    there = saved_under(store, "Atelier", "1")
    same, other = saved_under(store, SERVICE, "1"), saved_under(store, SERVICE, "2")
    assert [task.id for task in store.rename_service(SERVICE, NEW)] == [other.id]
    assert names(store) == {there.id: "Atelier", same.id: SERVICE, other.id: "Atelier"}
    store.close()
    with closing(sqlite3.connect(tmp_path / "tasks.sqlite3")) as looked:
        both = "SELECT attempt.service, task.service FROM attempt JOIN task ON task.id = task_id"
        assert all(one == other for one, other in looked.execute(both))
        assert looked.execute("PRAGMA foreign_key_check").fetchall() == []


def test_an_equal_number_of_another_address_is_no_hindrance(store: TaskStore) -> None:
    store.remember_service(ServiceProfile("Atelier", "https://elsewhere.test"))
    saved_under(store, "Atelier", "1")
    store.remember_service(NEW)
    own = saved_under(store, SERVICE, "1")
    assert [task.id for task in store.rename_service(SERVICE, NEW)] == [own.id]


def test_there_and_back_again_is_as_before(store: TaskStore) -> None:
    profile = store.service(SERVICE)
    assert profile is not None
    before = [saved_under(store, SERVICE, "1"), stored.saved(store, "a")]
    store.rename_service(SERVICE, NEW)
    assert store.rename_service(SERVICE, NEW) == []
    assert [task.id for task in store.rename_service("Atelier", profile)] == [1, 2]
    assert store.tasks(TaskState) == before
