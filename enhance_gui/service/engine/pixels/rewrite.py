"""Rewrites pictures as another kind of file that has 16 bits a channel, too."""

from __future__ import annotations

import io
from pathlib import Path

from enhance_gui.core.images.exif import UPRIGHT, read_exif
from enhance_gui.core.images.formats import format_of
from enhance_gui.core.images.metadata import read_metadata
from enhance_gui.service.engine.pixels.decode import decode, upright
from enhance_gui.service.engine.pixels.encode import PngEncoder, TiffEncoder

_ENCODERS = {"png": PngEncoder, "tiff": TiffEncoder}

_MAX_SIDE_PX = 2**31
_STRIP_PX = 512


def rewrite(picture: Path, kind: str, target: Path, orientation: int) -> None:
    """Write a picture anew, upright, with as many bits a channel as it has.

    :param kind: ``png`` or ``tiff``.
    :param orientation: of the stored picture, by EXIF's number.
    :raises EnhanceError, OSError: it cannot be read, or not be written.
    """
    with picture.open("rb") as file:
        file.seek(0)  # an open file's own path may begin where that file was left
        data = file.read()
    found = decode(data, _MAX_SIDE_PX)
    # What its own tag says is done by now; without one it is as the caller has found out.
    is_turned = _own_orientation(data) != UPRIGHT
    pixels = found.pixels if is_turned else upright(found.pixels, orientation)
    with target.open("wb") as file:
        encoder = _ENCODERS[kind](file, pixels.shape[0], found.icc_profile)
        for top in range(0, pixels.shape[0], _STRIP_PX):
            encoder.write(pixels[top : top + _STRIP_PX])
        encoder.finish()


def _own_orientation(data: bytes) -> int:
    kind = format_of(data)
    if kind is None:
        return UPRIGHT
    return read_exif(read_metadata(io.BytesIO(data), kind.name).exif).orientation
