"""Locates faces in the original picture: a service returns only the enhanced crop of each.

A result of a megabyte can have hundreds of millions of pixels. What takes much is decoded in a
process of its own, with a limit in memory and in time, as it was when it was verified.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from enhance_gui.core.images.areas import Place
from enhance_gui.core.picture_errors import ResultNotAsPromised
from enhance_gui.imaging.cut import cut
from enhance_gui.imaging.locate import locate_crop
from enhance_gui.imaging.verify import decoding_bytes, examine_picture
from enhance_gui.jobs.support.elsewhere import decoded_elsewhere
from enhance_gui.jobs.worker.verifying import MAX_BYTES_HERE
from enhance_gui.storage.folders import make_private


@lru_cache(maxsize=512)
def locate(picture: Path, crop: Path) -> Place | None:
    """Find a crop in a picture; takes a second or two the first time, of the largest more."""
    if _takes_little(picture) and _takes_little(crop):
        return locate_crop(picture, crop)
    found = decoded_elsewhere("locate", picture, crop)
    return None if found is None else Place(*json.loads(found))


def before_crop(
    before: Path, after: Path, crop: Path, folder: Path, place: Place | None = None
) -> Path | None:
    """Return the part of ``before`` that became the crop of ``after``; ``None``: not to be found.

    :param place: where it is, where the service has reported that; else it is looked for.
    :param folder: where it is kept, since cutting takes time; it can be made again.
    """
    name = hashlib.sha256(f"{before}\n{crop}".encode()).hexdigest()[:32]
    target = folder / f"{name}.png"
    if target.is_file():
        return target
    place = place or locate(after, crop)
    if place is None:
        return None
    try:
        make_private(folder)
    except OSError:
        return None
    return target if _cut(before, place, target) else None


def _cut(picture: Path, place: Place, target: Path) -> bool:
    if _takes_little(picture):
        return cut(picture, place, target)
    return decoded_elsewhere("cut", picture, *map(str, place), target) is not None


def _takes_little(picture: Path) -> bool:
    """Return whether a picture may be decoded in this process."""
    try:
        return decoding_bytes(examine_picture(picture)) <= MAX_BYTES_HERE
    except (ResultNotAsPromised, OSError):
        return False
