"""Counts the frames of animations and the pages of documents, without decoding a pixel."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import Final

from enhance_gui.core.images.boxes import count_samples
from enhance_gui.core.images.exif import UPRIGHT

_Bytes = bytes | mmap

_MAX_FRAMES: Final = 100_000
"""More are not counted, nor are more blocks passed over: a hostile file has millions of them."""
_MAX_ENTRIES: Final = 200_000
"""Of all directories of a TIFF; those of a hostile one lie over each other."""

_WIDTH: Final = 256
_HEIGHT: Final = 257
_SUBFILE_TYPE: Final = 254
_ORIENTATION: Final = 274
_REDUCED_OR_MASK: Final = 0b101
"""Bits of the type of a directory that is no page of its own (TIFF 6.0, section 8)."""
_SHORT: Final = 3


@dataclass(frozen=True, slots=True)
class TiffPage:
    """What a directory of a TIFF says of its picture."""

    width_px: int | None
    height_px: int | None
    is_page: bool
    """Whether it is a picture of its own, not a smaller copy or a mask of another."""
    orientation: int
    """As EXIF numbers them."""


def count_frames(data: _Bytes, kind: str) -> int:
    """Return how many frames or pages a picture has, as far as it is there.

    :param data: the file, or its beginning: of an animation at least two are counted as soon as
        it is known to be one.
    """
    count = _COUNTS.get(kind)
    return max(1, count(data)) if count is not None else 1


def tiff_pages(data: _Bytes) -> Iterator[TiffPage]:
    """Yield the directories of a TIFF, as far as they are there.

    They name each other's places: a circle of them ends at the first that was there before.
    """
    if len(data) < 8:
        return
    order = "<" if data[:2] == b"II" else ">"
    (place,) = struct.unpack_from(order + "I", data, 4)
    seen: set[int] = set()
    left = _MAX_ENTRIES
    while place and place not in seen and left > 0:
        seen.add(place)
        if len(data) < place + 2:
            return
        (entries,) = struct.unpack_from(order + "H", data, place)
        end = place + 2 + 12 * entries
        if len(data) < end:
            return
        left -= entries + 1
        tags = _numbers(data, order, range(place + 2, end, 12))
        is_page = not tags.get(_SUBFILE_TYPE, 0) & _REDUCED_OR_MASK
        orientation = tags.get(_ORIENTATION, UPRIGHT)
        yield TiffPage(tags.get(_WIDTH), tags.get(_HEIGHT), is_page, orientation)
        if len(data) < end + 4:
            return
        (place,) = struct.unpack_from(order + "I", data, end)


def _numbers(data: _Bytes, order: str, entries: range) -> dict[int, int]:
    found: dict[int, int] = {}
    for entry in entries:
        tag, form = struct.unpack_from(order + "HH", data, entry)
        if tag in (_WIDTH, _HEIGHT, _SUBFILE_TYPE, _ORIENTATION):
            layout = order + ("H" if form == _SHORT else "I")
            (found[tag],) = struct.unpack_from(layout, data, entry + 8)
    return found


def _in_tiff(data: _Bytes) -> int:
    return sum(page.is_page for page in tiff_pages(data))


def _in_png(data: _Bytes) -> int:
    """Read the chunk that an animation has before its pixels (W3C PNG, third edition, 11.3.6.1)."""
    place = 8
    while place + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        if name == b"IDAT":
            return 1
        if name == b"acTL" and length == 8:
            return int(struct.unpack_from(">I", data, place + 8)[0])
        place += 12 + length
    return 1


def _in_webp(data: _Bytes) -> int:
    if data[12:16] != b"VP8X" or len(data) < 30 or not data[20] & 0b10:
        return 1
    place, count = 12, 0
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while place + 8 <= end and count < _MAX_FRAMES:
        name, length = struct.unpack_from("<4sI", data, place)
        count += name == b"ANMF"
        place += 8 + length + length % 2
    is_whole = len(data) >= 8 + int.from_bytes(data[4:8], "little")
    return count if is_whole else max(2, count)


def _in_gif(data: _Bytes) -> int:
    """Walk the blocks up to the trailer, or to the end of what is there."""
    place, count = 13 + _colours_bytes(data, 10), 0
    for _ in range(_MAX_FRAMES):
        if place >= len(data):
            break
        if data[place] == 0x21:  # an extension: its kind, then blocks
            place = _after_blocks(data, place + 2)
        elif data[place] == 0x2C:  # a picture: ten bytes, perhaps colours, a size of codes, blocks
            count += 1
            place = _after_blocks(data, place + 11 + _colours_bytes(data, place + 9))
        else:
            break
    return count


def _colours_bytes(data: _Bytes, place: int) -> int:
    """Return the length of the table of colours that the flags at a place announce."""
    if place >= len(data) or not data[place] & 0x80:
        return 0
    return 3 << ((data[place] & 7) + 1)


def _after_blocks(data: _Bytes, place: int) -> int:
    for _ in range(_MAX_FRAMES):
        if place >= len(data) or not data[place]:
            break
        place += 1 + data[place]
    return place + 1


def _in_boxes(data: _Bytes) -> int:
    if data[8:12] not in _FILMS:
        return 1
    return count_samples(data) or 2


_FILMS: Final = (b"avis", b"msf1", b"hevc", b"hevx", b"hevm", b"hevs")
"""Brands of image sequences (ISO/IEC 23008-12, annex B.4)."""

_COUNTS: Final[dict[str, Callable[[_Bytes], int]]] = {
    "png": _in_png,
    "webp": _in_webp,
    "gif": _in_gif,
    "tiff": _in_tiff,
    "avif": _in_boxes,
    "heic": _in_boxes,
}
