"""Opens the service's database, and reads what of it others may know while the service runs.

It is in WAL mode, so that ``enhance-gui serve --usage`` can read beside a running service. Who runs
holds a lock for as long: an open transaction on an empty file beside the database. A killed service
leaves none behind.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.storage_errors import (
    DATABASE_TOO_NEW,
    DatabaseBusy,
    DatabaseDamaged,
    DiskFull,
    FolderNotUsable,
    StorageError,
)
from enhance_gui.service.tasks.status import Status

_SCHEMA_VERSION: Final = 3
_BUSY_S: Final = 5.0
"""How long a reader, or its end, may hold up a change."""
_TASKS: Final = """
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
    callback_tries_left INTEGER NOT NULL DEFAULT 0,
    ended_s REAL NOT NULL DEFAULT 0
);
CREATE INDEX task_callback ON task (seq) WHERE callback_tries_left > 0;
"""
_USERS: Final = """
ALTER TABLE task ADD COLUMN user TEXT NOT NULL DEFAULT '';
ALTER TABLE task ADD COLUMN day TEXT NOT NULL DEFAULT '';
DROP INDEX IF EXISTS task_once;
CREATE UNIQUE INDEX task_once ON task (user, private_id, type_id, source_key)
    WHERE private_id <> '' AND deleted = 0;
DROP INDEX IF EXISTS task_queue;
CREATE INDEX task_queue ON task (status, user, seq) WHERE deleted = 0;
CREATE INDEX task_ended ON task (status, ended_s) WHERE deleted = 0;
CREATE INDEX task_deleted ON task (seq) WHERE deleted = 1;
CREATE TABLE usage (
    user TEXT NOT NULL,
    day TEXT NOT NULL,
    tasks INTEGER NOT NULL DEFAULT 0,
    finished INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    withdrawn INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user, day)
);
CREATE TABLE last_start (user TEXT PRIMARY KEY, number INTEGER NOT NULL);
"""


def open_database(path: Path, now_s: float) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    """Open the database, or make it; return it with the lock that is held until it is closed.

    :param now_s: the civil time.
    :raises DatabaseBusy: another service holds it.
    :raises StorageError: a newer version of the program wrote it.
    :raises DatabaseDamaged: not a database, or one that cannot be read.
    :raises DiskFull: no room for it.
    :raises FolderNotUsable: its folder cannot be written.
    """
    with database_errors():
        lock = _connect(path.with_name(f"{path.name}-lock"), 0)
        try:
            lock.execute("BEGIN EXCLUSIVE")
            connection = _connect(path, _BUSY_S)
            try:
                _prepare(connection, now_s)
            except BaseException:
                connection.close()
                raise
        except BaseException:
            lock.close()
            raise
    return connection, lock


def read_database(path: Path) -> sqlite3.Connection | None:
    """Open the database to read it, whether or not a service runs; ``None``: there is none yet.

    One that an earlier version of the program wrote counts as none.

    :raises StorageError: a newer version of the program wrote it.
    :raises DatabaseDamaged: not a database, or one that cannot be read.
    :raises FolderNotUsable: it cannot be opened.
    """
    if not path.exists():
        return None
    with database_errors():
        connection = _connect(path, _BUSY_S)
        try:
            connection.execute("PRAGMA query_only = ON")
            version = _version_of(connection)
        except BaseException:
            connection.close()
            raise
    if version == _SCHEMA_VERSION:
        return connection
    connection.close()
    return None


def _connect(path: Path, busy_s: float) -> sqlite3.Connection:
    # One thread at a time uses it, but not always the one that opened it.
    return sqlite3.connect(path, timeout=busy_s, isolation_level=None, check_same_thread=False)


def _prepare(connection: sqlite3.Connection, now_s: float) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # Where fsync does not reach the disk itself (macOS), this does.
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("BEGIN IMMEDIATE")
    version = _version_of(connection)
    if version == 0:
        _run(connection, _TASKS)
    if version == 1:
        # When its tasks ended is not known: their time to be kept begins now.
        connection.execute("ALTER TABLE task ADD COLUMN ended_s REAL NOT NULL DEFAULT 0")
        connection.execute(
            "UPDATE task SET ended_s = ? WHERE status IN (?, ?)",
            (now_s, Status.FINISHED, Status.FAILED),
        )
    if version < _SCHEMA_VERSION:
        # Earlier tasks are those of the service's own token, and count for no day.
        _run(connection, _USERS)
        connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
    connection.execute("COMMIT")


def _version_of(connection: sqlite3.Connection) -> int:
    """:raises StorageError: a newer version of the program wrote it."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > _SCHEMA_VERSION:
        newer = "a newer version of the program wrote the service's data folder"
        raise StorageError(newer, kind=DATABASE_TOO_NEW)
    return version


def _run(connection: sqlite3.Connection, statements: str) -> None:
    """Run statements within the transaction, which ``executescript`` would end."""
    for statement in statements.split(";"):
        connection.execute(statement)


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn the errors of the database into ours.

    :raises DatabaseBusy: another program holds it.
    :raises DiskFull: no room left.
    :raises DatabaseDamaged: not a database, or one that cannot be read.
    :raises FolderNotUsable: any other.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _error_of(error) from error


def _error_of(error: sqlite3.DatabaseError) -> EnhanceError:
    # An extended code has the plain one in its lowest byte.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseBusy("another service uses this data folder")
    if code == sqlite3.SQLITE_FULL:
        return DiskFull("the service's disk is full")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return DatabaseDamaged("the service's list of tasks is damaged")
    return FolderNotUsable(f"the service's list of tasks cannot be used: {error}")
