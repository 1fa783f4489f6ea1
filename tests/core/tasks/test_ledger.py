"""The ledger for people: periods begin by the user's calendar, sums are by service, CSV is safe."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta, timezone

import pytest

from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.tasks.spending import (
    Ledger,
    LedgerEntry,
    Period,
    Spent,
    chargeable,
    ledger_csv,
    month_of,
    since,
    sums,
)
from enhance_gui.core.tasks.states import Outcome

NOW = datetime(2030, 5, 17, 13, 30, tzinfo=UTC)


def entry(
    at: datetime = NOW, service: str = "Studio", cost: float = 2, given: str = "/a/b.png"
) -> LedgerEntry:
    return LedgerEntry(at, 1, given, service, 1, "Enhance", cost, Outcome.IN_DOUBT)


@pytest.mark.parametrize(
    ("period", "local"),
    [
        (Period.TODAY, (5, 17)),
        (Period.WEEK, (5, 11)),
        (Period.MONTH, (5, 1)),
        (Period.YEAR, (1, 1)),
    ],
)
def test_a_period_begins_at_a_midnight_of_the_user(period: Period, local: tuple[int, int]) -> None:
    begin = since(period, NOW).astimezone()
    assert (begin.year, begin.month, begin.day, begin.hour, begin.minute) == (2030, *local, 0, 0)


def test_sums_are_by_service_and_leave_older_months_out() -> None:
    old = month_of(NOW) - timedelta(seconds=1)
    yesterday = NOW - timedelta(days=1)
    entries = (entry(old), entry(yesterday), entry(cost=0), entry(service="cloud", cost=0.5))
    found = sums(Ledger(entries, NOW))
    assert list(found) == ["cloud", "Studio"]
    assert found["Studio"].today == Spent(0, 1, 1)
    assert found["Studio"].this_month == Spent(2, 2, 1)
    assert found["cloud"].this_month == Spent(0.5, 1, 0)


def test_the_service_of_this_computer_is_no_entry() -> None:
    assert chargeable([entry(service=LOCAL_SERVICE_NAME), entry()]) == (entry(),)


def test_csv_says_everything_in_utc_and_nothing_that_a_spreadsheet_runs() -> None:
    east = timezone(timedelta(hours=5))
    entries = [
        entry(NOW.astimezone(east), given='=HYPERLINK("http://evil")', service="A, “B”"),
        entry(cost=0, given="https://example.org/a.png"),
    ]
    rows = list(csv.reader(io.StringIO(ledger_csv(entries), newline="")))
    assert rows[0] == ["when", "service", "picture", "type", "outcome", "credits"]
    assert rows[1] == [
        "2030-05-17T13:30:00+00:00",
        "A, “B”",
        '\'=HYPERLINK("http://evil")',
        "Enhance",
        "in_doubt",
        "2",
    ]
    assert rows[2][2:] == ["https://example.org/a.png", "Enhance", "in_doubt", ""]
