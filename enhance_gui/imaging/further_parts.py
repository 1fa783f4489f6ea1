"""Finds what a picture's file holds beside its first picture, without decoding a pixel.

Further frames and pages, which :mod:`enhance_gui.imaging.frames` counts; further pictures and gain
maps for HDR screens in a JPEG or HEIF; the video of a motion photo. What is broken counts as not
there: whether the picture itself is whole is another question.

Layouts: CIPA DC-007 (MPF), ISO 21496-1, Ultra HDR and Apple's own (gain maps), the GIF89a text.
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

from enhance_gui.core.images.left_out import UNCOUNTED, Part
from enhance_gui.core.images.picture import PictureHeader
from enhance_gui.core.picture_errors import InputError
from enhance_gui.imaging.frames import count_frames
from enhance_gui.imaging.header import Bytes, read_header

_MAX_STEPS: Final = 10_000
"""Parts of a file that are looked at: a hostile one has millions of empty ones."""

_COUNTED_FIRST: Final = frozenset({"png", "avif", "heic"})
"""Kinds whose number of frames stands before them; of others it is counted."""


def read_header_and_parts(data: Bytes, *, whole: bool = False) -> PictureHeader | None:
    """Read what :func:`read_header` does, and what these bytes tell of further parts.

    :raises InputError: as :func:`read_header` does.
    """
    header = read_header(data, whole=whole)
    return None if header is None else with_parts(header, data, whole=whole)


def header_with_parts(path: Path, header: PictureHeader) -> PictureHeader:
    """Return the header with what the whole file holds; as it is where that cannot be read."""
    try:
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole,
        ):
            return with_parts(header, whole, whole=True)
    except (OSError, ValueError):
        return header


_MAX_PARTS: Final = 256


def with_parts(header: PictureHeader, data: Bytes, *, whole: bool) -> PictureHeader:
    """Return the header with the number of frames and what else the file holds.

    :param whole: whether this is the whole file. Of a beginning it is often only to be seen that
        there is more than one frame.
    """
    frames, extras = count_frames(data, header.format), set[Part]()
    try:
        if header.format == "jpg":
            # Entries of an index may name the same places again and again.
            further = list(islice(_in_jpeg(data, header), _MAX_PARTS))
            frames = 1 + further.count(Part.PICTURES)
            extras = {each for each in further if each not in (None, Part.PICTURES)}
            if Part.GAIN_MAP in extras and not whole:
                frames = max(1, frames - 1)  # one of them is the map, which lies further on
        elif header.format in ("avif", "heic") and _has_gain_map(data):
            extras = {Part.GAIN_MAP}
        elif frames == 1 and not whole and _goes_on(data, header.format):
            frames = UNCOUNTED
    except (struct.error, IndexError):
        return header
    if not whole and header.format not in _COUNTED_FIRST:
        frames = min(frames, UNCOUNTED)
    return replace(header, frames=frames, extras=frozenset(each.value for each in extras))


def _goes_on(beginning: Bytes, kind: str) -> bool:
    """Return whether the beginning of a file says of frames or pages that lie behind it."""
    if kind == "tiff":
        return _next_page(beginning) >= len(beginning)
    return kind == "gif" and _is_timed(beginning)


def _next_page(tiff: Bytes) -> int:
    """Return where the second directory of a TIFF is; 0: there is none."""
    order = "<" if tiff[:2] == b"II" else ">"
    (place,) = struct.unpack_from(order + "I", tiff, 4)
    (entries,) = struct.unpack_from(order + "H", tiff, place)
    return int(struct.unpack_from(order + "I", tiff, place + 2 + 12 * entries)[0])


def _is_timed(gif: Bytes) -> bool:
    """Return whether a GIF says how long its first frame is shown, or how often all of them."""
    place = 13 + (3 << (gif[10] & 7) + 1 if gif[10] & 0x80 else 0)
    for _ in range(_MAX_STEPS):
        if gif[place] != 0x21:  # no extension
            return False
        if gif[place + 1] == 0xF9 and gif[place + 4 : place + 6] != b"\0\0":
            return True
        if gif[place + 3 : place + 14] in (b"NETSCAPE2.0", b"ANIMEXTS1.0"):
            return True
        place += 2
        while gif[place]:
            place += gif[place] + 1
        place += 1
    return False


_APPLE_MAP: Final = b"aux:hdrgainmap"
_LOOK_BYTES: Final = 2**16
"""Of a HEIF, or of a further picture in a JPEG, in search of a gain map."""


def _has_gain_map(heif: Bytes) -> bool:
    """Look for ISO 21496-1's brand, or the type of Apple's auxiliary picture."""
    brands = heif[8 : min(int.from_bytes(heif[:4], "big"), 1024)]
    return b"tmap" in brands or _APPLE_MAP in heif[:_LOOK_BYTES]


_MPF: Final = b"MPF\0"
_ISO_GAIN_MAP: Final = b"urn:iso:std:iso:ts:21496:-1\0"
_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_GAIN_MAP: Final = re.compile(
    rb"hdrgm:Version|HDRGainMapVersion|Semantic\s*=\s*[\"']GainMap[\"']"
)
_XMP_VIDEO: Final = re.compile(
    rb"(?:MotionPhoto|MicroVideo)\s*(?:=\s*[\"']|>\s*)1|Semantic\s*=\s*[\"']MotionPhoto[\"']"
)
_MPF_ENTRIES: Final = 0xB002
_MPF_PREVIEW: Final = 0x01
"""The upper byte of a type: a large preview of the first picture."""


def _in_jpeg(data: Bytes, first: PictureHeader) -> Iterator[Part | None]:
    """Yield what a JPEG holds beside its first picture; ``None``: a preview of that."""
    for marker, start, end in _segments(data):
        content = data[start:end]
        if marker == 0xE1 and content.startswith(_XMP):
            yield Part.GAIN_MAP if _XMP_GAIN_MAP.search(content) else None
            yield Part.VIDEO if _XMP_VIDEO.search(content) else None
        elif marker == 0xE2 and content.startswith(_ISO_GAIN_MAP):
            yield Part.GAIN_MAP
        elif marker == 0xE2 and content.startswith(_MPF):
            with suppress(struct.error):  # a broken index says nothing of the other segments
                yield from _further_pictures(data, start + len(_MPF), end, first)


def _segments(data: Bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of the segments before a JPEG's first scan."""
    place = 2
    for _ in range(_MAX_STEPS):
        if place + 4 > len(data) or data[place + 1] == 0xDA:
            return
        marker = data[place + 1]
        if data[place] != 0xFF or marker in (0x00, 0xFF):  # stray bytes, or padding
            place += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD9:  # markers without a length
            place += 2
        else:
            end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
            yield marker, place + 4, end
            place = max(end, place + 4)


