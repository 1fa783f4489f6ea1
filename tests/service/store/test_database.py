"""The service's database: what earlier versions left, who holds it, who may read beside."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from enhance_gui.core.storage_errors import DatabaseBusy, DatabaseDamaged, StorageError
from enhance_gui.service.store.database import read_database
from enhance_gui.service.store.task_store import TaskLimits, open_task_store
from enhance_gui.service.store.usage import Usage, read_usage
from enhance_gui.service.tasks.status import Status
from tests.service.store.tasks import DAY, new_task

OF_VERSION_1 = """
CREATE TABLE task (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id TEXT NOT NULL UNIQUE,
    private_id TEXT NOT NULL,
    type_id INTEGER NOT NULL,
    source_key TEXT NOT NULL,
    host TEXT NOT NULL,
    picture TEXT NOT NULL,
    status INTEGER NOT NULL,
    result TEXT,
    error_code INTEGER NOT NULL DEFAULT 0,
    error_message TEXT NOT NULL DEFAULT '',
    deleted INTEGER NOT NULL DEFAULT 0,
    callback_tries_left INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX task_once ON task (private_id, type_id, source_key)
    WHERE private_id <> '' AND deleted = 0;
CREATE INDEX task_queue ON task (status, seq) WHERE deleted = 0;
CREATE INDEX task_callback ON task (seq) WHERE callback_tries_left > 0;
"""
PICTURE = '{"name":"a.png","width_px":100,"height_px":80,"size_bytes":1000,"extension":"png"}'


def older(path: Path, version: int) -> None:
    """Make the database as an earlier version of the program left it."""
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(OF_VERSION_1)
        if version > 1:
            database.execute("ALTER TABLE task ADD COLUMN ended_s REAL NOT NULL DEFAULT 0")
        for number, status in enumerate((Status.FAILED, Status.PROCESSING, Status.QUEUED), 1):
            database.execute(
                "INSERT INTO task (task_id, private_id, type_id, source_key, host, picture, status)"
                " VALUES (?, ?, 2, '', '', ?, ?)",
                (f"task {number}", f"private {number}", PICTURE, status),
            )
        if version > 1:
            database.execute("UPDATE task SET ended_s = 1000 WHERE status = ?", (Status.FAILED,))
        database.execute(f"PRAGMA user_version = {version}")


@pytest.mark.parametrize("version", [1, 2])
def test_the_tasks_of_earlier_versions_belong_to_the_services_own_token(
    tmp_path: Path, version: int
) -> None:
    path = tmp_path / "tasks.sqlite"
    older(path, version)
    assert read_usage(path) == []
    for _ in range(2):
        store = open_task_store(path, 1000.0)
        # When those of version 1 ended is not known: their time to be kept begins now.
        assert store.ended_before(1000.0) == []
        assert store.ended_before(1000.1) == ["task 1"]
        found = store.find_earlier("", "private 3", 2, "")
        assert found is not None
        assert (found.task_id, found.user) == ("task 3", "")
        assert store.find_earlier("Ana", "private 3", 2, "") is None
        store.close()
    store = open_task_store(path, 2000.0)
    store.requeue_unfinished()
    taken = [store.take_next() for _ in range(2)]
    assert [each and each.task_id for each in taken] == ["task 2", "task 3"]
    store.delete("task 2")
    assert read_usage(path) == []
    store.close()


def test_who_runs_holds_it_and_anybody_may_read_the_usage_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "tasks.sqlite"
    assert read_usage(path) == []
    assert not path.exists()
    store = open_task_store(path, 0.0)
    with pytest.raises(DatabaseBusy):
        open_task_store(path, 0.0)
    store.create(new_task(1, "Ana"), TaskLimits(10))
    made = [Usage(DAY, "Ana", 1, 0, 0, 0)]
    assert read_usage(path) == made
    # Somebody who reads for long holds nobody up.
    reader = read_database(path)
    assert reader is not None
    rows = reader.execute("SELECT * FROM usage")
    store.create(new_task(2, "Ana"), TaskLimits(10))
    assert len(rows.fetchall()) == 1
    with pytest.raises(sqlite3.OperationalError):
        reader.execute("DELETE FROM usage")
    reader.close()
    store.close()
    assert read_usage(path) == [Usage(DAY, "Ana", 2, 0, 0, 0)]
    open_task_store(path, 0.0).close()


def test_what_a_newer_version_wrote_is_neither_opened_nor_read(tmp_path: Path) -> None:
    path = tmp_path / "tasks.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 999")
    for use in (read_usage, lambda path: open_task_store(path, 0.0)):
        with pytest.raises(StorageError, match="newer version"):
            use(path)


def test_what_is_no_database_has_no_usage(tmp_path: Path) -> None:
    path = tmp_path / "tasks.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(DatabaseDamaged):
        read_usage(path)
