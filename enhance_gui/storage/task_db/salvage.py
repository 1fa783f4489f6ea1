"""Recovers the readable rows of a damaged database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from enhance_gui.core.service_errors import CreateInDoubt, DoubtNotRepeated
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, profile_to_mapping
from enhance_gui.core.storage_errors import TASK_RECOVERED
from enhance_gui.core.text.i18n import mark
from enhance_gui.storage.task_db import rows
from enhance_gui.storage.task_db.database import transaction
from enhance_gui.storage.task_db.lost_attempts import restore_attempts

# Parents first: rows whose parent was lost are left out.
_TABLES: Final = (
    "service",
    "batch",
    "task",
    "attempt",
    "callback_hint",
    "output",
    "duration",
    "event",
)

_LOST_NUMBER: Final = mark("its number on the service was lost with the damaged list")

_HELD: Final = (
    "UPDATE task SET state = 'draft', "  # noqa: S608  from the kind alone
    f"failure_kind = CASE service WHEN '{LOCAL_SERVICE_NAME}' THEN NULL "
    f"ELSE '{TASK_RECOVERED}' END, failure_detail = '', failure_code = NULL "
    "WHERE state = 'queued'"
)
"""Nothing is sent before the user has looked; the local service charges nothing."""

_AFTERWARDS: Final = (
    _HELD,
    # A task the service has, whose id was lost: whether it was charged cannot be known here.
    (
        f"UPDATE task SET state = 'in_doubt', failure_kind = '{CreateInDoubt.kind}', "  # noqa: S608
        f"failure_detail = '{_LOST_NUMBER}' "
        "WHERE state IN ('accepted', 'finished', 'fetching', 'cancelling') AND NOT EXISTS ("
        "SELECT 1 FROM attempt WHERE task_id = task.id AND outcome = 'accepted')"
    ),
    # What has been deleted cannot be had again: the user wants it once more, or does not.
    "UPDATE attempt SET delete_wanted_at = NULL",
    "DELETE FROM output WHERE task_id IN (SELECT id FROM task WHERE state <> 'saved')",
)


def recover_rows(damaged: Path, connection: sqlite3.Connection, now: str) -> int:
    """Copy the readable rows of a damaged database into a new, empty one.

    The damaged file is only read.

    :param now: as the database has moments.
    :returns: the number of tasks copied.
    """
    with transaction(connection):
        with _without_triggers(connection):
            with suppress(sqlite3.Error), closing(_open_read_only(damaged)) as source:
                for table in _TABLES:
                    _copy(source, connection, table)
            restore_attempts(connection, now)
            for statement in _AFTERWARDS:
                connection.execute(statement)
        return int(connection.execute("SELECT count(*) FROM task").fetchone()[0])


def hold_back(connection: sqlite3.Connection) -> None:
    """Keep everything of an older list from being sent by itself, within a transaction.

    Nor is what is in doubt repeated, not even to a service to which that would be one task: it may
    have been settled, or sent anew, since.
    """
    with _without_triggers(connection):
        connection.execute(_HELD)
        connection.execute(
            "UPDATE task SET failure_kind = ?, failure_detail = coalesce(failure_detail, '') "
            "WHERE state = 'in_doubt'",
            (DoubtNotRepeated.kind,),
        )


@contextmanager
def _without_triggers(connection: sqlite3.Connection) -> Iterator[None]:
    """Drop the triggers and restore them: they check steps, and a copy takes none."""
    triggers = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
    ).fetchall()
    for trigger in triggers:
        connection.execute(f"DROP TRIGGER {trigger['name']}")
    yield
    for trigger in triggers:
        connection.execute(trigger["sql"])


def _open_read_only(damaged: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> None:
    # A database of an earlier version lacks the columns that came later; those have defaults.
    there = {row["name"] for row in source.execute(f"PRAGMA table_info({table})")}
    wanted = [row["name"] for row in target.execute(f"PRAGMA table_info({table})")]
    columns = [name for name in wanted if name in there]
    marks = ", ".join("?" * len(columns))
    insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    for row in _readable_rows(source, table):
        # A row that breaks a rule of the schema is part of the damage.
        with suppress(sqlite3.Error, IndexError):
            if table == "task":
                _remember_lost_service(target, row["service"])
            target.execute(insert, [row[column] for column in columns])


def _remember_lost_service(target: sqlite3.Connection, name: str) -> None:
    """Store a placeholder for a lost profile, so that its tasks are kept: nothing answers there."""
    profile = profile_to_mapping(rows.lost_profile(name))
    target.execute("INSERT OR IGNORE INTO service VALUES (?, ?)", (name, json.dumps(profile)))


def _readable_rows(source: sqlite3.Connection, table: str) -> Iterator[sqlite3.Row]:
    """Yield rows from the front until the damage, then from the back until the damage."""
    for direction in ("ASC", "DESC"):
        try:
            yield from source.execute(f"SELECT * FROM {table} ORDER BY 1 {direction}")  # noqa: S608
        except sqlite3.Error:
            continue
        return
