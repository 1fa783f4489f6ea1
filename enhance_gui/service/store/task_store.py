"""Stores the tasks of the service in SQLite: what was acknowledged survives a kill.

Every change is one committed transaction (WAL with ``synchronous=FULL``), made before it is
acknowledged. The database is held exclusively, so it is also the lock of the data folder: a second
service on the same folder is refused, and a killed one leaves no lock behind.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import msgspec

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.storage_errors import (
    DATABASE_TOO_NEW,
    DatabaseBusy,
    DatabaseDamaged,
    DiskFull,
    FolderNotUsable,
    StorageError,
)
from enhance_gui.core.threads import StoreThread
from enhance_gui.service.engine import PictureFile, Verdict, WorkResult
from enhance_gui.service.tasks.refusals import full
from enhance_gui.service.tasks.status import Status

P = ParamSpec("P")
T = TypeVar("T")

_SCHEMA_VERSION: Final = 2
_DELETED_REMEMBERED: Final = 100_000
_ENDED_AT_ONCE: Final = 500
_SCHEMA: Final = """
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
CREATE UNIQUE INDEX task_once ON task (private_id, type_id, source_key)
    WHERE private_id <> '' AND deleted = 0;
CREATE INDEX task_queue ON task (status, seq) WHERE deleted = 0;
CREATE INDEX task_callback ON task (seq) WHERE callback_tries_left > 0;
"""
_COLUMNS: Final = (
    "task_id, private_id, type_id, source_key, host, picture, seq, status, result, "
    "error_code, error_message, deleted, callback_tries_left"
)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task as createtask makes it."""

    task_id: str
    private_id: str
    """``chtaskid``; empty where the caller gave none."""
    type_id: int
    source_key: str
    """Distinguishes two pictures under the same ``chtaskid``; empty for an upload."""
    host: str
    """The ``Host`` under which it was created: callbacks carry addresses below it."""
    picture: PictureFile
    """The input picture, in the folder ``inputs``."""


@dataclass(frozen=True, slots=True)
class StoredTask(NewTask):
    """A task as it stands in the database."""

    seq: int
    """Order of creation, which is the order of work."""
    status: Status
    result: WorkResult | None
    error_code: int
    error_message: str
    is_deleted: bool
    callback_tries_left: int

    @property
    def pictures_bytes(self) -> int:
        """What its pictures take."""
        made = () if self.result is None else self.result.pictures
        return self.picture.size_bytes + sum(each.size_bytes for each in made)


