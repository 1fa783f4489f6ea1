"""Follows the directories of a TIFF file to the strips or tiles of its pages (TIFF 6.0)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from enhance_gui.imaging.structure.pieces import Deflated, Pieces, broken, cut

_KIND: Final = "TIFF"
_MAX_ENTRIES: Final = 200_000
_MAX_VALUES: Final = 2**20
"""Both of all directories; those of a hostile file lie over each other."""
_SIZES: Final = {1: 1, 3: 2, 4: 4, 7: 1}
"""Bytes of a value of the types that the tags here may have."""
_LETTERS: Final = {1: "B", 3: "H", 4: "I", 7: "B"}

_WIDTH, _HEIGHT, _BITS, _COMPRESSION = 256, 257, 258, 259
_STRIPS, _SAMPLES, _ROWS_A_STRIP, _STRIP_BYTES, _PLANES = 273, 277, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES = 322, 323, 324, 325
_JPEG_TABLES: Final = 347
_NEEDED: Final = frozenset(
    {
        *(_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _STRIPS, _SAMPLES, _ROWS_A_STRIP, _STRIP_BYTES),
        *(_PLANES, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES, _JPEG_TABLES),
    }
)
_UNCOMPRESSED: Final = 1
_DEFLATE: Final = frozenset({8, 32_946})
_CODED: Final = frozenset({5, 7}) | _DEFLATE
"""LZW, JPEG and deflate: codes with an end of their own."""
_SEPARATE: Final = 2
_MAX_SAMPLES: Final = 8
_MAX_BITS: Final = 32

_Tags = dict[int, tuple[int, ...]]


def check_tiff(pieces: Pieces) -> None:
    """Check that the strips or tiles of the first page, which is the one that counts, are there.

    :raises PictureDamaged: it is cut or broken.
    """
    order = "<" if pieces.at(0, 2) == b"II" else ">"
    version, place = pieces.unpack(order + "HI", 2)
    if version != 42:
        return  # BigTIFF
    tags = _directory(pieces, order, place)
    if not {_WIDTH, _HEIGHT} <= set(tags):
        raise broken(_KIND)
    _check_page(pieces, tags)


def _directory(pieces: Pieces, order: str, place: int) -> _Tags:
    """Read the needed tags of a directory."""
    (entries,) = pieces.unpack(order + "H", place)
    data = pieces.at(place + 2, 12 * entries)
    tags: _Tags = {}
    for entry in range(0, len(data), 12):
        tag, form, count = struct.unpack_from(order + "HHI", data, entry)
        if tag not in _NEEDED or form not in _SIZES:
            continue
        if not 0 < count <= _MAX_VALUES:
            raise broken(_KIND)
        value_bytes = count * _SIZES[form]
        if value_bytes <= 4:
            packed = data[entry + 8 : entry + 8 + value_bytes]
        else:
            (far,) = struct.unpack_from(order + "I", data, entry + 8)
            packed = pieces.at(far, value_bytes)
        tags[tag] = struct.unpack(f"{order}{count}{_LETTERS[form]}", packed)
    return tags


def _check_page(pieces: Pieces, tags: _Tags) -> None:
    places = tags.get(_TILES) or tags.get(_STRIPS)
    if not places or _WIDTH not in tags or _HEIGHT not in tags:
        return  # a directory of something else, or JPEG by the first manner of TIFF 6.0
    tiled = _TILES in tags
    if len(places) < _needed_parts(tags, tiled=tiled):
        raise broken(_KIND)
    sizes = tags.get(_TILE_BYTES if tiled else _STRIP_BYTES)
    if sizes is not None and len(sizes) < len(places):
        raise broken(_KIND)
    compression = _one(tags, _COMPRESSION, _UNCOMPRESSED)
    check = pieces.check_filled if compression in _CODED else pieces.check_reach
    for place, size_bytes in zip(places, sizes or [1] * len(places), strict=False):
        check(place, size_bytes)
    if not tiled and compression == _UNCOMPRESSED:
        for place, part_bytes in zip(places, _unpacked_bytes(tags), strict=False):
            pieces.check_reach(place, part_bytes)
    elif not tiled and sizes and compression in _DEFLATE and _is_usual(tags):
        for place, size_bytes, part_bytes in zip(
            places, sizes, _unpacked_bytes(tags), strict=False
        ):
            _check_unpacked(pieces, place, size_bytes, part_bytes)


def _is_usual(tags: _Tags) -> bool:
    """Return whether what is to be unpacked is about as much as the sides say."""
    return _one(tags, _SAMPLES, 1) <= _MAX_SAMPLES and _one(tags, _BITS, 1) <= _MAX_BITS


def _needed_parts(tags: _Tags, *, tiled: bool) -> int:
    width_px, height_px = tags[_WIDTH][0], tags[_HEIGHT][0]
    if tiled:
        across, down = _one(tags, _TILE_WIDTH, 0), _one(tags, _TILE_HEIGHT, 0)
        if not across or not down:
            raise broken(_KIND)
        parts = -(-width_px // across) * -(-height_px // down)
    else:
        parts = -(-height_px // _rows_a_strip(tags))
    return parts * (_one(tags, _SAMPLES, 1) if _one(tags, _PLANES, 1) == _SEPARATE else 1)


def _unpacked_bytes(tags: _Tags) -> Iterator[int]:
    """Yield how many bytes the rows of each strip have, plane after plane."""
    separate = _one(tags, _PLANES, 1) == _SEPARATE
    samples = _one(tags, _SAMPLES, 1)
    row_bytes = -(-tags[_WIDTH][0] * (1 if separate else samples) * _one(tags, _BITS, 1) // 8)
    height_px, rows = tags[_HEIGHT][0], _rows_a_strip(tags)
    for _ in range(samples if separate else 1):
        for top in range(0, height_px, rows):
            yield min(rows, height_px - top) * row_bytes


def _check_unpacked(pieces: Pieces, place: int, size_bytes: int, rows_bytes: int) -> None:
    """Check that the rows of a strip are all there."""
    rows = Deflated(_KIND, rows_bytes)
    for block in pieces.blocks(place, size_bytes):
        rows.take(block)
    if rows.missing_bytes:
        raise cut()


def _rows_a_strip(tags: _Tags) -> int:
    return min(_one(tags, _ROWS_A_STRIP, 0) or tags[_HEIGHT][0], tags[_HEIGHT][0]) or 1


def _one(tags: _Tags, tag: int, default: int) -> int:
    return tags[tag][0] if tag in tags else default
