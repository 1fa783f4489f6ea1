"""Stores the tasks of the service in SQLite: what was acknowledged survives a kill.

Every change is one committed transaction (WAL with ``synchronous=FULL``), made before it is
acknowledged. Who runs holds a lock on the data folder: a second service on it is refused.
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

from enhance_gui.core.storage_errors import DiskFull
from enhance_gui.core.threads import StoreThread
from enhance_gui.service.engine import PictureFile, Verdict, WorkResult
from enhance_gui.service.store.database import database_errors, open_database
from enhance_gui.service.store.fair_queue import FairQueue
from enhance_gui.service.store.usage import UsageCounts
from enhance_gui.service.tasks.refusals import day_limit_reached, full
from enhance_gui.service.tasks.status import Status

P = ParamSpec("P")
T = TypeVar("T")

_DELETED_REMEMBERED: Final = 100_000
_ENDED_AT_ONCE: Final = 500
_COLUMNS: Final = (
    "task_id, private_id, type_id, source_key, host, user, day, picture, seq, status, result, "
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
    user: str
    """Whose task it is; empty: of whoever has the service's own token."""
    day: str
    """The day of its creation, for which it counts."""
    picture: PictureFile
    """The input picture, in the folder ``inputs``."""


@dataclass(frozen=True, slots=True)
class StoredTask(NewTask):
    """A task as it stands in the database."""

    seq: int
    """Order of creation, which is the order of work among the tasks of its user."""
    status: Status
    result: WorkResult | None
    error_code: int
    error_message: str
    is_deleted: bool
    callback_tries_left: int

    @property
    def has_ended(self) -> bool:
        """Whether it has finished or failed."""
        return self.status in (Status.FINISHED, Status.FAILED)

    @property
    def pictures_bytes(self) -> int:
        """What its pictures take."""
        made = () if self.result is None else self.result.pictures
        return self.picture.size_bytes + sum(each.size_bytes for each in made)


@dataclass(frozen=True, slots=True)
class TaskLimits:
    """How many tasks are taken."""

    max_unfinished: int
    """Unfinished tasks that a user may have while nobody else has any."""
    a_day: int | None = None
    """Tasks of a day that the user may have; ``None``: any number."""


