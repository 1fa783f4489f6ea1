"""A database that is too new, damaged, foreign or in use."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.storage_errors import DATABASE_TOO_NEW, StorageError
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.storage.task_db.database import look_at_database, open_database
from enhance_gui.storage.task_db.store import TaskStore
from tests.support import stored
from tests.support.raising import raises_kind
from tests.support.stored import Wall, open_store

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_commits_are_made_for_power_cuts(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "tasks.sqlite3", NOW).connection) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_only_its_user_can_read_the_folder(tmp_path: Path) -> None:
    open_database(tmp_path / "data" / "tasks.sqlite3", NOW).connection.close()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_a_place_that_cannot_be_looked_at_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    assert look_at_database(tmp_path / "tasks.sqlite3") is None
    with pytest.raises(StorageError):
        look_at_database(tmp_path / ("a" * 300))


def test_a_newer_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    path = tmp_path / "tasks.sqlite3"
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 999")
    newer.close()
    before = path.read_bytes()
    with raises_kind(DATABASE_TOO_NEW, StorageError, match="999"):
        TaskStore.open(path, Wall())
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_dir()] == []


def test_a_foreign_database_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "tasks.sqlite3"
    with sqlite3.connect(path) as foreign:
        foreign.execute("CREATE TABLE letters (text)")
    foreign.close()
    store = TaskStore.open(path, Wall())
    assert store.recovery.quarantined is not None
    assert (store.recovery.quarantined / "tasks.sqlite3").exists()
    assert store.tasks.in_states(TaskState) == []


def test_a_damaged_database_is_set_aside_with_its_wal_and_read_out(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    waiting = [stored.queued(store, f"http://pictures.test/{n}") for n in range(300)]
    doubt = stored.in_doubt(store, "a")
    known = stored.accepted(store, "b")
    on_its_way = stored.sending(store, "c")
    store.close()
    path = tmp_path / "tasks.sqlite3"
    _empty_a_page_of_tasks(path, b"http://pictures.test/150")
    reopened = open_store(tmp_path)
    assert reopened.recovery.quarantined is not None
    found = {task.id: task for task in reopened.tasks.in_states(TaskState)}
    assert 200 < len(found) < 303
    assert reopened.recovery.salvaged == len(found)
    states = {found[task.id].state for task in waiting if task.id in found}
    assert states == {TaskState.DRAFT}
    assert found[doubt.id].state is TaskState.IN_DOUBT
    assert found[known.id].service_task_id == "service-b"
    assert found[on_its_way.id].state is TaskState.IN_DOUBT


def test_tasks_outlive_the_loss_of_their_services_profile(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    known = stored.accepted(store, "a")
    store.close()
    path = tmp_path / "tasks.sqlite3"
    with sqlite3.connect(path) as damaged:
        damaged.execute("PRAGMA foreign_keys = OFF")
        damaged.execute("DELETE FROM service")
        damaged.execute("PRAGMA user_version = 0")  # not one of ours any more: set aside
    damaged.close()
    reopened = TaskStore.open(path, Wall())
    assert reopened.recovery.salvaged == 1
    assert reopened.tasks.get(known.id).service_task_id == "service-a"


@pytest.mark.parametrize("seed", range(60))
def test_whatever_happens_to_the_file_it_opens_and_nothing_waits_to_be_sent_unseen(
    tmp_path: Path, seed: int
) -> None:
    store = open_store(tmp_path)
    stored.queued(store)
    stored.in_doubt(store, "a")
    stored.saved(store, "b")
    path = tmp_path / "tasks.sqlite3"
    wal = tmp_path / "tasks.sqlite3-wal"
    content = {each: bytearray(each.read_bytes()) for each in (path, wal)}
    store.close()
    # As a crash leaves them: both files there, then damaged.
    chance = random.Random(seed)
    victim = chance.choice([path, wal])
    _damage(content[victim], chance)
    for each, data in content.items():
        each.write_bytes(data)
    try:
        reopened = TaskStore.open(path, Wall())
    except EnhanceError as error:
        pytest.fail(f"it did not open: {error!r}")
    if reopened.recovery.quarantined is not None:
        assert reopened.tasks.in_states([TaskState.QUEUED]) == []
    assert reopened.tasks.in_states([TaskState.SENDING]) == []
    reopened.close()


def _empty_a_page_of_tasks(path: Path, picture: bytes) -> None:
    """Empty the page that holds a task; the ones around it are still readable."""
    content = path.read_bytes()
    pages = [content[start : start + 4096] for start in range(0, len(content), 4096)]
    # The page of an index holds the address, but not the name of the enhance type.
    number = next(n for n, page in enumerate(pages) if picture in page and b"Enhance" in page)
    pages[number] = bytes(4096)
    path.write_bytes(b"".join(pages))


def _damage(data: bytearray, chance: random.Random) -> None:
    """Flip bits, cut, or empty a stretch."""
    if not data:
        return
    kind = chance.randrange(3)
    place = chance.randrange(len(data))
    if kind == 0:
        for _ in range(20):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del data[place:]
    else:
        data[place : place + 4096] = bytes(len(data[place : place + 4096]))
