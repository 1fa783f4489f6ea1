"""Checks the task database without changing it, even while another program uses it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from enhance_gui.core.storage_errors import DATABASE_TOO_NEW, DatabaseDamaged, StorageError
from enhance_gui.storage.task_db.database import foreign_errors
from enhance_gui.storage.task_db.schema import VERSION
from enhance_gui.storage.task_db.schema_check import refuse_foreign_schema


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """Facts about a sound list of tasks, for a report."""

    tasks: int
    size_bytes: int
    version: int
    """Of the schema."""


def look_at_database(path: Path) -> DatabaseFacts | None:
    """Read the whole database once; ``None``: there is none yet.

    :raises StorageError: it is damaged, too new, or cannot be read.
    """
    with foreign_errors():
        try:
            # Not ``exists``, which from Python 3.14 on is false for what it cannot read.
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
    with foreign_errors(), closing(_open_to_read(path)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise StorageError(
                "the list of tasks has version {version}, this program {own}",
                version=version,
                own=VERSION,
                kind=DATABASE_TOO_NEW,
            )
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise DatabaseDamaged(str(verdict))
        if version == VERSION:
            refuse_foreign_schema(connection)
        tasks = connection.execute("SELECT count(*) FROM task").fetchone()[0]
    return DatabaseFacts(tasks, path.stat().st_size, version)


def _open_to_read(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
