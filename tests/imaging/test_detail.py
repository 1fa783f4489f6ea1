"""The place at which an enlarged result is shown first."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from enhance_gui.core.images.picture import Raster
from enhance_gui.imaging.detail import most_detailed_place

Grey = NDArray[np.uint8]


def raster(grey: Grey, spare_bytes: int = 0) -> Raster:
    """Return a grey picture as Qt holds it; its rows may be longer than its pixels."""
    height_px, width_px = grey.shape
    level = grey.astype(np.uint32)
    pixels = 0xFF000000 | level << 16 | level << 8 | level
    rows = np.pad(pixels, ((0, 0), (0, spare_bytes // 4))).astype(np.uint32)
    return Raster(memoryview(rows.tobytes()), width_px, height_px, 4 * width_px + spare_bytes)


def textured(sides: tuple[int, int], left: int, top: int, side: int) -> Grey:
    """Return a flat picture with one place of fine texture."""
    grey = np.full(sides[::-1], 120, np.uint8)
    grain = np.random.default_rng(3).integers(60, 180, (side, side), np.uint8)
    grey[top : top + side, left : left + side] = grain
    return grey


def reduced(grey: Grey) -> Grey:
    image = Image.fromarray(grey)
    return np.asarray(image.resize((image.width // 2, image.height // 2), Image.Resampling.BOX))


@pytest.mark.parametrize("sides", [(1200, 800), (3000, 2000)])
@pytest.mark.parametrize("spare_bytes", [0, 12])
def test_it_is_where_the_texture_is(sides: tuple[int, int], spare_bytes: int) -> None:
    after = textured(sides, left=sides[0] * 3 // 4, top=sides[1] // 5, side=120)
    before = raster(reduced(after))
    window = 400 / sides[0], 300 / sides[1]
    x, y = most_detailed_place(raster(after, spare_bytes), before, window)
    # All of the texture is in view.
    middle = 3 / 4 + 60 / sides[0], 1 / 5 + 60 / sides[1]
    assert abs(x - middle[0]) <= (window[0] - 120 / sides[0]) / 2 + 0.01
    assert abs(y - middle[1]) <= (window[1] - 120 / sides[1]) / 2 + 0.01


def test_the_window_lies_in_the_picture() -> None:
    after = textured((1200, 800), left=1040, top=650, side=120)
    x, y = most_detailed_place(raster(after), None, (0.5, 0.5))
    assert 0.25 <= x <= 0.76
    assert 0.25 <= y <= 0.76


def test_it_is_where_the_result_gained_and_not_where_the_input_had_it_already() -> None:
    rng = np.random.default_rng(5)
    small = np.full((400, 600), 120, np.uint8)
    small[40:140, 40:140] = rng.integers(0, 255, (100, 100), np.uint8)
    plain = Image.fromarray(small).resize((1200, 800), Image.Resampling.BILINEAR)
    after = np.array(plain)
    after[560:680, 900:1020] += rng.integers(0, 60, (120, 120), np.uint8)
    x, y = most_detailed_place(raster(after), raster(small), (0.3, 0.3))
    assert x > 0.6
    assert y > 0.6
    # Alone, what stands out in the result itself decides.
    x, y = most_detailed_place(raster(after), None, (0.3, 0.3))
    assert x < 0.4
    assert y < 0.4


def test_another_brightness_is_no_detail() -> None:
    small = np.full((400, 600), 160, np.uint8)
    small[:, 400:] = 20
    after = np.full((800, 1200), 160, np.uint8)
    after[:, 800:] = 120
    after[80:200, 100:220] += np.random.default_rng(5).integers(0, 80, (120, 120), np.uint8)
    x, y = most_detailed_place(raster(after), raster(small), (0.3, 0.3))
    assert x < 0.4
    assert y < 0.4


def test_the_frame_of_a_scan_is_not_what_is_shown() -> None:
    after = textured((1200, 800), left=300, top=400, side=100)
    after[:12], after[-12:], after[:, :12], after[:, -12:] = 0, 0, 0, 255
    after[:10:2] = 255
    x, y = most_detailed_place(raster(after), None, (0.25, 0.25))
    assert abs(x - 350 / 1200) < 0.13
    assert abs(y - 450 / 800) < 0.13


@pytest.mark.parametrize("sides", [(1, 1), (1, 900), (2, 2), (40, 3), (1200, 800)])
def test_where_there_is_nothing_it_is_the_middle(sides: tuple[int, int]) -> None:
    flat = raster(np.full(sides[::-1], 90, np.uint8))
    assert most_detailed_place(flat, flat, (0.4, 0.4)) == (0.5, 0.5)
    assert most_detailed_place(flat, None, (3.0, 2.0)) == (0.5, 0.5)


def test_an_input_of_another_shape_is_not_compared() -> None:
    after = textured((1200, 800), left=900, top=560, side=120)
    square = raster(np.zeros((300, 300), np.uint8))
    window = (0.3, 0.3)
    assert most_detailed_place(raster(after), square, window) == most_detailed_place(
        raster(after), None, window
    )
