"""One picture in the window: why there is none, where it stands in the list, and what stays put."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.i18n import set_language
from enhance_gui.storage.settings.translations import translation
from enhance_gui.ui.compare.bar import CompareBar
from enhance_gui.ui.compare.view import CompareView
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import TOO_LARGE, task, write_picture
from tests.ui.window.open_window import Opened, open_window


def described(opened: Opened) -> str:
    """Return what stands in the picture's place, as a screen reader hears it."""
    return opened.window.pages.result_page.view.accessibleDescription()


def said(opened: Opened, words: str) -> QWidget | None:
    """Return what shows these words on the page of one picture."""
    labels = opened.window.pages.result_page.findChildren(QLabel)
    return next((label for label in labels if label.isVisible() and words in label.text()), None)


def step(opened: Opened, name: str) -> QToolButton:
    buttons = opened.window.pages.result_page.findChildren(QToolButton)
    return next(button for button in buttons if button.accessibleName() == name)


# -- why there is no picture ----------------------------------------------------------------------


def test_the_whole_reason_stands_where_no_picture_is(arun: Run, tmp_path: Path) -> None:
    async def job() -> None:
        address = "https://example.org/a.webp"
        refused = task(1, TaskState.FAILED, input=address, failure=TOO_LARGE)
        async with open_window(tmp_path, history=[refused]) as opened:
            opened.window.pages.open(1)
            words = described(opened)
            assert words.startswith("The picture is too large for the service. It has 41.3 MB;")
            assert "Nothing was sent" in words
            assert words.endswith("Make it smaller first, or choose a service with wider limits.")
            assert said(opened, "Make it smaller") is None, "once is enough"

    arun(job())


def test_the_whole_reason_stands_above_a_picture_that_failed(arun: Run, tmp_path: Path) -> None:
    async def job() -> None:
        before = write_picture(tmp_path / "a.png")
        refused = task(1, TaskState.FAILED, input=str(before), failure=TOO_LARGE)
        fine = task(2, TaskState.QUEUED, input=str(before))
        async with open_window(tmp_path, history=[refused, fine]) as opened:
            opened.window.pages.open(1)
            strip = cast(QLabel, said(opened, "Make it smaller"))
            assert strip.wordWrap(), "nothing of it is cut off"
            assert strip.text().startswith("It has 41.3 MB;")
            opened.window.pages.open(2)
            assert not strip.isVisible()

    arun(job())


def test_the_reason_is_painted_with_its_title(arun: Run, qapp: QApplication) -> None:
    view = CompareView()
    view.resize(700, 400)
    view.show_instead("", "Only a sentence.")
    plain = ink_height(view)
    view.show_instead("A title", "Only a sentence.")
    assert ink_height(view) > 1.8 * plain
    view.show_instead("A title " * 12, "A sentence of some length. " * 12)
    assert 3 * plain < ink_height(view) < 400


def ink_height(view: CompareView) -> int:
    """Return how many rows of pixels are not the ground's."""
    image = view.grab().toImage()
    ground = image.pixel(0, 0)
    rows = range(image.height())
    return sum(any(image.pixel(x, y) != ground for x in range(image.width())) for y in rows)


# -- its place in the list ------------------------------------------------------------------------


def test_a_picture_says_where_it_stands_and_leads_no_further_than_the_list(
    arun: Run, tmp_path: Path
) -> None:
    async def job() -> None:
        history = [task(number, TaskState.QUEUED) for number in (1, 2, 3)]
        async with open_window(tmp_path, history=history) as opened:
            pages = opened.window.pages
            earlier, later = step(opened, "Previous picture"), step(opened, "Next picture")
            pages.open(3)
            assert said(opened, "1 of 3") is not None
            assert (earlier.isEnabled(), later.isEnabled()) == (False, True)
            later.click()
            assert pages.result_page.task_id == 2
            assert said(opened, "2 of 3") is not None
            assert (earlier.isEnabled(), later.isEnabled()) == (True, True)
            later.click()
            assert (earlier.isEnabled(), later.isEnabled()) == (True, False)
            pages.forget([3])
            assert said(opened, "2 of 2") is not None

    arun(job())


