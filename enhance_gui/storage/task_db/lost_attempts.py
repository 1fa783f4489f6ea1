"""Restores attempts that a damaged database has lost, so that possible charges are known again.

Charges, limits, the ledger and what the user can decide all come from attempts. So a task that was
sent and has none gets one in doubt: rather a charge too many in the sums than one denied.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.states import Outcome, Step, TaskState
from enhance_gui.core.tasks.task import new_private_id
from enhance_gui.storage.task_db import rows

_SURELY_SENT: Final = frozenset(
    {
        TaskState.SENDING,
        TaskState.IN_DOUBT,
        TaskState.ACCEPTED,
        TaskState.FINISHED,
        TaskState.FETCHING,
        TaskState.CANCELLING,
        TaskState.SAVED,
        TaskState.WRITTEN_OFF,
    }
)
_FOLLOWED: Final = frozenset(
    {TaskState.ACCEPTED, TaskState.FINISHED, TaskState.FETCHING, TaskState.CANCELLING}
)
_NOT_SENT_YET: Final = frozenset({TaskState.DRAFT, TaskState.QUEUED})

_OUTCOMES: Final = {
    Step.UNSENT.word: Outcome.UNSENT,
    Step.HOLD.word: Outcome.REJECTED,
    Step.REJECT.word: Outcome.REJECTED,
}
"""Outcomes of the logged steps by which an attempt surely cost nothing."""


@dataclass(slots=True)
class _Lost:
    """An attempt that is missing, as far as the log describes it."""

    private_id: str
    opened_at: str
    outcome: Outcome = Outcome.IN_DOUBT
    named: str = ""
    """The service's task id."""


def restore_attempts(sql: sqlite3.Connection, now: str) -> None:
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
        count = max(max(known, default=0), len(known) + len(reported), _min_count(task))
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


def _min_count(task: sqlite3.Row) -> int:
    """Return how many attempts there surely were, by the task alone."""
    was_sent = TaskState(task["state"]) in _SURELY_SENT or task["accepted_at"] is not None
    return int(was_sent)


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
