"""A list of tasks that an earlier version of the program has left keeps everything."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from enhance_gui.core.services.profile import ServiceProfile, profile_to_mapping
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.storage.task_db.database import open_database
from enhance_gui.storage.task_db.schema import STEPS_OF_SCHEMA, VERSION
from enhance_gui.storage.task_db.store import TaskStore
from tests.support.stored import Wall

MOMENT = "2025-05-06T07:08:09.000+00:00"
STATES = (
    TaskState.DRAFT,
    TaskState.QUEUED,
    TaskState.IN_DOUBT,
    TaskState.ACCEPTED,
    TaskState.FINISHED,
    TaskState.SAVED,
    TaskState.FAILED,
)
"""Of the stored tasks, in order; their numbers begin with 1."""

_OUTCOMES = {
    TaskState.IN_DOUBT: "in_doubt",
    TaskState.ACCEPTED: "accepted",
    TaskState.FINISHED: "accepted",
    TaskState.SAVED: "accepted",
    TaskState.FAILED: "rejected",
}


def write_version_1(path: Path) -> None:
    """Write what version 1 had: tasks in every kind of state, with all that belongs to them."""
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.executescript(f"BEGIN; {STEPS_OF_SCHEMA[0]} PRAGMA user_version = 1; COMMIT")
        profile = json.dumps(profile_to_mapping(ServiceProfile("Studio", "https://studio.test")))
        old.execute("INSERT INTO service VALUES ('Studio', ?)", (profile,))
        for number, state in enumerate(STATES, start=1):
            _write_task(old, number, state)
        old.execute("INSERT INTO duration VALUES (1, 'Studio', 1, 0.5, 3, 4)")


def _write_task(old: sqlite3.Connection, number: int, state: TaskState) -> None:
    old.execute(
        "INSERT INTO task (id, input, service, type_id, type_name, save_folder, state, created_at) "
        "VALUES (?, ?, 'Studio', 1, 'Enhance', '/results', ?, ?)",
        (number, f"https://example.org/{number}.jpg", state.value, MOMENT),
    )
    old.execute(
        "INSERT INTO event (task_id, step, source, target, cause, at) "
        "VALUES (?, 'add', NULL, 'draft', 'added', ?)",
        (number, MOMENT),
    )
    if outcome := _OUTCOMES.get(state):
        old.execute(
            "INSERT INTO attempt (task_id, number, service, private_id, request_sha256, outcome, "
            "cost, opened_at) VALUES (?, 1, 'Studio', ?, '', 'open', 2, ?)",
            (number, f"private-{number}", MOMENT),
        )
        old.execute(
            "UPDATE attempt SET outcome = ?, service_task_id = ? WHERE task_id = ?",
            (outcome, f"there-{number}" if outcome == "accepted" else None, number),
        )
    if state is TaskState.SAVED:
        old.execute(
            "INSERT INTO output VALUES (?, 0, '/results/.p', '/results/a.png', '00', 9, 'png', "
            "4, 4, 1)",
            (number,),
        )


def test_an_older_list_is_brought_up_to_date_and_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "tasks.sqlite3"
    write_version_1(path)
    store = TaskStore.open(path, Wall())
    assert store.recovery.quarantined is None
    tasks = store.tasks.in_states(TaskState)
    assert tuple(task.state for task in tasks) == STATES
    assert [task.input for task in tasks] == [f"https://example.org/{n}.jpg" for n in range(1, 8)]
    assert {task.given for task in tasks} == {""}
    assert {task.service_task_id for task in tasks} == {None, "there-4", "there-5", "there-6"}
    assert [task.charges_possible for task in tasks] == [0, 0, 1, 1, 1, 1, 0]
    assert tasks[5].files == (Path("/results/a.png"),)
    assert [task.state for task in store.tasks.history()] == [TaskState.SAVED, TaskState.FAILED]
    assert [event.step for event in store.tasks.events(3)] == ["add"]
    assert store.tasks.events(3)[0].detail == ""
    assert len(store.services.durations("Studio")) == 1
    assert sum(entry.cost for entry in store.charges.ledger(tasks[0].created_at)) == 8
    store.close()
    with closing(sqlite3.connect(path)) as looked:
        assert looked.execute("PRAGMA user_version").fetchone()[0] == VERSION


def test_what_an_older_list_lacked_works_in_it_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "tasks.sqlite3"
    write_version_1(path)
    store = TaskStore.open(path, Wall())
    store.tasks.hide([6])
    deleted = store.deletions.done(6, 1)
    assert deleted.on_service == ()
    assert [task.id for task in store.tasks.history()] == [7]
    store.close()
    again = TaskStore.open(path, Wall())
    assert [task.id for task in again.tasks.history()] == [7]
    assert again.tasks.get(6).attempts[0].deleted
    assert again.tasks.get(6).attempts[0].outcome is Outcome.ACCEPTED


def test_an_upgrade_that_is_interrupted_leaves_the_older_list_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "tasks.sqlite3"
    write_version_1(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as interrupted:
        interrupted.executescript(f"BEGIN IMMEDIATE; {STEPS_OF_SCHEMA[1]}")
    with closing(sqlite3.connect(path)) as looked:
        assert looked.execute("PRAGMA user_version").fetchone()[0] == 1
    assert len(TaskStore.open(path, Wall()).tasks.in_states(TaskState)) == len(STATES)


def test_a_damaged_older_list_is_read_out_too(tmp_path: Path) -> None:
    path = tmp_path / "tasks.sqlite3"
    write_version_1(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as damaged:
        damaged.execute("PRAGMA user_version = 0")  # not one of ours any more: set aside
    store = TaskStore.open(path, Wall())
    assert store.recovery.salvaged == len(STATES)
    assert store.tasks.get(6).service_task_id == "there-6"
    assert [event.step for event in store.tasks.events(6)] == ["add"]
    store.close()
    opened = open_database(path, Wall()())
    assert opened.quarantined is None
    opened.connection.close()


def test_of_attempts_of_an_older_list_it_is_known_where_they_went(tmp_path: Path) -> None:
    path = tmp_path / "tasks.sqlite3"
    write_version_1(path)
    store = TaskStore.open(path, Wall())
    saved = store.tasks.get(1 + STATES.index(TaskState.SAVED))
    assert [each.service_task_id for each in saved.on_service] == [saved.service_task_id]
    store.services.remember(ServiceProfile("Studio", "https://elsewhere.test"))
    assert store.tasks.get(saved.id).on_service == ()
    store.services.remember(ServiceProfile("Studio", "https://studio.test"))
    assert store.tasks.get(saved.id) == saved
    store.close()
