"""Pictures get in by drop, paste and typing; what is no picture gives a sentence."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QWidget

from enhance_gui.core.images.inputs.drop_data import ORIGIN
from enhance_gui.jobs.support.stand_bys import StandBys
from enhance_gui.ui.adding.add_dialog import AddDialog, count_text
from enhance_gui.ui.adding.drop_overlay import DropOverlay
from enhance_gui.ui.adding.sample import sample_file
from tests.core.images.inputs.test_drop_data import (
    CHROMIUM,
    CHROMIUM_LINKED,
    FIREFOX,
    FIREFOX_LINKED,
    PICTURE,
)
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import write_picture
from tests.ui.window.open_window import Opened, open_window

COPY = Qt.DropAction.CopyAction
LEFT = Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier


def mime_of(formats: dict[str, bytes]) -> QMimeData:
    mime = QMimeData()
    for name, data in formats.items():
        mime.setData(name, QByteArray(data))
    return mime


def enter(widget: QWidget, mime: QMimeData) -> bool:
    with warnings.catch_warnings():
        # Deprecated from Qt 6.12 on, and the only one that Qt 6.11 has.
        warnings.simplefilter("ignore", DeprecationWarning)
        event = QDragEnterEvent(QPoint(40, 40), COPY, mime, LEFT, NO_KEY)
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def drop(widget: QWidget, mime: QMimeData) -> None:
    assert enter(widget, mime)
    QApplication.sendEvent(widget, QDropEvent(QPointF(40, 40), COPY, mime, LEFT, NO_KEY))


def test_dialogs_begin_where_one_was_last(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        holiday = tmp_path / "holiday"
        holiday.mkdir()
        chosen = write_picture(holiday / "a.png")
        async with open_window(tmp_path) as opened:
            intake = opened.window.intake
            intake.choose_files()
            [first] = opened.window.findChildren(QFileDialog)
            assert first.directory().absolutePath() != str(holiday)
            first.filesSelected.emit([str(chosen)])
            first.reject()
            await until(lambda: inputs(opened) == [str(chosen)], "it is added")
            assert intake.open_folder == str(holiday)
            intake.choose_folder()
            second = opened.window.findChildren(QFileDialog)[-1]
            assert second.directory().absolutePath() == str(holiday)
            second.filesSelected.emit([str(holiday)])
            second.reject()
            assert intake.open_folder == str(tmp_path)

    arun(job())


def inputs(opened: Opened) -> list[str]:
    return [task.input for task in opened.queue.tasks.values()]


def test_a_picture_out_of_a_browser_is_added_by_its_own_address(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        for formats in (CHROMIUM, CHROMIUM_LINKED, FIREFOX, FIREFOX_LINKED):
            async with open_window(tmp_path) as opened:
                drop(opened.window, mime_of(formats))
                await until(partial(inputs, opened), "a task")
                assert inputs(opened) == [PICTURE]

    arun(job())


def test_the_picture_that_comes_beside_its_address_is_kept_for_a_host_that_refuses(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        stand_bys = StandBys(tmp_path / "pasted")
        async with open_window(tmp_path) as opened:
            drop(opened.window, mime_of(CHROMIUM_LINKED))
            await until(partial(inputs, opened), "a task")
            kept = stand_bys.find(PICTURE)
            assert kept is not None
            assert kept.read_bytes() == CHROMIUM_LINKED["application/octet-stream"]

            opened.queue.check(1)
            strip = opened.window.review
            await until(lambda: strip.shown.usable == (1,), "it is usable")
            assert "refuses" not in strip.accessibleDescription()
            opened.queue.tasks[1] = replace(opened.queue.tasks[1], input=str(kept), given=PICTURE)
            opened.queue.check(1, PICTURE)
            await until(lambda: strip.shown.stood_in == (1,), "it is used")
            said = "127.0.0.1 refuses the program; the picture from your drag is used"
            assert said in strip.accessibleDescription()
            assert "moved to another address" not in strip.accessibleDescription()

    arun(job())


def test_addresses_of_a_page_start_at_the_host_that_the_browser_names(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    html = f'<img src="{PICTURE}" srcset="/big.jpg 2x">'.encode()
    prefix = 'application/x-qt-windows-mime;value="{}"'.format  # as Windows names it

    async def job() -> None:
        for name in (ORIGIN, prefix(ORIGIN)):
            formats = {
                "text/uri-list": b"http://other.example/page",
                "text/html": html,
                name: b"http://127.0.0.1:8000",
            }
            async with open_window(tmp_path) as opened:
                drop(opened.window, mime_of(formats))
                await until(partial(inputs, opened), "a task")
                assert inputs(opened) == ["http://127.0.0.1:8000/big.jpg"]

    arun(job())


def test_the_overlay_says_how_many_and_with_what(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            overlay = opened.window.findChildren(DropOverlay)[0]
            text = "\n".join(f"https://example.org/{n}.png" for n in range(12))
            enter(opened.window, mime_of({"text/plain": text.encode()}))
            assert overlay.isVisible()
            said = overlay.accessibleDescription()
            assert said == "Drop 12 pictures. Enhance · Studio"
            mime = QMimeData()
            mime.setUrls([QUrl.fromLocalFile(str(tmp_path))])
            enter(opened.window, mime)
            assert overlay.accessibleDescription().startswith("Drop the picture.")

            def is_folder() -> bool:
                return overlay.accessibleDescription().startswith("Drop the folder.")

            await until(is_folder, "a look at the disk")
            enter(opened.window, mime_of({"text/plain": b"hello"}))
            assert overlay.accessibleDescription().startswith("Nothing to enhance here.")

    arun(job())


def test_junk_that_is_dropped_gives_a_sentence_and_no_task(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            for formats in ({"text/plain": b"hello"}, {"application/x-thing": b"\x00\x01"}, {}):
                opened.window.toast.hide()
                drop(opened.window, mime_of(formats))
                assert opened.window.toast.text.endswith(".")
            assert inputs(opened) == []

    arun(job())


def test_drops_reach_the_window_wherever_they_fall(arun: Run, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            fields = opened.window.findChildren(QLineEdit)
            takers = [child for child in opened.window.findChildren(QWidget) if child.acceptDrops()]
            assert fields
            assert takers == []

    arun(job())


def test_pasted_addresses_and_pictures_are_added_and_the_clipboard_stays(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        clipboard = QGuiApplication.clipboard()
        async with open_window(tmp_path) as opened:
            clipboard.setText("https://example.org/a.png and https://example.org/b.png")
            opened.window.intake.paste()
            await until(lambda: len(opened.queue.tasks) == 2, "two tasks")
            assert clipboard.text().startswith("https://example.org/a.png and")

            image = QImage(40, 30, QImage.Format.Format_RGB32)
            image.fill(Qt.GlobalColor.red)
            clipboard.setImage(image)
            opened.window.intake.paste()
            await until(lambda: len(opened.queue.tasks) == 3, "a picture")
            file = Path(inputs(opened)[2])
            assert file.parent == tmp_path / "pasted"
            assert QImage(str(file)).size() == image.size()

            clipboard.setText("nothing to see")
            opened.window.intake.paste()
            assert opened.window.toast.text

    arun(job())


def test_a_list_and_a_folder_are_opened_up(arun: Run, until: Wait, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "b.jpg").write_bytes(b"x")
    (tmp_path / "list.txt").write_text("https://example.org/c.png\n")

    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.window.intake.add([str(tmp_path), str(tmp_path / "list.txt")])
            await until(lambda: len(opened.queue.tasks) == 3, "three tasks")

    arun(job())


def test_the_dialog_counts_while_one_types(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.window.intake.type_in()
            dialog = opened.window.findChildren(AddDialog)[0]
            lines = [f"https://example.org/{n}.png" for n in range(12)]
            dialog.field.setPlainText("\n".join([*lines, "word", "ftp://example.org/a"]))
            counted = "12 addresses, 2 not usable"
            labels = dialog.findChildren(QLabel)
            await until(lambda: counted in [each.text() for each in labels], "the count")
            dialog.add_button.click()
            await until(lambda: len(opened.queue.tasks) == 12, "twelve tasks")

    arun(job())
    assert count_text(1, 0) == "1 address"


def test_the_sample_is_drawn_without_a_network(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path, service="This computer") as opened:
            opened.window.intake.try_sample()
            await until(lambda: opened.queue.tasks, "a task")
            assert not QImage(inputs(opened)[0]).isNull()

    arun(job())


def test_samples_are_called_so_and_each_is_a_file_of_its_own(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, service="This computer") as opened:
            for _ in range(3):
                opened.window.intake.try_sample()  # at once: their files are written together
            await until(lambda: len(opened.queue.tasks) == 3, "three tasks")
            files = [Path(input_) for input_ in inputs(opened)]
            names = sorted(file.name for file in files)
            assert names == ["sample (2).jpg", "sample (3).jpg", "sample.jpg"]
            assert {file.read_bytes() for file in files} == {sample_file()}
            assert sorted(entry.name for entry in (tmp_path / "pasted").iterdir()) == names

    arun(job())


def test_what_a_dropped_folder_leaves_out_is_shown(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        folder = tmp_path / "holiday"
        folder.mkdir()
        for name in ("a.jpg", "b.jpg", "c.cr2", "d.psd", "e.svg", "Thumbs.db"):
            (folder / name).write_bytes(b"x")
        async with open_window(tmp_path) as opened:
            mime = QMimeData()
            mime.setUrls([QUrl.fromLocalFile(str(folder))])
            drop(opened.window, mime)
            await until(lambda: len(opened.queue.tasks) == 2, "two drafts")
            assert opened.window.toast.text == (
                "2 pictures added; 3 files left out (1 CR2, 1 PSD, 1 SVG)."
            )

    arun(job())
