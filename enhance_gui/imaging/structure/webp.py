"""Follows the chunks of a WebP file (RFC 9649)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import islice
from typing import Final

from enhance_gui.imaging.structure.pieces import Pieces, broken, cut

_KIND: Final = "WebP"
_MAX_CHUNKS: Final = 100_000
_MAX_CHUNKS_A_FRAME: Final = 16
_PIXELS: Final = (b"VP8 ", b"VP8L")
_FRAME_HEAD_BYTES: Final = 16
_MAX_DECODED_PIXELS: Final = 2**20
"""Decoding so many takes some hundredths of a second, in which Python's other threads wait."""

_Sides = tuple[int, int]


def check_webp(pieces: Pieces) -> None:
    """Check that every chunk lies within the file, and that pixels are among them.

    Its structure says little of the pixels themselves: those of a small picture are decoded.

    :raises PictureDamaged: it is cut or broken.
    """
    (size_bytes,) = pieces.unpack("<I", 4)
    pieces.check_reach(8, size_bytes)
    canvas: _Sides | None = None
    frame: _Sides | None = None
    for name, place, chunk_bytes in _chunks(pieces, 12, 8 + size_bytes):
        if name == b"VP8X":
            if chunk_bytes < 10:
                raise broken(_KIND)
            sides = pieces.at(place + 4, 6)
            canvas = _number(sides[:3]) + 1, _number(sides[3:]) + 1
        elif name == b"ANMF":
            inner = _chunks(pieces, place + _FRAME_HEAD_BYTES, place + chunk_bytes)
            first = islice(inner, _MAX_CHUNKS_A_FRAME)
            found = [_frame_sides(pieces, *each) for each in first if each[0] in _PIXELS]
            frame = frame or (canvas if found else None)
        elif name in _PIXELS:
            frame = frame or _frame_sides(pieces, name, place, chunk_bytes)
    if frame is None or (canvas and frame != canvas):
        raise broken(_KIND)
    if frame[0] * frame[1] <= _MAX_DECODED_PIXELS:
        _decode(pieces)


def _chunks(pieces: Pieces, place: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, place and size of the chunks up to an end that none may pass."""
    for _ in range(_MAX_CHUNKS):
        if place + 8 > end:
            return
        name, size_bytes = pieces.unpack("<4sI", place)
        if place + 8 + size_bytes > end or not name.strip(b"\0"):
            raise cut()  # or there is room for what never came
        yield name, place + 8, size_bytes
        place += 8 + size_bytes + size_bytes % 2


def _frame_sides(pieces: Pieces, name: bytes, place: int, size_bytes: int) -> _Sides:
    """Return the sides of a frame, whose first part must lie within it."""
    pieces.check_filled(place, size_bytes)
    if name == b"VP8L":
        if size_bytes < 5 or pieces.at(place, 1) != b"\x2f":
            raise broken(_KIND)
        bits = _number(pieces.at(place + 1, 4))
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if size_bytes < 10 or pieces.at(place + 3, 3) != b"\x9d\x01\x2a":
        raise broken(_KIND)
    tag = _number(pieces.at(place, 3))
    if tag & 1 or 10 + (tag >> 5) > size_bytes:  # no key frame, or a first part that is cut
        raise broken(_KIND)
    width_px, height_px = pieces.unpack("<HH", place + 6)
    return width_px & 0x3FFF, height_px & 0x3FFF


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _decode(pieces: Pieces) -> None:
    from PIL import Image  # it takes a while to load

    from enhance_gui.imaging.decoders import can_decode

    if not can_decode("webp"):
        return
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(pieces.file, formats=["WEBP"]) as image,
        ):
            image.load()
    # Whatever Pillow's reader of broken files raises.
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise broken(_KIND) from error
