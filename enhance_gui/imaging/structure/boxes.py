"""Follows the boxes of AVIF, HEIF and JPEG 2000 files.

Layouts: ISO/IEC 14496-12 (boxes, the places of items) and ITU-T T.800, annexes A and I.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from enhance_gui.imaging.structure.pieces import Pieces, broken, cut

_MAX_BOXES: Final = 10_000
_MAX_ITEMS: Final = 2**16
_MAX_EXTENTS: Final = 2**17
"""Of all items; those of a hostile file take no bytes each."""
_MAX_TILE_PARTS: Final = 2**18

_IN_FILE, _IN_DATA_BOX = 0, 1

_NEEDED: Final = frozenset({b"meta", b"moov", b"mdat"})
_CODESTREAM_BOX: Final = b"jp2c"
_CODESTREAM: Final = b"\xff\x4f\xff\x51"
_SOT, _EOC = 0xFF90, 0xFFD9


def check_boxes(pieces: Pieces) -> None:
    """Check that the boxes of an AVIF or HEIF file, and the places of its items, lie within it.

    :raises PictureDamaged: it is cut or broken.
    """
    has_description = False
    for name, place, size_bytes in _boxes(pieces, 0, pieces.size_bytes):
        if name == b"meta":
            has_description = True
            _check_items(pieces, place + 4, place + size_bytes)
        has_description = has_description or name == b"moov"
    if not has_description:
        raise cut()


def check_jpeg_2000(pieces: Pieces) -> None:
    """Check that every part of the tiles is there; the mark of the end may lack.

    :raises PictureDamaged: it is cut or broken.
    """
    if pieces.at(0, 4) == _CODESTREAM:
        _check_codestream(pieces, 0, pieces.size_bytes)
        return
    for name, place, size_bytes in _boxes(pieces, 0, pieces.size_bytes):
        if name == _CODESTREAM_BOX:
            # It may lack the mark of its end, and so may the file.
            _check_codestream(pieces, place, min(place + size_bytes, pieces.size_bytes))
            return
    raise cut()


def _boxes(
    pieces: Pieces, place: int, end: int, *, within_box: bool = False
) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, place and size of the content of the boxes up to an end."""
    for _ in range(_MAX_BOXES):
        if place + 8 > end:
            return
        size_bytes, name = pieces.unpack(">I4s", place)
        head_bytes = 8
        if size_bytes == 1:
            (size_bytes,) = pieces.unpack(">Q", place + 8)
            head_bytes = 16
        elif size_bytes == 0:
            size_bytes = end - place
        if size_bytes < head_bytes:
            raise broken("HEIF")
        if place + size_bytes > end and name != _CODESTREAM_BOX:
            if name in _NEEDED or within_box:
                raise cut()
            return  # stray bytes behind the picture
        yield name, place + head_bytes, size_bytes - head_bytes
        place += size_bytes


def _check_items(pieces: Pieces, place: int, end: int) -> None:
    found = {name: (at, size) for name, at, size in _boxes(pieces, place, end, within_box=True)}
    if b"iloc" not in found:
        raise broken("HEIF")
    data_bytes = found.get(b"idat", (0, 0))[1]
    for method, offset, size_bytes in _extents(pieces, *found[b"iloc"]):
        if method == _IN_FILE:
            # Cameras leave room in the tags, full of zeros.
            beginning = pieces.at(offset, min(size_bytes, 16))
            is_tags = any(mark in beginning for mark in (b"Exif", b"II*\0", b"MM\0*"))
            (pieces.check_reach if is_tags else pieces.check_filled)(offset, size_bytes)
        elif method == _IN_DATA_BOX and offset + size_bytes > data_bytes:
            raise broken("HEIF")


def _extents(pieces: Pieces, place: int, size_bytes: int) -> Iterator[tuple[int, int, int]]:
    """Yield where each piece of each item lies: the manner, its offset and its size."""
    data = _Numbers(pieces.at(place, size_bytes))
    version = data.next(1)
    data.next(3)
    sizes = data.next(2)
    offset_bytes, length_bytes, base_bytes = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_bytes = sizes & 15 if version else 0
    wide = 4 if version == 2 else 2
    total = 0
    for _ in range(min(data.next(wide), _MAX_ITEMS)):
        data.next(wide)
        method = data.next(2) & 15 if version else _IN_FILE
        reference = data.next(2)
        base = data.next(base_bytes)
        extents = data.next(2)
        total += extents
        if total > _MAX_EXTENTS:
            raise broken("HEIF")
        for _ in range(extents):
            data.next(index_bytes)
            offset, length = data.next(offset_bytes), data.next(length_bytes)
            if not reference:  # otherwise it is in another file
                yield method, base + offset, length


class _Numbers:
    """Numbers of several sizes, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def next(self, size_bytes: int) -> int:
        end = self._place + size_bytes
        if end > len(self._data):
            raise broken("HEIF")
        number = int.from_bytes(self._data[self._place : end])
        self._place = end
        return number


def _check_codestream(pieces: Pieces, place: int, end: int) -> None:
    if end - place < 4 or pieces.at(place, 4) != _CODESTREAM:
        raise broken("JPEG 2000")
    place += 2
    tile_parts = 0
    for _ in range(_MAX_TILE_PARTS):
        if place + 2 > end:
            break
        (marker,) = pieces.unpack(">H", place)
        if marker == _EOC:
            break
        (length,) = pieces.unpack(">H", place + 2)
        if marker != _SOT:
            if marker >> 8 != 0xFF or tile_parts:
                raise broken("JPEG 2000")
            place += 2 + length
            continue
        tile_parts += 1
        (part_bytes,) = pieces.unpack(">I", place + 6)
        if part_bytes == 0:  # it goes on to the end
            break
        place += part_bytes
        if place > end:
            raise cut()
    if not tile_parts:
        raise cut()
