"""Real photographs to measure with, and how near two pictures are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from enhance_gui.service.engine import WorkJob, WorkResult, run_work
from enhance_gui.service.engine.pixels.tiles import Pixels

Array = Pixels

_SKIMAGE = Path(cv2.__file__).parents[1] / "skimage" / "data"
"""There from Python 3.11 to 3.14: for later ones scikit-image comes without its photographs."""
_MATPLOTLIB = Path(matplotlib.__file__).parent / "mpl-data" / "sample_data"
_PLACES = {
    "astronaut": _SKIMAGE / "astronaut.png",
    "coffee": _SKIMAGE / "coffee.png",
    "chelsea": _SKIMAGE / "chelsea.png",
    "camera": _SKIMAGE / "camera.png",
    "brick": _SKIMAGE / "brick.png",
    **{
        name: _SKIMAGE / f"{name}.png"
        for name in ("clock_motion", "coins", "grass", "gravel", "moon", "motorcycle_left")
    },
    **{name: _SKIMAGE / f"{name}.jpg" for name in ("hubble_deep_field", "retina", "rocket")},
    "hopper": _MATPLOTLIB / "grace_hopper.jpg",
}


PHOTOGRAPHS = tuple(_PLACES)


@cache
def photograph(name: str) -> NDArray[np.uint8]:
    """Return a photograph as RGB, sides cut to a multiple of four; not to be written to.

    A test that asks for one that is not here is left out.
    """
    if not _PLACES[name].exists():
        pytest.skip(f"the photograph {name} comes with scikit-image, which is not installed")
    with Image.open(_PLACES[name]) as image:
        pixels = np.asarray(image.convert("RGB"))
    height_px, width_px = (side // 4 * 4 for side in pixels.shape[:2])
    pixels = pixels[:height_px, :width_px]
    pixels.flags.writeable = False
    return pixels


def noisy(pixels: Array, deviation: float) -> Array:
    """Add the same grain at every call."""
    grain = np.random.default_rng(7).normal(0, deviation, pixels.shape)
    return np.clip(np.rint(pixels + grain), 0, 255).astype(np.uint8)


def psnr_db(one: Array, other: Array) -> float:
    """Return the peak signal-to-noise ratio over all channels; equal pictures have 99."""
    assert one.shape == other.shape
    error = float(np.mean((one.astype(np.float64) - other) ** 2))
    return 99.0 if error == 0 else float(10 * np.log10(255**2 / error))


def shrunk(pixels: Array, factor: int, how: str) -> Array:
    """Reduce by OpenCV's area mean or by Pillow's bicubic."""
    size_px = (pixels.shape[1] // factor, pixels.shape[0] // factor)
    if how == "area":
        return cv2.resize(pixels, size_px, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return np.asarray(Image.fromarray(pixels).resize(size_px, Image.Resampling.BICUBIC))


def bicubic(pixels: Array, factor: int) -> Array:
    """Enlarge as OpenCV does by itself."""
    size_px = (pixels.shape[1] * factor, pixels.shape[0] * factor)
    return cv2.resize(pixels, size_px, interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def work(type_id: int, source: Path) -> WorkResult:
    """Enhance a file; the results lie beside it."""
    return run_work(WorkJob(type_id, source, source.parent, "x7Qb"))


def read(path: Path) -> Array:
    """Decode a picture as it is."""
    with Image.open(path) as image:
        return np.asarray(image)


def enhanced(type_id: int, pixels: Array, folder: Path) -> Array:
    """Send pixels through the whole way, from file to file."""
    source = folder / "in.png"
    Image.fromarray(pixels).save(source)
    return read(folder / work(type_id, source).after.name)
