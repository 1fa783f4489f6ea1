"""Reads pictures from disk and writes them, through Pillow.

What a result keeps of its input: the pixels upright, transparency and the colour profile. What it
does not: every other tag. A result is often passed on, and place, time and camera of the original
are nobody's business.
"""

from __future__ import annotations

import errno
import io
import itertools
import math
import struct
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from enhance_gui.core.atomic import replacing
from enhance_gui.core.images.formats import FORMATS, USUAL_FORMATS, format_of
from enhance_gui.core.picture_errors import (
    PICTURE_MISSING,
    InputError,
    KindNotSupported,
    PictureDamaged,
    PictureTooLarge,
)
from enhance_gui.core.storage_errors import DiskFull, FolderNotUsable
from enhance_gui.service.engine.job import PictureFile
from enhance_gui.service.engine.pixels.encode import (
    JPEG_QUALITY,
    JPEG_QUALITY_AT_SAME_SIZE,
    Encoder,
    JpegEncoder,
    PngEncoder,
)
from enhance_gui.service.engine.pixels.tiles import Block, Pixels

_DECODERS = tuple(FORMATS[name].decoder for name in USUAL_FORMATS)
"""Pillow's names of the decoders that are allowed for foreign files."""

MAX_SIDE_PX = 9216

# What Pillow's readers raise for broken data, as their sources and random damage show.
_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, struct.error)

_ORIENTATION_TAG = 0x0112
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

_JPEG_START, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_START_OF_SCAN = 0xDA
_TAG_MARKERS = frozenset({*range(0xE0, 0xF0), 0xFE})
_KEPT_TAGS = (b"JFIF\0", b"ICC_PROFILE\0", b"Adobe")

_LARGEST_PROFILE_BYTES = 2**22
"""Real ones have 500 bytes to 2 MB; a JPEG has no room for more than 16 MB."""

_PLAIN_MODES = ("L", "LA", "RGB", "RGBA")
_STRIP_PX = 512


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture, upright."""

    pixels: Pixels
    icc_profile: bytes | None
    """Colour profile that fits the channels of ``pixels``."""
    lossy: bool
    """Whether the result is written as JPEG; else as PNG."""
    jpeg_strength: float = 0.0
    """How strongly it was compressed: 0, no JPEG, to 1; see :func:`_jpeg_strength`."""

    @property
    def has_alpha(self) -> bool:
        return self.pixels.shape[2] in (2, 4)


def read_picture(path: Path) -> Picture:
    """Decode the first frame of a picture.

    A JPEG gives a JPEG again, and so does a WebP that was compressed with loss and has no
    transparency; everything else gives a PNG. 16 bits a channel become 8; CMYK becomes sRGB.

    :raises PictureDamaged: cut or broken.
    :raises KindNotSupported: none of the kinds that are taken.
    :raises PictureTooLarge: a side is longer than ``MAX_SIDE_PX``.
    :raises InputError: the file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reported = f"the file cannot be read: {error.strerror}"
        raise InputError(reported, kind=PICTURE_MISSING) from error
    with warnings.catch_warnings():
        # Pillow warns of oddities in a stranger's file and reads on; of a bomb it must not.
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return _decode(data)
        except UnidentifiedImageError as error:
            kind = format_of(data)
            if kind is not None and kind.name in USUAL_FORMATS:
                raise PictureDamaged("its first part is broken") from error
            raise KindNotSupported("it is not a picture of a kind that is taken") from error
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise PictureTooLarge("it has far too many pixels") from error
        except _DAMAGE as error:
            raise PictureDamaged(f"it cannot be decoded: {error}") from error


