"""Kinds that Qt cannot read, or not rightly, are shown as the service reads them."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from enhance_gui.imaging.decoders import can_decode
from enhance_gui.ui.compare.pictures.reading import (
    CannotShow,
    read_facts,
    read_part,
    read_small,
    read_whole,
)
from enhance_gui.ui.widgets.tiles import TileSpec, read_tile
from tests.support.pictures import PILLOW_NAMES

FOREIGN = ("tiff", "avif", "heic", "jp2")

_DOWN, _ACROSS = np.mgrid[:48, :64]
SMOOTH = np.dstack([_ACROSS * 3 + 30, _DOWN * 4 + 20, 240 - _ACROSS * 3]).astype(np.uint8)


def write(path: Path, levels: NDArray[np.uint8], kind: str, **how: object) -> Path:
    assert can_decode(kind)
    Image.fromarray(levels).save(path, PILLOW_NAMES[kind], **how)
    return path


def levels_of(image: QImage) -> NDArray[np.uint8]:
    """Return red, green, blue and alpha, not multiplied."""
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    # A copy: the image goes when this returns, and its memory with it.
    return rows[:, : plain.width() * 4].reshape(plain.height(), plain.width(), 4).copy()


def off(image: QImage, right: NDArray[np.uint8]) -> float:
    levels = levels_of(image)[..., : right.shape[2]]
    assert levels.shape == right.shape
    return float(np.abs(levels.astype(float) - right).mean())


@pytest.mark.parametrize("kind", FOREIGN)
def test_the_comparison_shows_it(qapp: QApplication, tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "a.jpg", SMOOTH, kind)
    facts = read_facts(path)
    assert (facts.width_px, facts.height_px) == (64, 48)
    whole = read_whole(facts)
    assert off(whole, SMOOTH) < 5
    assert not whole.hasAlphaChannel()
    half = SMOOTH.reshape(24, 2, 32, 2, 3).mean((1, 3)).round().astype(np.uint8)
    assert off(read_whole(facts, 1), half) < 5
    assert off(read_part(facts, 0, QRect(10, 5, 20, 30)), SMOOTH[5:35, 10:30]) < 5
    assert read_small(facts, 16).width() == 16


@pytest.mark.parametrize("kind", FOREIGN)
def test_the_list_shows_it(qapp: QApplication, tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "a.jpg", SMOOTH, kind)
    tile = read_tile(TileSpec(path, 64, 48, 0))
    assert tile is not None
    assert off(tile, SMOOTH) < 5
    square = read_tile(TileSpec(path, 24, 24, 0))
    assert square is not None
    assert off(square, SMOOTH[:, 8:56].reshape(24, 2, 24, 2, 3).mean((1, 3)).astype(np.uint8)) < 6


def test_the_middle_of_a_very_long_one_is_the_tile(qapp: QApplication, tmp_path: Path) -> None:
    long = np.zeros((20, 2000, 3), np.uint8)
    long[:, 900:1100] = (200, 100, 50)
    tile = read_tile(TileSpec(write(tmp_path / "a.tif", long, "tiff"), 20, 20, 0))
    assert tile is not None
    assert off(tile, long[:, 990:1010]) < 2


@pytest.mark.parametrize("kind", ["tiff", "avif", "heic"])
@pytest.mark.parametrize("orientation", [3, 6, 7])
def test_it_is_shown_upright(
    qapp: QApplication, tmp_path: Path, kind: str, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    corner = np.zeros((48, 64, 3), np.uint8)
    corner[:24, :32] = 255
    right = {
        3: corner[::-1, ::-1],
        6: np.rot90(corner, -1),
        7: corner[::-1, ::-1].swapaxes(0, 1),
    }[orientation]
    path = write(tmp_path / "a", corner, kind, exif=exif.tobytes())
    facts = read_facts(path)
    assert (facts.height_px, facts.width_px) == right.shape[:2]
    assert off(read_whole(facts), right) < 4
    tile = read_tile(TileSpec(path, right.shape[1], right.shape[0], 0))
    assert tile is not None
    assert off(tile, right) < 4


def test_what_is_transparent_stays_so(qapp: QApplication, tmp_path: Path) -> None:
    picture = np.dstack([SMOOTH, (_ACROSS * 2 + 100).astype(np.uint8)])
    whole = read_whole(read_facts(write(tmp_path / "a.tif", picture, "tiff")))
    assert whole.hasAlphaChannel()
    assert off(whole, picture) < 2


def test_one_colour_of_a_deep_png_is_transparent(qapp: QApplication, tmp_path: Path) -> None:
    deep = SMOOTH.astype(np.uint16) * 257
    lines = b"".join(b"\0" + row.astype(">u2").tobytes() for row in deep)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 64, 48, 16, 2, 0, 0, 0)),
        (b"tRNS", struct.pack(">3H", *deep[20, 30].tolist())),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    )
    path = tmp_path / "a.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in parts
        )
    )
    right = (SMOOTH[20, 30] != SMOOTH).any(axis=2) * np.uint8(255)
    tile = read_tile(TileSpec(path, 64, 48, 0))
    assert tile is not None
    for image in (read_whole(read_facts(path)), tile):
        inside = slice(2, -2)  # a tile's corners are smoothed
        assert np.array_equal(levels_of(image)[inside, inside, 3], right[inside, inside])


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_broken_one_is_told_and_has_no_tile(
    qapp: QApplication, tmp_path: Path, kind: str
) -> None:
    path = write(tmp_path / "a", SMOOTH, kind)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(CannotShow, match="damaged"):
        read_whole(read_facts(path))
    assert read_tile(TileSpec(path, 64, 48, 0)) is None


def test_without_a_decoder_it_is_said_that_it_cannot_be_shown(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.heic", SMOOTH, "heic")
    can_decode.cache_clear()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(CannotShow, match="not a picture that can be shown here"):
        read_facts(path)
    can_decode.cache_clear()


def test_far_too_many_pixels_are_not_even_begun(qapp: QApplication, tmp_path: Path) -> None:
    path = write(tmp_path / "a", SMOOTH, "avif")
    data = bytearray(path.read_bytes())
    at = data.index(b"ispe") + 8
    data[at : at + 8] = struct.pack(">II", 60_000, 60_000)
    path.write_bytes(data)
    with pytest.raises(CannotShow, match="too large to preview"):
        read_whole(read_facts(path))
    assert read_tile(TileSpec(path, 64, 48, 0)) is None