def test_what_is_added_comes_into_sight(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        history = [task(number, TaskState.CANCELLED) for number in range(1, 60)]
        async with open_window(tmp_path, history=history) as opened:
            gallery = opened.window.pages.gallery
            opened.window.pages.show_list()
            gallery.search.setText("picture 1")
            gallery.view.select([1])
            await until(lambda: gallery.view.list.verticalScrollBar().value() > 0, "the end")
            opened.window.intake.add(["https://example.org/a.png", "https://example.org/b.png"])
            await until(lambda: opened.window.pages.model.count == 61, "two more")
            await until(lambda: gallery.view.shown.rowCount() == 61, "all are shown")
            assert gallery.search.text() == ""
            await until(lambda: gallery.view.list.rows_in_sight().start == 0, "they are in sight")
            assert gallery.view.selected() == [1]

    arun(job())


# -- nothing jumps, and all of it fits ------------------------------------------------------------


def test_the_picture_stays_where_it_is_while_it_is_worked_on(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        files = (write_picture(tmp_path / "after.png"),)
        before = str(write_picture(tmp_path / "before.png"))
        async with open_window(tmp_path, history=[task(1, input=before)]) as opened:
            pages = opened.window.pages
            pages.open(1)

            def place() -> tuple[QPoint, QSize]:
                QApplication.sendPostedEvents()
                view = pages.result_page.view
                return view.mapTo(opened.window, QPoint(0, 0)), view.size()

            waiting = place()
            for state in (TaskState.SENDING, TaskState.ACCEPTED, TaskState.FETCHING):
                opened.queue.put(1, state)
                await until(partial(is_in, opened, state), f"it is {state}")
                assert place() == waiting, state
            opened.queue.put(1, TaskState.SAVED, files=files)
            await until(partial(is_in, opened, TaskState.SAVED), "it is saved")
            assert place() == waiting
            assert any(bar.isVisible() for bar in pages.result_page.findChildren(CompareBar))

    arun(job())


def is_in(opened: Opened, state: TaskState) -> bool:
    item = opened.window.pages.model.item_of(1)
    return item is not None and item.task.state is state


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_window_fits_a_small_screen(arun: Run, tmp_path: Path, language: str) -> None:
    async def job() -> None:
        pictures = [write_picture(tmp_path / f"{name}.png") for name in ("a", "b", "b-face-1")]
        fields = {"input": str(pictures[0]), "files": tuple(pictures[1:])}
        tasks: list[Task] = [
            task(1, TaskState.SAVED, **fields),
            task(2, TaskState.FAILED, input=str(pictures[0]), failure=TOO_LARGE),
        ]
        async with open_window(tmp_path, history=tasks) as opened:
            for page, minimum in (("start", 460), ("list", 460), (1, 560), (2, 560)):
                show(opened, page)
                QApplication.sendPostedEvents()
                needed = opened.window.minimumSizeHint()
                assert (needed.width() <= 900, needed.height() <= minimum) == (True, True), page

    set_language(translation(language))
    try:
        arun(job())
    finally:
        set_language(None)


def show(opened: Opened, page: str | int) -> None:
    pages = opened.window.pages
    if page == "start":
        pages.setCurrentWidget(pages.start)
    elif isinstance(page, int):
        pages.open(page)
    else:
        pages.show_list()


def test_what_the_service_says_of_a_result_stands_beside_its_state(
    arun: Run, tmp_path: Path
) -> None:
    async def job() -> None:
        after = write_picture(tmp_path / "a.png")
        record = json.dumps({"errorcode": 0, "errormsg": "no face was <i>found</i>"}).encode()
        done = task(1, TaskState.SAVED, input=str(after), files=(after,), record=record)
        plain = task(2, TaskState.SAVED, input=str(after), files=(after,))
        async with open_window(tmp_path, history=[done, plain]) as opened:
            opened.window.pages.open(1)
            state = cast(QLabel, said(opened, "Saved · Enhance"))
            assert state.text() == "Saved · Enhance · No face was <i>found</i>"
            opened.window.pages.open(2)
            assert state.text() == "Saved · Enhance"

    arun(job())
