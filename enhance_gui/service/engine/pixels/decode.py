"""Reads pictures from disk, through Pillow: upright, with the profile of their colours.

The decoders see no more of a file than its pixels need: what stands beside them is read by
:mod:`enhance_gui.core.images.metadata`, for the program and this service alike, and a tag that is
broken or large says nothing about the pixels.
"""

from __future__ import annotations

import io
import math
import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from enhance_gui.core.images.boxes import boxes_named
from enhance_gui.core.images.colour import CMYK, GREY, RGB, is_sound, profile_of
from enhance_gui.core.images.exif import UPRIGHT, read_exif
from enhance_gui.core.images.formats import PictureFormat, format_of
from enhance_gui.core.images.metadata import Metadata, read_metadata
from enhance_gui.core.picture_errors import (
    PICTURE_MISSING,
    InputError,
    KindNotSupported,
    PictureDamaged,
    PictureTooLarge,
)
from enhance_gui.imaging.decoders import check_mode, decoder_of
from enhance_gui.imaging.structure.jpeg import END_MARK, lacks_only_its_end
from enhance_gui.service.engine.pixels.depth import deep_pixels, has_16_bits, is_deep
from enhance_gui.service.engine.pixels.pictures import Picture
from enhance_gui.service.engine.pixels.planes import in_8_bits
from enhance_gui.service.engine.pixels.tiles import Pixels

MAX_SIDE_PX = 9216

# What Pillow's readers raise for broken data, as their sources and random damage show.
_DAMAGE = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, RuntimeError, struct.error,
)  # fmt: skip

_TURNS: dict[int, Callable[[Pixels], Pixels]] = {
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).swapaxes(0, 1),
    8: np.rot90,
}
"""Orientation of EXIF (CIPA DC-008, table 6) to what makes the picture upright."""

_STANDARD_TABLE_MEAN = 57.625
"""Of the table of brightness in ITU-T T.81, annex K.1, which libjpeg calls quality 50."""
_TIMES_AT_QUALITY_20 = 2.5

_JPEG_START = b"\xff\xd8"
_START_OF_SCAN = 0xDA
_TAG_MARKERS = frozenset({*range(0xE0, 0xF0), 0xFE})
_KEPT_TAGS = (b"JFIF\0", b"Adobe")

_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_DEPTH_AT = 24

_ORIENTATION_TAG = 0x0112

_STRIP_PX = 64
"""Pillow copies a strip twice on its way into an array, which counts where memory is limited."""


def read_picture(path: Path, *, max_side_px: int = MAX_SIDE_PX) -> Picture:
    """Decode the first frame of a picture.

    A JPEG gives a JPEG again, and so does any other kind that was compressed with loss and has no
    transparency; a TIFF gives a TIFF, everything else a PNG. 16 bits a channel are kept, but of
    CMYK, which becomes sRGB.

    :raises PictureDamaged: cut or broken.
    :raises KindNotSupported: none of the kinds that are taken.
    :raises PictureTooLarge: a side is longer than ``max_side_px``.
    :raises InputError: the file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reported = f"the file cannot be read: {error.strerror}"
        raise InputError(reported, kind=PICTURE_MISSING) from error
    return decode(data, max_side_px)


def decode(data: bytes, max_side_px: int) -> Picture:
    """Decode the content of a file; as :func:`read_picture`.

    :raises PictureDamaged, KindNotSupported, PictureTooLarge: likewise.
    """
    kind = format_of(data)
    if kind is None:
        raise KindNotSupported("it is not a picture of a kind that is taken")
    with warnings.catch_warnings():
        # Pillow warns of oddities in a stranger's file and reads on; of a bomb it must not.
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return _decode(data, kind, max_side_px)
        except UnidentifiedImageError as error:
            raise PictureDamaged("its first part is broken") from error
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise PictureTooLarge("it has far too many pixels") from error
        except _DAMAGE as error:
            raise PictureDamaged("it cannot be decoded: it is cut or broken") from error


def _decode(data: bytes, kind: PictureFormat, max_side_px: int) -> Picture:
    metadata = read_metadata(io.BytesIO(data), kind.name)
    take_out = _BARE.get(kind.name)
    bare = data if take_out is None else take_out(data)

    def open_bare() -> ImageFile:
        return Image.open(io.BytesIO(bare), formats=[decoder_of(kind.name)])

    with open_bare() as image:
        if max(image.size) > max_side_px:
            raise PictureTooLarge(
                f"it has {image.width} × {image.height} pixels; "
                f"at most {max_side_px} a side are taken"
            )
        check_mode(image.mode)
        strength = _jpeg_strength(image)
        lossy = _is_lossy(data, kind, image, metadata)
        if kind.name == "tiff":
            metadata.icc_profile = image.info.get("icc_profile", b"")
        deep, stores_16_bits = is_deep(image), has_16_bits(image)
        converted = image.mode == "CMYK"
        if not deep:
            image.load()
            pixels = _plain_pixels(image, metadata, _depth(data, kind))
    if deep:  # what Pillow holds of the picture is gone by now
        pixels = deep_pixels(open_bare)
    profile = None if converted else profile_of(metadata, GREY if pixels.shape[2] < 3 else RGB)
    orientation = _orientation(image, metadata, kind)
    # Not by Pillow: that would keep another copy, of four bytes a pixel.
    pixels = upright(pixels, orientation)
    return Picture(
        pixels,
        profile,
        lossy and pixels.shape[2] in (1, 3) and pixels.dtype == np.uint8,
        strength,
        bare_jpeg=bare if kind.name == "jpg" and not converted and orientation == UPRIGHT else None,
        is_tiff=kind.name == "tiff",
        lost_depth=stores_16_bits and pixels.dtype == np.uint8,
    )


def _is_lossy(data: bytes, kind: PictureFormat, image: Image.Image, metadata: Metadata) -> bool:
    """Return whether a picture was compressed with loss."""
    if kind.name == "webp":
        return not _webp_is_lossless(data)
    if kind.name == "tiff":
        return image.info.get("compression") in ("jpeg", "tiff_jpeg", "webp")
    return kind.name == "jpg" or (kind.name in ("avif", "heic", "jp2") and not metadata.is_lossless)


def _orientation(image: Image.Image, metadata: Metadata, kind: PictureFormat) -> int:
    """Return how a decoded picture is still to be turned.

    TIFFs and HEIFs are turned by their decoders. Of an AVIF, Pillow tells as a tag of EXIF how the
    file wants it turned; what the camera's own tag says does not count beside it.
    """
    if kind.name == "avif":
        return int(image.getexif().get(_ORIENTATION_TAG, UPRIGHT))
    return read_exif(metadata.exif).orientation


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Turn or mirror a picture as EXIF's number says."""
    turn = _TURNS.get(orientation)
    return pixels if turn is None else np.ascontiguousarray(turn(pixels))


