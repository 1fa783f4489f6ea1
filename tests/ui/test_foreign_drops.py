"""A page that is dragged over the window neither holds it up nor brings in files."""

from __future__ import annotations

import sys
from pathlib import Path

from enhance_gui.core.dropped_data import HOVERING
from enhance_gui.ui.dropped import hovering, received
from enhance_gui.ui.opening import start_qt
from tests.support.pictures import picture_bytes
from tests.ui.conftest import Run, Wait
from tests.ui.open_window import open_window
from tests.ui.test_window_intake import drop, enter, inputs, mime_of


def test_a_page_on_windows_is_known_by_the_long_name_of_its_format(tmp_path: Path) -> None:
    long = 'application/x-qt-windows-mime;value="chromium/x-renderer-taint"'
    for mark in ("chromium/x-renderer-taint", long):
        mime = mime_of({mark: b"x", "text/plain": str(tmp_path).encode()})
        assert received(mime).inputs == hovering(mime).inputs == ()
    assert received(mime_of({"text/plain": str(tmp_path).encode()})).inputs == (str(tmp_path),)


def test_what_hovers_is_looked_at_in_its_beginning_alone() -> None:
    lines = "".join(f"https://example.org/{number}.png\n" for number in range(5000))
    mime = mime_of({"text/plain": lines.encode()})
    assert len(received(mime).inputs) == 5000
    assert len(hovering(mime).inputs) == HOVERING.inputs


def test_a_folder_that_a_text_names_is_refused_and_told(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        folder = tmp_path / "private"
        folder.mkdir()
        (folder / "a.png").write_bytes(picture_bytes("png"))
        async with open_window(tmp_path) as opened:
            told: list[str] = []
            opened.bridge.told.connect(told.append)
            drop(opened.window, mime_of({"text/plain": f"{folder}\n".encode()}))
            await until(lambda: told, "the refusal")
            assert "drop the folder itself" in told[0]
            assert inputs(opened) == []
            drop(opened.window, mime_of({"text/uri-list": folder.as_uri().encode()}))
            await until(lambda: inputs(opened), "the picture of the folder")
            assert inputs(opened) == [str(folder / "a.png")]
            assert enter(opened.window, mime_of({"text/plain": b"/" + b"a" * 5000}))

    arun(job())


def test_a_long_text_is_read_beside_the_window(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            lines = [f"https://example.org/{number}.png" for number in range(3000)]
            drop(opened.window, mime_of({"text/plain": "\n".join(lines).encode()}))
            assert inputs(opened) == [], "it only begins"
            await until(lambda: len(inputs(opened)) == 3000, "the pictures")
            assert inputs(opened) == lines
            told: list[str] = []
            opened.bridge.told.connect(told.append)
            drop(opened.window, mime_of({"text/plain": b"no picture in it\n" * 5000}))
            await until(lambda: told, "the refusal")
            assert told[0].startswith("“no picture in it”")

    arun(job())


def test_a_page_with_an_impossible_picture_is_only_looked_at(arun: Run, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            html = b'<img src="http://[">'
            assert enter(opened.window, mime_of({"text/html": html, "text/plain": b"x"}))

    arun(job())


def test_a_thread_that_reads_gives_the_window_its_turn_soon(arun: Run, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path):
            start_qt()
            assert sys.getswitchinterval() <= 0.001

    before_s = sys.getswitchinterval()
    try:
        arun(job())
    finally:
        sys.setswitchinterval(before_s)
