"""Adds up what attempts may have cost, enforces the limits on it, and stores the batches that share
one.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from enhance_gui.core.errors import CostUnknown, SpendingLimitReached
from enhance_gui.core.tasks.spending import (
    LIMIT_KINDS,
    DayLimit,
    LedgerEntry,
    LimitAhead,
    SpendingLimits,
    goes_beyond,
)
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
        for task in self._priced([task_id]):  # none: the step itself says so
            cost = max(cost, task["known_cost"])
            for limit in _limits_on(task, limits):
                _refuse(limit, self._charged(limit), cost, task["type_name"])

    def limit_ahead(
        self, task_ids: Collection[int], costs: Mapping[int, float], limits: SpendingLimits
    ) -> LimitAhead | None:
        """Return where a limit will stop drafts of one service if they are started now.

        What waits already is sent before them, but for what waits for the user's decision.

        :param costs: credits of each, as far as is known now.
        :returns: ``None``: none of the limits stops any of them.
        """
        spent: dict[_Limit, float] = {}
        for passing, task in enumerate(self._priced(task_ids)):
            cost = max(costs[task["id"]], task["known_cost"])
            for limit in _limits_on(task, limits):
                if limit not in spent:
                    spent[limit] = self._charged(limit) + self._waiting(limit)
                if not cost or goes_beyond(limit.maximum, spent[limit], cost):
                    unpriced = "" if cost else task["type_name"]
                    return LimitAhead(passing, limit.maximum, limit.day is None, unpriced)
                spent[limit] += cost
        return None

    def _priced(self, task_ids: Collection[int]) -> list[sqlite3.Row]:
        """Return what is known of the costs of tasks, in the order in which they are sent."""
        return self._db.all(
            "SELECT task.id, service, type_name, known_cost, batch, batch.max_cost FROM task "
            "LEFT JOIN batch ON batch.id = task.batch "
            "WHERE task.id IN (SELECT value FROM json_each(?)) ORDER BY rank, task.id",
            json.dumps(list(task_ids)),
        )

    def _charged(self, limit: _Limit) -> float:
        """Return the credits that may have been charged of what a limit is on."""
        counted = f"FROM attempt WHERE {{}} AND outcome IN ({CHARGED_OUTCOMES})"
        if (day := limit.day) is None:
            return self._sum(counted.format("batch = ?"), limit.batch)
        of_day = counted.format("service = ? AND opened_at >= ?")
        return self._sum(of_day, day.service, moment(day.since))

    def _waiting(self, limit: _Limit) -> float:
        """Return the credits of what is about to be sent of that."""
        waiting = f"FROM task WHERE {{}} AND state = 'queued' AND ({_HELD}) IS NOT TRUE"
        if (day := limit.day) is None:
            return self._sum(waiting.format("batch = ?"), limit.batch, column="known_cost")
        return self._sum(waiting.format("service = ?"), day.service, column="known_cost")

    def _sum(self, of_which: str, *values: object, column: str = "cost") -> float:
        row = self._db.one(f"SELECT total({column}) AS cost {of_which}", *values)
        return 0.0 if row is None else float(row["cost"])


@dataclass(frozen=True, slots=True)
class _Limit:
    """One limit, on a day or on a batch."""

    maximum: float
    day: DayLimit | None
    batch: int | None = None

    @property
    def text(self) -> Detail:
        if self.day is not None:
            return self.day.text
        return Detail("{maximum} for this batch", maximum=self.maximum)


def _limits_on(task: sqlite3.Row, limits: SpendingLimits) -> Iterator[_Limit]:
    """Yield the limits that a task is held to."""
    if limits.day is not None:
        yield _Limit(limits.day.maximum, limits.day)
    maximum = limits.batch if task["max_cost"] is None else task["max_cost"]
    if task["batch"] is not None and maximum is not None and maximum < math.inf:
        yield _Limit(maximum, None, task["batch"])


def _refuse(limit: _Limit, spent: float, cost: float, type_name: str) -> None:
    """:raises SpendingLimitReached: ``cost`` exceeds a limit, or cannot be compared with it."""
    if not cost:
        raise CostUnknown(
            Detail(
                "it is not known what “{type}” costs, and the limit is {limit}",
                type=type_name,
                limit=limit.text,
            ),
            of_batch=limit.day is None,
        )
    if goes_beyond(limit.maximum, spent, cost):
        raise SpendingLimitReached(
            Detail(
                "the next task costs {cost}, {spent} may have been spent, and the limit is {limit}",
                cost=cost,
                spent=spent,
                limit=limit.text,
            ),
            of_batch=limit.day is None,
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
