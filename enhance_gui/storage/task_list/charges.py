"""What attempts may have cost, and the limits on that."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from enhance_gui.core.errors import SpendingLimitReached
from enhance_gui.core.spending import DayLimit, LedgerEntry, SpendingLimit, goes_beyond, shown
from enhance_gui.core.tasks import CHARGE_POSSIBLE
from enhance_gui.storage import rows
from enhance_gui.storage.task_list.task_database import LIST_ITSELF, TaskDatabase, moment

_CHARGE_POSSIBLE: Final = ", ".join(sorted(f"'{outcome.value}'" for outcome in CHARGE_POSSIBLE))


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
                f"WHERE outcome IN ({_CHARGE_POSSIBLE}) AND opened_at >= ? "
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

    def possibly_charged(self, task_ids: Iterable[int]) -> float:
        """Return the credits that may have been charged for some tasks."""
        row = self._db.one(
            "SELECT total(cost) AS cost FROM attempt "  # noqa: S608  from the enums alone
            f"WHERE outcome IN ({_CHARGE_POSSIBLE}) "
            "AND task_id IN (SELECT value FROM json_each(?))",
            json.dumps(list(task_ids)),
        )
        return 0.0 if row is None else float(row["cost"])

    def refuse_beyond(self, limit: SpendingLimit, cost: float) -> None:
        """:raises SpendingLimitReached: another ``cost`` would lead beyond the limit."""
        if isinstance(limit, DayLimit):
            spent = self._charged_since(limit.since, limit.service)
        else:
            spent = self.possibly_charged(limit.tasks) - limit.before
        if goes_beyond(limit.most, spent, cost):
            raise SpendingLimitReached(
                f"the next task costs {shown(cost)}, {shown(spent)} may have been spent, and the "
                f"limit is {limit.words}"
            )

    def _charged_since(self, since: datetime, service: str) -> float:
        row = self._db.one(
            "SELECT total(cost) AS cost FROM attempt "  # noqa: S608  from the enums alone
            f"WHERE service = ? AND opened_at >= ? AND outcome IN ({_CHARGE_POSSIBLE})",
            service,
            moment(since),
        )
        return 0.0 if row is None else float(row["cost"])
