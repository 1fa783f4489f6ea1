"""What the list of tasks says, read without the program."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StoredTask:
    """A task, as its rows tell of it."""

    input: str
    state: str
    private_ids: tuple[str, ...]
    """Of its attempts, in order."""
    files: tuple[Path, ...]
    """Saved pictures."""
    sidecar: Path | None


@dataclass(frozen=True)
class StoredState:
    """The whole list."""

    tasks: tuple[StoredTask, ...]
    integrity: str
    """SQLite's own verdict: "ok", or what is wrong."""

    def inputs(self, *states: str) -> set[str]:
        """Return the inputs of the tasks in any of the states."""
        return {task.input for task in self.tasks if task.state in states}

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(task.state for task in self.tasks)


def stored_state(database: Path) -> StoredState:
    """Read a copy of the list, so that looking changes nothing: its log is left to the program."""
    if not database.exists():
        return StoredState((), "ok")
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("", "-wal"):
            path = database.with_name(database.name + ending)
            if path.exists():
                shutil.copy(path, folder)
        with closing(sqlite3.connect(Path(folder) / database.name)) as connection:
            try:
                integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
                return StoredState(_tasks(connection), integrity)
            except sqlite3.DatabaseError as error:
                return StoredState((), str(error))


def _tasks(connection: sqlite3.Connection) -> tuple[StoredTask, ...]:
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'attempt'").fetchone():
        return ()  # the program ended before it had made its tables
    found = connection.execute("SELECT id, input, state, sidecar FROM task ORDER BY id").fetchall()
    return tuple(
        StoredTask(
            input=address,
            state=state,
            private_ids=tuple(
                row[0]
                for row in connection.execute(
                    "SELECT private_id FROM attempt WHERE task_id = ? ORDER BY number", (task_id,)
                )
            ),
            files=tuple(
                Path(row[0])
                for row in connection.execute(
                    "SELECT final FROM output WHERE task_id = ? AND placed ORDER BY number",
                    (task_id,),
                )
            )
            if state == "saved"
            else (),
            sidecar=None if sidecar is None else Path(sidecar),
        )
        for task_id, address, state, sidecar in found
    )
