"""Encodes pictures as another kind of file, with the same colours, of 8 bits a channel."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from PIL import Image

from enhance_gui.core.images.colour import GREY, RGB, profile_of
from enhance_gui.core.images.exif import UPRIGHT
from enhance_gui.core.images.formats import FORMATS
from enhance_gui.core.images.metadata import Metadata, read_metadata
from enhance_gui.core.images.picture import PictureHeader
from enhance_gui.core.settings.saving import DEFAULT_QUALITY
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_
from enhance_gui.imaging.decoders import decoders
from enhance_gui.imaging.for_service import TURNS
from enhance_gui.imaging.verify import MAX_PIXELS

_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    # As the service of this computer encodes its results.
    "jpg": {"subsampling": 0},
    "png": {"compress_level": 6},
    "webp": {"method": 4},
    "tiff": {"compression": "tiff_adobe_deflate"},
    "avif": {"subsampling": "4:4:4"},
}
_WITH_QUALITY: Final = frozenset({"jpg", "webp", "avif"})

MAX_SIDES_PX: Final = {
    "jpg": 65_500,
    "png": 2**31 - 1,
    "webp": 16_383,
    "tiff": 2**31 - 1,
    "avif": 32_768,
}
"""Kinds of files that are written, and the longest side that each can have: libjpeg's, RFC 9649's
and libavif's limits."""

_MAX_AVIF_PIXELS: Final = 2**28
"""libavif, and with it most programs, decodes no more."""

_OPAQUE: Final = 255
_PNG_DEPTH_AT: Final = 24
_BITS_PER_SAMPLE: Final = 258

WITHOUT_ALPHA: Final = frozenset({"jpg"})
"""Kinds that have no transparency."""

WITH_16_BITS: Final = frozenset({"png", "tiff"})
"""Kinds in which 16 bits a channel are written."""


IS_TRANSPARENT: Final = 3
"""The exit code by which a child says that it has met :class:`Transparent`."""


class Transparent(ValueError):
    """A picture has transparent places, which the wanted kind of file has not."""


def room_problem(kind: str, width_px: int, height_px: int) -> str:
    """Return why a kind of file cannot hold a picture of this size; empty: it can.

    :param kind: one of :data:`MAX_SIDES_PX`.
    """
    maximum_px = MAX_SIDES_PX[kind]
    if max(width_px, height_px) > maximum_px:
        text = N_("a {format} file has at most {count} pixels a side")
        return Detail(text, format=kind.upper(), count=maximum_px)
    if kind == "avif" and width_px * height_px > _MAX_AVIF_PIXELS:
        return Detail(
            "an {format} file has at most {count} pixels",
            format=kind.upper(),
            count=_MAX_AVIF_PIXELS,
        )
    return ""


def convert(
    picture: Path,
    kind: str,
    target: Path,
    quality: int = DEFAULT_QUALITY,
    *,
    orientation: int = UPRIGHT,
    on_white: bool = False,
) -> None:
    """Encode a picture as another kind of file, upright.

    :param kind: one of :data:`MAX_SIDES_PX`.
    :param quality: 1 to 100, for kinds that compress with loss.
    :param orientation: of the stored picture, by EXIF's number.
    :param on_white: whether transparent places become white where the kind has none.
    :raises Transparent: they must not, and there are some.
    :raises OSError, ValueError: it cannot be decoded, or not be written.
    """
    with picture.open("rb") as file:
        file.seek(0)  # an open file's own path may begin where that file was left
        plain, metadata = _decoded(file, kind, on_white=on_white)
    if (turn := TURNS.get(orientation)) is not None:
        plain = plain.transpose(turn)
    profile = profile_of(metadata, GREY if plain.mode in ("L", "LA") else RGB)
    options = dict(_OPTIONS[kind])
    if kind in _WITH_QUALITY:
        options["quality"] = quality
    plain.info = {}
    plain.save(target, FORMATS[kind].decoder, icc_profile=profile, **options)


def _decoded(file: BinaryIO, kind: str, *, on_white: bool) -> tuple[Image.Image, Metadata]:
    with Image.open(file, formats=decoders()) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ValueError("it has too many pixels")
        metadata = read_metadata(file, _name_of(image))
        image.load()
        return _plain(image, kind, on_white=on_white), metadata


def has_alpha(picture: Path, header: PictureHeader) -> bool:
    """Return whether a picture can have transparent places; no pixel is decoded."""
    with picture.open("rb") as file:
        file.seek(0)
        with Image.open(file, formats=[FORMATS[header.format].decoder]) as image:
            return image.has_transparency_data


def has_16_bits(picture: Path, header: PictureHeader) -> bool:
    """Return whether a channel of a PNG or TIFF has more than 8 bits; no pixel is decoded."""
    with picture.open("rb") as file:
        file.seek(0)
        if header.format == "png":
            return file.read(_PNG_DEPTH_AT + 1)[_PNG_DEPTH_AT:] == b"\x10"
        if header.format != "tiff":
            return False
        with Image.open(file, formats=["TIFF"]) as image:
            depths = image.getexif().get(_BITS_PER_SAMPLE, 8)
    return any(each > 8 for each in (depths if isinstance(depths, tuple) else (depths,)))


def _name_of(image: Image.Image) -> str:
    return next(name for name, each in FORMATS.items() if each.decoder == image.format)


def _plain(image: Image.Image, kind: str, *, on_white: bool) -> Image.Image:
    """Return the picture in a mode that the kind of file has."""
    if image.mode.startswith("I"):
        levels = np.asarray(image).astype(np.float32) / 257
        image = Image.fromarray(np.clip(levels + 0.5, 0, 255).astype(np.uint8))
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        if kind not in WITHOUT_ALPHA:
            return clear
        if clear.getchannel("A").getextrema()[0] == _OPAQUE:
            return clear.convert("RGB")
        if not on_white:
            raise Transparent
        ground = Image.new("RGB", clear.size, "white")
        ground.paste(clear, mask=clear.getchannel("A"))
        return ground
    if image.mode in ("1", "L"):
        return image.convert("L")
    return image.convert("RGB")
