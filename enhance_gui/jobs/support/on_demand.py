"""Looks into pictures for the window, with modules that are loaded when they are first needed.

Most runs show no faces, and the first pictures are listed sooner without these.
"""

from __future__ import annotations

from pathlib import Path

from enhance_gui.core.images.areas import Place
from enhance_gui.core.images.picture import Raster


def locate(picture: Path, crop: Path) -> Place | None:
    """Find a crop in a picture."""
    from enhance_gui.jobs.support import face_crops

    return face_crops.locate(picture, crop)


def before_crop(
    before: Path, after: Path, crop: Path, place: Place | None, *, folder: Path
) -> Path | None:
    """Return the part of a picture that became a crop; see :mod:`.face_crops`."""
    from enhance_gui.jobs.support import face_crops

    return face_crops.before_crop(before, after, crop, folder, place)


def can_decode(kind: str) -> bool:
    """Return whether a kind of picture can be decoded; see :mod:`enhance_gui.imaging.decoders`."""
    from enhance_gui.imaging import decoders

    return decoders.can_decode(kind)


def shown_sides(picture: Path) -> tuple[int, int] | None:
    """Return width and height of a picture as it is shown; see :mod:`.shown_pictures`."""
    from enhance_gui.jobs.support import shown_pictures

    return shown_pictures.shown_sides(picture)


def shown_part(
    picture: Path, part: tuple[int, int, int, int], size_px: tuple[int, int]
) -> Raster | None:
    """Return the pixels of a part of a picture; see :mod:`.shown_pictures`."""
    from enhance_gui.jobs.support import shown_pictures

    return shown_pictures.shown_part(picture, part, size_px)


def most_detailed_place(
    after: Raster, before: Raster | None, window: tuple[float, float]
) -> tuple[float, float]:
    """Return where a picture shows most; fractions of its sides."""
    from enhance_gui.imaging import detail

    return detail.most_detailed_place(after, before, window)
