"""Adds up what was possibly charged, and checks it against limits by day and batch.

The service does not report what it charges. What is counted here is what it may have charged: the
cost that the profile gives for the enhance type, for every attempt that may have cost something,
one in doubt included.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from enhance_gui.core.errors import CostUnknown, SpendingLimitReached
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.detail import Detail

LIMIT_KINDS = frozenset({SpendingLimitReached.kind, CostUnknown.kind})
"""Failures by which a task waits until the user has decided about a limit."""

_ROUNDING = 1e-6
"""Sums of parts of a credit are not exact."""


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
    def words(self) -> Detail:
        return Detail("{maximum} a day for “{service}”", maximum=self.maximum, service=self.service)


@dataclass(frozen=True, slots=True)
class SpendingLimits:
    """The user's limits on what a service may charge."""

    day: DayLimit | None = None
    """``None``: no limit a day."""
    batch: float | None = None
    """Credits for each batch that has no limit of its own; ``None``: no limit."""


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
