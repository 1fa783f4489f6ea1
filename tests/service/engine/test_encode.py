"""A file that is written band by band is the picture that Pillow writes of the whole."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from enhance_gui.service.engine.pixels.encode import JPEG_QUALITY, Encoder, JpegEncoder, PngEncoder
from tests.service.engine.photographs import Array, photograph, read

HEIGHTS_PX = [7, 64, 65, 192, 399]


def _pixels(channels: int, height_px: int) -> Array:
    colour = photograph("coffee")[:height_px, :333]
    alpha = np.arange(height_px * 333, dtype=np.uint32).reshape(height_px, 333) % 251
    layers = {1: colour[..., :1], 2: colour[..., :1], 3: colour, 4: colour}[channels]
    return layers if channels % 2 else np.dstack([layers, alpha.astype(np.uint8)])


def _written(kind: type[Encoder], pixels: Array, path: Path, band_px: int) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with path.open("wb") as file:
        encoder = kind(file, pixels.shape[0], profile)
        for top in range(0, pixels.shape[0], band_px):
            encoder.write(pixels[top : top + band_px])
        encoder.finish()
    with Image.open(path) as image:
        assert image.info["icc_profile"] == profile


@pytest.mark.parametrize("height_px", HEIGHTS_PX)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("band_px", [50, 128, 1000])
def test_a_png_holds_every_pixel(
    band_px: int, channels: int, height_px: int, tmp_path: Path
) -> None:
    pixels = _pixels(channels, height_px)
    _written(PngEncoder, pixels, tmp_path / "a.png", band_px)
    assert (read(tmp_path / "a.png").reshape(pixels.shape) == pixels).all()


@pytest.mark.parametrize("height_px", HEIGHTS_PX)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("band_px", [50, 128, 1000])
def test_a_jpeg_is_the_same_as_one_of_the_whole(
    band_px: int, channels: int, height_px: int, tmp_path: Path
) -> None:
    pixels = _pixels(channels, height_px)
    _written(JpegEncoder, pixels, tmp_path / "a.jpg", band_px)
    at_once = io.BytesIO()
    plain = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
    plain.save(at_once, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    with Image.open(at_once) as image:
        assert (read(tmp_path / "a.jpg") == np.asarray(image)).all()


def test_a_png_is_hardly_larger_than_one_of_the_whole(tmp_path: Path) -> None:
    pixels = photograph("coffee")
    _written(PngEncoder, pixels, tmp_path / "a.png", 128)
    Image.fromarray(pixels).save(tmp_path / "b.png", compress_level=2)
    assert (tmp_path / "a.png").stat().st_size < 1.05 * (tmp_path / "b.png").stat().st_size
