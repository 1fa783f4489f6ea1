"""Verifies that a file is the whole picture that a service promised.

Nothing is decoded before the header has shown that decoding is bounded; then every pixel is. The
two steps are apart, because decoding may take gigabytes for a file of some bytes: who calls can
have it done by another process.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO, Final

from PIL import Image, PngImagePlugin

from enhance_gui.core.images.formats import (
    FORMATS,
    RESULT_FORMATS,
    SNIFF_BYTES,
    format_of,
    plain_format,
)
from enhance_gui.core.images.picture import (
    MAX_HEAD_BYTES,
    PictureFacts,
    PictureHeader,
    header_of_file,
)
from enhance_gui.core.picture_errors import InputError, ResultNotAsPromised
from enhance_gui.imaging.header import read_header
from enhance_gui.imaging.structure.jpeg import END_MARK, is_far_too_short

MAX_PIXELS: Final = 400_000_000
"""Maximum number of pixels that are decoded: 1.2 GB as RGB. A 9216 × 9216 picture doubled has
340 million."""

# Pillow's own guard against decompression bombs warns from 89 megapixels on, which an honest
# result may have; ours is checked before Pillow sees the file, and this keeps Pillow's behind it.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# What the texts of one PNG may unpack to in all; Pillow allows eight times as much.
PngImagePlugin.MAX_TEXT_MEMORY = 8 * 2**20

_PIXEL_BYTES: Final = 7
"""A progressive JPEG's coefficients and pixels; other files take 4."""
_WEBP_PIXEL_BYTES: Final = 16
"""libwebp's two canvases, the copy that leaves it, and Pillow's own picture."""

_TAIL_BYTES: Final = 2**16
_PNG_END: Final = b"IEND\xaeB`\x82"


def examine_picture(
    path: Path,
    *,
    expected_width_px: int = 0,
    expected_height_px: int = 0,
    expected_size: int = 0,
    expected_format: str = "",
    max_pixels: int = MAX_PIXELS,
    kinds: Collection[str] = RESULT_FORMATS,
) -> PictureFacts:
    """Check a file against its task's record; zero and empty mean: not reported.

    No pixel is decoded, so this is quick whatever the file claims.

    :param expected_size: the API names no unit: bytes, and thousands or 1,024s of them, will do.
    :param max_pixels: at most :data:`MAX_PIXELS`.
    :param kinds: names of the formats that it may have.
    :raises ResultNotAsPromised: not a picture, cut, too large to decode, or another one.
    :raises OSError: the file itself cannot be read.
    """
    with path.open("rb") as file:
        file.seek(0)  # an open file's own path may begin where that file was left
        size_bytes = os.fstat(file.fileno()).st_size
        header = _header_of(file)
        _check_sides(header, expected_width_px, expected_height_px, max_pixels)
        _check_format(header, expected_format, kinds)
        _check_size(size_bytes, expected_size)
        _check_end(file, header.format, size_bytes)
    _check_density(header, size_bytes)
    return PictureFacts(header, size_bytes)


def decode_picture(path: Path, header: PictureHeader) -> None:
    """Decode every pixel of a file that was examined, and let them go again.

    :raises ResultNotAsPromised: it cannot be decoded, or its content contradicts its header.
    :raises OSError: the file itself cannot be read.
    """
    with path.open("rb") as file:
        file.seek(0)
        try:
            with Image.open(file, formats=[FORMATS[header.format].decoder]) as image:
                sides = image.size
                image.load()
        # Pillow's decoders raise whatever the broken bytes lead to: OSError, SyntaxError,
        # ValueError, struct.error, zlib.error, IndexError, TypeError, MemoryError.
        except Exception as error:
            raise ResultNotAsPromised("it cannot be decoded: it is cut or broken") from error
    stored = [sides]
    if header.format == "tiff":
        stored.append(sides[::-1])  # Pillow has turned it as its tag wants it
    if (header.width_px, header.height_px) not in stored:
        raise ResultNotAsPromised("its header contradicts its content")


