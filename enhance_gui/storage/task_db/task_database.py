"""Provides transactions and common queries on the open database of tasks."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Final

from enhance_gui.core.images.addresses import same_spelling
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.storage_errors import TransitionRefused
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.detail import write_detail
from enhance_gui.storage.task_db import rows
from enhance_gui.storage.task_db.database import foreign_errors, transaction

LIST_ITSELF: Final = 0
"""In the log, in the place of a task's number: what happened to the list as a whole."""


class TaskDatabase:
    """Reads tasks, and writes in transactions, with the clock's time."""

    def __init__(self, connection: sqlite3.Connection, wall: Callable[[], datetime]) -> None:
        self._connection = connection
        self._wall = wall
        connection.create_function("same_spelling", 1, same_spelling, deterministic=True)

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """Make all changes of the block durable together, or none."""
        return transaction(self._connection)

    def change(self, sql: str, *values: object) -> None:
        """Carry out one statement as a transaction of its own."""
        with self.transaction() as connection:
            connection.execute(sql, values)

    def log(
        self,
        sql: sqlite3.Connection,
        task_id: int,
        step: str,
        source: TaskState | None,
        target: TaskState,
        cause: str,
        detail: str = "",
    ) -> None:
        """Write an entry of a task's log, in the transaction of the event itself."""
        sql.execute(
            "INSERT INTO event (task_id, step, source, target, cause, at, detail) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (task_id, step, source, target, cause, self.now(), write_detail(detail)),
        )

    def one(self, sql: str, *values: object, **named: object) -> sqlite3.Row | None:
        """Return the first row, if there is any."""
        with foreign_errors():
            found = self._connection.execute(sql, named or values)
            row: sqlite3.Row | None = found.fetchone()
            return row

    def all(self, sql: str, *values: object, **named: object) -> list[sqlite3.Row]:
        """Return every row."""
        with foreign_errors():
            return self._connection.execute(sql, named or values).fetchall()

    def now(self) -> str:
        """Return the present moment as the database has it."""
        return moment(self._wall())

    def task(self, task_id: int) -> Task:
        row = self.one("SELECT * FROM task WHERE id = ?", task_id)
        if row is None:
            raise TransitionRefused("there is no task {number}", number=task_id)
        return self.tasks_from([row])[0]

    def tasks_of(self, task_ids: Iterable[int]) -> list[Task]:
        """Return the tasks of these numbers, in the order in which they were added."""
        wanted = json.dumps(list(task_ids))
        sql = "SELECT * FROM task WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
        return self.tasks_from(self.all(sql, wanted))

    def tasks_from(self, found: Iterable[sqlite3.Row]) -> list[Task]:
        """Build tasks from rows, reading attempts and outputs of all of them at once."""
        task_rows = list(found)
        if not task_rows:
            return []
        first, last = task_rows[0]["id"], task_rows[-1]["id"]
        attempts = rows.grouped(
            self.all("SELECT * FROM attempt WHERE task_id BETWEEN ? AND ?", first, last)
        )
        placed = rows.grouped(
            self.all(
                "SELECT * FROM output WHERE placed AND task_id BETWEEN ? AND ? ORDER BY number",
                first,
                last,
            )
        )
        places = self._places() if attempts else {}
        return [
            rows.task_of(
                row,
                attempts.get(row["id"], []),
                placed.get(row["id"], []),
                places.get(row["service"], ""),
            )
            for row in task_rows
        ]

    def _places(self) -> dict[str, str]:
        """Return the addresses of services; the local service has another port in each run."""
        found = self.all(
            "SELECT name, coalesce(json_extract(profile, '$.base_url'), '') AS place FROM service "
            "WHERE json_valid(profile)"
        )
        return {row["name"]: row["place"] for row in found if row["name"] != LOCAL_SERVICE_NAME}


def moment(at: datetime) -> str:
    """Return a moment in the form of the database: texts in UTC that sort by time."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
