"""The ledger's window: what was possibly charged, filtered, summed, sorted, exported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from enhance_gui.core.tasks.spending import LedgerEntry, Period
from enhance_gui.core.tasks.states import Outcome
from enhance_gui.ui.reports.ledger_window import LedgerWindow
from tests.ui.conftest import Run, Wait
from tests.ui.reports.test_diagnosis_window import only_other
from tests.ui.window.open_window import Opened, open_window
from tests.ui.window.test_names import unnamed

NOW = datetime.now(UTC)


def entry(name: str, service: str = "Studio", cost: float = 2, days: int = 0) -> LedgerEntry:
    at = NOW - timedelta(days=days)
    return LedgerEntry(at, 1, f"/x/{name}", service, 7, "Enhance", cost, Outcome.IN_DOUBT)


ENTRIES = [
    entry("old.png", days=800),
    entry("cloudy.png", "Cloud", 0.5),
    entry("local.png", "This computer", 0),
    entry("unknown.png", cost=0),
    entry("known.png"),
]


def cells(ledger: LedgerWindow, column: int) -> list[str]:
    model = ledger.model
    return [model.index(row, column).data() for row in range(model.rowCount())]


def sums_of(ledger: LedgerWindow) -> list[str]:
    return [child.text() for child in ledger.sums.findChildren(QLabel) if child.isVisible()]


async def open_ledger(opened: Opened, until: Wait) -> LedgerWindow:
    opened.window.side_windows.ledger()
    ledger = opened.window.side_windows.shown("ledger")
    assert isinstance(ledger, LedgerWindow)
    await until(lambda: "Today" in sums_of(ledger), "the sums")
    return ledger


def choose(ledger: LedgerWindow, period: Period, service: str = "") -> None:
    ledger.period.setCurrentIndex(ledger.period.findData(period))
    ledger.service.setCurrentIndex(ledger.service.findData(service))
    ledger.period.activated.emit(ledger.period.currentIndex())


def test_this_month_is_shown_first_and_nothing_of_this_computer(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.queue.entries = list(ENTRIES)
            ledger = await open_ledger(opened, until)
            assert set(cells(ledger, 2)) == {"cloudy.png", "unknown.png", "known.png"}
            assert set(cells(ledger, 4)) == {"In doubt"}
            assert dict(zip(cells(ledger, 2), cells(ledger, 5), strict=True)) == {
                "cloudy.png": "0.5",
                "unknown.png": "not known",
                "known.png": "2",
            }
            said = sums_of(ledger)
            assert "0.5 credits" in said
            assert "2 credits + 1 of unknown cost" in said
            assert "2.5 credits + 1 of unknown cost" in said
            assert unnamed(ledger) == []

    arun(job())


def test_service_and_period_filter_and_a_column_sorts(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.queue.entries = list(ENTRIES)
            ledger = await open_ledger(opened, until)
            choose(ledger, Period.ALL)
            await until(lambda: ledger.model.rowCount() == 4, "the old one too")
            choose(ledger, Period.MONTH)
            assert ledger.model.rowCount() == 3
            choose(ledger, Period.ALL)
            await until(lambda: ledger.model.rowCount() == 4, "the old one again")
            assert ledger.state.text() == "4 entries: 4.5 credits + 1 of unknown cost"
            choose(ledger, Period.ALL, "Cloud")
            assert cells(ledger, 2) == ["cloudy.png"]
            assert ledger.state.text() == "1 entry: 0.5 credits"
            choose(ledger, Period.ALL)
            ledger.table.sortByColumn(5, Qt.SortOrder.DescendingOrder)
            assert cells(ledger, 5) == ["2", "2", "0.5", "not known"]
            ledger.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
            assert cells(ledger, 2)[0] == "old.png"

    arun(job())


def test_of_a_list_that_was_damaged_the_sums_are_called_a_lower_bound(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    denial = "Nothing was sent that may have cost something."

    def said(ledger: LedgerWindow) -> list[str]:
        return [child.text() for child in ledger.findChildren(QLabel) if child.isVisible()]

    async def job() -> None:
        async with open_window(tmp_path) as opened:
            whole = await open_ledger(opened, until)
            assert denial in said(whole)
            assert not whole.incomplete.isVisible()
            opened.queue.incomplete = NOW - timedelta(days=500)
            whole.read()
            choose(whole, Period.ALL)
            await until(whole.incomplete.isVisible, "the sums are incomplete")
            assert "More may have been charged until then" in whole.incomplete.text()
            assert denial not in said(whole)
            choose(whole, Period.TODAY)
            assert not whole.incomplete.isVisible()
            assert denial in said(whole)

    arun(job())


def test_a_new_charge_comes_in_by_itself(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            ledger = await open_ledger(opened, until)
            assert not ledger.export.isEnabled()
            opened.queue.entries = [entry("new.png")]
            opened.window.intake.add(["https://example.org/new.png"])
            await until(lambda: cells(ledger, 2) == ["new.png"], "the new entry")
            assert ledger.export.isEnabled()

    arun(job())


def test_what_is_shown_is_exported_and_nothing_replaced(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.queue.entries = list(ENTRIES)
            ledger = await open_ledger(opened, until)
            choose(ledger, Period.MONTH, "Cloud")
            target = tmp_path / "ledger.csv"
            target.write_text("mine")
            ledger.save(target)
            await until(lambda: ledger.state.text().startswith("Saved"), "it is saved")
            assert target.read_text() == "mine"
            saved = only_other(tmp_path, "ledger.csv")
            assert saved.name in ledger.state.text()
            lines = saved.read_text().splitlines()
            assert len(lines) == 2
            assert "/x/cloudy.png" in lines[1]
            ledger.save(tmp_path / "nowhere" / "a.csv")
            await until(lambda: "not a folder" in ledger.state.text(), "why it is not")

    arun(job())
