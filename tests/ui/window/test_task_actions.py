"""What is done with results: enhanced again with another type, saved as another kind of file."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu, QPushButton

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.gallery.cells.delegate import icon_of
from enhance_gui.ui.gallery.state_texts import state_text
from enhance_gui.ui.gallery.texts import spoken
from enhance_gui.ui.widgets.icons import StateIcon
from enhance_gui.ui.window.task_actions import TaskActionRunner
from tests.support.loop_lag import longest_lag_s
from tests.support.pictures import picture_bytes
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import task, write_picture
from tests.ui.window.open_window import STUDIO, Opened, open_window


def shown_menu(opened: Opened) -> QMenu:
    opened.window.commands["enhance_again"].trigger()
    menus = [each for each in opened.window.findChildren(QMenu) if each.isVisible()]
    assert len(menus) == 1
    return menus[0]


def test_a_result_can_be_enhanced_again_with_any_type_of_any_service(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        before, after = write_picture(tmp_path / "a.png"), write_picture(tmp_path / "b.png")
        saved = task(1, TaskState.SAVED, input=str(before), files=(after,))
        async with open_window(tmp_path, history=[saved], service="This computer") as opened:
            opened.window.pages.open(1)
            menu = shown_menu(opened)
            entries = [each.text() for each in menu.actions()]
            assert entries[0] == "Enhance · 2 credits", "those of the task's service come first"
            others = next(each.menu() for each in menu.actions() if each.menu() is not None)
            assert isinstance(others, QMenu)
            assert "Portrait" in " ".join(each.text() for each in others.actions())
            menu.actions()[0].trigger()
            await until(lambda: len(opened.queue.tasks) == 2, "it is added")
            added = opened.queue.tasks[max(opened.queue.tasks)]
            assert added.input == str(before)
            assert (added.service, added.type_id) == ("Studio", STUDIO.enhance_types[0].id)

    arun(job())


def test_where_the_original_is_gone_its_kept_copy_is_enhanced(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        copy, after = write_picture(tmp_path / "copy.png"), write_picture(tmp_path / "b.png")
        gone = str(tmp_path / "moved.png")
        saved = task(1, TaskState.SAVED, input=gone, files=(after,), input_copy=copy)
        async with open_window(tmp_path, history=[saved]) as opened:
            opened.window.pages.open(1)
            shown_menu(opened).actions()[0].trigger()
            await until(lambda: len(opened.queue.tasks) == 2, "it is added")
            assert opened.queue.tasks[max(opened.queue.tasks)].input == str(copy)

    arun(job())


def test_the_types_stand_below_the_button_that_asks_for_them(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        after = write_picture(tmp_path / "b.png")
        async with open_window(
            tmp_path, history=[task(1, TaskState.SAVED, files=(after,))]
        ) as opened:
            page = opened.window.pages.result_page
            opened.window.pages.open(1)
            (asks,) = (
                each for each in page.findChildren(QPushButton) if each.text() == "Enhance again…"
            )
            asks.setFocus()
            asks.click()
            (menu,) = (each for each in opened.window.findChildren(QMenu) if each.isVisible())
            # At its left edge, too, where the screen has the room for that.
            assert menu.y() == asks.mapToGlobal(QPoint(0, asks.height())).y()
            menu.close()

    arun(job())


@pytest.mark.parametrize("state", [TaskState.FAILED, TaskState.QUEUED, TaskState.SAVED])
def test_without_a_result_it_is_not_offered(arun: Run, tmp_path: Path, state: TaskState) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[task(1, state)]) as opened:
            opened.window.pages.open(1)
            opened.window.commands["enhance_again"].trigger()
            assert not [each for each in opened.window.findChildren(QMenu) if each.isVisible()]
            assert opened.window.toast.text == "“Enhance again” is not possible here."

    arun(job())


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("a.jpg", "JPEG", "Saved as “a.jpg”."),
        ("a.png", "PNG", "Saved as “a.png”."),
        ("a.gif", None, "GIF files are not written here"),
    ],
)
def test_a_result_is_saved_as_what_its_new_name_says(
    arun: Run, until: Wait, tmp_path: Path, name: str, kind: str | None, words: str
) -> None:
    result = tmp_path / "result.png"
    result.write_bytes(picture_bytes("png", 60, 40))
    saved = replace(task(1, TaskState.SAVED), files=(result,))

    async def job() -> None:
        async with open_window(tmp_path, history=[saved]) as opened:
            reported: list[str] = []
            opened.bridge.message.connect(reported.append)
            runner = TaskActionRunner(
                opened.bridge,
                opened.choices,
                opened.window,
                opened.window.toast,
                opened.window.pages,
            )
            runner.save_as([1])
            (dialog,) = opened.window.findChildren(QFileDialog)
            assert "*.webp" in dialog.nameFilters()[0]
            offered = Path(dialog.selectedFiles()[0])
            assert offered == Path.home() / result.name, "no save folder is there"
            dialog.fileSelected.emit(str(tmp_path / name))
            dialog.reject()
            await until(lambda: reported, "it is reported")
            assert words in reported[0]

    arun(job())
    if kind is None:
        assert not (tmp_path / name).exists()
        return
    with Image.open(tmp_path / name) as image:
        assert image.format == kind


def test_a_result_is_copied_as_a_picture_and_as_the_files_that_are_chosen(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    results = [tmp_path / "a.jpg", tmp_path / "b.png"]
    for path in results:
        path.write_bytes(picture_bytes(path.suffix[1:], 60, 40))
    history = [
        replace(task(number, TaskState.SAVED), files=(path,))
        for number, path in enumerate(results, start=1)
    ]

    async def job() -> None:
        async with open_window(tmp_path, history=history) as opened:
            opened.window.pages.open(1)
            clipboard = QGuiApplication.clipboard()
            clipboard.setText("before")
            opened.window.commands["copy_picture"].trigger()
            await until(lambda: clipboard.mimeData().hasFormat("image/png"), "it is copied")
            copied = clipboard.mimeData()
            with Image.open(io.BytesIO(bytes(copied.data("image/png").data()))) as image:
                assert (image.format, image.size) == ("PNG", (60, 40))
            assert [each.toLocalFile() for each in copied.urls()] == [str(results[0])]
            assert opened.window.toast.text == "“a.jpg” is in the clipboard."
            opened.bridge.copy_picture(results[::-1])
            await until(lambda: len(clipboard.mimeData().urls()) == 2, "both are copied")
            # What is a PNG by now is copied as it is.
            assert bytes(clipboard.mimeData().data("image/png").data()) == results[1].read_bytes()
            clipboard.setText("after")  # what Python has made must be gone before it

    arun(job())


def test_a_large_picture_is_copied_without_holding_up_the_window(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    path = tmp_path / "large.jpg"
    rows = np.random.default_rng(1).integers(0, 255, (2000, 3000, 3), np.uint8)
    Image.fromarray(rows).save(path, quality=90)
    saved = replace(task(1, TaskState.SAVED), files=(path,))

    async def job() -> None:
        async with open_window(tmp_path, history=[saved]) as opened:
            clipboard = QGuiApplication.clipboard()

            async def copied() -> None:
                clipboard.setText("before")
                opened.bridge.copy_picture([path])
                while not clipboard.mimeData().hasFormat("image/png"):  # noqa: ASYNC110  Qt's
                    await asyncio.sleep(0.01)

            # The first time its modules are loaded, too, and others work on this computer.
            assert min([await longest_lag_s(copied()) for _ in range(3)]) < 0.05
            clipboard.setText("after")

    arun(job())


def test_what_is_kept_is_not_called_saved_until_the_user_has_saved_it(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    result = tmp_path / "result.png"
    result.write_bytes(picture_bytes("png", 60, 40))
    kept = replace(task(1, TaskState.SAVED), files=(result,), is_kept=True)

    async def job() -> None:
        async with open_window(tmp_path, history=[kept]) as opened:
            window = opened.window
            pages, items = window.pages, opened.bridge.items
            pages.open(1)
            shown = " ".join(each.text() for each in pages.result_page.findChildren(QLabel))
            assert "Finished, not saved yet" in shown
            assert "Saved" not in shown
            assert spoken(items[1], 0.0).split(", ")[1:3] == ["Finished", "not saved yet"]
            assert icon_of(items[1]) is StateIcon.UNSAVED
            window.commands["clear_finished"].trigger()
            assert window.toast.text == "There is nothing finished in the list."

            opened.bridge.save_copy(result, tmp_path / "mine.png", 95)
            await until(lambda: not items[1].is_unsaved, "it is saved")
            assert state_text(items[1], 0.0) == "Saved"
            assert icon_of(items[1]) is StateIcon.DONE
            assert opened.queue.tasks[1].is_kept is False

    arun(job())
