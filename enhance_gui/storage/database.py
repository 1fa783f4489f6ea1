"""Opening the database: durable, of a version we know, and set aside where it is damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from enhance_gui.core.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseTooNew,
    DiskFull,
    EnhanceError,
    FolderNotUsable,
    StorageError,
    TransitionRefused,
)
from enhance_gui.storage.folders import make_private
from enhance_gui.storage.schema import STEPS_OF_SCHEMA, VERSION

_BUSY_TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class OpenedDatabase:
    """An open connection, and the damaged file that had to make room for it."""

    connection: sqlite3.Connection
    set_aside: Path | None
    """Folder that now holds a damaged database with its -wal and -shm; ``None``: none was."""


def open_database(path: Path, now: datetime) -> OpenedDatabase:
    """Open or create the database.

    A damaged one is moved aside as a whole: a -wal that stays behind would be applied to the new
    file (https://github.com/TriliumNext/Trilium/issues/1835).

    :raises DatabaseTooNew: a newer program has written it; it is left as it is.
    :raises DatabaseBusy: another program holds it for longer than 5 s.
    :raises StorageError: the folder cannot be used or the disk is full.
    """
    with foreign_errors():
        make_private(path.parent)
    try:
        return OpenedDatabase(_connect(path), None)
    except DatabaseDamaged:
        folder = _set_aside(path, now)
        return OpenedDatabase(_connect(path), folder)


@contextmanager
def foreign_errors() -> Iterator[None]:
    """Turn errors of sqlite3 and of the system into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error) from error
    except OSError as error:
        raise storage_error(error) from error


def storage_error(error: OSError) -> StorageError:
    """Return our error for one of the system's."""
    words = error.strerror or type(error).__name__
    place = f" ({error.filename})" if error.filename else ""
    if error.errno in _FULL:
        return DiskFull(f"{words}{place}")
    return FolderNotUsable(f"{words}{place}")


_FULL: Final = frozenset({28, 122})
"""ENOSPC and EDQUOT."""


def _translated(error: sqlite3.Error) -> EnhanceError:
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else None
    words = str(error)
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseBusy(words)
    if primary == sqlite3.SQLITE_FULL:
        return DiskFull(words)
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DatabaseDamaged(words)
    if primary == sqlite3.SQLITE_CONSTRAINT:
        return TransitionRefused(words)
    return StorageError(f"the database reports: {words}")


def _connect(path: Path) -> sqlite3.Connection:
    with foreign_errors():
        connection = sqlite3.connect(
            path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
    try:
        with foreign_errors():
            _set_up(connection)
            _upgrade(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL, not NORMAL: with NORMAL a power cut takes the last commits back, and an intent that is
    # lost is a task paid twice. Measured with snapshots of a disk: 30 of 30 cuts lost rows.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise DatabaseDamaged(str(verdict))


def _upgrade(connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise DatabaseTooNew(f"the list of tasks has version {version}, this program {VERSION}")
    if version == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise DatabaseDamaged("the file is a database of another program")
    for number in range(version, VERSION):
        script = (
            f"BEGIN IMMEDIATE; {STEPS_OF_SCHEMA[number]} PRAGMA user_version = {number + 1}; COMMIT"
        )
        try:
            connection.executescript(script)
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _set_aside(path: Path, now: datetime) -> Path:
    folder = path.parent / f"{path.stem}-damaged-{now:%Y%m%dT%H%M%S%f}"
    with foreign_errors():
        make_private(folder)
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(folder / (path.name + ending))
    return folder
