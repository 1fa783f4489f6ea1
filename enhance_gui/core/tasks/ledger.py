"""Summarises the ledger: periods, sums by service, and CSV for other programs.

The local service charges nothing, so it has no place here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.tasks.spending import LedgerEntry, Totals, day_of, month_of, totals
from enhance_gui.core.text.i18n import plain_number

_DAYS_OF_WEEK: Final = 7
_FORMULA_CHARS: Final = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS: Final = ("when", "service", "picture", "type", "outcome", "credits")


class Period(StrEnum):
    """The period of the ledger that is shown."""

    TODAY = "today"
    WEEK = "week"
    """Today and the six days before."""
    MONTH = "month"
    YEAR = "year"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Ledger:
    """The entries of the ledger, as read at one moment."""

    entries: tuple[LedgerEntry, ...]
    """Since a moment that is not later than the beginning of the month; oldest first."""
    now: datetime
    incomplete_before: datetime | None = None
    """Requests up to then may be missing, since the list was damaged or replaced; ``None``: no."""

    def incomplete_until(self, begin: datetime) -> datetime | None:
        """Return up to when charges since ``begin`` may be missing from the entries."""
        before = self.incomplete_before
        return before if before is not None and before >= begin else None


def since(period: Period, now: datetime) -> datetime:
    """Return the moment at which a period begins, by the user's calendar."""
    if period is Period.TODAY:
        return day_of(now)
    if period is Period.WEEK:
        return day_of(now - timedelta(days=_DAYS_OF_WEEK - 1))
    if period is Period.MONTH:
        return month_of(now)
    if period is Period.YEAR:
        return datetime(now.astimezone().year, 1, 1).astimezone().astimezone(UTC)
    return datetime(1970, 1, 1, tzinfo=UTC)


def chargeable(entries: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """Return the attempts at a service that can charge at all."""
    return tuple(entry for entry in entries if entry.service != LOCAL_SERVICE_NAME)


def sums(ledger: Ledger) -> dict[str, Totals]:
    """Return the sums of today and this month by service, in the order of the names."""
    names = sorted({entry.service for entry in ledger.entries}, key=str.casefold)
    return {
        name: totals((entry for entry in ledger.entries if entry.service == name), ledger.now)
        for name in names
    }


def ledger_csv(entries: Sequence[LedgerEntry]) -> str:
    """Return the entries as CSV: moments in UTC, credits empty where they are not known."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(_COLUMNS)
    for entry in entries:
        table.writerow(
            (
                entry.at.astimezone(UTC).isoformat(timespec="seconds"),
                _harmless(entry.service),
                _harmless(entry.input),
                _harmless(entry.type_name),
                entry.outcome.value,
                plain_number(entry.cost) if entry.cost else "",
            )
        )
    return text.getvalue()


def _harmless(text: str) -> str:
    """Return a foreign text escaped, so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_CHARS) else text
