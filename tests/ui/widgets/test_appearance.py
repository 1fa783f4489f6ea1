"""Pictures are shown as the service reads them: upright, and in the colours that they describe."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from enhance_gui.ui.compare.pictures.reading import read_facts, read_part, read_whole
from enhance_gui.ui.widgets.tiles import TileSpec, read_tile

pytestmark = pytest.mark.usefixtures("qapp")

WIDTH_PX, HEIGHT_PX = 64, 48


def corner() -> NDArray[np.uint8]:
    """Return a picture of which every turn and mirroring looks different."""
    levels = np.full((HEIGHT_PX, WIDTH_PX, 3), 30, np.uint8)
    levels[:16, :24] = (220, 40, 40)
    levels[:16, 24:40] = (40, 220, 40)
    return levels


def levels_of(image: QImage) -> NDArray[np.uint8]:
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)[..., :3].copy()


def with_chunk(png: bytes, name: bytes, data: bytes) -> bytes:
    chunk = struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return png[:33] + chunk + png[33:]


def off(shown: QImage, right: NDArray[np.uint8]) -> float:
    found = levels_of(shown)
    assert found.shape == right.shape
    return float(np.abs(found.astype(float) - right).mean())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("kind", "name"), [("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp")]
)
def test_every_orientation_is_shown_upright_everywhere(
    tmp_path: Path, kind: str, name: str, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / name
    options = {"lossless": True} if kind == "WEBP" else {"quality": 95}
    Image.fromarray(corner()).save(path, kind, exif=exif.tobytes(), **options)
    turned = {5: np.swapaxes(corner(), 0, 1), 2: corner()[:, ::-1], 4: corner()[::-1]}
    turned |= {3: np.rot90(corner(), 2), 6: np.rot90(corner(), -1), 8: np.rot90(corner())}
    turned |= {7: np.rot90(np.swapaxes(corner(), 0, 1), 2)}
    right = np.ascontiguousarray(turned.get(orientation, corner()))
    facts = read_facts(path)
    assert (facts.height_px, facts.width_px) == right.shape[:2]
    assert off(read_whole(facts), right) < 6
    part = read_part(facts, 0, _part(right))
    place = _part(right)
    rows = slice(place.top(), place.top() + place.height())
    assert off(part, right[rows, place.left() : place.left() + place.width()]) < 6
    tile = read_tile(TileSpec(path, right.shape[1], right.shape[0], 0))
    assert tile is not None
    assert off(tile, right) < 6


def _part(right: NDArray[np.uint8]) -> QRect:
    return QRect(4, 6, right.shape[1] - 10, right.shape[0] - 20)


def test_numbers_that_are_light_itself_are_shown_brighter(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (WIDTH_PX, HEIGHT_PX), (55, 55, 55)).save(file, "PNG")
    path = tmp_path / "a.png"
    path.write_bytes(with_chunk(file.getvalue(), b"gAMA", struct.pack(">I", 100_000)))
    right = np.full((HEIGHT_PX, WIDTH_PX, 3), 128, np.uint8)
    tile = read_tile(TileSpec(path, WIDTH_PX, HEIGHT_PX, 0))
    assert tile is not None
    assert off(tile, right) < 2
    assert off(read_whole(read_facts(path)), right) < 2


def test_the_usual_gamma_leaves_the_numbers_alone(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.fromarray(corner()).save(file, "PNG")
    path = tmp_path / "a.png"
    path.write_bytes(with_chunk(file.getvalue(), b"gAMA", struct.pack(">I", 45_455)))
    assert off(read_whole(read_facts(path)), corner()) == 0


def test_a_bmp_that_is_stored_from_its_top_row_on_is_shown(tmp_path: Path) -> None:
    levels = corner()
    rows = np.dstack([levels[..., ::-1], np.zeros(levels.shape[:2], np.uint8)]).tobytes()
    head = struct.pack("<IiiHHIIiiII", 40, WIDTH_PX, -HEIGHT_PX, 1, 32, 0, len(rows), 0, 0, 0, 0)
    path = tmp_path / "a.bmp"
    path.write_bytes(struct.pack("<2sIHHI", b"BM", 54 + len(rows), 0, 0, 54) + head + rows)
    facts = read_facts(path)
    assert (facts.width_px, facts.height_px) == (WIDTH_PX, HEIGHT_PX)
    assert off(read_whole(facts), levels) == 0
    tile = read_tile(TileSpec(path, WIDTH_PX, HEIGHT_PX, 0))
    assert tile is not None
    assert off(tile, levels) < 1
