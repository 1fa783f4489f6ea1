"""The ledger: what was possibly charged, in sums, by period, as CSV, and against limits.

The service does not report what it charges. What is counted here is what it may have charged: the
cost that the profile gives for the enhance type, for every attempt that may have cost something,
one in doubt included. The local service charges nothing, so it has no place here.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from enhance_gui.core.errors import CostUnknown, SpendingLimitReached
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import plain_number

LIMIT_KINDS = frozenset({SpendingLimitReached.kind, CostUnknown.kind})
"""Failures by which a task waits until the user has decided about a limit."""

_ROUNDING = 1e-6
"""Sums of parts of a credit are not exact."""

_FORMULA: Final = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=[=+@\t\r-])")
"""Where one would begin: in a cell, or in a part of it where a spreadsheet takes semicolons or tabs
for what separates cells, as those of many languages do.
"""
_COLUMNS: Final = ("when", "service", "picture", "type", "outcome", "credits")


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One attempt that may have been charged."""

    at: datetime
    """When it was sent."""
    task_id: int
    """This program's number of the task."""
    input: str
    service: str
    type_id: int
    type_name: str
    cost: float
    """Credits, by the profile at that time; 0 where it did not know."""
    outcome: Outcome
    """Accepted, in doubt, or on its way."""


@dataclass(frozen=True, slots=True)
class Spent:
    """The total of some entries."""

    credits: float = 0
    """What is known of their costs."""
    attempts: int = 0
    """How many there are."""
    of_unknown_cost: int = 0
    """How many of them have no known cost."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of what one service has possibly charged."""

    today: Spent
    this_month: Spent


@dataclass(frozen=True, slots=True)
class DayLimit:
    """All that one service may possibly charge from a moment on."""

    maximum: float
    service: str
    since: datetime
    """The beginning of the day."""

    @property
    def text(self) -> Detail:
        return Detail("{maximum} a day for “{service}”", maximum=self.maximum, service=self.service)


@dataclass(frozen=True, slots=True)
class SpendingLimits:
    """The user's limits on what a service may charge."""

    day: DayLimit | None = None
    """``None``: no limit a day."""
    batch: float | None = None
    """Credits for each batch that has no limit of its own; ``None``: no limit."""


@dataclass(frozen=True, slots=True)
class LimitAhead:
    """Where a limit of the user will stop pictures that are about to be started."""

    passing: int
    """How many are sent before it stops."""
    maximum: float
    of_batch: bool
    """Whether it is that of their batch, and not that of the day."""
    unpriced: str = ""
    """The enhance type that it stops since nobody knows what that costs; empty: it is reached."""


def is_held(task: Task) -> bool:
    """Return whether a task waits for the user's decision on a limit."""
    failure = task.failure
    is_of_limit = failure is not None and failure.kind in LIMIT_KINDS
    return task.state is TaskState.QUEUED and is_of_limit


def goes_beyond(maximum: float, spent: float, cost: float) -> bool:
    """Return whether another ``cost`` would exceed the limit."""
    return spent + cost > maximum + _ROUNDING


def total(entries: Iterable[LedgerEntry]) -> Spent:
    """Add entries up."""
    found = list(entries)
    unknown = sum(not each.cost for each in found)
    return Spent(sum(each.cost for each in found), len(found), unknown)


def totals(entries: Iterable[LedgerEntry], now: datetime) -> Totals:
    """Return the totals of the day and the month, as the user's calendar has them."""
    found = list(entries)
    today, month = day_of(now), month_of(now)
    return Totals(
        total(each for each in found if each.at >= today),
        total(each for each in found if each.at >= month),
    )


def day_of(now: datetime) -> datetime:
    """Return the beginning of the user's day, in UTC."""
    local = now.astimezone()
    # Without a zone, and then with the system's: it knows the offset at that midnight.
    return datetime(local.year, local.month, local.day).astimezone().astimezone(UTC)


def month_of(now: datetime) -> datetime:
    """Return the beginning of the user's month, in UTC."""
    local = now.astimezone()
    return datetime(local.year, local.month, 1).astimezone().astimezone(UTC)


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
        return day_of(now - timedelta(days=6))
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
                harmless_cell(entry.service),
                harmless_cell(entry.input),
                harmless_cell(entry.type_name),
                entry.outcome.value,
                plain_number(entry.cost) if entry.cost else "",
            )
        )
    return text.getvalue()


def harmless_cell(text: str) -> str:
    """Return a foreign text escaped, so that no spreadsheet takes it for a formula."""
    return _FORMULA.sub("'", text)
