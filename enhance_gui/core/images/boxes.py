"""Reads the boxes of AVIF, HEIF and JPEG 2000 files, without decoding a pixel.

Boxes lie in each other (ISO/IEC 14496-12, 4.2). A picture's sides are a property, ``ispe``, of its
primary item (ISO/IEC 23008-12, 6.5.3); of a file that has a film alone, they stand in its track.
All of it comes from outside: places are checked, and each walk has an end.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from mmap import mmap
from typing import Final

from enhance_gui.core.picture_errors import PictureDamaged

_MAX_BOXES: Final = 10_000
"""Of one level; a hostile file has millions of empty ones."""
_MAX_ASSOCIATIONS: Final = 100_000

_AVIF: Final = (b"avif", b"avis")
"""Brands of pictures whose decoder leaves a clean aperture (``clap``) to others."""

_Sides = tuple[int, int]


def boxes_named(data: bytes | mmap, name: bytes, within: range | None = None) -> Iterator[range]:
    """Yield the places of the contents of all boxes of a name that are wholly there.

    :param within: the content of the box they lie in; without it, the whole file.
    """
    return (place for found, place in _boxes(data, within) if found == name)


def primary_sides(data: bytes | mmap) -> _Sides | None:
    """Return the stored sides of an AVIF's or HEIF's picture; ``None``: more bytes are needed.

    :raises PictureDamaged: they are not where they have to be.
    """
    for name, place in _boxes(data, None):
        if name == b"meta":
            return _sides_of_primary(data, range(place.start + 4, place.stop))
        if name == b"moov":
            return _sides_of_track(data, place)
    return None


def swaps_sides(data: bytes | mmap) -> bool:
    """Return whether an AVIF's or HEIF's picture is shown turned by a quarter (``irot``)."""
    for meta in boxes_named(data, b"meta"):
        with suppress(struct.error):
            for name, place in _properties(data, range(meta.start + 4, meta.stop)):
                if name == b"irot" and data[place.start] & 1:
                    return True
    return False


def count_samples(data: bytes | mmap) -> int:
    """Return how many pictures the film of an AVIF or HEIF file has, 0 where none is there."""
    place = _inner(data, None, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsz")
    if place is None or len(place) < 12:
        return 0
    return int(struct.unpack_from(">I", data, place.start + 8)[0])


def _boxes(data: bytes | mmap, within: range | None) -> Iterator[tuple[bytes, range]]:
    """Yield name and content of the boxes, up to the first that is not wholly there."""
    place, stop = (0, len(data)) if within is None else (within.start, within.stop)
    for _ in range(_MAX_BOXES):
        if place + 8 > stop:
            return
        size, name = struct.unpack_from(">I4s", data, place)
        begin = place + 8
        if size == 1:  # its size stands behind its name, in eight bytes
            if begin + 8 > stop:
                return
            (size,) = struct.unpack_from(">Q", data, begin)
            begin += 8
        end = stop if size == 0 else place + size
        if end < begin or end > stop:
            return
        yield name, range(begin, end)
        place = end


def _inner(data: bytes | mmap, within: range | None, *names: bytes) -> range | None:
    """Follow the first boxes of these names into each other."""
    for name in names:
        within = next(boxes_named(data, name, within), None)
        if within is None:
            return None
    return within


def colours_of_primary(data: bytes | mmap) -> Iterator[bytes]:
    """Yield the descriptions of the colours of an AVIF's or HEIF's picture: what its ``colr`` boxes
    hold, a word for their kind first (ISO/IEC 14496-12, 12.1.5).
    """
    for meta in boxes_named(data, b"meta"):
        with suppress(struct.error):
            for name, place in _properties(data, range(meta.start + 4, meta.stop)):
                if name == b"colr":
                    yield data[place.start : place.stop]


def _sides_of_primary(data: bytes | mmap, meta: range) -> _Sides:
    stored = cut = None
    with suppress(struct.error):
        for name, place in _properties(data, meta):
            if name == b"ispe":
                stored = struct.unpack_from(">II", data, place.start + 4)
            elif name == b"clap" and data[8:12] not in _AVIF:
                cut = struct.unpack_from(">4I", data, place.start)
    if stored is None:
        raise PictureDamaged("its header gives no size of its picture")
    if cut is not None and cut[1] and cut[3]:
        # Encoders of HEIF fill up to whole blocks; this is what of it is the picture.
        return min(stored[0], cut[0] // cut[1]), min(stored[1], cut[2] // cut[3])
    return stored[0], stored[1]


def _properties(data: bytes | mmap, meta: range) -> Iterator[tuple[bytes, range]]:
    """Yield name and content of the properties of the primary item.

    :raises struct.error: a box ends before what it has to hold.
    """
    known = list(_boxes(data, _inner(data, meta, b"iprp", b"ipco") or range(0)))
    for index in _associations(data, meta, _primary_item(data, meta)):
        if 0 < index <= len(known):
            yield known[index - 1]


def _primary_item(data: bytes | mmap, meta: range) -> int:
    place = _inner(data, meta, b"pitm")
    if place is None:
        return 0
    layout = ">H" if data[place.start : place.start + 1] == b"\0" else ">I"
    return int(struct.unpack_from(layout, data, place.start + 4)[0])


def _associations(data: bytes | mmap, meta: range, item: int) -> Iterator[int]:
    """Yield the numbers of an item's properties, from 1 on (ISO/IEC 14496-12, 8.11.14)."""
    properties = _inner(data, meta, b"iprp")
    for box in boxes_named(data, b"ipma", properties or range(0)):
        flags, entries = struct.unpack_from(">II", data, box.start)
        version, is_wide = flags >> 24, flags & 1
        place = box.start + 8
        number, step = (">H", 2) if version == 0 else (">I", 4)
        for _ in range(min(entries, _MAX_ASSOCIATIONS)):
            if place + step + 1 > box.stop:
                return
            (owner,) = struct.unpack_from(number, data, place)
            count = data[place + step]
            place += step + 1
            if owner == item:
                layout, mask = (">H", 0x7FFF) if is_wide else (">B", 0x7F)
                for at in range(count):
                    where = place + at * (2 if is_wide else 1)
                    yield struct.unpack_from(layout, data, where)[0] & mask
                return
            place += count * (2 if is_wide else 1)


def _sides_of_track(data: bytes | mmap, moov: range) -> _Sides:
    """Read the sides out of the first track's header: its last two numbers, of 16.16 bits."""
    place = _inner(data, moov, b"trak", b"tkhd")
    if place is None or len(place) < 84:
        raise PictureDamaged("its header gives no size of its picture")
    width, height = struct.unpack_from(">II", data, place.stop - 8)
    return width >> 16, height >> 16
