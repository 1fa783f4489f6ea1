"""“Save as” writes the kind of file that the name stands for, or says why it cannot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.window.task_actions import TaskActionRunner
from tests.support.pictures import picture_bytes
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import task
from tests.ui.window.open_window import open_window


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
            runner = TaskActionRunner(opened.bridge, opened.window, opened.window.toast)
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