def in_srgb(picture: Picture) -> Picture:
    """Convert the colours, or the grey, to those of sRGB: of another space, 8 bits are left."""
    if picture.icc_profile is None:
        return picture
    was_deep = picture.pixels.dtype == np.uint16
    pixels = in_8_bits(picture.pixels) if was_deep else picture.pixels.copy()
    colours = pixels.shape[2] - picture.has_alpha
    to_srgb = _to_srgb(picture.icc_profile, "L" if colours == 1 else "RGB")
    if to_srgb is None:
        return picture
    for top in range(0, pixels.shape[0], _STRIP_PX):
        strip = pixels[top : top + _STRIP_PX, :, :colours]
        image = Image.fromarray(np.ascontiguousarray(strip[..., 0] if colours == 1 else strip))
        strip[...] = np.asarray(to_srgb(image))[..., :colours]
    lost_depth = picture.lost_depth or was_deep
    return replace(picture, pixels=pixels, icc_profile=None, lost_depth=lost_depth)


def _to_srgb(profile: bytes, mode: str) -> Callable[[Image.Image], Image.Image] | None:
    """Return what converts images of a mode; ``None``: the profile is broken.

    Better plain colours than none.
    """
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
        )
    except (ImageCms.PyCMSError, OSError):
        return None

    def convert(image: Image.Image) -> Image.Image:
        made = ImageCms.applyTransform(image, transform)
        assert made is not None  # noqa: S101  only where it works in place
        return made

    return convert


def _jpeg_strength(image: Image.Image) -> float:
    """Compute how strongly a JPEG was compressed from the mean of its table of brightness.

    The root of its ratio to quality 20's: 1 at 20 and below, 0.63 at 50, 0.4 at 80, 0.2 at 95.
    """
    tables: dict[int, list[int]] = getattr(image, "quantization", None) or {}
    if image.format != "JPEG" or 0 not in tables:
        return 0.0
    mean = sum(tables[0]) / len(tables[0])
    return min(1.0, math.sqrt(mean / (_STANDARD_TABLE_MEAN * _TIMES_AT_QUALITY_20)))


def _depth(data: bytes, kind: PictureFormat) -> int:
    """Return how many bits a channel of a PNG has; of others, 8."""
    return data[_PNG_DEPTH_AT] if kind.name == "png" else 8


def _plain_pixels(image: Image.Image, metadata: Metadata, depth: int) -> Pixels:
    """Return the pixels as one of L, LA, RGB and RGBA.

    Strip by strip, because Pillow's copies are larger than the picture.
    """
    to_srgb = None
    if image.mode == "CMYK" and is_sound(metadata.icc_profile, CMYK):
        to_srgb = _to_srgb(metadata.icc_profile, "CMYK")
    pixels: Pixels | None = None
    for top in range(0, image.height, _STRIP_PX):
        bottom = min(top + _STRIP_PX, image.height)
        strip = image.crop((0, top, image.width, bottom))
        plain = _plain(strip, depth) if to_srgb is None else np.asarray(to_srgb(strip))
        if pixels is None:
            pixels = np.empty((image.height, image.width, plain.shape[2]), plain.dtype)
        pixels[top:bottom] = plain
    if pixels is None:
        raise PictureDamaged("it has no pixels")
    return pixels


