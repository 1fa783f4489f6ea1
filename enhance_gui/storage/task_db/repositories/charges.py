"""Adds up what attempts may have cost, enforces the limits on it, and stores the batches that share
one.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Collection
from datetime import datetime
from typing import Final

from enhance_gui.core.errors import CostUnknown, SpendingLimitReached
from enhance_gui.core.tasks.spending import LIMIT_KINDS, LedgerEntry, SpendingLimits, goes_beyond
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.detail import Detail, write_detail
from enhance_gui.storage.task_db import rows
from enhance_gui.storage.task_db.schema import CHARGED_OUTCOMES, listed
from enhance_gui.storage.task_db.task_database import LIST_ITSELF, moment
from enhance_gui.storage.task_db.transitions import Repository

_HELD: Final = f"state = 'queued' AND failure_kind IN ({listed(sorted(LIMIT_KINDS))})"
"""Condition for tasks that wait for the user's decision on a limit."""


class Charges(Repository):
    """Adds up what services may have charged."""

    def ledger(self, since: datetime, service: str | None = None) -> list[LedgerEntry]:
        """Return every attempt since a moment that may have been charged, oldest first."""
        return [
            rows.ledger_entry(row)
            for row in self._db.all(
                "SELECT attempt.*, input, type_id, type_name FROM attempt "  # noqa: S608
                "JOIN task ON task.id = task_id "
                f"WHERE outcome IN ({CHARGED_OUTCOMES}) AND opened_at >= ? "
                "AND attempt.service = coalesce(?, attempt.service) "
                "ORDER BY opened_at, task_id, number",
                moment(since),
                service,
            )
        ]

    def incomplete_before(self) -> datetime | None:
        """Return up to when requests may be missing here, since the list was damaged or replaced by
        an older one; ``None``: none is.
        """
        row = self._db.one("SELECT max(at) AS at FROM event WHERE task_id = ?", LIST_ITSELF)
        return None if row is None else rows.moment_of(row["at"])

    def refuse_beyond(self, limits: SpendingLimits, task_id: int, cost: float) -> None:
        """Refuse another attempt of a task that would exceed a limit.

        :param cost: credits that it may cost, as far as is known now.
        :raises SpendingLimitReached: it would exceed one of them.
        :raises CostUnknown: there is one, and neither now nor when the task was asked for was its
            cost known.
        """
        task = self._db.one(
            "SELECT type_name, known_cost, batch, batch.max_cost FROM task "
            "LEFT JOIN batch ON batch.id = task.batch WHERE task.id = ?",
            task_id,
        )
        if task is None:
            return  # the step itself says so
        cost = max(cost, task["known_cost"])
        if (day := limits.day) is not None:
            spent = self._charged("service = ? AND opened_at >= ?", day.service, moment(day.since))
            _refuse(day.maximum, spent, cost, task["type_name"], day.text, of_batch=False)
        maximum = limits.batch if task["max_cost"] is None else task["max_cost"]
        if task["batch"] is not None and maximum is not None and maximum < math.inf:
            text = Detail("{maximum} for this batch", maximum=maximum)
            spent = self._charged("batch = ?", task["batch"])
            _refuse(maximum, spent, cost, task["type_name"], text, of_batch=True)

    def _charged(self, of_which: str, *values: object) -> float:
        """Return the credits that may have been charged for some attempts."""
        row = self._db.one(
            "SELECT total(cost) AS cost FROM attempt "  # noqa: S608  from the enums alone
            f"WHERE {of_which} AND outcome IN ({CHARGED_OUTCOMES})",
            *values,
        )
        return 0.0 if row is None else float(row["cost"])


