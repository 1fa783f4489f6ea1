"""A page that is dragged over the window neither holds it up nor brings in files."""

from __future__ import annotations

import asyncio
import sys
import threading
import tracemalloc
from pathlib import Path

from enhance_gui.core.images.inputs.drop_data import HOVERING, Dropped
from enhance_gui.core.threads import SHORT_TURN_S
from enhance_gui.ui.adding.dropped import hovering, reader_of
from enhance_gui.ui.startup.early_window import start_qt
from tests.support.pictures import picture_bytes
from tests.ui.adding.test_add_images import drop, enter, inputs, mime_of
from tests.ui.conftest import Run, Wait
from tests.ui.window.open_window import open_window


def test_a_page_on_windows_is_known_by_the_long_name_of_its_format(tmp_path: Path) -> None:
    long = 'application/x-qt-windows-mime;value="chromium/x-renderer-taint"'
    for mark in ("chromium/x-renderer-taint", long):
        mime = mime_of({mark: b"x", "text/plain": str(tmp_path).encode()})
        assert reader_of(mime)[0]().inputs == hovering(mime).inputs == ()
    read, _ = reader_of(mime_of({"text/plain": str(tmp_path).encode()}))
    assert read().inputs == (str(tmp_path),)


def test_what_hovers_is_looked_at_in_its_beginning_alone() -> None:
    lines = "".join(f"https://example.org/{number}.png\n" for number in range(5000))
    mime = mime_of({"text/plain": lines.encode()})
    assert len(reader_of(mime)[0]().inputs) == 5000
    assert len(hovering(mime).inputs) == HOVERING.inputs


def test_a_folder_that_a_text_names_is_refused_and_told(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        folder = tmp_path / "private"
        folder.mkdir()
        (folder / "a.png").write_bytes(picture_bytes("png"))
        async with open_window(tmp_path) as opened:
            reported: list[str] = []
            opened.bridge.message.connect(reported.append)
            drop(opened.window, mime_of({"text/plain": f"{folder}\n".encode()}))
            await until(lambda: reported, "the refusal")
            assert "drop the folder itself" in reported[0]
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
            reported: list[str] = []
            opened.bridge.message.connect(reported.append)
            drop(opened.window, mime_of({"text/plain": b"no picture in it\n" * 5000}))
            await until(lambda: reported, "the refusal")
            assert reported[0].startswith("“no picture in it”")

    arun(job())


def test_what_takes_long_to_read_is_read_beside_the_window() -> None:
    lines = "".join(f"https://é{number}.example/\n" for number in range(300))
    read, is_long = reader_of(mime_of({"text/plain": lines.encode()}))
    assert is_long
    assert len(read().inputs) == 300
    assert not reader_of(mime_of({"text/plain": b"https://example.org/a.png"}))[1]


def test_of_a_long_text_that_hovers_only_the_beginning_is_copied() -> None:
    mime = mime_of({"text/plain": b"https://example.org/a.png\n" * 200_000})
    tracemalloc.start()
    try:
        assert hovering(mime).is_cut
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_no_thread_is_started_for_what_can_be_no_folder(arun: Run, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            counts: list[asyncio.Future[int] | None] = []
            for hovers in (b"https://example.org/a.png", tmp_path.as_uri().encode()):
                assert enter(opened.window, mime_of({"text/uri-list": hovers}))
                counts.append(opened.window.intake._folders)
            none, some = counts
            assert none is None
            assert some is not None
            assert await some == 1

    arun(job())


def test_one_long_text_is_read_after_the_other(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            order = opened.choices.options
            assert order is not None
            at_work, goes_on = threading.Semaphore(0), threading.Event()
            both: list[int] = []

            def read() -> Dropped:
                at_work.release()
                both.append(1)
                goes_on.wait()
                return Dropped((f"https://example.org/{len(both)}.png",))

            opened.bridge.add_read(read, order)
            opened.bridge.add_read(read, order)
            await asyncio.to_thread(at_work.acquire)
            try:
                drop(opened.window, mime_of({"text/plain": b"https://example.org/short.png"}))
                await until(lambda: inputs(opened), "what is read at once")
                assert len(both) == 1
            finally:
                goes_on.set()
            await until(lambda: len(inputs(opened)) == 3, "both texts")

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
            assert sys.getswitchinterval() < SHORT_TURN_S

    before_s = sys.getswitchinterval()
    try:
        arun(job())
    finally:
        sys.setswitchinterval(before_s)
