"""Large pictures are looked through for faces in a process of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from enhance_gui.core.images.areas import Place
from enhance_gui.jobs.support import elsewhere
from enhance_gui.jobs.support.face_crops import before_crop, locate
from tests.imaging.test_locate import ASTRONAUT, FACES, cut, overlap
from tests.scenarios.hostile.bombs import black_png
from tests.scenarios.hostile.memory import MIB, MemoryWatch


@pytest.fixture
def crop(tmp_path: Path) -> Path:
    path = tmp_path / "crop.png"
    cut(ASTRONAUT, FACES[ASTRONAUT]).save(path)
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A picture that takes more to decode than this process may spend on it."""
    path = tmp_path / "large.png"
    with Image.open(ASTRONAUT) as image:
        image.convert("RGB").resize((2560, 2560)).save(path, compress_level=1)
    return path


def test_the_part_of_a_large_picture_is_found_and_cut(
    tmp_path: Path, large: Path, crop: Path
) -> None:
    left, top, right, bottom = (side * 5 for side in FACES[ASTRONAUT])
    assert overlap(locate(large, crop), large, (left, top, right, bottom)) > 0.9
    found = before_crop(large, large, crop, tmp_path / "crops")
    assert found is not None
    with Image.open(found) as part:
        assert abs(part.width - (right - left)) < 40
        assert abs(part.height - (bottom - top)) < 40


def test_what_a_child_cannot_read_is_not_found(tmp_path: Path, large: Path, crop: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(large.read_bytes()[: 2**20])
    assert locate(broken, crop) is None
    assert before_crop(tmp_path / "missing.png", large, crop, tmp_path / "crops") is None


def test_where_no_child_can_be_started_nothing_is_found(
    large: Path, crop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elsewhere, "own_program", lambda: ["/nonexistent"])
    assert locate(large, crop) is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_result_of_a_megabyte_takes_no_gigabyte_here(tmp_path: Path, crop: Path) -> None:
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(black_png(12_000, 12_000))
    locate(ASTRONAUT, crop)  # what is loaded for the first time does not count
    with MemoryWatch(os.getpid()) as watch:
        assert locate(bomb, crop) is None
    assert watch.growth_bytes < 64 * MIB


@pytest.mark.parametrize("scale", [1, 5])
def test_a_face_whose_place_is_told_is_cut_out_level(scale: int, tmp_path: Path) -> None:
    left, top, right, bottom = FACES[ASTRONAUT]
    picture = tmp_path / "turned.png"
    with Image.open(ASTRONAUT) as image:
        upright = image.convert("RGB").resize((512 * scale, 512 * scale))
    middle = (left + right) / 2 * scale, (top + bottom) / 2 * scale
    # Pillow turns counter-clockwise.
    upright.rotate(-10, Image.Resampling.BICUBIC, center=middle).save(picture, compress_level=1)
    size = (right - left) / 512, (bottom - top) / 512
    place = Place(left / 512, top / 512, *size, turned_deg=10)
    found = before_crop(picture, tmp_path / "no.png", tmp_path / "c.png", tmp_path / "to", place)
    assert found is not None
    with Image.open(found) as part:
        box = (left * scale, top * scale, right * scale, bottom * scale)
        wanted = np.asarray(upright.crop(box), np.float32)
        assert np.abs(np.asarray(part, np.float32) - wanted).mean() < 3
