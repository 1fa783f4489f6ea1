"""A thousand pictures are worked through by keyboard alone: found, sorted, chosen, decided on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.ui.gallery import texts
from enhance_gui.ui.gallery.empty_page import EmptyPage
from enhance_gui.ui.gallery.item import Group
from enhance_gui.ui.gallery.panel import GalleryPanel
from enhance_gui.ui.gallery.sorting import Sort
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import task
from tests.ui.running import CONTROL, press, type_in
from tests.ui.window.open_window import Opened, open_window

NO_FACE = Failure("task_failed", "no face")
SHIFT = Qt.KeyboardModifier.ShiftModifier


def history() -> list[Task]:
    """Return ten of each: saved, failed, cancelled."""
    states = (TaskState.SAVED, TaskState.FAILED, TaskState.CANCELLED)
    return [
        task(
            number,
            states[number % 3],
            input=f"/pictures/{'cat' if number % 2 else 'dog'} {number}.jpg",
            failure=NO_FACE if states[number % 3] is TaskState.FAILED else None,
        )
        for number in range(1, 31)
    ]


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert isinstance(widget, QWidget), "nothing has the keyboard"
    return widget


def tab_to(text: str) -> None:
    """Go on with Tab to the button of this text."""
    for _ in range(40):
        widget = focused()
        if isinstance(widget, QPushButton) and widget.text() == text:
            return
        press(Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not lead to {text}")


def verbs(gallery: GalleryPanel) -> list[str]:
    buttons = gallery.selection.findChildren(QPushButton)
    return [button.text() for button in buttons if button.isVisible()]


async def ready(opened: Opened, until: Wait) -> None:
    opened.window.pages.show_list()
    opened.window.activateWindow()
    await until(opened.window.isActiveWindow, "the window is active")
    await until(lambda: focused() is opened.window.pages.gallery.view.list, "the list has it")


def test_what_is_found_is_chosen_and_retried_with_its_count(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=history()) as opened:
            await ready(opened, until)
            gallery = opened.window.pages.gallery
            press(Qt.Key.Key_F, CONTROL)
            assert focused() is gallery.search
            type_in("cat")
            press(Qt.Key.Key_Return)
            assert focused() is gallery.view.list
            assert len(gallery.view.shown.ids()) == 15
            press(Qt.Key.Key_A, CONTROL)
            await until(lambda: "Retry 10" in verbs(gallery), "the verbs")
            failed = [id_ for id_ in gallery.view.shown.ids() if id_ % 3 == 1]
            assert len(failed) == 5
            tab_to("Retry 10")  # failed and cancelled ones
            press(Qt.Key.Key_Space)
            await until(lambda: len(opened.queue.asked) == 10, "ten are retried")
            assert {word for word, _ in opened.queue.asked} == {"retry"}

    arun(job())


def test_filters_show_their_counts_and_each_its_empty_page(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=history()) as opened:
            await ready(opened, until)
            gallery = opened.window.pages.gallery
            page = gallery.view.findChild(EmptyPage)
            assert isinstance(page, EmptyPage)
            counts = {Group.DONE: 10, Group.FAILED: 10, Group.CANCELLED: 10}
            while focused().parentWidget() is not gallery.filters:
                press(Qt.Key.Key_Backtab, SHIFT)
            for group in Group:
                press(Qt.Key.Key_Right)
                assert gallery.filters.chosen is group
                assert len(gallery.view.shown.ids()) == counts.get(group, 0)
                assert page.isVisible() is (group not in counts)
                if page.isVisible():
                    assert texts.EMPTY_TEXTS[group].title in page.accessibleName()
                assert str(counts.get(group, 0)) in focused().accessibleName()

    arun(job())


def test_the_order_is_changed_and_the_selection_taken_from_the_list(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=history()) as opened:
            await ready(opened, until)
            gallery = opened.window.pages.gallery
            assert gallery.view.shown.ids()[0] == 30
            while focused() is not gallery.order:
                press(Qt.Key.Key_Backtab, SHIFT)
            seen = {tuple(gallery.view.shown.ids())}
            for _ in range(len(Sort) - 1):
                press(Qt.Key.Key_Down)
                seen.add(tuple(gallery.view.shown.ids()))
            assert len(seen) >= 4  # of one type, the order by type is that of the newest
            press(Qt.Key.Key_Home)
            assert gallery.view.shown.ids()[0] == 30
            while focused() is not gallery.view.list:
                press(Qt.Key.Key_Tab)
            press(Qt.Key.Key_Home)
            press(Qt.Key.Key_Down, SHIFT)
            press(Qt.Key.Key_Down, SHIFT)
            assert gallery.view.selected() == [30, 29, 28]
            press(Qt.Key.Key_Delete, CONTROL)
            await until(lambda: gallery.view.shown.ids()[0] == 27, "three are gone")
            assert gallery.view.current() == 27
            press(Qt.Key.Key_Down)
            assert gallery.view.selected() == [26]

    arun(job())
