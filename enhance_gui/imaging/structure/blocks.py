"""Follows the blocks of a GIF file (the GIF89a text)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from enhance_gui.imaging.structure.pieces import Pieces, broken, cut

_KIND: Final = "GIF"
_EXTENSION: Final = 0x21
_IMAGE: Final = 0x2C
_END: Final = 0x3B
_MAX_CODE_BITS: Final = 11
_MAX_BLOCKS: Final = 1_000_000
"""Writers make them of 255 bytes; a hostile file has millions that are nearly empty."""
_MAX_FRAMES: Final = 100_000
_MAX_ZEROS: Final = 16
"""More of them are room for what never came."""


def check_gif(pieces: Pieces) -> None:
    """Check that every frame is there to its end; the mark after the last one may lack.

    :raises PictureDamaged: it is cut or broken.
    """
    steps = iter(range(_MAX_BLOCKS))
    frames = zeros = 0
    place = 13 + _table_bytes(pieces.at(10, 1)[0])
    for _ in steps:
        if place >= pieces.size_bytes or zeros > _MAX_ZEROS:
            break
        mark = pieces.at(place, 1)[0]
        if mark == _IMAGE:
            flags = pieces.at(place + 9, 1)[0]
            place += 10 + _table_bytes(flags)
            if not 0 < pieces.at(place, 1)[0] <= _MAX_CODE_BITS:
                raise broken(_KIND)
            place = _after_blocks(pieces, place + 1, steps)
            frames += 1
        elif mark == _EXTENSION:
            place = _after_blocks(pieces, place + 2, steps)
        elif mark == _END:
            break
        elif mark:
            raise broken(_KIND)
        else:  # some writers end a row of blocks twice
            place += 1
            zeros += 1
    if not frames or zeros > _MAX_ZEROS:
        raise cut()


def _table_bytes(flags: int) -> int:
    """Return the size of the table of colours that these flags announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(pieces: Pieces, place: int, steps: Iterator[int]) -> int:
    """Return the place behind a row of blocks, each with its length before it."""
    for _ in steps:
        size_bytes = pieces.at(place, 1)[0]
        place += 1 + size_bytes
        if not size_bytes:
            return place
    raise broken(_KIND)