def _decode(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data), formats=_DECODERS) as image:
        if max(image.size) > MAX_SIDE_PX:
            raise PictureTooLarge(
                f"it has {image.width} × {image.height} pixels; "
                f"at most {MAX_SIDE_PX} a side are taken"
            )
        strength = _jpeg_strength(image)
        lossy = image.format == "JPEG" or (image.format == "WEBP" and not _webp_is_lossless(data))
        image.load()
        orientation = image.getexif().get(_ORIENTATION_TAG, 1)
        pixels, profile = _plain_pixels(image)
    # Not by Pillow: that would keep another copy, of four bytes a pixel.
    if orientation in _TURNS:
        pixels = np.ascontiguousarray(_TURNS[orientation](pixels))
    channels = pixels.shape[2]
    return Picture(pixels, _fitting(profile, channels), lossy and channels in (1, 3), strength)


def _jpeg_strength(image: Image.Image) -> float:
    """Compute how strongly a JPEG was compressed from the mean of its table of brightness.

    The root of its ratio to quality 20's: 1 at 20 and below, 0.63 at 50, 0.4 at 80, 0.2 at 95.
    """
    tables: dict[int, list[int]] = getattr(image, "quantization", None) or {}
    if image.format != "JPEG" or 0 not in tables:
        return 0.0
    mean = sum(tables[0]) / len(tables[0])
    return min(1.0, math.sqrt(mean / (_STANDARD_TABLE_MEAN * _TIMES_AT_QUALITY_20)))


def _plain_pixels(image: Image.Image) -> tuple[Pixels, object]:
    """Return the pixels as one of L, LA, RGB and RGBA, and their colour profile.

    Strip by strip, because Pillow's copies are larger than the picture.
    """
    pixels: Pixels | None = None
    profile: object = None
    for top in range(0, image.height, _STRIP_PX):
        bottom = min(top + _STRIP_PX, image.height)
        plain = _in_plain_mode(image.crop((0, top, image.width, bottom)))
        profile = plain.info.get("icc_profile")
        if pixels is None:
            shape = (image.height, image.width, len(plain.getbands()))
            pixels = np.empty(shape, np.uint8)
        pixels[top:bottom] = np.asarray(plain).reshape(bottom - top, image.width, -1)
    if pixels is None:
        raise PictureDamaged("it has no pixels")
    return pixels, profile


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """Convert to one of L, LA, RGB and RGBA."""
    if image.mode in _PLAIN_MODES:
        if "transparency" not in image.info or image.mode.endswith("A"):
            return image
        return image.convert("RGBA" if image.mode == "RGB" else "LA")
    if image.mode.startswith("I"):
        deep = np.asarray(image).astype(np.float32)
        return Image.fromarray(np.clip(deep / 257 + 0.5, 0, 255).astype(np.uint8))
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "CMYK":
        return _cmyk_to_srgb(image)
    transparent = "transparency" in image.info or image.mode in ("PA", "La", "RGBa")
    return image.convert("RGBA" if transparent else "RGB")


def _cmyk_to_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.pop("icc_profile", None)
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError):
            converted = None  # a broken profile: better plain colours than none
        if converted is not None:
            converted.info.pop("icc_profile", None)
            return converted
    return image.convert("RGB")


def _fitting(profile: object, channels: int) -> bytes | None:
    """Return the profile if it is sound and describes a picture with so many channels.

    Bytes 16 to 20 of a profile name its colour space (ICC.1:2022, 7.2).
    """
    wanted = b"GRAY" if channels < 3 else b"RGB "
    if not isinstance(profile, bytes) or len(profile) > _LARGEST_PROFILE_BYTES:
        return None
    return profile if profile[16:20] == wanted else None


