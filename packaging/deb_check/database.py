"""The program's stored tasks, read from outside."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

Row = dict[str, Any]

_OF_TASKS = {"task": "id", "attempt": "task_id", "output": "task_id", "event": "task_id"}
"""The tables with what a user would miss, and which of their columns names the task."""


@dataclass(frozen=True)
class Stored:
    """What the database held at one time."""

    version: int
    """Of its shape."""
    rows: dict[str, list[Row]]
    """Of each table."""

    @property
    def states(self) -> dict[int, str]:
        """The state of each task, by its number."""
        return {row["id"]: row["state"] for row in self.rows["task"]}

    def of_task(self, table: str, task: int) -> list[Row]:
        return [row for row in self.rows[table] if row[_OF_TASKS[table]] == task]


NOTHING: Final = Stored(0, {table: [] for table in _OF_TASKS})


def stored(folder: Path) -> Stored:
    """Read the database in a folder."""
    with _copied(folder) as file, closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        (version,) = database.execute("PRAGMA user_version").fetchone()
        rows = {
            table: [dict(row) for row in database.execute(f"SELECT * FROM {table}")]  # noqa: S608
            for table in _OF_TASKS
        }
        return Stored(version, rows)


def lost(before: Stored, after: Stored, tasks: set[int]) -> list[str]:
    """Return what of ``tasks`` was stored before and is not stored, or otherwise, afterwards.

    A newer version may know more of each; what it was told before has to be the same.
    """
    found = []
    for table in _OF_TASKS:
        for task in sorted(tasks):
            now = after.of_task(table, task)
            found += [
                f"{table}: {row}"
                for row in before.of_task(table, task)
                if not any(row.items() <= each.items() for each in now)
            ]
    return found


@contextmanager
def _copied(folder: Path) -> Iterator[Path]:
    """Copy the database away: reading could leave files behind."""
    with tempfile.TemporaryDirectory() as copy:
        for file in folder.glob("tasks.sqlite3*"):
            shutil.copyfile(file, Path(copy) / file.name)
        yield Path(copy) / "tasks.sqlite3"
