"""Recovers, at the start of a run, what an earlier one has left unfinished or damaged.

Out of a damaged database come its readable rows, and the attempts that it has lost: charges,
limits, the ledger and what the user can decide all come from attempts. So a task that was sent and
has none gets one in doubt: rather a charge too many in the sums than one denied.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from enhance_gui.core.service_errors import CreateInDoubt, DoubtNotRepeated
from enhance_gui.core.services.profile import (
    LOCAL_SERVICE_NAME,
    ServiceProfile,
    profile_to_mapping,
)
from enhance_gui.core.storage_errors import TASK_RECOVERED
from enhance_gui.core.tasks.states import Outcome, Step, TaskState
from enhance_gui.core.tasks.task import Failure, new_private_id
from enhance_gui.core.text.i18n import N_
from enhance_gui.storage.task_db import rows
from enhance_gui.storage.task_db.database import connect_to_read, transaction
from enhance_gui.storage.task_db.list_file import ListFile, Progress
from enhance_gui.storage.task_db.repositories.attempts import Attempts
from enhance_gui.storage.task_db.schema import listed
from enhance_gui.storage.task_db.task_database import LIST_ITSELF, TaskDatabase
from enhance_gui.storage.task_db.transitions import TaskSteps, set_failure

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

_NOT_SENT_YET: Final = frozenset({TaskState.DRAFT, TaskState.QUEUED})
_SURELY_SENT: Final = frozenset(TaskState) - _NOT_SENT_YET - {TaskState.FAILED, TaskState.CANCELLED}
_FOLLOWED: Final = frozenset(
    {TaskState.ACCEPTED, TaskState.FINISHED, TaskState.FETCHING, TaskState.CANCELLING}
)

_ENDED: Final = N_("the program ended while the request was on its way")
_LOST_NUMBER: Final = N_("its number on the service was lost with the damaged list")

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
        f"WHERE state IN ({listed(sorted(_FOLLOWED))}) AND NOT EXISTS ("
        "SELECT 1 FROM attempt WHERE task_id = task.id AND outcome = 'accepted')"
    ),
    # What has been deleted cannot be had again: the user wants it once more, or does not.
    "UPDATE attempt SET delete_wanted_at = NULL",
    "DELETE FROM output WHERE task_id IN (SELECT id FROM task WHERE state <> 'saved')",
)

_OUTCOMES: Final = {
    Step.UNSENT.word: Outcome.UNSENT,
    Step.HOLD.word: Outcome.REJECTED,
    Step.REJECT.word: Outcome.REJECTED,
}
"""Outcomes of the logged steps by which an attempt surely cost nothing."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What recovery found of an earlier run."""

    in_doubt: int = 0
    """Tasks whose request was on its way when the program ended."""
    interrupted: int = 0
    """Downloads that will be done again."""
    quarantined: Path | None = None
    """Folder of a damaged database."""
    salvaged: int = 0
    """Tasks read out of it."""
    is_older: bool = False
    """Whether the list is a copy from before the last run."""
    missing_attempts: int = 0
    """Requests of earlier runs that an empty new list does not know: the old one is gone."""

    @property
    def is_incomplete(self) -> bool:
        """Whether the list may lack requests that were charged."""
        return self.quarantined is not None or self.is_older or self.missing_attempts > 0


def take_over(
    db: TaskDatabase,
    steps: TaskSteps,
    attempts: Attempts,
    file: ListFile,
    quarantined: Path | None,
    salvaged: int,
) -> Recovery:
    """Take the list over for this run, and re-interpret what an earlier one left unfinished."""
    there, recorded = file.progress(), file.recorded()
    is_new = there == Progress(0, 0)
    is_behind = recorded is not None and quarantined is None and there.is_before(recorded)
    with db.transaction() as sql:
        # In one transaction with what makes it harmless: from here on it counts as new.
        steps.own(sql, 1 + max(there.epoch, recorded.epoch if recorded is not None else 0))
        sending = db.tasks_from(sql.execute("SELECT * FROM task WHERE state = 'sending'"))
        for task in sending:
            attempts.settle(sql, task.id, Outcome.IN_DOUBT)
            steps.walk(sql, task, Step.DOUBT, "found at start")
            set_failure(sql, task.id, Failure(CreateInDoubt.kind, _ENDED))
        fetching = db.tasks_from(sql.execute("SELECT * FROM task WHERE state = 'fetching'"))
        for task in fetching:
            steps.walk(sql, task, Step.PUT_OFF, "found at start")
        recovery = Recovery(
            in_doubt=len(sending),
            interrupted=len(fetching),
            quarantined=quarantined,
            salvaged=salvaged,
            is_older=is_behind and not is_new,
            missing_attempts=recorded.attempts if is_behind and is_new and recorded else 0,
        )
        if recovery.is_incomplete:
            # Nothing is sent unseen, and it is recorded for good that the sums are a lower bound.
            _hold_back(sql)
            cause = "damaged" if quarantined else "older" if recovery.is_older else "missing"
            db.log(sql, LIST_ITSELF, "list", None, TaskState.DRAFT, cause)
    file.write_down()
    return recovery