def _refuse(
    maximum: float, spent: float, cost: float, type_name: str, text: Detail, *, of_batch: bool
) -> None:
    """:raises SpendingLimitReached: ``cost`` exceeds a limit, or cannot be compared with it.

    :param text: the limit as it is shown to the user.
    """
    if not cost:
        raise CostUnknown(
            Detail(
                "it is not known what “{type}” costs, and the limit is {limit}",
                type=type_name,
                limit=text,
            ),
            of_batch=of_batch,
        )
    if goes_beyond(maximum, spent, cost):
        raise SpendingLimitReached(
            Detail(
                "the next task costs {cost}, {spent} may have been spent, and the limit is {limit}",
                cost=cost,
                spent=spent,
                limit=text,
            ),
            of_batch=of_batch,
        )


class Batches(Repository):
    """Puts tasks into batches, holds those that would exceed a limit, and releases them."""

    def begin(self, max_cost: float | None) -> int:
        """Store a batch that has no tasks yet; return its number.

        :param max_cost: credits; ``None``: the user's limit for each batch holds.
        """
        with self._db.transaction() as sql:
            return _begin(sql, max_cost)

    def join(self, batch: int | None, task_ids: Collection[int]) -> None:
        """Move tasks into a batch, whose limit they then share.

        What an earlier limit held waits no longer: whether the new one has room is seen when the
        task is about to be sent.

        :param batch: ``None``: they are in none, and no limit of a batch holds for them.
        """
        with self._db.transaction() as sql:
            join(sql, batch, task_ids)

    def allow_more(self, service: str) -> None:
        """Allow what waits to be sent to a service to exceed the limits of its batches.

        :meth:`let_go` is to follow.
        """
        with self._db.transaction() as sql:
            sql.execute(
                "UPDATE task SET batch = ? WHERE service = ? AND state = 'queued'",
                (_begin(sql, math.inf), service),
            )

    def hold(self, task_ids: Collection[int], failure: Failure) -> list[Task]:
        """Hold queued tasks until the user's decision on a limit, across restarts too.

        :returns: all of them, oldest first; one that is queued no longer is as it was.
        """
        self._db.change(
            "UPDATE task SET failure_kind = ?, failure_detail = ?, failure_code = NULL "
            "WHERE state = 'queued' AND id IN (SELECT value FROM json_each(?))",
            failure.kind,
            write_detail(failure.detail),
            json.dumps(list(task_ids)),
        )
        return self._db.tasks_of(task_ids)

    def let_go(self, service: str) -> list[Task]:
        """Release the tasks held by a limit; return them, oldest first."""
        with self._db.transaction() as sql:
            rows = sql.execute(
                f"SELECT id FROM task WHERE service = ? AND {_HELD}",  # noqa: S608
                (service,),
            ).fetchall()
            ids = [row["id"] for row in rows]
            _let_go(sql, ids)
        return self._db.tasks_of(ids)

    def is_paused(self) -> bool:
        """Return whether the user has paused sending in the window."""
        row = self._db.one("SELECT paused FROM owner")
        return row is not None and bool(row["paused"])

    def set_paused(self, paused: bool) -> None:
        """Store whether the user has paused sending."""
        self._db.change("UPDATE owner SET paused = ?", int(paused))


def join(sql: sqlite3.Connection, batch: int | None, task_ids: Collection[int]) -> None:
    """Put tasks into a batch, within a transaction."""
    sql.execute(
        "UPDATE task SET batch = ? WHERE id IN (SELECT value FROM json_each(?))",
        (batch, json.dumps(list(task_ids))),
    )
    _let_go(sql, task_ids)


def _begin(sql: sqlite3.Connection, max_cost: float | None) -> int:
    cursor = sql.execute("INSERT INTO batch (max_cost) VALUES (?)", (max_cost,))
    return int(cursor.lastrowid or 0)


def _let_go(sql: sqlite3.Connection, task_ids: Collection[int]) -> None:
    sql.execute(
        "UPDATE task SET failure_kind = NULL, failure_detail = NULL, failure_code = NULL "  # noqa: S608
        f"WHERE {_HELD} AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(task_ids)),),
    )
