"""Reads format and sides of a picture from its first bytes, without decoding a pixel.

The format is never taken from a name or a server's claim.

The sides are the stored ones: an EXIF orientation that turns the picture when it is shown does
not change what a service counts. Layouts: ITU-T T.81 (JPEG), W3C PNG, RFC 9649 (WebP), TIFF 6.0,
the GIF89a text, Microsoft's BITMAPINFOHEADER page, ISO/IEC 15444-1, annex I (JPEG 2000), and
:mod:`enhance_gui.core.images.boxes` (AVIF, HEIF).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from mmap import mmap
from typing import Final

from enhance_gui.core.images.boxes import boxes_named, primary_sides
from enhance_gui.core.images.formats import SNIFF_BYTES, format_of
from enhance_gui.core.images.metadata import MAX_STRAY_BYTES
from enhance_gui.core.images.picture import PictureHeader
from enhance_gui.core.picture_errors import KindNotSupported, PictureDamaged
from enhance_gui.core.text.i18n import N_
from enhance_gui.imaging.frames import count_frames, tiff_pages

_Sides = tuple[int, int]

Bytes = bytes | mmap
"""A file, or its beginning."""

_TEXT_SNIFF_BYTES: Final = 1024

_UNREADABLE: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = ((re.compile(rb"%PDF-"), "pdf"),)
_HTML: Final = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|script|meta)\b", re.IGNORECASE
)
_SVG: Final = re.compile(rb"<svg\b", re.IGNORECASE)
_NAMED_REFUSALS: Final = {
    "html": N_("it is a web page, not a picture"),
    "pdf": N_("it is a PDF document, not a picture"),
    "svg": N_("it is an SVG drawing, not a photograph"),
}


def read_header(data: Bytes, *, whole: bool = False) -> PictureHeader | None:
    """Read kind and stored sides out of the first bytes; ``None`` where more bytes are needed.

    :param whole: that there are no more bytes: what is not in them is an error.
    :raises KindNotSupported: not a picture, or of a kind that is not read here.
    :raises PictureDamaged: a picture by its first bytes, but broken after them.
    """
    kind = sniff_kind(data)
    if kind is None:
        if not whole and _could_still_become_known(data):
            return None
        raise KindNotSupported("its content is not a picture of any kind known here")
    if kind in _NAMED_REFUSALS:
        raise KindNotSupported(_NAMED_REFUSALS[kind])
    head_bytes, sides_of = _READERS[kind]
    sides = sides_of(data) if len(data) >= head_bytes else None
    if sides is None and whole:
        raise PictureDamaged("it ends before its size can be read")
    if sides is None:
        return None
    if min(sides) < 1:
        raise PictureDamaged("its header gives it no pixels")
    return PictureHeader(kind, *sides, frames=count_frames(data, kind))


def sniff_kind(data: Bytes) -> str | None:
    """Return the kind by the usual extension, ``None`` where the bytes match none.

    Pictures: those of :data:`~enhance_gui.core.images.formats.FORMATS` and ``svg``; others that are
    often found in a picture's place: ``html``, ``pdf``.
    """
    if known := format_of(data):
        return known.name
    for magic, kind in _UNREADABLE:
        if magic.match(data):
            return kind
    return _text_kind(data[:_TEXT_SNIFF_BYTES])


def _could_still_become_known(data: Bytes) -> bool:
    """Return whether :func:`sniff_kind` might recognise the format with more bytes."""
    if len(data) < SNIFF_BYTES:
        return True
    return _text_start(data[:_TEXT_SNIFF_BYTES]).startswith(b"<") and len(data) < _TEXT_SNIFF_BYTES


def _text_kind(data: bytes) -> str | None:
    start = _text_start(data)
    if not start.startswith(b"<"):
        return None
    if _HTML.search(start):
        return "html"
    return "svg" if _SVG.search(start) else None


def _text_start(data: bytes) -> bytes:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()


def _jpg(data: Bytes) -> _Sides | None:
    """Walk the segments up to the frame header."""
    place, stray_bytes = 2, 0
    while place + 4 <= len(data):
        marker = data[place + 1]
        if data[place] != 0xFF:  # some writers leave bytes that mean nothing between segments
            stray_bytes += 1
            if stray_bytes > MAX_STRAY_BYTES:
                raise PictureDamaged("its {format} header is broken", format="JPEG")
            place += 1
        elif marker == 0xFF:  # padding before a marker
            place += 1
        elif marker < 0x02 or 0xD0 <= marker <= 0xD7:  # markers without a length
            place += 2
        elif marker in (0xD8, 0xD9, 0xDA):  # start, end, scan: the frame should have come before
            raise PictureDamaged(
                "its {format} header ends before its size can be read", format="JPEG"
            )
        elif _is_frame_header(marker):
            if place + 9 > len(data):
                return None
            height_px, width_px = struct.unpack_from(">HH", data, place + 5)
            return width_px, height_px
        else:
            length = int.from_bytes(data[place + 2 : place + 4], "big")
            if length < 2:
                raise PictureDamaged("its {format} header is broken", format="JPEG")
            place += 2 + length
    return None


def _is_frame_header(marker: int) -> bool:
    """SOF0 to SOF15 without the three numbers among them that mean something else."""
    return 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)


def _png(data: Bytes) -> _Sides:
    length, name, width_px, height_px = struct.unpack_from(">I4sII", data, 8)
    if length != 13 or name != b"IHDR" or max(width_px, height_px) >= 2**31:
        raise PictureDamaged("its {format} header is broken", format="PNG")
    return width_px, height_px


def _webp(data: Bytes) -> _Sides:
    chunk = data[12:16]
    if chunk == b"VP8X":
        return (
            int.from_bytes(data[24:27], "little") + 1,
            int.from_bytes(data[27:30], "little") + 1,
        )
    if chunk == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width_px, height_px = struct.unpack_from("<HH", data, 26)
        return width_px & 0x3FFF, height_px & 0x3FFF
    raise PictureDamaged("its {format} header is broken", format="WebP")


def _bmp(data: Bytes) -> _Sides:
    if data[14] == 12:  # the header of OS/2, with short sides
        width_px, height_px = struct.unpack_from("<HH", data, 18)
        return width_px, height_px
    # A negative height means that the rows run from top to bottom.
    width_px, height_px = struct.unpack_from("<ii", data, 18)
    return width_px, abs(height_px)


def _gif(data: Bytes) -> _Sides:
    width_px, height_px = struct.unpack_from("<HH", data, 6)
    return width_px, height_px


def _tiff(data: Bytes) -> _Sides | None:
    """Find the two sides in the first directory, which may lie anywhere in the file."""
    if len(data) >= 4 and data[2:4] in (b"+\0", b"\0+"):
        raise KindNotSupported("it is a BigTIFF file, which cannot be read here")
    page = next(tiff_pages(data), None)
    if page is None:
        return None
    if page.width_px is None or page.height_px is None:
        raise PictureDamaged("its {format} header gives no size", format="TIFF")
    return page.width_px, page.height_px


def _jp2(data: Bytes) -> _Sides | None:
    """Read the sides from the header box, or of a bare code stream from its first segment."""
    if data[:4] == b"\xff\x4f\xff\x51":
        if len(data) < 24:
            return None
        right, bottom, left, top = struct.unpack_from(">4I", data, 8)
        return right - left, bottom - top
    header = next(boxes_named(data, b"jp2h"), None)
    if header is None:
        if any(boxes_named(data, b"jp2c")):
            raise PictureDamaged("its {format} header gives no size", format="JPEG 2000")
        return None
    sides = next(boxes_named(data, b"ihdr", header), None)
    if sides is None or len(sides) < 8:
        raise PictureDamaged("its {format} header gives no size", format="JPEG 2000")
    height_px, width_px = struct.unpack_from(">II", data, sides.start)
    return width_px, height_px


_READERS: Final[dict[str, tuple[int, Callable[[Bytes], _Sides | None]]]] = {
    "jpg": (0, _jpg),
    "png": (24, _png),
    "webp": (30, _webp),
    "bmp": (26, _bmp),
    "gif": (10, _gif),
    "tiff": (0, _tiff),
    "avif": (0, primary_sides),
    "heic": (0, primary_sides),
    "jp2": (0, _jp2),
}
"""What reads the sides of a kind, and how many bytes it needs at least."""
