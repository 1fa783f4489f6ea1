"""Type and order of what waits are changed from the menus and by keys, and the list shows them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.events import PreviewMade
from enhance_gui.ui.gallery.actions import TaskAction
from enhance_gui.ui.gallery.sorting import Sort
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import saved, task, write_picture
from tests.ui.running import CONTROL, press
from tests.ui.window import open_window as opening
from tests.ui.window.open_window import Opened, open_window

SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
WEB = "https://example.org/{}.png"


@pytest.fixture(autouse=True)
def two_types(monkeypatch: pytest.MonkeyPatch) -> None:
    types = (EnhanceType(1, "Enhance", cost=2), EnhanceType(8, "Portrait & more", cost=3))
    monkeypatch.setattr(opening, "STUDIO", replace(opening.STUDIO, enhance_types=types))


def texts(menu: QMenu) -> list[str]:
    return [entry.text() for entry in menu.actions()]


def picture_menu(opened: Opened) -> QMenu:
    """Return the menu of the types in the menu bar, as it is once its own menu is open."""
    entry = opened.window.commands[TaskAction.CHANGE_TYPE.id]
    holders = opened.window.menuBar().findChildren(QMenu)
    next(each for each in holders if entry in each.actions()).aboutToShow.emit()
    menu = entry.menu()
    assert isinstance(menu, QMenu)
    return menu


def test_the_menus_offer_the_types_with_their_prices(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        history = [task(1, cost=2), task(2, TaskState.ACCEPTED), saved(3).task]
        async with open_window(tmp_path, history=history) as opened:
            view = opened.window.pages.gallery.view
            opened.window.pages.show_list()
            view.select([1, 2])
            entries = picture_menu(opened).actions()
            types = ["Enhance · 2 credits", "Portrait && more · 3 credits"]
            assert [entry.text() for entry in entries] == types
            assert [entry.isChecked() for entry in entries] == [True, False]
            menu = view._menu(view.selected_items())
            (holder,) = [entry.menu() for entry in menu.actions() if entry.menu() is not None]
            assert isinstance(holder, QMenu)
            assert (holder.title(), texts(holder)) == ("Enhance type of 1", types)
            holder.actions()[1].trigger()
            menu.deleteLater()
            await until(lambda: opened.queue.asked, "it is changed")
            assert opened.queue.asked == [("set type 8", 1)]
            await until(lambda: opened.bridge.items[1].task.cost == 3, "it is shown")
            view.select([3])
            assert TaskAction.CHANGE_TYPE not in {
                each for each in TaskAction if each.id in texts(view._menu(view.selected_items()))
            }

    arun(job())


def test_a_key_asks_for_the_type_and_others_move_what_waits(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[task(1), task(2), task(3)]) as opened:
            opened.window.activateWindow()
            await until(opened.window.isActiveWindow, "the window is active")
            opened.window.pages.show_list()
            opened.window.pages.gallery.view.select([2])
            press(Qt.Key.Key_T, CONTROL | SHIFT)
            popup = QApplication.activePopupWidget()
            assert isinstance(popup, QMenu)
            assert texts(popup)[0] == "Enhance · 2 credits"
            popup.close()
            press(Qt.Key.Key_Home, ALT)
            press(Qt.Key.Key_End, ALT)
            await until(lambda: len(opened.queue.asked) == 2, "both are done")
            assert opened.queue.asked == [("move first", 2), ("move last", 2)]

    arun(job())


def test_what_runs_stands_first_and_below_it_what_is_sent_next(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        history = [
            saved(1).task,
            task(2),
            task(3, rank=1),
            task(4, TaskState.ACCEPTED),
            task(5),
            saved(6).task,
        ]
        async with open_window(tmp_path, history=history) as opened:
            gallery = opened.window.pages.gallery
            opened.window.pages.show_list()
            gallery.order.setCurrentIndex(gallery.order.findText("Running first"))
            assert gallery.view.shown.ids() == [4, 2, 5, 3, 6, 1]
            opened.queue.put(3, TaskState.QUEUED, rank=-1)
            await until(lambda: gallery.view.shown.ids() == [4, 3, 2, 5, 6, 1], "it has moved")
            assert list(Sort)[gallery.order.currentIndex()] is Sort.RUNNING

    arun(job())


def test_what_is_searched_follows_the_type(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[task(1)]) as opened:
            opened.window.pages.show_list()
            shown = opened.window.pages.gallery.view.shown
            shown.set_search("portrait")
            assert shown.ids() == []
            opened.queue.put(1, TaskState.QUEUED, type_id=8, type_name="Portrait & more")
            await until(lambda: shown.ids() == [1], "it is found")

    arun(job())


def test_the_small_picture_of_an_address_is_in_the_list_and_on_its_page(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        history = [task(1, TaskState.DRAFT, input=WEB.format("a"))]
        async with open_window(tmp_path, history=history) as opened:
            page, small = opened.window.pages.result_page, write_picture(tmp_path / "1.png")
            opened.window.pages.open(1)
            assert "preview of" not in page._state.toolTip() + page._state.text()
            opened.queue.notify(PreviewMade(1, small))
            await until(
                lambda: page._pair is not None and page._pair[:2] == (small, None),
                "the page shows it",
            )
            await until(lambda: "preview of 640 × 480" in page._state.text(), "and says what it is")
            opened.queue.put(1, TaskState.QUEUED)
            await until(
                lambda: opened.bridge.items[1].task.state is TaskState.QUEUED, "it is started"
            )
            assert opened.bridge.items[1].before_file == small

    arun(job())
