"""Opens the database: durable, of a known version; a damaged one is quarantined.

It can also be checked without changing it, even while another program uses it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.storage_errors import (
    DATABASE_TOO_NEW,
    OWN_DISK_FULL,
    OWN_FOLDER_NOT_USABLE,
    DatabaseBusy,
    DatabaseDamaged,
    DiskFull,
    FolderNotUsable,
    StorageError,
    TransitionRefused,
)
from enhance_gui.storage.folders import make_private
from enhance_gui.storage.task_db.schema import STEPS_OF_SCHEMA, VERSION
from enhance_gui.storage.task_db.schema_check import refuse_foreign_schema, renew_triggers

_BUSY_TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class OpenedDatabase:
    """An open connection, and where a damaged database was moved to."""

    connection: sqlite3.Connection
    quarantined: Path | None
    """Folder that now holds a damaged database with its -wal and -shm; ``None``: none was."""


def open_database(path: Path, now: datetime) -> OpenedDatabase:
    """Open or create the database.

    A damaged one is moved aside as a whole: a -wal that stays behind would be applied to the new
    file (https://github.com/TriliumNext/Trilium/issues/1835).

    :raises StorageError: a newer program has written it; it is left as it is.
    :raises DatabaseBusy: another program holds it for longer than 5 s.
    :raises StorageError: the folder cannot be used or the disk is full.
    """
    with errors_of_own_folder():
        make_private(path.parent)
    try:
        return OpenedDatabase(_connect(path), None)
    except DatabaseDamaged:
        folder = _set_aside(path, now)
        return OpenedDatabase(_connect(path), folder)


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
    with foreign_errors(), closing(connect_to_read(path)) as connection:
        version = _known_version(connection)
        _quick_check(connection)
        if version == VERSION:
            refuse_foreign_schema(connection)
        tasks = connection.execute("SELECT count(*) FROM task").fetchone()[0]
    return DatabaseFacts(tasks, path.stat().st_size, version)


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Return a connection that cannot change anything."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


@contextmanager
def foreign_errors() -> Iterator[None]:
    """Turn errors of sqlite3 and of the system into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error) from error
    except OSError as error:
        raise storage_error(error) from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Make all changes of the block durable together, or none."""
    with foreign_errors():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back by itself where the disk is full or failing.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def errors_of_own_folder() -> Iterator[None]:
    """Turn the system's errors into ours for the program's own folder."""
    try:
        yield
    except OSError as error:
        raise own_folder_error(error) from error


def own_folder_error(error: OSError) -> StorageError:
    """Return this program's error for one of the system's about its own folder."""
    problem = storage_error(error)
    if isinstance(problem, DiskFull):
        return DiskFull(problem.detail, kind=OWN_DISK_FULL)
    return StorageError(problem.detail, kind=OWN_FOLDER_NOT_USABLE)


def storage_error(error: OSError) -> StorageError:
    """Return this program's error for one of the system's."""
    text = error.strerror or type(error).__name__
    reported = f"{text} ({error.filename})" if error.filename else text
    return DiskFull(reported) if error.errno in _FULL else FolderNotUsable(reported)


_FULL: Final = frozenset({28, 122})
"""ENOSPC and EDQUOT."""


def _translated(error: sqlite3.Error) -> EnhanceError:
    primary = _primary_code(error)
    text = str(error)
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseBusy(text)
    if primary == sqlite3.SQLITE_FULL:
        return DiskFull(text, kind=OWN_DISK_FULL)
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DatabaseDamaged(text)
    if primary == sqlite3.SQLITE_CONSTRAINT:
        return TransitionRefused(text)
    return StorageError("the database reports: {message}", message=text)


def _primary_code(error: sqlite3.Error) -> int | None:
    """Return SQLite's own number; ``None`` for an error that Python's module has raised."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _connect(path: Path) -> sqlite3.Connection:
    with foreign_errors():
        connection = sqlite3.connect(
            path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
    try:
        with foreign_errors():
            _set_up(connection)
            _upgrade(connection)
            refuse_foreign_schema(connection)
            renew_triggers(connection)
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
    _quick_check(connection)


def _quick_check(connection: sqlite3.Connection) -> None:
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise DatabaseDamaged(str(verdict))


def _known_version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise StorageError(
            "the list of tasks has version {version}, this program {own}",
            version=version,
            own=VERSION,
            kind=DATABASE_TOO_NEW,
        )
    return version


def _upgrade(connection: sqlite3.Connection) -> None:
    version = _known_version(connection)
    if version == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise DatabaseDamaged("the file is a database of another program")
    if version == VERSION:
        return
    # All steps in one transaction: each one of its own would wait for the disk.
    steps = " ".join(STEPS_OF_SCHEMA[version:])
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE; {steps} PRAGMA user_version = {VERSION}; COMMIT"
        )
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if _primary_code(error) in _NOT_OURS:
            raise DatabaseDamaged(
                "version {version} is not as it was: {message}", version=version, message=error
            ) from error
        raise


_NOT_OURS: Final = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT})
"""A table is missing, or its rows break its own rules: steps that worked on every whole list."""


def _set_aside(path: Path, now: datetime) -> Path:
    folder = path.parent / f"{path.stem}-damaged-{now:%Y%m%dT%H%M%S%f}"
    with foreign_errors():
        make_private(folder)
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(folder / (path.name + ending))
    return folder
