"""What spoils pictures: reduction, JPEG and noise; and how a net is told of it.

A net is told in maps, channels of one value from 0 (not spoilt) to 1. Who runs the net has to make
them by the same rules.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from training.photographs import Picture

QUALITIES = (20, 95)
"""Of JPEG: the lowest and the highest."""
NOISE_LIMIT = 50.0
"""The largest standard deviation, of 255."""

_STANDARD_MEAN = 57.625
"""Of the luminance table in ITU-T T.81, annex K.1, which is quality 50."""
_STRONGEST = 2.5
"""The table of quality 20 is so many times that of 50, but where that would be above 255."""


def jpeg_map(tables: Mapping[int, Sequence[int]]) -> float:
    """Compute the value of the map ``jpeg`` from a JPEG's quantisation tables.

    The tables are Pillow's ``Image.quantization``. √(mean of table 0 ÷ 144.06), 1 at the most: 0.99
    at quality 20, 0.63 at 50, 0.35 at 85, 0.2 at 95. What is no JPEG has 0.
    """
    mean = sum(tables[0]) / len(tables[0])
    return float(min(1.0, (mean / (_STANDARD_MEAN * _STRONGEST)) ** 0.5))


def noise_map(deviation: float) -> float:
    """Compute the value of the map ``noise`` from a standard deviation (of 255): its 50th part."""
    return min(1.0, deviation / NOISE_LIMIT)


def reduced_by_area(picture: Picture, scale: int) -> Picture:
    """Reduce to the mean of each ``scale``² pixels, rounded once."""
    return np.asarray(Image.fromarray(picture).reduce(scale))


def reduced_by_bicubic(picture: Picture, scale: int) -> Picture:
    """Reduce as Pillow's bicubic does, whose kernel grows with the reduction."""
    size_px = (picture.shape[1] // scale, picture.shape[0] // scale)
    return np.asarray(Image.fromarray(picture).resize(size_px, Image.Resampling.BICUBIC))


def through_jpeg(picture: Picture, quality: int, subsampling: str) -> tuple[Picture, float]:
    """Compress and read again; return the value of the map ``jpeg`` too.

    ``subsampling`` is of the colours: "4:4:4" or "4:2:0".
    """
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "JPEG", quality=quality, subsampling=subsampling)
    with Image.open(data) as image:
        # Only a JPEG's class has the tables.
        tables: Mapping[int, Sequence[int]] = image.quantization  # type: ignore[attr-defined]
        return np.asarray(image), jpeg_map(tables)


def noisy(
    picture: Picture, deviation: float, *, by_signal: bool, rng: np.random.Generator
) -> tuple[Picture, float]:
    """Add normal noise; return the value of the map ``noise`` too.

    ``by_signal``: its variance grows with the brightness, from a quarter at black to 7 quarters at
    white, as in photographs taken with little light.
    """
    values = picture.astype(np.float32)
    variance = 0.25 + 1.5 * values / 255 if by_signal else np.ones_like(values)
    spread = np.float32(deviation) * np.sqrt(variance)
    grain = spread * rng.standard_normal(picture.shape, dtype=np.float32)
    spoilt = np.clip(np.rint(values + grain), 0, 255).astype(np.uint8)
    return spoilt, noise_map(float(np.sqrt(np.mean(np.square(spread)))))