class TaskStore:
    """The tasks. Not for use by two threads at once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def close(self) -> None:
        self._connection.close()

    def create(self, new: NewTask, max_unfinished: int) -> tuple[StoredTask, bool]:
        """Store a task at the end of the queue; return whether it is a new one.

        Where a task with the same ``chtaskid``, type and source exists, that one is returned.

        :raises RequestRefused: as many tasks as may are unfinished.
        """
        with self._change() as database:
            earlier = self.find_earlier(new.private_id, new.type_id, new.source_key)
            if earlier is not None:
                return earlier, False
            self.check_unfinished(max_unfinished)
            database.execute(
                "INSERT INTO task (task_id, private_id, type_id, source_key, host, picture, status)"
                " VALUES (:task_id, :private_id, :type_id, :source_key, :host, :picture, :status)",
                {**asdict(new), "picture": _to_json(new.picture), "status": Status.QUEUED},
            )
        task = self.find(new.task_id)
        assert task is not None  # noqa: S101  it has just been committed
        return task, True

    def check_unfinished(self, max_unfinished: int) -> None:
        """:raises RequestRefused: as many tasks as may are unfinished."""
        query = "SELECT count(*) FROM task WHERE deleted = 0 AND status IN (?, ?)"
        rows = self._rows(query, Status.QUEUED, Status.PROCESSING)
        if rows[0][0] >= max_unfinished:
            raise full(f"{max_unfinished} tasks wait already")

    def count_unfinished(self) -> Counter[Status]:
        """Return how many tasks wait, and how many are worked on."""
        query = "SELECT status, count(*) FROM task WHERE deleted = 0 AND status IN (?, ?)"
        rows = self._rows(f"{query} GROUP BY status", Status.QUEUED, Status.PROCESSING)
        return Counter({Status(status): count for status, count in rows})

    def find(self, task_id: str) -> StoredTask | None:
        """Return a task, a deleted one too."""
        return self._one("task_id = ?", task_id)

    def find_earlier(self, private_id: str, type_id: int, source_key: str) -> StoredTask | None:
        """Return the task that an equal createtask made before, unless it was deleted."""
        if not private_id:
            return None
        return self._one(
            "private_id = ? AND type_id = ? AND source_key = ? AND private_id <> '' "
            "AND deleted = 0",
            private_id,
            type_id,
            source_key,
        )

    def queue_position(self, task: StoredTask) -> int:
        """Return a task's place in the queue: 1 is the next, 0 is no longer in it."""
        if task.status is not Status.QUEUED or task.is_deleted:
            return 0
        rows = self._rows(
            "SELECT count(*) FROM task WHERE deleted = 0 AND status = ? AND seq <= ?",
            Status.QUEUED,
            task.seq,
        )
        return int(rows[0][0])

    def take_next(self) -> StoredTask | None:
        """Take the oldest task out of the queue for processing."""
        with self._change() as database:
            rows = self._rows(
                "SELECT task_id FROM task WHERE deleted = 0 AND status = ? ORDER BY seq LIMIT 1",
                Status.QUEUED,
            )
            if not rows:
                return None
            task_id: str = rows[0][0]
            database.execute(
                "UPDATE task SET status = ? WHERE task_id = ?", (Status.PROCESSING, task_id)
            )
            return self.find(task_id)

    def requeue_unfinished(self) -> None:
        """Put the tasks back whose processing was cut off when the service ended."""
        with self._change() as database:
            database.execute(
                "UPDATE task SET status = ? WHERE deleted = 0 AND status = ?",
                (Status.QUEUED, Status.PROCESSING),
            )

    def end(
        self, task_id: str, outcome: WorkResult | Verdict, callback_tries: int, ended_s: float
    ) -> bool:
        """Store how a task ended; return whether it still wants that: it may have been deleted."""
        if isinstance(outcome, WorkResult):
            end: tuple[Any, ...] = (Status.FINISHED, _to_json(outcome), 0, "")
        else:
            end = (Status.FAILED, None, outcome.code, outcome.message)
        with self._change() as database:
            changed = database.execute(
                "UPDATE task SET status = ?, result = ?, error_code = ?, error_message = ?,"
                " callback_tries_left = ?, ended_s = ? WHERE task_id = ? AND deleted = 0",
                (*end, callback_tries, ended_s, task_id),
            ).rowcount
        return changed == 1

    def delete(self, task_id: str) -> StoredTask | None:
        """Mark a task as deleted and return it as it was; ``None`` where it was so before.

        That it existed is remembered.
        """
        with self._change() as database:
            task = self.find(task_id)
            if task is None or task.is_deleted:
                return None
            database.execute(
                "UPDATE task SET deleted = 1, callback_tries_left = 0 WHERE task_id = ?",
                (task_id,),
            )
        return task

    def ended_before(self, ended_s: float) -> list[str]:
        """Return the ids of those tasks that ended first, and earlier than this; none: no more."""
        rows = self._rows(
            "SELECT task_id FROM task WHERE deleted = 0 AND status IN (?, ?) AND ended_s < ?"
            " ORDER BY ended_s LIMIT ?",
            Status.FINISHED,
            Status.FAILED,
            ended_s,
            _ENDED_AT_ONCE,
        )
        return [row[0] for row in rows]

    def forget_deleted(self, remembered: int = _DELETED_REMEMBERED) -> None:
        """Forget that a task was deleted when so many newer ones have been made."""
        with self._change() as database:
            database.execute(
                "DELETE FROM task WHERE deleted = 1 AND seq <= (SELECT max(seq) FROM task) - ?",
                (remembered,),
            )

    def tasks_to_announce(self) -> list[str]:
        """Return the ids of ended tasks whose callback has tries left."""
        rows = self._rows("SELECT task_id FROM task WHERE callback_tries_left > 0 ORDER BY seq")
        return [row[0] for row in rows]

    def set_callback_tries(self, task_id: str, tries_left: int) -> None:
        """Store how many tries of a callback are left; 0 ends it."""
        with self._change() as database:
            database.execute(
                "UPDATE task SET callback_tries_left = ? WHERE task_id = ? AND deleted = 0",
                (tries_left, task_id),
            )

    def file_names(self) -> tuple[set[str], set[str]]:
        """Return the names of all input and all result files that belong to a task."""
        inputs: set[str] = set()
        results: set[str] = set()
        for picture, result in self._rows("SELECT picture, result FROM task WHERE deleted = 0"):
            inputs.add(msgspec.json.decode(picture, type=PictureFile).name)
            if result is not None:
                made = msgspec.json.decode(result, type=WorkResult)
                results |= {each.name for each in made.pictures}
        return inputs, results

    def _one(self, condition: str, *values: Any) -> StoredTask | None:
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM task WHERE {condition}",  # noqa: S608  our own text
            *values,
        )
        return _task_of(rows[0]) if rows else None

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with _database_errors():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """Make one transaction.

        :raises DiskFull: no room left; nothing was changed.
        :raises FolderNotUsable: the disk refused the change.
        """
        with _database_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


