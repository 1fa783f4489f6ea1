"""Follows the chunks of a WebP file (RFC 9649)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from enhance_gui.imaging.structure.pieces import Pieces, broken, cut

_KIND: Final = "WebP"
_MAX_CHUNKS: Final = 100_000
_PIXELS: Final = (b"VP8 ", b"VP8L")
_FRAME_HEAD_BYTES: Final = 16


def check_webp(pieces: Pieces) -> None:
    """Check that every chunk lies within the file, and one of pixels is among them.

    :raises PictureDamaged: it is cut or broken.
    """
    (size_bytes,) = pieces.unpack("<I", 4)
    pieces.check_reach(8, size_bytes)
    end = 8 + size_bytes
    has_pixels = False
    for name, place, chunk_bytes in _chunks(pieces, 12, end):
        if name == b"ANMF":
            inner = list(_chunks(pieces, place + _FRAME_HEAD_BYTES, place + chunk_bytes))
        else:
            inner = [(name, place, chunk_bytes)]
        for inner_name, inner_place, inner_bytes in inner:
            if inner_name in _PIXELS:
                _check_pixels(pieces, inner_name, inner_place, inner_bytes)
                has_pixels = True
    if not has_pixels:
        raise broken(_KIND)


def _chunks(pieces: Pieces, place: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, place and size of the chunks up to an end that none may pass."""
    for _ in range(_MAX_CHUNKS):
        if place + 8 > end:
            return
        name, size_bytes = pieces.unpack("<4sI", place)
        if place + 8 + size_bytes > end:
            raise cut()
        yield name, place + 8, size_bytes
        place += 8 + size_bytes + size_bytes % 2


def _check_pixels(pieces: Pieces, name: bytes, place: int, size_bytes: int) -> None:
    """Check the first bytes of a frame, and that its first part lies within it."""
    if name == b"VP8L":
        if size_bytes < 5 or pieces.at(place, 1) != b"\x2f":
            raise broken(_KIND)
        return
    if size_bytes < 10 or pieces.at(place + 3, 3) != b"\x9d\x01\x2a":
        raise broken(_KIND)
    tag = int.from_bytes(pieces.at(place, 3), "little")
    if tag & 1 or 10 + (tag >> 5) > size_bytes:  # no key frame, or a first part that is cut
        raise broken(_KIND)
