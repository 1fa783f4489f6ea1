"""Full screen shows the picture and nothing else, and everything comes back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QToolButton

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.window.full_screen import FloatingControls
from tests.ui.compare.parts import hover, press_key
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import task
from tests.ui.window.open_window import Opened, open_window


def controls(opened: Opened) -> FloatingControls:
    found = opened.window.pages.result_page.view.findChild(FloatingControls)
    assert isinstance(found, FloatingControls)
    return found


def frame_is_there(opened: Opened) -> bool:
    """Return whether all that lies around a picture is there; none of it: ``False``."""
    window = opened.window
    parts = (window.menuBar(), window.header, window.footer)
    there = {part.isVisible() for part in parts}
    assert len(there) == 1
    return there.pop()


def test_f_leaves_the_picture_alone_on_the_screen_and_esc_brings_all_back(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[task(1, TaskState.FAILED)]) as opened:
            window, page = opened.window, opened.window.pages.result_page
            window.pages.open(1)
            assert press_key(page.view, Qt.Key.Key_F)
            await until(window.isFullScreen, "the screen is full")
            assert window.commands["full_screen"].isChecked()
            assert not frame_is_there(opened)
            await until(lambda: page.view.size() == window.size(), "the picture fills it")
            assert press_key(page.view, Qt.Key.Key_Escape)
            await until(lambda: not window.isFullScreen(), "it is a window again")
            assert frame_is_there(opened)
            assert window.pages.currentWidget() is page, "Esc leaves one thing at a time"
            assert not window.commands["full_screen"].isChecked()
            press_key(page.view, Qt.Key.Key_Escape)
            assert window.pages.currentWidget() is not page

    arun(job())


def test_controls_come_with_the_mouse_and_go(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[task(1, TaskState.FAILED)]) as opened:
            window, page = opened.window, opened.window.pages.result_page
            window.pages.open(1)
            window.commands["full_screen"].trigger()
            await until(window.isFullScreen, "the screen is full")
            assert controls(opened).isVisible()
            await until(lambda: not controls(opened).isVisible(), "the controls are gone")
            hover(page.view, QPointF(50, 50))
            assert controls(opened).isVisible()
            leave = next(
                each
                for each in controls(opened).findChildren(QToolButton)
                if each.accessibleName() == "Leave full screen"
            )
            leave.click()
            assert not controls(opened).isVisible()
            assert frame_is_there(opened)
            hover(page.view, QPointF(60, 60))
            assert not controls(opened).isVisible()

    arun(job())


def test_the_list_fills_the_screen_with_its_frame(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        history = [task(1, TaskState.FAILED), task(2, TaskState.FAILED)]
        async with open_window(tmp_path, history=history) as opened:
            window = opened.window
            window.pages.show_list()
            window.commands["full_screen"].trigger()
            await until(window.isFullScreen, "the screen is full")
            assert frame_is_there(opened)
            window.pages.open(1)
            assert frame_is_there(opened)
            window.commands["full_screen"].trigger()
            await until(lambda: not window.isFullScreen(), "it is a window again")

    arun(job())


def test_going_to_the_list_brings_all_back(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        history = [task(1, TaskState.FAILED), task(2, TaskState.FAILED)]
        async with open_window(tmp_path, history=history) as opened:
            window = opened.window
            window.showMaximized()
            window.pages.open(1)
            window.commands["full_screen"].trigger()
            await until(window.isFullScreen, "the screen is full")
            window.commands["list"].trigger()
            await until(lambda: not window.isFullScreen(), "it is a window again")
            assert window.isMaximized(), "as it was before"
            assert frame_is_there(opened)

    arun(job())
