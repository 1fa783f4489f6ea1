"""Adds up what attempts may have cost, and enforces the limits on it."""

from __future__ import annotations

import math
from datetime import datetime

from enhance_gui.core.errors import CostUnknown, SpendingLimitReached
from enhance_gui.core.tasks.spending import LedgerEntry, SpendingLimits, goes_beyond
from enhance_gui.core.text.detail import Detail
from enhance_gui.storage.task_db import rows
from enhance_gui.storage.task_db.schema import CHARGED_OUTCOMES
from enhance_gui.storage.task_db.task_database import LIST_ITSELF, TaskDatabase, moment


class Charges:
    """Adds up what services may have charged."""

    def __init__(self, db: TaskDatabase) -> None:
        self._db = db

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
            _refuse(day.maximum, spent, cost, task["type_name"], day.words, of_batch=False)
        maximum = limits.batch if task["max_cost"] is None else task["max_cost"]
        if task["batch"] is not None and maximum is not None and maximum < math.inf:
            words = Detail("{maximum} for this batch", maximum=maximum)
            spent = self._charged("batch = ?", task["batch"])
            _refuse(maximum, spent, cost, task["type_name"], words, of_batch=True)

    def _charged(self, of_which: str, *values: object) -> float:
        """Return the credits that may have been charged for some attempts."""
        row = self._db.one(
            "SELECT total(cost) AS cost FROM attempt "  # noqa: S608  from the enums alone
            f"WHERE {of_which} AND outcome IN ({CHARGED_OUTCOMES})",
            *values,
        )
        return 0.0 if row is None else float(row["cost"])


def _refuse(
    maximum: float, spent: float, cost: float, type_name: str, words: Detail, *, of_batch: bool
) -> None:
    """:raises SpendingLimitReached: ``cost`` exceeds a limit, or cannot be compared with it.

    :param words: the limit as it is shown to the user.
    """
    if not cost:
        raise CostUnknown(
            Detail(
                "it is not known what “{type}” costs, and the limit is {limit}",
                type=type_name,
                limit=words,
            ),
            of_batch=of_batch,
        )
    if goes_beyond(maximum, spent, cost):
        raise SpendingLimitReached(
            Detail(
                "the next task costs {cost}, {spent} may have been spent, and the limit is {limit}",
                cost=cost,
                spent=spent,
                limit=words,
            ),
            of_batch=of_batch,
        )
