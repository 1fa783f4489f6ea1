"""Encodes pictures as another kind of file, with the same colours."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from enhance_gui.core.images.colour import GREY, RGB, profile_of
from enhance_gui.core.images.formats import FORMATS
from enhance_gui.core.images.metadata import read_metadata
from enhance_gui.core.images.picture import PictureHeader
from enhance_gui.imaging.decoders import decoders
from enhance_gui.imaging.verify import MAX_PIXELS

_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    # As the service of this computer encodes its results.
    "jpg": {"quality": 95, "subsampling": 0},
    "png": {"compress_level": 6},
    "webp": {"quality": 95, "method": 4},
    "tiff": {"compression": "tiff_adobe_deflate"},
}

MAX_SIDES_PX: Final = {"jpg": 65_500, "png": 2**31 - 1, "webp": 16_383, "tiff": 2**31 - 1}
"""Kinds of files that are written, and the longest side that each can have: libjpeg's and
RFC 9649's limits."""

_PNG_DEPTH_AT: Final = 24
_BITS_PER_SAMPLE: Final = 258

WITHOUT_ALPHA: Final = frozenset({"jpg"})
"""Kinds that have no transparency."""


def convert(picture: Path, kind: str, target: Path) -> None:
    """Encode a picture as another kind of file; where that has no transparency, on white.

    :param kind: one of :data:`MAX_SIDES_PX`.
    :raises OSError, ValueError: it cannot be decoded, or not be written.
    """
    with picture.open("rb") as file, Image.open(file, formats=decoders()) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ValueError("it has too many pixels")
        metadata = read_metadata(file, _name_of(image))
        image.load()
        plain = _plain(image, kind)
    profile = profile_of(metadata, GREY if plain.mode in ("L", "LA") else RGB)
    encoder = FORMATS[kind].decoder
    plain.info = {}
    plain.save(target, encoder, icc_profile=profile, **_OPTIONS[kind])


def has_alpha(picture: Path, header: PictureHeader) -> bool:
    """Return whether a picture can have transparent places; no pixel is decoded."""
    with Image.open(picture, formats=[FORMATS[header.format].decoder]) as image:
        return image.has_transparency_data


def has_16_bits(picture: Path, header: PictureHeader) -> bool:
    """Return whether a channel of a PNG or TIFF has more than 8 bits; no pixel is decoded."""
    with picture.open("rb") as file:
        if header.format == "png":
            return file.read(_PNG_DEPTH_AT + 1)[_PNG_DEPTH_AT:] == b"\x10"
        if header.format != "tiff":
            return False
        with Image.open(file, formats=["TIFF"]) as image:
            depths = image.getexif().get(_BITS_PER_SAMPLE, 8)
    return any(each > 8 for each in (depths if isinstance(depths, tuple) else (depths,)))


def _name_of(image: Image.Image) -> str:
    return next(name for name, each in FORMATS.items() if each.decoder == image.format)


def _plain(image: Image.Image, kind: str) -> Image.Image:
    """Return the picture in a mode that the kind of file has."""
    if image.mode.startswith("I"):
        levels = np.asarray(image).astype(np.float32) / 257
        image = Image.fromarray(np.clip(levels + 0.5, 0, 255).astype(np.uint8))
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        if kind not in WITHOUT_ALPHA:
            return clear
        ground = Image.new("RGB", clear.size, "white")
        ground.paste(clear, mask=clear.getchannel("A"))
        return ground
    if image.mode in ("1", "L"):
        return image.convert("L")
    return image.convert("RGB")