def _further_pictures(
    data: Bytes, start: int, end: int, first: PictureHeader
) -> Iterator[Part | None]:
    """Yield what each further picture of a JPEG's index is."""
    order = "<" if data[start : start + 2] == b"II" else ">"
    (directory,) = struct.unpack_from(order + "I", data, start + 4)
    place = start + directory
    (entries,) = struct.unpack_from(order + "H", data, place)
    for entry in range(place + 2, min(place + 2 + 12 * entries, end - 11), 12):
        tag, _, size_bytes, offset = struct.unpack_from(order + "HHII", data, entry)
        if tag != _MPF_ENTRIES:
            continue
        for each in range(start + offset + 16, min(start + offset + size_bytes, end - 15), 16):
            attribute, _, picture = struct.unpack_from(order + "III", data, each)
            is_preview = attribute >> 16 & 0xFF == _MPF_PREVIEW
            at = start + picture
            yield None if is_preview else _kind_of(data[at : at + _LOOK_BYTES], first)


def _kind_of(jpeg: bytes, first: PictureHeader) -> Part | None:
    """Return what a further picture of no type is, by its beginning."""
    if _ISO_GAIN_MAP in jpeg or _XMP_GAIN_MAP.search(jpeg) or _APPLE_MAP in jpeg:
        return Part.GAIN_MAP
    try:
        header = read_header(jpeg)
    except InputError:
        header = None
    if header is None:
        return Part.PICTURES  # not to be seen from here
    ratio = first.width_px * header.height_px / (first.height_px * header.width_px)
    is_smaller = header.width_px < first.width_px
    return None if is_smaller and abs(ratio - 1) < _SAME_SHAPE else Part.PICTURES


_SAME_SHAPE: Final = 0.05
"""A smaller picture whose sides have the same ratio, but for rounding, is a preview."""
