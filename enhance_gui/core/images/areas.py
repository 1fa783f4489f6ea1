"""Rectangles within a picture, in fractions of its sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

_LENGTHS: Final = ("left_px", "top_px", "width_px", "height_px")
_MAX_TURNED_DEG: Final = 180.0


class Place(NamedTuple):
    """A part of a picture, in fractions of its sides as it is shown upright."""

    left: float
    top: float
    width: float
    height: float
    turned_deg: float = 0.0
    """By how much it is turned about its middle, clockwise."""


@dataclass(frozen=True, slots=True)
class FacePlace:
    """The rectangle of the upright picture from which a face's crop was cut."""

    left_px: int
    top_px: int
    width_px: int
    height_px: int
    turned_deg: float = 0.0
    """By how much this rectangle is turned about its middle, clockwise, so that it shows the face
    level."""


def read_place(reported: Any, size_px: tuple[int, int]) -> Place | None:
    """Read where a face is in its picture; ``None``: it is not reported, or impossible.

    :param reported: what this program's own service reports as ``x_place``.
    :param size_px: width and height of the upright picture.
    """
    if not isinstance(reported, Mapping) or min(size_px) < 1:
        return None
    lengths = [length for name in _LENGTHS if type(length := reported.get(name)) is int]
    turned_deg = reported.get("turned_deg", 0.0)
    is_angle = isinstance(turned_deg, int | float) and abs(turned_deg) <= _MAX_TURNED_DEG
    if len(lengths) < len(_LENGTHS) or not is_angle:
        return None
    left, top, width, height = lengths
    inside = left >= 0 and top >= 0 and left + width <= size_px[0] and top + height <= size_px[1]
    if not inside or min(width, height) < 1:
        return None
    across, down = size_px
    return Place(left / across, top / down, width / across, height / down, float(turned_deg))