class TaskStore:
    """The tasks. Not for use by two threads at once."""

    def __init__(self, connection: sqlite3.Connection, lock: sqlite3.Connection) -> None:
        """:param lock: is released with the store."""
        self._connection = connection
        self._lock = lock
        self._usage = UsageCounts(connection)
        waiting = self._rows(
            "SELECT user, seq FROM task WHERE deleted = 0 AND status = ? ORDER BY user, seq",
            Status.QUEUED,
        )
        starts = self._rows("SELECT user, number FROM last_start")
        self._queue = FairQueue(waiting, dict(starts))
        """The waiting tasks; follows what is committed."""

    def close(self) -> None:
        self._connection.close()
        self._lock.close()

    def create(self, new: NewTask, limits: TaskLimits) -> tuple[StoredTask, bool]:
        """Store a task at the end of its user's queue; return whether it is a new one.

        Where the user has a task with the same ``chtaskid``, type and source, that one is returned.

        :raises RequestRefused: the user has as many tasks as may be.
        """
        with self._change() as database:
            earlier = self.find_earlier(new.user, new.private_id, new.type_id, new.source_key)
            if earlier is not None:
                return earlier, False
            self.check_limits(new.user, new.day, limits)
            database.execute(
                "INSERT INTO task"
                " (task_id, private_id, type_id, source_key, host, user, day, picture, status)"
                " VALUES (:task_id, :private_id, :type_id, :source_key, :host, :user, :day,"
                " :picture, :status)",
                {**asdict(new), "picture": _to_json(new.picture), "status": Status.QUEUED},
            )
            self._usage.count_made(new.user, new.day)
        task = self.find(new.task_id)
        assert task is not None  # noqa: S101  it has just been committed
        self._queue.add(task.user, task.seq)
        return task, True

    def check_limits(self, user: str, day: str, limits: TaskLimits) -> None:
        """Make sure that a user may have one more task.

        Beside others a user may have as many unfinished tasks as there is room left: however much
        the others have waiting, something of everybody is taken.

        :raises RequestRefused: the limit of the day is reached, or too many tasks are unfinished.
        """
        with database_errors():
            spent = self._usage.spent(user, day)
        if limits.a_day is not None and spent >= limits.a_day:
            raise day_limit_reached(limits.a_day)
        worked_on = self._rows(
            "SELECT user FROM task WHERE deleted = 0 AND status = ?", Status.PROCESSING
        )
        own = self._queue.count(user) + worked_on.count((user,))
        together = len(self._queue) + len(worked_on)
        if own + together >= 2 * limits.max_unfinished:
            raise full(f"{together} tasks wait already")

    def count_unfinished(self) -> Counter[Status]:
        """Return how many tasks wait, and how many are worked on."""
        query = "SELECT status, count(*) FROM task WHERE deleted = 0 AND status IN (?, ?)"
        rows = self._rows(f"{query} GROUP BY status", Status.QUEUED, Status.PROCESSING)
        return Counter({Status(status): count for status, count in rows})

    def find(self, task_id: str) -> StoredTask | None:
        """Return a task, a deleted one too."""
        return self._one("task_id = ?", task_id)

    def find_earlier(
        self, user: str, private_id: str, type_id: int, source_key: str
    ) -> StoredTask | None:
        """Return the task that an equal createtask of a user made before, unless it was deleted."""
        if not private_id:
            return None
        return self._one(
            "user = ? AND private_id = ? AND type_id = ? AND source_key = ? AND private_id <> '' "
            "AND deleted = 0",
            user,
            private_id,
            type_id,
            source_key,
        )

    def queue_position(self, task: StoredTask) -> int:
        """Return a task's place in the queue: 1 is the next, 0 is no longer in it."""
        return self._queue.position(task.user, task.seq)

    def take_next(self) -> StoredTask | None:
        """Take the task whose turn it is out of the queue for processing."""
        first = self._queue.first()
        if first is None:
            return None
        user, seq = first
        number = self._queue.next_start
        with self._change() as database:
            database.execute("UPDATE task SET status = ? WHERE seq = ?", (Status.PROCESSING, seq))
            database.execute(
                "INSERT INTO last_start (user, number) VALUES (?, ?)"
                " ON CONFLICT (user) DO UPDATE SET number = excluded.number",
                (user, number),
            )
            task = self._one("seq = ?", seq)
        self._queue.start(user, seq, number)
        return task

    def requeue_unfinished(self) -> None:
        """Put the tasks back whose processing was cut off when the service ended."""
        cut_off = self._rows(
            "SELECT user, seq FROM task WHERE deleted = 0 AND status = ?", Status.PROCESSING
        )
        with self._change() as database:
            database.execute(
                "UPDATE task SET status = ? WHERE deleted = 0 AND status = ?",
                (Status.QUEUED, Status.PROCESSING),
            )
        for user, seq in cut_off:
            self._queue.add(user, seq)

    def end(
        self, task_id: str, outcome: WorkResult | Verdict, callback_tries: int, ended_s: float
    ) -> bool:
        """Store how a task ended; return whether it still wants that: it may have been deleted."""
        if isinstance(outcome, WorkResult):
            end: tuple[Any, ...] = (Status.FINISHED, _to_json(outcome), 0, "")
        else:
            end = (Status.FAILED, None, outcome.code, outcome.message)
        with self._change() as database:
            task = self.find(task_id)
            if task is None or task.is_deleted:
                return False
            database.execute(
                "UPDATE task SET status = ?, result = ?, error_code = ?, error_message = ?,"
                " callback_tries_left = ?, ended_s = ? WHERE task_id = ?",
                (*end, callback_tries, ended_s, task_id),
            )
            if not task.has_ended:
                self._usage.count_ended(task.user, task.day, end[0])
        self._queue.discard(task.user, task.seq)
        return True

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
            if not task.has_ended:
                self._usage.count_withdrawn(task.user, task.day)
        self._queue.discard(task.user, task.seq)
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
        with database_errors():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """Make one transaction.

        :raises DiskFull: no room left; nothing was changed.
        :raises FolderNotUsable: the disk refused the change.
        """
        with database_errors():
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
    connection, lock = open_database(path, now_s)
    try:
        return TaskStore(connection, lock)
    except BaseException:
        connection.close()
        lock.close()
        raise


def _task_of(row: tuple[Any, ...]) -> StoredTask:
    *named, picture, seq, status, result, code, message, deleted, tries_left = row
    picture = msgspec.json.decode(picture, type=PictureFile)
    result = None if result is None else msgspec.json.decode(result, type=WorkResult)
    end = result, code, message, bool(deleted), tries_left
    values: tuple[Any, ...] = (*named, picture, seq, Status(status), *end)
    return StoredTask(*values)


def _to_json(value: PictureFile | WorkResult) -> str:
    return msgspec.json.encode(value).decode()