def _plain(image: Image.Image, depth: int) -> Pixels:
    """Convert to one of L, LA, RGB and RGBA.

    :param depth: bits a channel, as stored.
    """
    key = image.info.get("transparency")
    if image.mode in ("1", "L") or image.mode.startswith("I"):
        return _plain_grey(np.asarray(image), key if isinstance(key, int) else None, depth)
    if image.mode in ("LA", "RGBA") or (image.mode == "RGB" and key is None):
        return np.asarray(image)
    transparent = key is not None or image.mode in ("PA", "La", "RGBa")
    return np.asarray(image.convert("RGBA" if transparent else "RGB"))


def _plain_grey(levels: Any, key: int | None, depth: int) -> Pixels:
    """Return grey, with transparency where one level means it (W3C PNG, 11.3.1.1).

    :param levels: as Pillow has them: of fewer than 8 bits spread to 0 to 255, of one as truth.
    :param key: the level that is transparent, as Pillow has it: as stored, of one bit 0 or 255.
    """
    if levels.dtype == bool:
        stored = grey = levels * np.uint8(255)
    elif levels.dtype == np.uint8:
        stored, grey = levels // (255 // (2 ** min(depth, 8) - 1)), levels
    else:
        stored, grey = levels, np.clip(levels, 0, 65535).astype(np.uint16)
    white = np.iinfo(grey.dtype).max
    channels = [grey] if key is None else [grey, np.where(stored == key, 0, white)]
    plain: Pixels = np.dstack(channels).astype(grey.dtype, copy=False)
    return plain


def _webp_is_lossless(data: bytes) -> bool:
    """Look for a ``VP8L`` chunk before any other picture chunk (WebP container specification)."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if name in (b"VP8L", b"VP8 ", b"ANIM"):
            return bool(name == b"VP8L")
        at += 8 + size + size % 2
    return False


def _bare_jpeg(data: bytes) -> bytes:
    """Leave out a JPEG's comments and application segments (ITU-T T.81, annex B.1).

    Those stay that say how its numbers are coded: JFIF and Adobe's. Stray bytes between segments
    go, and so does what comes after the picture, such as a second one.
    """
    kept = bytearray(_JPEG_START)
    place = len(_JPEG_START)
    while place + 4 <= len(data) and data[place + 1] != _START_OF_SCAN:
        marker = data[place + 1]
        if data[place] != 0xFF or marker in (0x00, 0xFF):  # stray bytes, or padding
            place += 1
            continue
        alone = marker == 0x01 or 0xD0 <= marker <= 0xD9
        length = 2 if alone else 2 + int.from_bytes(data[place + 2 : place + 4])
        segment = data[place : place + length]
        if marker not in _TAG_MARKERS or segment[4:].startswith(_KEPT_TAGS):
            kept += segment
        place += length
    end = data.find(END_MARK, place)  # within the scans it stands nowhere else
    if end < 0:
        jpeg = bytes(kept + data[place:])
        return jpeg + END_MARK if lacks_only_its_end(jpeg) else jpeg
    return bytes(kept + data[place : end + len(END_MARK)])


def _bare_png(data: bytes) -> bytes:
    """Leave out a PNG's chunks that say nothing of how its pixels are coded."""
    kept, place = bytearray(_PNG_START), len(_PNG_START)
    while place + 12 <= len(data):
        size_bytes, name = struct.unpack_from(">I4s", data, place)
        chunk = data[place : place + 12 + size_bytes]
        if name == b"tRNS" and len(chunk) == 12 + size_bytes:
            # It may be left out, so decoders do not refuse a picture for its checksum.
            chunk = chunk[:-4] + struct.pack(">I", zlib.crc32(chunk[4:-4]))
        # A capital marks what no decoder may leave out.
        if name == b"tRNS" or name[:1].isupper():
            kept += chunk
        place += 12 + size_bytes
    return bytes(kept + data[place:])


def _bare_boxes(data: bytes) -> bytes:
    """Hide the EXIF tags of an AVIF or HEIF from its decoder, which may refuse it for broken ones.

    Which way up it is stands beside them.
    """
    for place in boxes_named(data, b"meta"):
        hidden = data[place.start : place.stop].replace(b"Exif", b"skip")
        data = data[: place.start] + hidden + data[place.stop :]
    return data


_BARE: dict[str, Callable[[bytes], bytes]] = {
    "jpg": _bare_jpeg,
    "png": _bare_png,
    "avif": _bare_boxes,
    "heic": _bare_boxes,
}
"""What a decoder gets to see of a file."""
