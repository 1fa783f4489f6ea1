"""Reading: upright, in sRGB, in part, and refused with a sentence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QColorSpace, QImage, QImageReader
from PySide6.QtWidgets import QApplication

from enhance_gui.ui.compare.pictures import pixels
from enhance_gui.ui.compare.pictures.pixels import halved, paintable
from enhance_gui.ui.compare.pictures.reading import (
    CannotShow,
    can_read_parts,
    can_read_whole,
    read_facts,
    read_part,
    read_small,
    read_whole,
)
from tests.ui.compare.parts import near

SMOOTH: dict[str, Any] = {"subsampling": 0, "quality": 100}


@pytest.fixture
def low_limit(qapp: QApplication) -> Iterator[None]:
    """Qt decodes one megabyte, that is 262,144 pixels, at most."""
    before = QImageReader.allocationLimit()
    QImageReader.setAllocationLimit(1)
    yield
    QImageReader.setAllocationLimit(before)


def slopes(width: int, height: int) -> Image.Image:
    """Red grows to the right, green downwards: every place has its own colour."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (across, down, Image.new("L", (width, height), 60)))


def colour(image: QImage, x: int, y: int) -> tuple[int, int, int]:
    found = QColor(image.pixel(x, y))
    return found.red(), found.green(), found.blue()


def same(one: QImage, other: QImage, off: int) -> bool:
    if one.size() != other.size():
        return False
    return all(
        near(colour(one, x, y), colour(other, x, y), off)
        for x in range(0, one.width(), 7)
        for y in range(0, one.height(), 7)
    )


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "bmp", "tiff", "gif"])
def test_every_kind_is_read_whatever_its_name(
    qapp: QApplication, tmp_path: Path, kind: str
) -> None:
    names = {"jpg": "JPEG", "tiff": "TIFF"}
    path = tmp_path / "picture.txt"
    Image.new("RGB", (31, 17), (250, 10, 10)).save(path, names.get(kind, kind.upper()))
    facts = read_facts(path)
    assert (facts.width_px, facts.height_px, facts.size_bytes) == (31, 17, path.stat().st_size)
    assert near(colour(read_whole(facts), 5, 5), (250, 10, 10))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("halvings", [0, 1, 2])
