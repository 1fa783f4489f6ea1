"""Grey of 16 bits is cut and searched as it looks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from enhance_gui.core.images.areas import Place
from enhance_gui.imaging.cut import cut
from enhance_gui.imaging.locate import locate_crop

Greys = NDArray[np.uint8]


@pytest.fixture(params=["png", "tiff"])
def deep(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, Greys]:
    """Return a picture of 16 bits, and its pixels in 8."""
    coarse = np.random.default_rng(4).integers(0, 65536, (12, 16)).astype(np.uint16)
    levels = np.kron(coarse, np.ones((16, 16), np.uint16))
    path = tmp_path / f"deep.{request.param}"
    Image.fromarray(levels).save(path)
    return path, (levels >> 8).astype(np.uint8)


@pytest.mark.parametrize("turned_deg", [0.0, 90.0])
def test_a_part_is_cut_with_its_greys(
    deep: tuple[Path, Greys], tmp_path: Path, turned_deg: float
) -> None:
    path, plain = deep
    target = tmp_path / "part.png"
    assert cut(path, Place(0.25, 0.25, 0.25, 1 / 3, turned_deg), target)
    with Image.open(target) as image:
        part = np.asarray(image)
    right = np.rot90(plain[48:112, 64:128], 1 if turned_deg else 0)
    assert part.shape == (64, 64, 3)
    assert np.abs(part[..., 0].astype(float) - right).mean() < 1


def test_a_part_is_found_by_its_greys(deep: tuple[Path, Greys], tmp_path: Path) -> None:
    path, plain = deep
    crop = tmp_path / "crop.png"
    Image.fromarray(plain[48:112, 64:160]).save(crop)
    place = locate_crop(path, crop)
    assert place is not None
    assert (place.left, place.top) == pytest.approx((64 / 256, 48 / 192), abs=0.02)
