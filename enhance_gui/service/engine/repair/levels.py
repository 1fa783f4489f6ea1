"""Corrects fading: restores lost blacks, whites and neutral greys."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from enhance_gui.service.engine.pixels.planes import Plane, colours_of, small_copy
from enhance_gui.service.engine.pixels.tiles import Pixels

_SAMPLE_SIDE_PX = 384  # averages noise and thin scratches away, which would pass for range
_DARKEST_PERCENT, _BRIGHTEST_PERCENT = 0.5, 99.5
_LIFTED_DARK, _LOWERED_BRIGHT = 40.0, 240.0
"""Paper and dyes fade at both ends and in every colour. Where one colour still has its black or
its white, the picture is dark, bright or of one colour by nature: a forest, fog, a sunset."""
_FULL_RANGE = 160.0
"""Photographs with at least this range are not faded."""
_FADED_RANGE = 140.0
"""With at most this they are; between, the correction grows."""
_MAX_RANGE_OF_DEVIATION = 4.9
_MIN_MIDDLE_HALF = 0.2
"""Of the range. Where nearly all is of about one brightness, a wall or a lawn, its narrow range
is its own: the range is many times the standard deviation, or a small part of it holds the half
of all pixels. (18 of 21 photographs of many things are within both; bricks and a cat are not.)"""
_TARGET_DARK, _TARGET_BRIGHT = 10.0, 245.0
_LARGEST_GAIN = 3.0


def find_levels(pixels: Pixels) -> Callable[[Plane], Plane] | None:
    """Return what corrects the colours of a faded photograph; ``None``: it is not faded.

    What it takes has no transparency.
    """
    copy, _ = small_copy(pixels, _SAMPLE_SIDE_PX)
    count = colours_of(pixels).shape[2]
    colour = copy[..., :count].reshape(-1, count).astype(np.float32)
    dark, bright = np.percentile(colour, (_DARKEST_PERCENT, _BRIGHTEST_PERCENT), axis=0)
    if dark.min() < _LIFTED_DARK or bright.max() > _LOWERED_BRIGHT:
        return None
    span = float(np.mean(bright - dark))
    strength = np.clip((_FULL_RANGE - span) / (_FULL_RANGE - _FADED_RANGE), 0, 1)
    if strength == 0 or _is_narrow_by_nature(colour.mean(axis=1)):
        return None
    gain = np.minimum((_TARGET_BRIGHT - _TARGET_DARK) / np.maximum(bright - dark, 1), _LARGEST_GAIN)
    offset = (_TARGET_DARK + _TARGET_BRIGHT) / 2 - (dark + bright) / 2 * gain
    gain = (1 + strength * (gain - 1)).astype(np.float32)
    offset = (strength * offset).astype(np.float32)
    return lambda colour: colour * gain + offset


def _is_narrow_by_nature(brightness: NDArray[np.float32]) -> bool:
    dark, low, high, bright = np.percentile(
        brightness, (_DARKEST_PERCENT, 25, 75, _BRIGHTEST_PERCENT)
    )
    span = max(float(bright - dark), 1.0)
    return (
        span > _MAX_RANGE_OF_DEVIATION * float(brightness.std())
        or float(high - low) < _MIN_MIDDLE_HALF * span
    )
