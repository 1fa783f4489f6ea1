"""Finds where an enlarged result gains most detail: the place that is shown first.

What an enlargement adds lies in the finest steps between neighbours, which a reduced copy has no
more. So the pixels are read at full size, but only on a grid: each time one, its neighbour to the
right and the one below.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from enhance_gui.core.images.picture import Raster

_GRID: Final = 384
"""Points along the longer side: a window of 900 × 600 in 24 megapixels still holds 2,000."""
_EDGE: Final = 0.02
"""Of each side: frames of scans and the edges of filters lie there, and count for nothing."""
_SAME_SHAPE: Final = 0.03
"""Sides may differ so far from one another by rounding."""

_Plane = NDArray[np.float32]


def most_detailed_place(
    after: Raster, before: Raster | None, window: tuple[float, float]
) -> tuple[float, float]:
    """Find the window of a result in which it differs most from its plainly enlarged input.

    The measure is the gradient of the difference, so that another brightness counts for nothing.
    The same pictures give the same place. Takes less than 0.1 s whatever their size.

    :param before: the input; ``None``, or of another shape: the result's own gradient is measured.
    :param window: width and height, as fractions of the picture's.
    :returns: its middle from the left and from the top, as fractions of the picture.
    """
    if min(after.width_px, after.height_px) < 2:
        return 0.5, 0.5
    step = math.ceil(max(after.width_px, after.height_px) / _GRID)
    rows = np.arange(0, after.height_px - 1, step)
    columns = np.arange(0, after.width_px - 1, step)
    if before is not None and not _has_shape_of(before, after):
        before = None
    here, right, below = (
        _detail(after, before, rows + down, columns + across)
        for across, down in ((0, 0), (1, 0), (0, 1))
    )
    energy = np.abs(right - here) + np.abs(below - here)
    return _best_window(_without_edges(energy), window)


def _has_shape_of(one: Raster, other: Raster) -> bool:
    ratio = one.width_px * other.height_px / max(1, one.height_px * other.width_px)
    return min(one.width_px, one.height_px) > 0 and abs(ratio - 1) <= _SAME_SHAPE


def _detail(
    after: Raster, before: Raster | None, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> _Plane:
    """Return the result at a grid of points, less its plainly (bilinearly) enlarged input."""
    seen = _green(after, rows, columns)
    if before is None:
        return seen
    up, low, down = _neighbours(rows, after.height_px, before.height_px)
    left, high, across = _neighbours(columns, after.width_px, before.width_px)
    upper = _mixed(_green(before, up, left), _green(before, up, high), across)
    lower = _mixed(_green(before, low, left), _green(before, low, high), across)
    return seen - _mixed(upper, lower, down[:, None])


def _neighbours(
    places: NDArray[np.intp], side_px: int, input_side_px: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], _Plane]:
    """Return the input's pixels on either side of the result's, and how near the second is."""
    exact = np.clip((places + 0.5) * (input_side_px / side_px) - 0.5, 0, input_side_px - 1)
    first = exact.astype(np.intp)
    return first, np.minimum(first + 1, input_side_px - 1), (exact - first).astype(np.float32)


def _mixed(one: _Plane, other: _Plane, share: _Plane) -> _Plane:
    return one + (other - one) * share


def _green(picture: Raster, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> _Plane:
    """Return green, the colour of most of the brightness, shape (rows, columns), 0 to 255."""
    pixels = np.frombuffer(picture.data, np.uint32)
    pixels = pixels.reshape(picture.height_px, picture.row_bytes // 4)
    return ((pixels[np.ix_(rows, columns)] >> 8) & 0xFF).astype(np.float32)


def _without_edges(energy: _Plane) -> _Plane:
    height, width = energy.shape
    down, across = math.ceil(height * _EDGE), math.ceil(width * _EDGE)
    kept = np.zeros_like(energy)
    inner = slice(down, max(down, height - down)), slice(across, max(across, width - across))
    kept[inner] = energy[inner]
    return kept


def _best_window(energy: _Plane, window: tuple[float, float]) -> tuple[float, float]:
    height, width = energy.shape
    columns, rows = (
        min(count, max(1, round(share * count)))
        for share, count in zip(window, (width, height), strict=True)
    )
    sums = window_sums(energy.astype(np.float64), rows, columns)
    top, left = np.unravel_index(np.argmax(sums), sums.shape)
    if not sums[top, left] > sums.min():
        return 0.5, 0.5
    return float((left + columns / 2) / width), float((top + rows / 2) / height)


def window_sums(plane: NDArray[np.float64], rows: int, columns: int) -> NDArray[np.float64]:
    """Return the sum of each window of so many rows and columns."""
    table = np.pad(plane, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    sums: NDArray[np.float64] = (
        table[rows:, columns:]
        - table[:-rows, columns:]
        - table[rows:, :-columns]
        + table[:-rows, :-columns]
    )
    return sums