def recover_rows(damaged: Path, connection: sqlite3.Connection, now: str) -> int:
    """Copy the readable rows of a damaged database into a new, empty one.

    The damaged file is only read.

    :param now: as the database has moments.
    :returns: the number of tasks copied.
    """
    with transaction(connection):
        with _without_triggers(connection):
            with suppress(sqlite3.Error), closing(connect_to_read(damaged)) as source:
                for table in _TABLES:
                    _copy(source, connection, table)
            _restore_attempts(connection, now)
            for statement in _AFTERWARDS:
                connection.execute(statement)
        return int(connection.execute("SELECT count(*) FROM task").fetchone()[0])


def _hold_back(connection: sqlite3.Connection) -> None:
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


@dataclass(slots=True)
class _Lost:
    """An attempt that is missing, as far as the log describes it."""

    private_id: str
    opened_at: str
    outcome: Outcome = Outcome.IN_DOUBT
    named: str = ""
    """The service's task id."""


def _restore_attempts(sql: sqlite3.Connection, now: str) -> None:
    """Give every task that was sent the attempts that it has lost, within a transaction.

    :param now: when an attempt counts as opened of which nothing else is known: today's limit is
        then rather reached too early.
    """
    profiles: dict[str, ServiceProfile] = {
        row["name"]: rows.profile_of(row["profile"], row["name"])
        for row in sql.execute("SELECT * FROM service")
    }
    for task in sql.execute("SELECT * FROM task ORDER BY id").fetchall():
        known = {
            row["number"]: row["private_id"]
            for row in sql.execute("SELECT * FROM attempt WHERE task_id = ?", (task["id"],))
        }
        reported = [
            each for each in _reported(sql, task["id"]) if each.private_id not in known.values()
        ]
        was_sent = TaskState(task["state"]) in _SURELY_SENT or task["accepted_at"] is not None
        count = max(max(known, default=0), len(known) + len(reported), int(was_sent))
        for number in range(1, count + 1):
            if number not in known:
                lost = reported.pop(0) if reported else _Lost("", task["accepted_at"] or now)
                _insert(sql, task, number, lost, profiles[task["service"]], is_last=number == count)


def _reported(sql: sqlite3.Connection, task_id: int) -> Iterator[_Lost]:
    """Yield the attempts that a task's log mentions."""
    lost: _Lost | None = None
    for event in sql.execute("SELECT * FROM event WHERE task_id = ? ORDER BY id", (task_id,)):
        if event["step"] == Step.SEND.word:
            if lost is not None:
                yield lost
            lost = _Lost(event["detail"], event["at"])
        elif lost is not None and event["step"] in _OUTCOMES:
            lost.outcome = _OUTCOMES[event["step"]]
        elif lost is not None and event["step"] == Step.ACCEPT.word:
            lost.named = event["detail"]
    if lost is not None:
        yield lost


def _insert(
    sql: sqlite3.Connection,
    task: sqlite3.Row,
    number: int,
    lost: _Lost,
    profile: ServiceProfile,
    *,
    is_last: bool,
) -> None:
    state = TaskState(task["state"])
    taken = sql.execute("SELECT 1 FROM attempt WHERE private_id = ?", (lost.private_id,)).fetchone()
    private_id = lost.private_id if lost.private_id and taken is None else new_private_id()
    sql.execute(
        "INSERT INTO attempt (task_id, number, service, base_url, private_id, request_sha256, "
        "outcome, approved, cost, opened_at) VALUES (?, ?, ?, ?, ?, '', ?, ?, ?, ?)",
        (
            task["id"],
            number,
            task["service"],
            "" if profile.base_url == rows.LOST_ADDRESS else profile.base_url,
            private_id,
            lost.outcome.value,
            # Another attempt followed, or was to follow: the user had approved it.
            int(not is_last or state in _NOT_SENT_YET),
            profile.cost_of(task["type_id"]),
            lost.opened_at,
        ),
    )
    if lost.named and is_last and state in _FOLLOWED:
        # The service is asked whether it has that task with our private id, which proves it.
        sql.execute("INSERT INTO callback_hint VALUES (?, ?)", (private_id, lost.named))
