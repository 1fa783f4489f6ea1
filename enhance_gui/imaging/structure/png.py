"""Follows the chunks of a PNG file and counts what its rows unpack to (W3C PNG, third edition)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from enhance_gui.imaging.structure.pieces import Deflated, Pieces, broken, cut

_KIND: Final = "PNG"
_MAX_CHUNKS: Final = 200_000
"""Some writers make an IDAT of each few rows."""

_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS: Final = {
    0: (1, 2, 4, 8, 16),
    2: (8, 16),
    3: (1, 2, 4, 8),
    4: (8, 16),
    6: (8, 16),
}
_PALETTE: Final = 3
_ADAM7: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
"""First column and row of each pass, and the steps from there."""


def check_png(pieces: Pieces) -> None:
    """Check the chunks that no decoder may leave out, and that all rows are there.

    Checksums of other chunks may be wrong, and the mark of the end may lack, as in browsers.

    :raises PictureDamaged: it is cut or broken.
    """
    rows: _Rows | None = None
    for name, place, size_bytes in _chunks(pieces):
        if not name[:1].isupper():
            continue  # decoders may leave it out
        if rows is None:
            if name != b"IHDR" or size_bytes != 13:
                raise broken(_KIND)
            rows = _Rows(pieces, place)
        sum_ = zlib.crc32(name)
        for block in pieces.blocks(place, min(size_bytes, pieces.size_bytes - place)):
            sum_ = zlib.crc32(block, sum_)
            if name == b"IDAT":
                rows.take(block)
        if place + size_bytes + 4 > pieces.size_bytes:
            break  # it is cut here, perhaps behind its last row
        if pieces.unpack(">I", place + size_bytes) != (sum_,):
            raise broken(_KIND)
        rows.has_palette |= name == b"PLTE"
    if rows is None or rows.missing_bytes:
        raise cut()


def _chunks(pieces: Pieces) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, place and size of each chunk up to the end."""
    place = 8
    for _ in range(_MAX_CHUNKS):
        if place + 8 > pieces.size_bytes:
            return
        size_bytes, name = pieces.unpack(">I4s", place)
        yield name, place + 8, size_bytes
        if name == b"IEND":
            return
        place += 12 + size_bytes


class _Rows(Deflated):
    """The rows of a PNG."""

    def __init__(self, pieces: Pieces, place: int) -> None:
        width_px, height_px, depth, colour, packing, filtering, interlaced = pieces.unpack(
            ">IIBBBBB", place
        )
        if depth not in _DEPTHS.get(colour, ()) or packing or filtering or interlaced > 1:
            raise broken(_KIND)
        self.has_palette = colour != _PALETTE
        passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
        bits = _CHANNELS[colour] * depth
        rows_bytes = sum(_pass_bytes(width_px, height_px, bits, *each) for each in passes)
        super().__init__(_KIND, rows_bytes)

    def take(self, packed: bytes) -> None:
        """Unpack a piece of IDAT, which stands behind the palette."""
        if not self.has_palette:
            raise broken(_KIND)
        super().take(packed)


def _pass_bytes(
    width_px: int, height_px: int, bits: int, left: int, top: int, right_step: int, down_step: int
) -> int:
    """Return how many bytes the rows of one pass have, each with its filter's number."""
    columns = -(-max(0, width_px - left) // right_step)
    rows = -(-max(0, height_px - top) // down_step)
    return rows * (1 + -(-columns * bits // 8)) if columns else 0
