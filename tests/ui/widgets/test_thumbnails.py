"""Thumbnails: what they show, what is refused, how much is kept."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QColor, QColorSpace, QImage, QImageReader
from PySide6.QtWidgets import QApplication

from enhance_gui.core.clock import Clock
from enhance_gui.ui.widgets import thumbnails as thumbnails_module
from enhance_gui.ui.widgets import tiles
from enhance_gui.ui.widgets.thumbnails import ENTRY_BYTES, TRUST_S, WORKERS, Thumbnails
from enhance_gui.ui.widgets.tiles import TileSpec, read_tile, stamp_of
from tests.ui.gallery.parts import pause, until, write_picture

EXIF_ORIENTATION = 0x0112
TURNED_RIGHT = 6


class MovingClock(Clock):
    def __init__(self) -> None:
        self.shown_s = 0.0

    def now_s(self) -> float:
        return self.shown_s


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def thumbnails(qapp: QApplication, clock: MovingClock) -> Iterator[Thumbnails]:
    made = Thumbnails(now_s=clock.now_s)
    yield made
    made.stop()


def spec(path: Path, width_px: int = 60, height_px: int = 40) -> TileSpec:
    return TileSpec(path, width_px, height_px, 4)


def colour_at(image: QImage, x: int, y: int) -> str:
    colour = QColor(image.pixel(x, y))
    return "red" if colour.red() > colour.blue() else "blue"


@pytest.mark.parametrize(
    ("ending", "how"),
    [("jpg", {"quality": 95}), ("png", {}), ("webp", {"lossless": True}), ("bmp", {})],
)
def test_a_tile_has_its_size_its_picture_and_round_corners(
    tmp_path: Path, ending: str, how: dict[str, int]
) -> None:
    tile = read_tile(spec(write_picture(tmp_path / f"a.{ending}", **how)))
    assert tile is not None
    assert (tile.width(), tile.height()) == (60, 40)
    assert (colour_at(tile, 5, 20), colour_at(tile, 55, 20)) == ("red", "blue")
    assert QColor.fromRgba(tile.pixel(0, 0)).alpha() == 0
    assert QColor.fromRgba(tile.pixel(30, 20)).alpha() == 255


def test_a_picture_that_was_taken_sideways_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = TURNED_RIGHT
    tile = read_tile(spec(write_picture(tmp_path / "a.jpg", exif=exif), 40, 60))
    assert tile is not None
    assert (tile.width(), tile.height()) == (40, 60)
    # Turned to the right, what was left is on top.
    assert (colour_at(tile, 20, 8), colour_at(tile, 20, 52)) == ("red", "blue")


def test_a_picture_that_was_taken_sideways_is_seen_to_its_edges(tmp_path: Path) -> None:
    picture = Image.new("RGB", (300, 400), (200, 0, 0))
    picture.paste((0, 0, 200), (0, 30, 300, 370))
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = TURNED_RIGHT
    picture.save(tmp_path / "a.jpg", exif=exif, quality=95)
    tile = read_tile(spec(tmp_path / "a.jpg", 80, 60))
    assert tile is not None
    found = [colour_at(tile, x, 30) for x in (2, 12, 40, 68, 77)]
    assert found == ["red", "blue", "blue", "blue", "red"]


def test_the_kind_is_told_by_the_content_not_by_the_name(tmp_path: Path) -> None:
    named_wrong = write_picture(tmp_path / "a.jpg", format="PNG")
    assert read_tile(spec(named_wrong)) is not None


def test_a_result_may_be_a_tiff(tmp_path: Path) -> None:
    assert read_tile(spec(write_picture(tmp_path / "a.tiff"))) is not None


def test_the_colours_of_a_wide_profile_are_those_of_the_screen(tmp_path: Path) -> None:
    wide = QColorSpace(QColorSpace.NamedColorSpace.DisplayP3)
    profile = bytes(wide.iccProfile().data())
    path = tmp_path / "a.png"
    Image.new("RGB", (300, 200), (200, 100, 50)).save(path, icc_profile=profile)
    tile = read_tile(spec(path))
    assert tile is not None
    screen = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    expected = wide.transformationToColorSpace(screen).map(QColor(200, 100, 50))
    seen = QColor(tile.pixel(30, 20))
    assert abs(seen.red() - expected.red()) <= 1 < seen.red() - 200
    assert abs(seen.blue() - expected.blue()) <= 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        b"<html>not found</html>",
        b"\xff\xd8\xff" + b"\0" * 100,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    ],
)
def test_what_is_no_picture_has_no_tile(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    assert read_tile(spec(path)) is None


def test_a_folder_or_nothing_has_no_tile(tmp_path: Path) -> None:
    assert read_tile(spec(tmp_path)) is None
    assert read_tile(spec(tmp_path / "gone.png")) is None
    assert stamp_of(tmp_path / "gone.png") is None
    assert stamp_of(Path("nul\0name")) is None


def bomb(path: Path, side_px: int) -> Path:
    """Write a PNG of one bit a pixel that promises more pixels than memory should hold."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", side_px, side_px, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(side_px // 8 + 1) * 64, 1)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )
    return path


def test_a_picture_with_too_many_pixels_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    class PolledTask(QImageReader):
        def read(self) -> QImage:
            begun.append("read")
            return super().read()

    monkeypatch.setattr(tiles, "QImageReader", PolledTask)
    assert read_tile(spec(bomb(tmp_path / "a.png", 20_001))) is None
    assert not begun
    assert read_tile(spec(write_picture(tmp_path / "b.png"))) is not None
    assert begun


def test_a_picture_like_a_thread_is_cut_before_it_is_scaled(tmp_path: Path) -> None:
    tile = read_tile(spec(write_picture(tmp_path / "a.png", 6000, 2)))
    assert tile is not None
    assert (tile.width(), tile.height()) == (60, 40)


def test_a_tile_is_there_after_a_while_and_never_at_once(
    tmp_path: Path, thumbnails: Thumbnails, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: list[int] = []

    def watched(wanted: TileSpec) -> QImage | None:
        readers.append(threading.get_ident())
        return read_tile(wanted)

    monkeypatch.setattr(thumbnails_module, "read_tile", watched)
    wanted = spec(write_picture(tmp_path / "a.jpg"))
    thumbnails.want([wanted])
    assert thumbnails.pixmap(wanted) is None
    until(lambda: thumbnails.pixmap(wanted) is not None)
    assert readers
    assert threading.get_ident() not in readers


def test_a_file_that_is_no_picture_is_known_to_fail(tmp_path: Path, thumbnails: Thumbnails) -> None:
    broken = spec(tmp_path / "a.jpg")
    broken.path.write_bytes(b"no picture")
    reported: list[Path] = []
    thumbnails.ready.connect(reported.append)
    assert not thumbnails.failed(broken)
    thumbnails.want([broken])
    until(lambda: thumbnails.failed(broken))
    assert thumbnails.pixmap(broken) is None
    assert reported == [broken.path]


def test_a_fault_met_with_one_picture_leaves_the_others_theirs(
    tmp_path: Path,
    thumbnails: Thumbnails,
    monkeypatch: pytest.MonkeyPatch,
    expected_log: list[str],
) -> None:
    expected_log.append("a tile could not be made")
    specs = [spec(write_picture(tmp_path / f"{n}.png")) for n in range(4 * WORKERS + 2)]
    faulty = set(specs[: 2 * WORKERS])

    def read(wanted: TileSpec) -> QImage | None:
        if wanted in faulty:
            raise ZeroDivisionError
        return read_tile(wanted)

    monkeypatch.setattr(thumbnails_module, "read_tile", read)
    thumbnails.want(specs)
    until(lambda: not thumbnails.busy)
    assert [thumbnails.failed(each) for each in specs] == [each in faulty for each in specs]


def test_what_is_wanted_no_more_is_not_made(tmp_path: Path, thumbnails: Thumbnails) -> None:
    specs = [spec(write_picture(tmp_path / f"{n}.png")) for n in range(2 * WORKERS + 20)]
    thumbnails.want(specs)
    thumbnails.want(specs[-1:])
    until(lambda: thumbnails.pixmap(specs[-1]) is not None)
    pause(30)
    made = [each for each in specs if thumbnails.pixmap(each) is not None]
    # What the workers were given at first may be finished; nothing else is.
    assert len(made) <= 1 + 2 * WORKERS


def test_what_is_wanted_again_is_made_after_all(tmp_path: Path, thumbnails: Thumbnails) -> None:
    specs = [spec(write_picture(tmp_path / f"{n}.png")) for n in range(2 * WORKERS)]
    thumbnails.want(specs)
    thumbnails.want(())
    # The workers skip what they hold, and nobody here hears of it before it is wanted again.
    time.sleep(0.1)
    thumbnails.want(specs[-1:])
    until(lambda: thumbnails.pixmap(specs[-1]) is not None)


def test_the_most_wanted_comes_first(
    tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of several workers, one that the computer keeps waiting would come last with the first.
    monkeypatch.setattr(thumbnails_module, "WORKERS", 1)
    alone = Thumbnails()
    specs = [spec(write_picture(tmp_path / f"{n}.png")) for n in range(6)]
    order: list[Path] = []
    alone.ready.connect(order.append)
    alone.want(reversed(specs))
    until(lambda: len(order) == 6)
    assert order == [each.path for each in reversed(specs)]
    alone.stop()


def test_the_cache_holds_no_more_than_its_bound(tmp_path: Path, qapp: QApplication) -> None:
    cost = 60 * 40 * 4 + ENTRY_BYTES
    small = Thumbnails(cache_bytes=3 * cost)
    specs = [spec(write_picture(tmp_path / f"{n}.png")) for n in range(6)]
    for each in specs:
        small.want([each])
        until(lambda each=each: small.pixmap(each) is not None)  # type: ignore[misc]
        assert small.held_bytes <= 3 * cost
    assert [small.pixmap(each) is not None for each in specs] == [False] * 3 + [True] * 3
    small.stop()


def test_a_tile_that_is_looked_at_is_kept_longer(tmp_path: Path, qapp: QApplication) -> None:
    small = Thumbnails(cache_bytes=3 * (60 * 40 * 4 + ENTRY_BYTES))
    specs = [spec(write_picture(tmp_path / f"{n}.png")) for n in range(4)]
    for each in specs:
        small.want([each])
        until(lambda each=each: small.pixmap(each) is not None)  # type: ignore[misc]
        small.pixmap(specs[0])
    assert small.pixmap(specs[0]) is not None
    assert small.pixmap(specs[1]) is None
    small.stop()


def test_files_without_a_tile_are_bounded_too(tmp_path: Path, qapp: QApplication) -> None:
    small = Thumbnails(cache_bytes=5 * ENTRY_BYTES)
    missing = [spec(tmp_path / f"{n}.png") for n in range(20)]
    small.want(missing)
    until(lambda: small.failed(missing[-1]))
    assert small.held_bytes <= 5 * ENTRY_BYTES
    small.stop()


def test_a_file_that_has_changed_is_read_again_and_any_other_is_not(
    tmp_path: Path, thumbnails: Thumbnails, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    same, other = spec(write_picture(tmp_path / "a.png")), spec(write_picture(tmp_path / "b.png"))
    thumbnails.want([same, other])
    until(lambda: thumbnails.pixmap(same) and thumbnails.pixmap(other))
    read: list[Path] = []
    monkeypatch.setattr(thumbnails_module, "read_tile", lambda it: read.append(it.path))
    Image.new("RGB", (50, 50)).save(other.path)
    os.utime(other.path, (time.time() + 5, time.time() + 5))
    thumbnails.want([same, other])
    pause(50)
    assert not read
    clock.shown_s += TRUST_S + 1
    thumbnails.want([same, other])
    until(lambda: read)
    pause(50)
    assert read == [other.path]
    assert thumbnails.pixmap(same) is not None


def test_after_the_stop_nothing_is_made(tmp_path: Path, thumbnails: Thumbnails) -> None:
    thumbnails.stop()
    wanted = spec(write_picture(tmp_path / "a.png"))
    thumbnails.want([wanted])
    pause(50)
    assert thumbnails.pixmap(wanted) is None


_ABANDONED = """
import gc, sys, threading, time
from pathlib import Path
import shiboken6
from PySide6.QtWidgets import QApplication, QWidget
from enhance_gui.ui.widgets import thumbnails
from enhance_gui.ui.widgets.tiles import TileSpec

made = []
begun, going = threading.Event(), threading.Event()

def slow_tile(spec):
    begun.set()
    end_s = None
    while end_s is None or time.monotonic() < end_s:
        sum(range(1000))  # keeps Python busy: waiting for this while holding it would hang
        if end_s is None and going.is_set():
            end_s = time.monotonic() + 0.1
    made.append(spec)

thumbnails.stamp_of = lambda path: thumbnails.Stamp(1, 1)
thumbnails.read_tile = slow_tile
application = QApplication([])
window = QWidget()
maker = thumbnails.Thumbnails(window)
maker.want(TileSpec(Path(f"/pictures/{number}"), 4, 4, 1) for number in range(50))
begun.wait()
going.set()
if sys.argv[1] == "deleted":
    shiboken6.delete(window)
if sys.argv[1] in ("deleted", "collected"):
    del maker, window
    gc.collect()
    before = len(made)
    time.sleep(0.3)
    assert len(made) == before <= thumbnails.WORKERS, (before, len(made))
print("over")
"""


@pytest.mark.parametrize("how", ["deleted", "collected", "ended"])
def test_a_window_that_goes_without_a_word_leaves_no_thread_at_work(how: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", _ABANDONED, how],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert (done.returncode, done.stdout.strip()) == (0, "over"), done.stderr
