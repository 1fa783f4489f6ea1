"""Reads the sides of a picture file as it is shown: turned upright."""

from __future__ import annotations

import mmap
from pathlib import Path

from enhance_gui.core.images.boxes import swaps_sides
from enhance_gui.core.images.exif import read_exif
from enhance_gui.core.images.metadata import read_metadata
from enhance_gui.core.picture_errors import InputError
from enhance_gui.imaging.frames import tiff_pages
from enhance_gui.imaging.header import read_header


def shown_sides(path: Path) -> tuple[int, int] | None:
    """Return width and height of a picture, upright; ``None``: it is damaged, or no picture.

    :raises OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
                header = read_header(whole, whole=True)
                if header is None:
                    return None
                swaps = _swaps_sides(whole, header.format)
        except (InputError, ValueError):  # of an empty file nothing is mapped
            return None
        if swaps is None:
            swaps = read_exif(read_metadata(file, header.format).exif).orientation >= 5
    sides = header.width_px, header.height_px
    return sides[::-1] if swaps else sides


def _swaps_sides(data: mmap.mmap, kind: str) -> bool | None:
    """Return whether a picture is shown on its side; ``None``: its EXIF tags say that."""
    if kind in ("avif", "heic"):
        return swaps_sides(data)
    if kind == "tiff":
        page = next(tiff_pages(data), None)
        return page is not None and page.orientation >= 5
    return None