def _webp_is_lossless(data: bytes) -> bool:
    """Look for a ``VP8L`` chunk before any other picture chunk (WebP container specification)."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if name in (b"VP8L", b"VP8 ", b"ANIM"):
            return bool(name == b"VP8L")
        at += 8 + size + size % 2
    return False


def write_picture(
    folder: Path,
    stem: str,
    blocks: Iterable[Block],
    size_px: tuple[int, int],
    like: Picture,
    *,
    is_coloured: bool = False,
) -> PictureFile:
    """Write a result beside its final name and rename it when it is complete.

    :param size_px: width and height.
    :param like: the input: decides kind and colour profile.
    :param is_coloured: whether the blocks have colours though ``like`` may be grey.
    :raises DiskFull: no room.
    :raises FolderNotUsable: the folder cannot be written to.
    """
    channels = like.pixels.shape[2]
    if is_coloured:
        channels = 4 if like.has_alpha else 3
    width_px, height_px = size_px
    extension = "jpg" if like.lossy else "png"
    target = folder / f"{stem}.{extension}"
    with _result(target) as file:
        encoder = _encoder(file, size_px, like, channels)
        for band in _bands(blocks, width_px, channels):
            encoder.write(band)
        encoder.finish()
    size_bytes = target.stat().st_size
    return PictureFile(target.name, width_px, height_px, size_bytes, extension)


def _encoder(file: IO[bytes], size_px: tuple[int, int], like: Picture, channels: int) -> Encoder:
    profile = _fitting(like.icc_profile, channels)
    if not like.lossy:
        return PngEncoder(file, size_px[1], profile)
    is_same_size = like.pixels.shape[:2] == (size_px[1], size_px[0])
    quality = JPEG_QUALITY_AT_SAME_SIZE if is_same_size else JPEG_QUALITY
    return JpegEncoder(file, size_px[1], profile, quality)


def _bands(blocks: Iterable[Block], width_px: int, channels: int) -> Iterator[Pixels]:
    """Put the blocks that lie beside each other together."""
    for _, beside in itertools.groupby(blocks, key=lambda block: block.top_px):
        band: Pixels | None = None
        for block in beside:
            if band is None:
                band = np.empty((block.pixels.shape[0], width_px, channels), np.uint8)
            band[:, block.left_px : block.left_px + block.pixels.shape[1]] = block.pixels
        if band is not None:
            yield band


@contextmanager
def _result(target: Path) -> Iterator[IO[bytes]]:
    """Open a file that becomes ``target`` once all of it is written."""
    try:
        with replacing(target, flush=False) as file:
            yield file
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull("no room is left for the result") from error
        raise FolderNotUsable(f"the result cannot be written: {error.strerror}") from error


def copy_picture(folder: Path, stem: str, source: Path, like: Picture) -> PictureFile:
    """Write the input as a result, not a pixel changed.

    A JPEG that is stored upright stays what it is, without its tags and comments; everything else
    becomes a PNG, whatever the input was.

    :raises DiskFull: no room.
    :raises FolderNotUsable: the folder cannot be written to.
    """
    height_px, width_px = like.pixels.shape[:2]
    data = source.read_bytes() if like.lossy else b""
    if not data.startswith(_JPEG_START) or _is_turned(data):
        exact = replace(like, lossy=False)
        return write_picture(folder, stem, whole(like.pixels), (width_px, height_px), exact)
    bare = _without_tags(data)
    target = folder / f"{stem}.jpg"
    with _result(target) as file:
        file.write(bare)
    return PictureFile(target.name, width_px, height_px, len(bare), "jpg")


def _is_turned(data: bytes) -> bool:
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        return image.getexif().get(_ORIENTATION_TAG, 1) in _TURNS or image.mode == "CMYK"


def _without_tags(data: bytes) -> bytes:
    """Leave out a JPEG's comments and application segments (ITU-T T.81, annex B.1).

    Those stay that say what its numbers mean: JFIF, the colour profile and Adobe's.
    What comes after the picture, such as a second one, goes too.
    """
    kept = bytearray(_JPEG_START)
    place = len(_JPEG_START)
    while place + 4 <= len(data) and data[place + 1] != _START_OF_SCAN:
        length = 1 if data[place + 1] == 0xFF else 2 + int.from_bytes(data[place + 2 : place + 4])
        segment = data[place : place + length]
        if segment[1] not in _TAG_MARKERS or segment[4:].startswith(_KEPT_TAGS):
            kept += segment
        place += length
    end = data.index(_JPEG_END, place)  # within the scans it stands nowhere else
    return bytes(kept + data[place : end + len(_JPEG_END)])


def whole(pixels: Pixels) -> tuple[Block]:
    """Return a picture as its only block."""
    return (Block(0, 0, pixels),)