class TaskThread(StoreThread[TaskStore]):
    """Runs methods of the tasks' store, on a full disk too where that is wanted."""

    def __init__(self, store: TaskStore, make_room: Callable[[], None]) -> None:
        """:param make_room: gives up what is kept for changes that a full disk must not stop."""
        super().__init__(store)
        self._make_room = make_room

    async def do_even_if_full(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As :meth:`do`; where the disk is full, in the room that is kept for that."""
        try:
            return await self.do(method, *args, **kwargs)
        except DiskFull:
            self._make_room()
            return await self.do(method, *args, **kwargs)


def open_task_store(path: Path, now_s: float) -> TaskStore:
    """Open the database, or make it; hold it until it is closed.

    :param now_s: the civil time.
    :raises DatabaseBusy: another service holds it.
    :raises StorageError: a newer version of the program wrote it.
    :raises DatabaseDamaged: not a database, or one that cannot be read.
    :raises DiskFull: no room for it.
    :raises FolderNotUsable: its folder cannot be written.
    """
    with _database_errors():
        # One thread at a time uses it, but not always the one that opened it.
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, now_s)
        except BaseException:
            connection.close()
            raise
    return TaskStore(connection)


def _prepare(connection: sqlite3.Connection, now_s: float) -> None:
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # Where fsync does not reach the disk itself (macOS), this does.
    connection.execute("PRAGMA fullfsync = ON")
    # The first write takes the lock, which exclusive mode then keeps.
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > _SCHEMA_VERSION:
        newer = "a newer version of the program wrote the service's data folder"
        raise StorageError(newer, kind=DATABASE_TOO_NEW)
    if version == 0:
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
    if version == 1:
        # When its tasks ended is not known: their time to be kept begins now.
        connection.execute("ALTER TABLE task ADD COLUMN ended_s REAL NOT NULL DEFAULT 0")
        connection.execute(
            "UPDATE task SET ended_s = ? WHERE status IN (?, ?)",
            (now_s, Status.FINISHED, Status.FAILED),
        )
    if version < _SCHEMA_VERSION:
        connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
    connection.execute("COMMIT")


@contextmanager
def _database_errors() -> Iterator[None]:
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


def _task_of(row: tuple[Any, ...]) -> StoredTask:
    *named, picture, seq, status, result, code, message, deleted, tries_left = row
    picture = msgspec.json.decode(picture, type=PictureFile)
    result = None if result is None else msgspec.json.decode(result, type=WorkResult)
    end = result, code, message, bool(deleted), tries_left
    values: tuple[Any, ...] = (*named, picture, seq, Status(status), *end)
    return StoredTask(*values)


def _to_json(value: PictureFile | WorkResult) -> str:
    return msgspec.json.encode(value).decode()
