"""Faces as they were before: a service returns the enhanced crop, so the place is looked for."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from enhance_gui.imaging.cut import cut
from enhance_gui.imaging.locate import Place, locate_crop
from enhance_gui.storage.folders import make_private


@lru_cache(maxsize=512)
def locate(picture: Path, crop: Path) -> Place | None:
    """Find a crop in a picture; takes a second or two the first time."""
    return locate_crop(picture, crop)


def before_crop(before: Path, after: Path, crop: Path, folder: Path) -> Path | None:
    """Return the part of ``before`` that became the crop of ``after``; ``None``: not to be found.

    :param folder: where it is kept, since cutting takes time; it can be made again.
    """
    name = hashlib.sha256(f"{before}\n{crop}".encode()).hexdigest()[:32]
    target = folder / f"{name}.png"
    if target.is_file():
        return target
    place = locate(after, crop)
    if place is None:
        return None
    try:
        make_private(folder)
    except OSError:
        return None
    return target if cut(before, place, target) else None
