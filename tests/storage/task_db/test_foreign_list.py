"""A list of tasks that somebody has made or changed: it is believed no further than it can be."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from enhance_gui.core.storage_errors import DatabaseDamaged, TransitionRefused
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.storage.task_db.database import look_at_database
from enhance_gui.storage.task_db.store import TaskStore
from tests.support import stored
from tests.support.stored import SERVICE, Wall, open_store


def change(folder: Path, script: str) -> None:
    with sqlite3.connect(folder / "tasks.sqlite3") as changed:
        changed.executescript(script)
    changed.close()


def triggers(folder: Path) -> dict[str, str]:
    with closing(sqlite3.connect(folder / "tasks.sqlite3")) as found:
        rows = found.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        return dict(rows.fetchall())


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TRIGGER mine AFTER UPDATE ON task BEGIN DELETE FROM output; END",
        "CREATE TABLE mine (text)",
        "CREATE VIEW mine AS SELECT * FROM task",
        "CREATE INDEX mine ON task (input)",
        "DROP INDEX attempt_by_time",
        "ALTER TABLE task ADD COLUMN mine TEXT",
        "DROP TABLE duration; CREATE TABLE duration (id INTEGER PRIMARY KEY)",
    ],
)
def test_a_list_of_another_shape_is_set_aside_and_read_out(tmp_path: Path, script: str) -> None:
    store = open_store(tmp_path)
    waiting, doubt = stored.queued(store), stored.in_doubt(store)
    store.close()
    change(tmp_path, script)
    with pytest.raises(DatabaseDamaged):
        look_at_database(tmp_path / "tasks.sqlite3")
    again = open_store(tmp_path)
    assert again.recovery.quarantined is not None
    assert again.tasks.get(waiting.id).state is TaskState.DRAFT
    assert again.tasks.get(doubt.id).private_id == doubt.private_id
    again.close()
    assert look_at_database(tmp_path / "tasks.sqlite3") is not None


def test_the_programs_own_triggers_are_written_anew(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    task = stored.in_doubt(store)
    store.close()
    before = triggers(tmp_path)
    change(
        tmp_path,
        "DROP TRIGGER attempt_is_kept; DROP TRIGGER attempt_follows; "
        "CREATE TRIGGER attempt_follows BEFORE INSERT ON attempt BEGIN DELETE FROM output; END",
    )
    again = open_store(tmp_path)
    assert again.recovery.quarantined is None
    assert triggers(tmp_path) == before
    with pytest.raises(TransitionRefused):
        again.attempts.begin(task.id, "second", "")
    again.close()


def test_moments_that_are_none_lose_no_task(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    task = stored.saved(store)
    store.close()
    change(
        tmp_path,
        "UPDATE task SET created_at = 'x', saved_at = '2026-01-01', accepted_at = '9'; "
        "UPDATE attempt SET opened_at = '9999'; DROP TRIGGER event_is_fixed; "
        "UPDATE event SET at = ''; UPDATE task SET width_px = NULL",
    )
    again = open_store(tmp_path)
    found = again.tasks.get(task.id)
    assert found.state is TaskState.SAVED
    assert (found.saved_at, found.accepted_at, found.checked) == (None, None, None)
    assert found.created_at.year == 1970
    assert len(again.charges.ledger(found.created_at)) == 1
    assert again.tasks.events(task.id)[0].at == found.created_at


@pytest.mark.parametrize(
    "profile",
    [
        "[" * 5000 + "]" * 5000,
        '{"name": "Studio", "requests_per_s": ' + "9" * 6000 + "}",
        '{"name": "Studio", "base_url": "https://x", "requests_per_s": 1e999}',
        "[]",
        '"Studio"',
        "{",
        "{}",
        "",
    ],
)
def test_a_profile_that_cannot_be_read_loses_no_task(tmp_path: Path, profile: str) -> None:
    store = open_store(tmp_path)
    task = stored.accepted(store)
    store.close()
    with sqlite3.connect(tmp_path / "tasks.sqlite3") as changed:
        changed.execute("UPDATE service SET profile = ?", (profile,))
    changed.close()
    again = TaskStore.open(tmp_path / "tasks.sqlite3", Wall())
    kept = again.services.profile(SERVICE)
    assert kept is not None
    assert kept.base_url == "https://lost.invalid"
    assert again.tasks.get(task.id).service_task_id == "service-private-1"


def test_a_list_without_its_owner_is_taken_over(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.close()
    change(tmp_path, "DELETE FROM owner")
    assert stored.in_doubt(open_store(tmp_path)).charges_possible == 1
    change(tmp_path, "UPDATE owner SET epoch = 9223372036854775807")
    assert stored.in_doubt(open_store(tmp_path), "other").charges_possible == 1


def test_results_are_only_those_in_the_save_folder(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    task = stored.saved(store)
    assert store.tasks.get(task.id).files == (Path("/results/private-1.png"),)
    store.close()
    change(tmp_path, "UPDATE output SET final = '/etc/hostname'")
    assert open_store(tmp_path).tasks.get(task.id).files == ()