def test_a_turned_picture_is_read_upright_in_whole_and_in_part(
    qapp: QApplication, tmp_path: Path, orientation: int, halvings: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.jpg"
    slopes(320, 192).save(path, exif=exif, **SMOOTH)
    facts = read_facts(path)
    sides = (320, 192) if orientation < 5 else (192, 320)
    assert (facts.width_px, facts.height_px) == sides
    whole = read_whole(facts, halvings)
    assert (whole.width(), whole.height()) == (sides[0] >> halvings, sides[1] >> halvings)
    part = QRect(8, 16, 30, 22)
    assert same(read_part(facts, halvings, part), whole.copy(part), 6)
    small = read_small(facts, 64)
    assert max(small.width(), small.height()) == 64
    corner = {1: (0, 0), 2: (255, 0), 3: (255, 255), 4: (0, 255)}.get(orientation)
    if corner is not None:
        assert near((*colour(whole, 0, 0)[:2], 0), (*corner, 0), 12)


def test_a_foreign_profile_becomes_srgb(qapp: QApplication, tmp_path: Path) -> None:
    profile = QColorSpace(QColorSpace.NamedColorSpace.DisplayP3).iccProfile().data()
    path = tmp_path / "wide.png"
    Image.new("RGB", (2000, 900), (200, 100, 50)).save(path, icc_profile=profile)
    image = read_whole(read_facts(path))
    expected = QColorSpace(QColorSpace.NamedColorSpace.DisplayP3).transformationToColorSpace(
        QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    )
    wanted = expected.map(QColor(200, 100, 50))
    for x, y in ((0, 0), (1999, 899), (1000, 450)):
        assert near(colour(image, x, y), (wanted.red(), wanted.green(), wanted.blue()), 1)
    assert not near((wanted.red(), wanted.green(), wanted.blue()), (200, 100, 50), 5)


def test_the_usual_profile_changes_nothing(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "usual.png"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (40, 30), (200, 100, 50)).save(path, icc_profile=profile)
    assert near(colour(read_whole(read_facts(path)), 3, 3), (200, 100, 50), 1)


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGBA", "I;16", "CMYK"])
def test_every_way_to_store_pixels_becomes_paintable(
    qapp: QApplication, tmp_path: Path, mode: str
) -> None:
    path = tmp_path / ("picture.jpg" if mode == "CMYK" else "picture.png")
    source = slopes(50, 40).convert("I") if mode == "I;16" else slopes(50, 40)
    source.convert(mode).save(path)
    image = read_whole(read_facts(path))
    wanted = (
        QImage.Format.Format_ARGB32_Premultiplied
        if mode in ("LA", "RGBA")
        else QImage.Format.Format_RGB32
    )
    assert image.format() == wanted
    assert not image.isNull()


def test_what_is_no_picture_is_refused_with_a_sentence(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    for content in (b"", b"<html></html>", b"%PDF-1.7", b"<svg xmlns='x'/>"):
        path.write_bytes(content)
        with pytest.raises(CannotShow, match=r"^“page.png” is not a picture .*\.$"):
            read_facts(path)
    with pytest.raises(CannotShow, match=r"“gone.png” cannot be opened any more\."):
        read_facts(tmp_path / "gone.png")


def test_a_damaged_picture_is_refused_with_a_sentence(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    slopes(300, 300).save(path)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(CannotShow, match="damaged"):
        read_whole(read_facts(path))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
    with pytest.raises(CannotShow, match="damaged"):
        read_facts(path)


@pytest.mark.usefixtures("low_limit")
def test_too_many_pixels_are_refused_with_a_sentence(tmp_path: Path) -> None:
    slopes(600, 500).save(tmp_path / "large.png")
    facts = read_facts(tmp_path / "large.png")
    assert not can_read_whole(facts)
    assert not can_read_whole(facts, 1)
    assert not can_read_parts(facts)
    with pytest.raises(CannotShow, match="600 × 500 pixels: too large"):
        read_whole(facts)


@pytest.mark.usefixtures("low_limit")
def test_of_a_jpeg_beyond_the_limit_halves_and_parts_are_read(tmp_path: Path) -> None:
    slopes(1000, 800).save(tmp_path / "large.jpg", **SMOOTH)
    facts = read_facts(tmp_path / "large.jpg")
    assert not can_read_whole(facts)
    assert can_read_whole(facts, 1)
    assert can_read_parts(facts)
    assert read_whole(facts, 1).width() == 500
    part = read_part(facts, 0, QRect(700, 500, 200, 200))
    assert near(colour(part, 0, 0), (round(700 / 1000 * 255), round(500 / 800 * 255), 60), 5)


def test_halving_takes_the_mean_of_four(qapp: QApplication) -> None:
    image = QImage(64, 2000, QImage.Format.Format_RGB32)
    for y in range(image.height()):
        for x in range(image.width()):
            image.setPixel(x, y, QColor((x % 2) * 100 + (y % 2) * 50, y // 10, 7).rgb())
    half = halved(image)
    assert (half.width(), half.height()) == (32, 1000)
    for x, y in ((0, 0), (31, 999), (15, 500), (7, 123)):
        assert near(colour(half, x, y), (75, 2 * y // 10, 7), 1)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 9), (33, 17), (1001, 3)])
def test_odd_sides_are_halved_without_a_seam(qapp: QApplication, width: int, height: int) -> None:
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(90, 120, 40, 255))
    half = halved(image)
    assert (half.width(), half.height()) == ((width + 1) // 2, (height + 1) // 2)
    for x in range(half.width()):
        for y in range(half.height()):
            assert near(colour(half, x, y), (90, 120, 40), 1)


class Pauses:
    """Stands for the module ``time``: notes the work between two moments in which others may run.

    Counted in the time of the processor that this thread got, which no other work lengthens.
    """

    def __init__(self) -> None:
        self._begin_s = time.thread_time()
        self.longest_s = 0.0

    def sleep(self, delay_s: float) -> None:
        self.note()
        time.sleep(delay_s)
        self._begin_s = time.thread_time()

    def note(self) -> None:
        self.longest_s = max(self.longest_s, time.thread_time() - self._begin_s)


def longest_stop_s(work: Callable[[], object], patch: pytest.MonkeyPatch) -> float:
    """Do work; return for how long no other thread could run."""
    pauses = Pauses()
    patch.setattr(pixels, "time", pauses)
    work()
    pauses.note()
    return pauses.longest_s


def test_another_thread_runs_while_a_large_picture_is_prepared(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call for the whole picture would stop the window for its full length."""
    image = QImage(4000, 4000, QImage.Format.Format_ARGB32)
    image.fill(QColor(10, 20, 30))
    started_s = time.thread_time()
    image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    whole_s = time.thread_time() - started_s
    ready = paintable(image)
    works: list[Callable[[], object]] = [lambda: paintable(image), lambda: halved(ready)]
    for work in works:
        stops = [longest_stop_s(work, monkeypatch) for _ in range(3)]
        assert min(stops) < max(0.6 * whole_s, 0.02)
