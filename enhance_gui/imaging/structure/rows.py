"""Holds the size of a BMP file against its rows (Microsoft's pages on bitmap storage)."""

from __future__ import annotations

from typing import Final

from enhance_gui.imaging.structure.pieces import Pieces, broken

_KIND: Final = "BMP"
_PLAIN: Final = frozenset({0, 3, 6})
"""Compressions that are none: rows of equal length, with or without masks of the channels."""
_RUN_LENGTHS: Final = frozenset({1, 2})
_HEAD_BYTES: Final = frozenset({12, 40, 52, 56, 64, 108, 124})
_MAX_COLOURS: Final = 2**16
_DEPTHS: Final = frozenset({1, 2, 4, 8, 16, 24, 32})


def check_bmp(pieces: Pieces) -> None:
    """Check that all rows are in the file; the sizes that it announces are often wrong.

    :raises PictureDamaged: it is cut or broken.
    """
    start, head_bytes = pieces.unpack("<II", 10)
    if head_bytes not in _HEAD_BYTES:
        raise broken(_KIND)
    compression = packed_bytes = colours = 0
    if head_bytes == 12:
        width_px, height_px, _planes, depth = pieces.unpack("<HHHH", 18)
    else:
        width_px, height_px, _planes, depth = pieces.unpack("<iiHH", 18)
        compression, packed_bytes = pieces.unpack("<II", 30)
        (colours,) = pieces.unpack("<I", 46)
    if depth not in _DEPTHS or width_px < 1 or (depth <= 8 and colours > _MAX_COLOURS):
        raise broken(_KIND)
    if compression in _PLAIN:
        row_bytes = -(-width_px * depth // 32) * 4
        # Some writers leave out what fills up the last row.
        last_bytes = -(-width_px * depth // 8)
        pieces.check_reach(start, row_bytes * (abs(height_px) - 1) + last_bytes)
    elif compression in _RUN_LENGTHS:
        pieces.check_reach(start, max(packed_bytes, 2))
    else:
        raise broken(_KIND)
