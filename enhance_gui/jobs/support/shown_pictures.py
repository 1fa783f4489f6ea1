"""Reads pictures for the window that Qt cannot read, or not rightly: as the service reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from enhance_gui.core.images.picture import Raster
from enhance_gui.imaging.sides import shown_sides as sides_of_file
from enhance_gui.jobs.support.elsewhere import decoded_elsewhere

_LIMIT_S: Final = 30.0
"""The largest pictures that are shown take ten seconds."""
_PIXEL_BYTES: Final = 4


def shown_sides(picture: Path) -> tuple[int, int] | None:
    """Return width and height of a picture, upright; ``None``: it is damaged, or no picture.

    :raises OSError: it cannot be read.
    """
    return sides_of_file(picture)


def shown_part(
    picture: Path, part: tuple[int, int, int, int], size_px: tuple[int, int]
) -> Raster | None:
    """Decode a part of a picture, upright and in sRGB; ``None``: it cannot be decoded.

    :param part: left, top, width and height in the upright picture.
    :param size_px: width and height that it is reduced to.
    """
    numbers = map(str, (*part, *size_px))
    found = decoded_elsewhere("show", picture, *numbers, limit_s=_LIMIT_S)
    width_px, height_px = size_px
    row_bytes = width_px * _PIXEL_BYTES
    if found is None or len(found) != row_bytes * height_px + 1:
        return None
    return Raster(memoryview(found)[:-1], width_px, height_px, row_bytes, found[-1:] == b"1")
