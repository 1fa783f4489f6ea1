"""A list of tasks of version 3 is made anew around the addresses of services, and keeps everything.

Two of its tables are replaced, the one that knows what was paid among them.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from enhance_gui.core.services.profile import ServiceProfile, profile_to_mapping
from enhance_gui.core.storage_errors import TransitionRefused
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.storage.task_db.schema import STEPS_OF_SCHEMA, VERSION
from enhance_gui.storage.task_db.store import TaskStore
from tests.support.stored import Wall

MOMENT = "2025-05-06T07:08:09.000+00:00"
EARLIER = "https://earlier.test"
STUDIO = ServiceProfile("Studio", "https://studio.test")

ATTEMPTS: Final[tuple[tuple[TaskState, tuple[str, ...]], ...]] = (
    (TaskState.DRAFT, ()),
    (TaskState.QUEUED, ("unsent",)),
    (TaskState.SENDING, ("open",)),
    (TaskState.IN_DOUBT, ("in_doubt",)),
    (TaskState.ACCEPTED, ("in_doubt", "accepted")),
    (TaskState.FINISHED, ("rejected", "accepted")),
    (TaskState.FETCHING, ("accepted",)),
    (TaskState.SAVED, ("accepted", "accepted")),
    (TaskState.FAILED, ("rejected",)),
    (TaskState.CANCELLING, ("accepted",)),
    (TaskState.CANCELLED, ("accepted",)),
    (TaskState.WRITTEN_OFF, ("in_doubt",)),
)
"""Every state, and what became of the attempts; the tasks' numbers begin with 1."""

_NUMBER_OF: Final = {state: number for number, (state, _) in enumerate(ATTEMPTS, start=1)}

_NEW_ATTEMPT: Final = (
    "INSERT INTO attempt (task_id, number, service, private_id, request_sha256, outcome, "
    "opened_at) VALUES"
)

_KILLED: Final = 42

_OPEN_AND_DIE: Final = f"""
import os, sqlite3, sys
from datetime import UTC, datetime
from pathlib import Path
from enhance_gui.storage.task_db.database import open_database

left = int(sys.argv[2])

def step():
    global left
    left -= 1
    if left == 0:
        os._exit({_KILLED})

connect = sqlite3.connect

def connect_and_count(*args, **kwargs):
    connection = connect(*args, **kwargs)
    connection.set_progress_handler(step, 1)
    return connection

sqlite3.connect = connect_and_count
open_database(Path(sys.argv[1]), datetime(2026, 1, 2, tzinfo=UTC))
print(int(sys.argv[2]) - left)
"""
"""Opens a list, and ends without any farewell after so many steps of SQLite's machine."""


def write_version_3(path: Path) -> None:
    """Write what version 3 had: tasks in every state, with all that belongs to them."""
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.execute("PRAGMA foreign_keys = ON")
        for number, step in enumerate(STEPS_OF_SCHEMA[:3], start=1):
            old.executescript(f"BEGIN; {step} PRAGMA user_version = {number}; COMMIT")
        profile = json.dumps(profile_to_mapping(STUDIO))
        old.execute("INSERT INTO service VALUES ('Studio', ?)", (profile,))
        for number, (state, outcomes) in enumerate(ATTEMPTS, start=1):
            _write_task(old, number, state)
            _write_attempts(old, number, outcomes)
        old.execute("UPDATE attempt SET base_url = '' WHERE task_id = ?", (_of(TaskState.FAILED),))
        old.execute("UPDATE attempt SET base_url = ? WHERE task_id >= 8", (EARLIER,))
        old.execute(
            "UPDATE attempt SET deleted_at = ? WHERE task_id = ?",
            (MOMENT, _of(TaskState.CANCELLED)),
        )
        old.execute("UPDATE task SET hidden_at = ? WHERE id = ?", (MOMENT, _of(TaskState.FAILED)))
        for hint in ("private-4-1", "private-12-1"):
            old.execute("INSERT INTO callback_hint VALUES (?, 'hinted')", (hint,))
        old.execute("INSERT INTO duration VALUES (1, 'Studio', 1, 0.5, 3, 4)")


def _write_task(old: sqlite3.Connection, number: int, state: TaskState) -> None:
    old.execute(
        "INSERT INTO task (id, input, service, type_id, type_name, save_folder, state, created_at) "
        "VALUES (?, ?, 'Studio', 1, 'Enhance', '/results', ?, ?)",
        (number, f"https://example.org/{number}.jpg", state.value, MOMENT),
    )
    old.execute(
        "INSERT INTO event (task_id, step, source, target, cause, at, detail) "
        "VALUES (?, 'add', NULL, 'draft', 'added', ?, 'as it was')",
        (number, MOMENT),
    )
    old.execute(
        "INSERT INTO output VALUES (?, 0, '/results/.p', '/results/a.png', '00', 9, 'png', 4, 4, "
        "1)",
        (number,),
    )