def decoding_bytes(picture: PictureFacts) -> int:
    """Return about how much memory :func:`decode_picture` takes at most (measured).

    Decoders keep metadata, some the whole file, and pixels as many bytes each as their kind needs.
    """
    header = picture.header
    a_pixel = _WEBP_PIXEL_BYTES if header.format == "webp" else _PIXEL_BYTES
    return header.width_px * header.height_px * a_pixel + 2 * (picture.size_bytes or 0)


def _header_of(file: BinaryIO) -> PictureHeader:
    try:
        return _header_of_tiff(file) or header_of_file(file, read_header, MAX_HEAD_BYTES)
    except InputError as error:
        raise ResultNotAsPromised(error.detail) from error


def _header_of_tiff(file: BinaryIO) -> PictureHeader | None:
    """Return a TIFF's header, which may lie anywhere in the file; ``None``: it is no TIFF."""
    kind = format_of(file.read(SNIFF_BYTES))
    file.seek(0)
    if kind is None or kind.name != "tiff":
        return None
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        return read_header(whole, whole=True)


def _check_sides(header: PictureHeader, width_px: int, height_px: int, max_pixels: int) -> None:
    if header.width_px * header.height_px > max_pixels:
        raise ResultNotAsPromised(
            "it claims {width} × {height} pixels, more than are decoded here",
            width=header.width_px,
            height=header.height_px,
        )
    for found_px, promised_px in ((header.width_px, width_px), (header.height_px, height_px)):
        if promised_px not in (0, found_px):
            raise ResultNotAsPromised(
                "it has {width} × {height} pixels; the service promised {promised}",
                width=header.width_px,
                height=header.height_px,
                promised=f"{width_px} × {height_px}",
            )


def _check_format(header: PictureHeader, promised: str, kinds: Collection[str]) -> None:
    if header.format not in kinds:
        raise ResultNotAsPromised("it is a {format} file", format=header.format.upper())
    plain = plain_format(promised)
    if plain in kinds and plain != header.format:
        raise ResultNotAsPromised(
            "it is a {format} file; the service promised {promised}",
            format=header.format.upper(),
            promised=plain.upper(),
        )


def _check_size(size_bytes: int, promised: int) -> None:
    possible = {size_bytes}
    for unit in (1000, 1024):
        possible |= {size_bytes // unit, -(-size_bytes // unit)}
    if promised and promised not in possible:
        raise ResultNotAsPromised(
            "it has {count} bytes; the service promised {promised}",
            count=size_bytes,
            promised=promised,
        )


def _check_end(file: BinaryIO, kind: str, size_bytes: int) -> None:
    """Refuse a file that stops early, which a decoder may well fill up with grey.

    What follows a clean end is let be: cameras and tools append to pictures.
    """
    if kind in ("jpg", "png"):
        file.seek(max(0, size_bytes - _TAIL_BYTES))
        ends = (END_MARK if kind == "jpg" else _PNG_END) in file.read(_TAIL_BYTES)
    elif kind in ("webp", "bmp"):
        file.seek(0)
        start = file.read(8)
        reported = start[4:8] if kind == "webp" else start[2:6]
        announced_bytes = int.from_bytes(reported, "little") + (8 if kind == "webp" else 0)
        ends = announced_bytes <= size_bytes
    else:
        ends = True  # a TIFF has no end of its own; its decoder misses what is not there
    if not ends:
        raise ResultNotAsPromised("it is cut off before its end")


def _check_density(header: PictureHeader, size_bytes: int) -> None:
    """Refuse a JPEG with too few bytes for its blocks."""
    pixels = header.width_px * header.height_px
    if header.format == "jpg" and is_far_too_short(pixels, size_bytes):
        raise ResultNotAsPromised("it is far too short for its pixels: most of it is missing")
