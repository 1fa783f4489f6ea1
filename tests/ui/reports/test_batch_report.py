"""The report of a batch: whole by itself, foreign words harmless, and never over another file."""

from __future__ import annotations

import base64
import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.reports import batch_report
from enhance_gui.ui.reports.batch_report import Shots, report_page, report_table, shots_of
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import attempt, failed, item, saved
from tests.ui.window.open_window import open_window

NOW = datetime(2030, 1, 2, 12, 0, tzinfo=UTC)
HOSTILE = '"><script src="https://evil.example/x.js"></script><img src=x onerror=alert(1)>.jpg'


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def read(page: str) -> _Page:
    found = _Page()
    found.feed(page)
    return found


def photograph(path: Path, colour: tuple[int, int, int]) -> Path:
    Image.new("RGB", (64, 48), colour).save(path)
    return path


def whole(folder: Path) -> Item:
    """Return a saved result whose pictures are there."""
    before = photograph(folder / "before.png", (250, 10, 10))
    after = photograph(folder / "after.png", (10, 250, 10))
    task = saved(1, files=(after,), attempts=(attempt(Outcome.ACCEPTED, "t"),)).task
    done = NOW + timedelta(seconds=12)
    return Item(replace(task, input=str(before), cost=2.0, accepted_at=NOW, saved_at=done))


def rows_of(table: str) -> list[list[str]]:
    assert table.startswith("\ufeff")
    return list(csv.reader(io.StringIO(table.removeprefix("\ufeff"), newline="")))


def test_the_page_holds_its_pictures_and_says_type_cost_time_and_reason(
    qapp: QApplication, tmp_path: Path
) -> None:
    good, bad = whole(tmp_path), failed(2, kind="task_failed")
    page = report_page([good, bad], {1: shots_of(good)}, "1 of 2 saved, 1 failed.", NOW)
    data = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    shown = [Image.open(io.BytesIO(base64.b64decode(each))).convert("RGB") for each in data]
    before, after = (each.resize((1, 1)).tobytes() for each in shown)
    assert before[0] > 200 > 60 > before[1]
    assert after[1] > 200 > 60 > after[0]
    for text in ("1 of 2 saved, 1 failed.", "after.png", "Enhance", "Studio", "12 s", "2 credits"):
        assert text in page, text
    assert "Failed" in page or "failed" in page
    assert all(each.startswith("data:image/jpeg;") for each in read(page).addresses)
    assert "default-src 'none'" in page


def test_foreign_words_stay_words(qapp: QApplication) -> None:
    task = item(1, TaskState.FAILED, failure=Failure("task_failed", f"<b>{HOSTILE}")).task
    hostile = Item(replace(task, input=f"/pictures/{HOSTILE}", type_name=HOSTILE, service=HOSTILE))
    page = read(report_page([hostile], {1: Shots()}, HOSTILE, NOW))
    assert page.addresses == []
    assert page.handlers == []
    assert {"script", "img", "b"}.isdisjoint(page.tags)


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_table_is_a_formula(qapp: QApplication, first: str) -> None:
    evil = f'{first}HYPERLINK("https://evil.example","x")'
    task = replace(saved(1).task, type_name=evil, service=evil, input=evil, files=(Path(evil),))
    table = report_table([Item(task), Item(replace(saved(2).task, input='/p/a "b", c.jpg'))])
    rows = rows_of(table)
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for r in rows for cell in r)
    assert {len(row) for row in rows} == {len(rows[0])}
    assert rows[2][1] == '/p/a "b", c.jpg'
    assert "\r\n" in table


def test_no_cell_is_a_formula_where_semicolons_separate_cells(qapp: QApplication) -> None:
    evil = 'a;=HYPERLINK("https://evil.example");\t=1+1;@x;b'
    task = replace(saved(1).task, type_name=evil, service=evil, input=f"/p/{evil}")
    for line in report_table([Item(task)]).splitlines():
        for cell in re.split("[;\t]", line):
            assert not cell.startswith(("=", "+", "-", "@")), cell


def test_addresses_lose_what_is_secret_in_them(qapp: QApplication) -> None:
    task = replace(saved(1).task, input="https://example.org/a.jpg?signature=c4n4ry")
    assert "c4n4ry" not in report_table([Item(task)])
    assert "c4n4ry" not in report_page([Item(task)], {}, "", NOW)


def test_very_many_are_bounded_and_it_says_so(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_report, "MAX_ROWS", 3)
    items = [saved(each) for each in range(1, 8)]
    page = report_page(items, {}, "", NOW)
    assert page.count("<li>") == 3
    assert "4 more are left out." in page
    assert len(rows_of(report_table(items))) == 4


@pytest.mark.parametrize("ending", [".html", ".csv"])
def test_it_is_offered_at_the_end_of_a_batch_and_replaces_nothing(
    arun: Run, until: Wait, tmp_path: Path, ending: str
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            window = opened.window
            command = window.commands["batch_report"]
            assert not command.isEnabled()
            window.intake.add([f"https://example.org/{name}.png" for name in "ab"])
            await until(lambda: len(opened.queue.tasks) == 2, "drafts")
            for state in (TaskState.ACCEPTED, TaskState.SAVED):
                for task_id in (1, 2):
                    opened.queue.put(task_id, state)
                await until(lambda: window.batch_progress.progress.total == 2, "a batch")
            await until(lambda: "Report…" in offered(opened.window.toast), "it is offered")
            offered(window.toast)["Report…"].click()
            (dialog,) = window.findChildren(QFileDialog)
            target = tmp_path / f"batch{ending}"
            target.write_text("somebody else's")
            dialog.fileSelected.emit(str(target))
            dialog.reject()
            await until(lambda: "Saved as" in window.toast.text, "it is saved")
            assert target.read_text() == "somebody else's"
            (new,) = other_reports(target)
            assert new.name in window.toast.text
            text = new.read_text("utf-8")
            assert text.startswith("<!doctype html>" if ending == ".html" else "\ufeff")
            assert "a.png" in text
            assert "b.png" in text
            assert command.isEnabled()

    arun(job())


def other_reports(target: Path) -> list[Path]:
    return [each for each in target.parent.glob(f"batch*{target.suffix}") if each != target]


def offered(toast: object) -> dict[str, QPushButton]:
    found = toast.findChildren(QPushButton)  # type: ignore[attr-defined]
    return {each.text(): each for each in found if each.isVisible()}
