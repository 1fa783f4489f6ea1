"""Stores batches: tasks that share a limit, and those that wait for a decision on one."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Collection
from typing import Final

from enhance_gui.core.tasks.spending import LIMIT_KINDS
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.detail import write_detail
from enhance_gui.storage.task_db.schema import listed
from enhance_gui.storage.task_db.task_database import TaskDatabase

_HELD: Final = f"state = 'queued' AND failure_kind IN ({listed(sorted(LIMIT_KINDS))})"
"""Condition for tasks that wait for the user's decision on a limit."""


class Batches:
    """Puts tasks into batches, holds those that would exceed a limit, and releases them."""

    def __init__(self, db: TaskDatabase) -> None:
        self._db = db

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