def _write_attempts(old: sqlite3.Connection, number: int, outcomes: Sequence[str]) -> None:
    for nth, outcome in enumerate(outcomes, start=1):
        old.execute(
            "INSERT INTO attempt (task_id, number, service, private_id, request_sha256, outcome, "
            "cost, opened_at, base_url) VALUES (?, ?, 'Studio', ?, 'digest', 'open', 2.5, ?, ?)",
            (number, nth, f"private-{number}-{nth}", MOMENT, STUDIO.base_url),
        )
        if outcome != "open":
            there = f"there-{number}-{nth}" if outcome == "accepted" else None
            old.execute(
                "UPDATE attempt SET outcome = ?, service_task_id = ?, settled_at = ?, approved = ? "
                "WHERE task_id = ? AND number = ?",
                (outcome, there, MOMENT, nth < len(outcomes), number, nth),
            )


def _of(state: TaskState) -> int:
    """Return the number of the task that is in a state."""
    return _NUMBER_OF[state]


def _content(path: Path) -> dict[str, list[dict[str, object]]]:
    """Return all rows of all tables, without the columns that later versions add."""
    with closing(sqlite3.connect(path)) as looked:
        looked.row_factory = sqlite3.Row
        tables = [
            row["name"]
            for row in looked.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        found = {
            table: [dict(row) for row in looked.execute(f"SELECT * FROM {table}")]  # noqa: S608
            for table in tables
        }
    assert found.pop("batch", []) == []
    for row in found["attempt"]:
        assert row.pop("delete_wanted_at", None) is None
        assert row.pop("batch", None) is None
    for row in found["task"]:
        assert row.pop("given", "") == ""
        assert row.pop("batch", None) is None
        assert row.pop("known_cost", 0) == 0
        assert (row.pop("frames", 1), row.pop("extras", ""), row.pop("sent_as", "")) == (1, "", "")
        assert row.pop("rank", 0) == 0
        assert row.pop("server_name", "") == ""
        wanted = row.pop("result_format", ""), row.pop("quality", 95), row.pop("is_kept", 0)
        assert wanted == ("", 95, 0)
        assert row.pop("missing", "") == ""
    for row in found["output"]:
        assert row.pop("left_out", "") == ""
    for row in found["owner"]:
        assert row.pop("paused", 0) == 0
    return found


def _rules(path: Path) -> dict[str, str]:
    """Return the triggers and indexes, each with its text."""
    with closing(sqlite3.connect(path)) as looked:
        return dict(
            looked.execute(
                "SELECT name, sql FROM sqlite_schema "
                "WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
            )
        )


def _version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as looked:
        return int(looked.execute("PRAGMA user_version").fetchone()[0])


def _opened(path: Path) -> TaskStore:
    """Open a list that must not need to be set aside."""
    store = TaskStore.open(path, Wall())
    assert store.recovery.quarantined is None
    return store


def _upgrade(path: Path, die_after: int = 0) -> subprocess.CompletedProcess[str]:
    """Open the list in a process of its own, which dies after some steps of the machine."""
    return subprocess.run(
        [sys.executable, "-c", _OPEN_AND_DIE, str(path), str(die_after)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.sqlite3"
    write_version_3(path)
    return path


def test_every_row_and_every_rule_is_kept(path: Path) -> None:
    before, rules = _content(path), _rules(path)
    done = _upgrade(path)
    assert done.returncode == 0, done.stderr
    assert _version(path) == VERSION
    assert _content(path) == before
    # Only which steps there are is written anew; what was a step is one still.
    assert rules.pop("task_step") != _rules(path)["task_step"]
    assert rules.items() <= _rules(path).items()
    with closing(sqlite3.connect(path)) as looked:
        assert looked.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert looked.execute("PRAGMA foreign_key_check").fetchall() == []


def test_the_second_opening_changes_nothing(path: Path) -> None:
    assert _upgrade(path).returncode == 0
    before, rules = _content(path), _rules(path)
    assert _upgrade(path).returncode == 0
    assert (_content(path), _rules(path)) == (before, rules)


def test_work_of_every_kind_goes_on(path: Path) -> None:
    store = _opened(path)
    assert (store.recovery.in_doubt, store.recovery.interrupted) == (1, 1)
    attempts = {
        task.id: [attempt.outcome for attempt in task.attempts]
        for task in store.tasks.in_states(TaskState)
    }
    assert attempts.pop(_of(TaskState.SENDING)) == [Outcome.IN_DOUBT]
    assert attempts == {
        _NUMBER_OF[state]: [Outcome(outcome) for outcome in outcomes]
        for state, outcomes in ATTEMPTS
        if state is not TaskState.SENDING
    }
    confirmed = store.hints.confirm_accepted("private-4-1", "hinted")
    assert confirmed is not None
    assert confirmed.state is TaskState.ACCEPTED
    assert [hint.private_id for hint in store.hints.of("Studio")] == ["private-12-1"]
    assert store.deletions.cancelled(_of(TaskState.CANCELLING)).on_service == ()
    waiting = store.attempts.begin(_of(TaskState.QUEUED), "new", "digest", cost=1)
    assert store.attempts.accepted(waiting.id, "there-8-1").service_task_id == "there-8-1"


def test_what_protects_the_money_is_as_strict_as_before(path: Path) -> None:
    store = _opened(path)
    store.attempts.retry(_of(TaskState.WRITTEN_OFF))
    twice = store.attempts.begin(_of(TaskState.WRITTEN_OFF), "twice", "digest")
    with pytest.raises(TransitionRefused):
        store.attempts.accepted(twice.id, "there-6-2")  # another picture's, at the same address


@pytest.mark.parametrize(
    "forbidden",
    [
        "DELETE FROM attempt",
        "UPDATE attempt SET outcome = 'unsent' WHERE outcome = 'in_doubt'",
        "UPDATE attempt SET service_task_id = NULL WHERE outcome = 'accepted'",
        f"{_NEW_ATTEMPT} (4, 2, 'Studio', 'second', '', 'open', '')",
        f"{_NEW_ATTEMPT} (999, 1, 'Studio', 'of no task', '', 'open', '')",
        "INSERT INTO callback_hint VALUES ('of no attempt', 'hinted')",
        "UPDATE attempt SET deleted_at = '' WHERE outcome = 'in_doubt'",
        "UPDATE attempt SET delete_wanted_at = '' WHERE outcome = 'in_doubt'",
        "UPDATE attempt SET delete_wanted_at = '' WHERE service_task_id = 'there-6-2'",
    ],
)
def test_the_database_itself_refuses_what_it_refused_before(path: Path, forbidden: str) -> None:
    store = _opened(path)
    with pytest.raises(sqlite3.IntegrityError):
        store._connection.execute(forbidden)


def test_killed_at_any_moment_it_is_the_old_list_or_the_new_one(path: Path, tmp_path: Path) -> None:
    before = _content(path)
    template = tmp_path / "template"
    template.mkdir()
    shutil.copy(path, template / path.name)

    def killed(moment: int) -> int:
        folder = tmp_path / str(moment)
        shutil.copytree(template, folder)
        assert _upgrade(folder / path.name, moment).returncode == _KILLED
        version = _version(folder / path.name)
        assert _content(folder / path.name) == before
        _opened(folder / path.name).close()
        return version

    shutil.copytree(template, tmp_path / "whole")
    steps = int(_upgrade(tmp_path / "whole" / path.name).stdout)
    versions = [killed(max(1, steps * part // 8)) for part in range(9)]
    assert versions[0] == 3
    assert versions == sorted(versions)


def test_a_list_whose_rows_break_its_own_rules_is_set_aside_and_read_out(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as odd:
        odd.execute("DELETE FROM output WHERE task_id = 8")
        odd.execute("DELETE FROM task WHERE id = 8")
    store = TaskStore.open(path, Wall())
    assert store.recovery.quarantined is not None
    assert store.recovery.salvaged == len(ATTEMPTS) - 1
    accepted = store.tasks.get(_of(TaskState.ACCEPTED))
    assert accepted.service_task_id == "there-5-2"
    assert [hint.service_task_id for hint in store.hints.of("Studio")] == ["hinted"] * 2


@pytest.mark.parametrize("odd", ["DROP TABLE callback_hint", "CREATE TABLE hint_before (text)"])
def test_a_list_that_is_not_as_its_version_says_is_set_aside_and_read_out(
    path: Path, odd: str
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as changed:
        changed.execute(odd)
    store = TaskStore.open(path, Wall())
    assert store.recovery.quarantined is not None
    assert store.recovery.salvaged == len(ATTEMPTS)
    store.close()
    assert _version(path) == VERSION


def test_a_wish_to_delete_does_not_outlast_damage(path: Path) -> None:
    store = _opened(path)
    assert store.deletions.want(_of(TaskState.FAILED)).to_delete == ()
    store.services.remember(ServiceProfile("Studio", EARLIER))
    saved = store.deletions.want(_of(TaskState.SAVED))
    assert len(saved.to_delete) == 2
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as damaged:
        damaged.execute("PRAGMA user_version = 0")  # not one of ours any more: set aside
    store = TaskStore.open(path, Wall())
    assert store.recovery.quarantined is not None
    assert len(store.tasks.get(saved.id).on_service) == 2
    assert store.deletions.wanted() == []
