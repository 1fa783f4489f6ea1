"""A service that gets another name takes its ended tasks along, and what belongs to them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import NewTask, Task
from enhance_gui.core.tasks.work_times import DurationSample
from enhance_gui.storage.task_db.store import TaskStore
from tests.support import stored
from tests.support.stored import SERVICE, TROUBLE, Wall, open_store

NEW = ServiceProfile("Atelier", "https://studio.test/api")
SAMPLE = DurationSample(1, 2.5, 3.0, 4.0)


@pytest.fixture
def store(tmp_path: Path) -> TaskStore:
    return open_store(tmp_path)


def names(store: TaskStore) -> dict[int, str]:
    return {task.id: task.service for task in store.tasks.in_states(TaskState)}


def saved_under(store: TaskStore, service: str, number: str) -> Task:
    """Store a task that has failed, with this number on the service."""
    picture = f"http://pictures.test/{service}"
    new = NewTask(picture, service, 1, "Enhance", Path("/results"))
    found = replace(stored.PICTURE, location=picture)
    task = store.drafts.checked(store.drafts.add([new])[0].id, found, None)
    store.attempts.accepted(
        store.attempts.begin(task.id, f"{service}-{number}", "", cost=2).id, number
    )
    return store.accepted.failed(task.id, TROUBLE)


def test_ended_tasks_go_by_the_new_name_with_all_that_belongs_to_them(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    saved = stored.saved(store, "a")
    failed = saved_under(store, SERVICE, "1")
    given_up = store.attempts.give_up(stored.in_doubt(store, "b").id)
    assert store.hints.note(SERVICE, "hinted", "b") is not None
    hidden = stored.saved(store, "c")
    store.tasks.hide([hidden.id])
    store.deletions.want(failed.id)
    spent = store.charges.ledger(saved.created_at, SERVICE)
    renamed = store.services.rename(SERVICE, NEW)
    assert [task.id for task in renamed] == [saved.id, failed.id, given_up.id]
    assert {task.service for task in renamed} == {"Atelier"}
    store.close()
    store = TaskStore.open(tmp_path / "tasks.sqlite3", Wall())
    assert set(names(store).values()) == {"Atelier"}
    assert hidden.id not in [task.id for task in store.tasks.history()]
    assert store.services.profile("Atelier") == NEW
    assert [task.id for task in store.deletions.wanted("Atelier")] == [failed.id]
    assert [hint.private_id for hint in store.hints.of("Atelier")] == ["b"]
    assert len(store.charges.ledger(saved.created_at, "Atelier")) == len(spent) == 4
    assert store.charges.ledger(saved.created_at, SERVICE) == []
    again = store.attempts.retry(failed.id)
    assert store.attempts.begin(again.id, "d", "").service == "Atelier"


def test_what_was_learned_of_a_service_is_known_under_its_new_name(store: TaskStore) -> None:
    store.accepted.finished(stored.accepted(store).id, b"{}", SAMPLE)
    store.outputs.lose(1, TROUBLE)
    store.services.rename(SERVICE, NEW)
    assert store.services.durations("Atelier") == [SAMPLE]
    assert store.services.durations(SERVICE) == []


@pytest.mark.parametrize(
    "unfinished", [stored.queued, stored.sending, stored.in_doubt, stored.accepted, stored.fetching]
)
def test_while_a_task_is_unfinished_every_one_keeps_its_name(
    store: TaskStore, unfinished: object
) -> None:
    assert callable(unfinished)
    saved_under(store, SERVICE, "1")
    unfinished(store)
    assert store.services.rename(SERVICE, NEW) == []
    assert set(names(store).values()) == {SERVICE}
    assert store.services.profile("Atelier") is None


def test_a_name_that_had_tasks_before_keeps_them_and_its_profile(store: TaskStore) -> None:
    known = ServiceProfile("Atelier", "https://studio.test/api", requests_per_s=3.0)
    store.services.remember(known)
    there = saved_under(store, "Atelier", "1")
    own = saved_under(store, SERVICE, "2")
    assert [task.id for task in store.services.rename(SERVICE, NEW)] == [own.id]
    assert names(store) == {there.id: "Atelier", own.id: "Atelier"}
    assert store.services.profile("Atelier") == known


def test_a_task_whose_number_another_one_has_keeps_its_name(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.services.remember(NEW)
    there = saved_under(store, "Atelier", "1")
    same, other = saved_under(store, SERVICE, "1"), saved_under(store, SERVICE, "2")
    assert [task.id for task in store.services.rename(SERVICE, NEW)] == [other.id]
    assert names(store) == {there.id: "Atelier", same.id: SERVICE, other.id: "Atelier"}
    store.close()
    with closing(sqlite3.connect(tmp_path / "tasks.sqlite3")) as looked:
        both = "SELECT attempt.service, task.service FROM attempt JOIN task ON task.id = task_id"
        assert all(one == other for one, other in looked.execute(both))
        assert looked.execute("PRAGMA foreign_key_check").fetchall() == []


def test_an_equal_number_of_another_address_is_no_hindrance(store: TaskStore) -> None:
    store.services.remember(ServiceProfile("Atelier", "https://elsewhere.test"))
    saved_under(store, "Atelier", "1")
    store.services.remember(NEW)
    own = saved_under(store, SERVICE, "1")
    assert [task.id for task in store.services.rename(SERVICE, NEW)] == [own.id]


def test_there_and_back_again_is_as_before(store: TaskStore) -> None:
    profile = store.services.profile(SERVICE)
    assert profile is not None
    before = [saved_under(store, SERVICE, "1"), stored.saved(store, "a")]
    store.services.rename(SERVICE, NEW)
    assert store.services.rename(SERVICE, NEW) == []
    assert [task.id for task in store.services.rename("Atelier", profile)] == [1, 2]
    assert store.tasks.in_states(TaskState) == before
