"""Counts what each user has done on each day; kept when the tasks themselves are deleted.

A task counts for the day on which it was made, whenever it ends. What counts against a limit are
the tasks that gave a result or may still give one: one that failed, or was deleted before its end,
is given back.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from enhance_gui.service.store.database import database_errors, read_database
from enhance_gui.service.tasks.status import Status


class Usage(NamedTuple):
    """What became of the tasks that one user made on one day."""

    day: str
    """As the service's calendar had it: ``2026-11-30``."""
    user: str
    """Empty: whoever had the service's own token."""
    tasks: int
    finished: int
    failed: int
    withdrawn: int
    """Deleted before their end."""


_COLUMNS = ", ".join(Usage._fields)
_ENDS = {Status.FINISHED: "finished", Status.FAILED: "failed"}


class UsageCounts:
    """The counts in an open database; a change belongs into the transaction of what it counts."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def count_made(self, user: str, day: str) -> None:
        """Count a task that is made."""
        self._connection.execute(
            "INSERT INTO usage (user, day, tasks) VALUES (?, ?, 1)"
            " ON CONFLICT (user, day) DO UPDATE SET tasks = tasks + 1",
            (user, day),
        )

    def count_ended(self, user: str, day: str, status: Status) -> None:
        """Count a task that finishes or fails."""
        self._add(_ENDS[status], user, day)

    def count_withdrawn(self, user: str, day: str) -> None:
        """Count a task that is deleted before its end."""
        self._add("withdrawn", user, day)

    def spent(self, user: str, day: str) -> int:
        """Return how many tasks count against a user's limit of a day."""
        rows = self._connection.execute(
            "SELECT tasks - failed - withdrawn FROM usage WHERE user = ? AND day = ?", (user, day)
        ).fetchall()
        return rows[0][0] if rows else 0

    def _add(self, column: str, user: str, day: str) -> None:
        self._connection.execute(
            f"UPDATE usage SET {column} = {column} + 1 WHERE user = ? AND day = ?",  # noqa: S608
            (user, day),
        )


def read_usage(database: Path) -> list[Usage]:
    """Return the counts of all users and days, by day, whether or not a service runs.

    :raises EnhanceError: they cannot be read.
    """
    connection = read_database(database)
    if connection is None:
        return []
    with database_errors(), closing(connection):
        rows = connection.execute(f"SELECT {_COLUMNS} FROM usage ORDER BY day, user")  # noqa: S608
        return [Usage(*row) for row in rows]
