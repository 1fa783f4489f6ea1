"""The whole main job by keyboard alone, with the real service of this computer."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.adding.add_dialog import AddDialog
from tests.support.pictures import picture_bytes
from tests.ui.conftest import Run, Wait
from tests.ui.running import CONTROL, press, program, type_in


def test_a_picture_is_added_enhanced_compared_and_saved_by_keyboard_alone(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    picture = tmp_path / "little cat.png"
    picture.write_bytes(picture_bytes(width_px=200, height_px=150))

    async def job() -> None:
        async with program() as window:
            await until(window.isActiveWindow, "the window is active")
            press(Qt.Key.Key_N, CONTROL)
            await until(lambda: isinstance(QApplication.activeWindow(), AddDialog), "the dialog")
            type_in(str(picture))
            press(Qt.Key.Key_Return, CONTROL)

            def saved() -> bool:
                items = window.pages.model.entries()
                return [item.item.task.state for item in items] == [TaskState.SAVED]

            await until(saved, "the result is saved")
            result_page = window.pages.result_page
            assert window.pages.currentWidget() is result_page
            await until(
                lambda: result_page.view.viewport.divider_line is not None, "before and after"
            )
            window.activateWindow()  # what a window manager does when a dialog closes
            await until(window.isActiveWindow, "the window is active again")
            line = result_page.view.viewport.divider_line
            press(Qt.Key.Key_Right)
            moved = result_page.view.viewport.divider_line
            assert line is not None
            assert moved is not None
            assert moved.x() > line.x()

            press(Qt.Key.Key_S, CONTROL)
            await until(lambda: isinstance(QApplication.activeWindow(), QFileDialog), "a dialog")
            copy = tmp_path / "a copy.png"
            type_in(str(copy))
            press(Qt.Key.Key_Return)
            await until(copy.is_file, "the copy is there")

            window.activateWindow()
            await until(window.isActiveWindow, "the window is active again")
            press(Qt.Key.Key_Escape)
            assert window.pages.currentWidget() is window.pages.gallery
            press(Qt.Key.Key_Return)
            assert window.pages.currentWidget() is result_page

    arun(job())


@pytest.mark.long
def test_a_draft_that_was_started_is_not_said_to_wait_for_the_user(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    for number in range(4):
        (tmp_path / f"{number}.png").write_bytes(picture_bytes(width_px=400, height_px=300))

    async def job() -> None:
        async with program([str(tmp_path)]) as window:
            said: list[tuple[TaskState, bool]] = []
            window.bridge.tasks.changed.connect(
                lambda items: said.extend((each.task.state, each.suspended) for each in items)
            )
            await until(lambda: window.batch_progress.progress.saved == 4, "all are saved")
            assert (TaskState.QUEUED, True) not in said

    arun(job())
