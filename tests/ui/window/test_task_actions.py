"""What is done with results: enhanced again with another type, saved as another kind of file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog, QMenu

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.window.task_actions import TaskActionRunner
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
