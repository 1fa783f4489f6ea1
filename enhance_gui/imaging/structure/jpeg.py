"""Follows the markers of a JPEG file through its scans to the end (ITU-T T.81, annex B)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from enhance_gui.core.picture_errors import PictureDamaged
from enhance_gui.imaging.structure.pieces import Pieces, broken, cut

_KIND: Final = "JPEG"
_MAX_MARKERS: Final = 20_000
_FIRST_BLOCK_BYTES: Final = 2**12
_BLOCK_BYTES: Final = 2**20

_MARKER: Final = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd7]")
"""One with a meaning between scans: restarts and the rest stand within them."""
_RESTARTS: Final = re.compile(rb"\xff[\xd0-\xd7]")

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_HUFFMAN, _ARITHMETIC, _QUANTA, _LINES, _RESTART_INTERVAL = 0xC4, 0xCC, 0xDB, 0xDC, 0xDD
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {_HUFFMAN, _ARITHMETIC, 0xC8}
_SEQUENTIAL: Final = frozenset({0xC0, 0xC1, 0xC9})
_BETWEEN_SCANS: Final = frozenset(
    {_HUFFMAN, _ARITHMETIC, _QUANTA, _LINES, _RESTART_INTERVAL, *range(0xE0, 0xF0), 0xFE}
)

END_MARK: Final = b"\xff\xd9"
_PIXELS_A_BYTE: Final = 8 * 64

_MAX_FINAL_ZEROS: Final = 16
"""That may be a scan's own."""
_ROOM_BYTES: Final = 2**16


@dataclass(slots=True)
class _Picture:
    """What the walk has learned so far."""

    marker: int = 0
    """Of the frame header; 0 before it."""
    width_px: int = 0
    height_px: int = 0
    sampling: tuple[tuple[int, int], ...] = ()
    """Across and down, of each component."""
    units_a_restart: int = 0
    scans: int = 0
    is_one_scan: bool = False
    """Whether the first scan holds all of the picture."""
    data_begin: int = 0
    """Of the first scan."""

    @property
    def restarts(self) -> int:
        """How many marks of a restart a picture of one scan has."""
        if not self.units_a_restart:
            return 0
        across = down = 8
        if len(self.sampling) > 1:
            across *= max(h for h, _ in self.sampling)
            down *= max(v for _, v in self.sampling)
        units = -(-self.width_px // across) * -(-self.height_px // down)
        return -(-units // self.units_a_restart) - 1


def check_jpeg(pieces: Pieces) -> None:
    """Check that the scans go on to the end of the picture.

    The mark of the end may lack if nothing else does. What comes after it, such as a second
    picture, is not looked at.

    :raises PictureDamaged: it is cut or broken.
    """
    picture = _Picture()
    for marker, place in _markers(pieces):
        if marker == _END:
            _check_amount(pieces, picture, place)
            return
        if picture.is_one_scan and marker != _LINES:
            break  # nothing but the end is due after a scan that holds everything
        _learn(pieces, picture, marker, place)
    else:
        place = pieces.size_bytes
    _check_amount(pieces, picture, place)
    _ask_decoder(pieces, place)


def lacks_only_its_end(jpeg: bytes) -> bool:
    """Return whether a JPEG without the mark of its end has all of its pixels.

    A decoder makes up what is missing of one that was cut, out of nothing or of what comes next;
    if that makes no difference, nothing is missing. Of a progressive one whole scans may be. Zeros
    at its end count for nothing: what fetches files makes room for them first, filled with zeros.
    The mean of each block is enough to see it, and a fraction of the work.

    :raises OSError: it cannot be decoded at all.
    """
    from PIL import Image  # it takes a while to load, and few files need it

    bare = jpeg.rstrip(b"\0")
    if len(jpeg) - len(bare) <= _MAX_FINAL_ZEROS:
        bare = jpeg
    made = set()
    for more in (b"", b"\x5a" * _ROOM_BYTES):
        with Image.open(io.BytesIO(bare + more + END_MARK), formats=["JPEG"]) as image:
            if "progressive" in image.info:
                return False
            image.draft(None, (1, 1))
            made.add(image.tobytes())
    return len(made) == 1


def is_far_too_short(pixels: int, size_bytes: int) -> bool:
    """Return whether a JPEG has too few bytes for its blocks.

    Each of 64 pixels has at least one bit of its own, the code of its brightness. A decoder fills
    up the rest with grey.
    """
    return size_bytes * _PIXELS_A_BYTE < pixels


def _markers(pieces: Pieces) -> Iterator[tuple[int, int]]:
    """Yield each marker that has a meaning, and its place; segments are passed over."""
    place = 2
    for _ in range(_MAX_MARKERS):
        found = _next_marker(pieces, place)
        if found is None:
            return
        marker = pieces.at(found + 1, 1)[0]
        yield marker, found
        place = found + 2 + (0 if marker == _START else pieces.unpack(">H", found + 2)[0])
    raise broken(_KIND)


def _next_marker(pieces: Pieces, place: int) -> int | None:
    """Return the place of the next marker; stray bytes and a scan's data are passed over."""
    block_bytes = _FIRST_BLOCK_BYTES  # enough between two segments
    while place + 2 <= pieces.size_bytes:
        block = pieces.at(place, min(block_bytes, pieces.size_bytes - place))
        found = _MARKER.search(block)
        if found:
            return place + found.start()
        place += len(block) - 1  # its last byte may begin a marker
        block_bytes = _BLOCK_BYTES
    return None


def _learn(pieces: Pieces, picture: _Picture, marker: int, place: int) -> None:
    """Learn what a segment says of the frame and its scans."""
    if marker == _SCAN:
        components = pieces.at(place + 4, 1)[0]
        if not picture.marker or not 0 < components <= len(picture.sampling):
            raise broken(_KIND)
        picture.scans += 1
        if picture.scans == 1:
            sequential = picture.marker in _SEQUENTIAL
            picture.is_one_scan = sequential and components == len(picture.sampling)
            picture.data_begin = place + 2 + pieces.unpack(">H", place + 2)[0]
    elif marker == _RESTART_INTERVAL:
        (picture.units_a_restart,) = pieces.unpack(">H", place + 4)
    elif marker in _FRAMES:
        if picture.marker:
            raise broken(_KIND)
        picture.marker = marker
        picture.height_px, picture.width_px, components = pieces.unpack(">HHB", place + 5)
        parts = pieces.at(place + 10, 3 * components)
        picture.sampling = tuple((each >> 4, each & 15) for each in parts[1::3])
        if not all(1 <= each <= 4 for pair in picture.sampling for each in pair):
            raise broken(_KIND)
    elif marker == _START or (picture.scans and marker not in _BETWEEN_SCANS):
        raise broken(_KIND)


def _check_amount(pieces: Pieces, picture: _Picture, end: int) -> None:
    """Check that a picture has data enough for its sides."""
    if not picture.scans:
        raise cut()
    pixels = picture.width_px * picture.height_px
    if is_far_too_short(pixels, end - picture.data_begin):
        raise PictureDamaged("it is far too short for its pixels: most of it is missing")
    if picture.is_one_scan and picture.restarts:
        data_bytes = end - picture.data_begin
        blocks = pieces.blocks(picture.data_begin, data_bytes)
        found = sum(len(_RESTARTS.findall(block)) for block in blocks)
        # One may lie across the border of two blocks.
        if found + data_bytes // _BLOCK_BYTES < picture.restarts:
            raise cut()


def _ask_decoder(pieces: Pieces, end: int) -> None:
    """Have the scan decoded up to a place, where only that shows whether anything is missing."""
    try:
        whole = lacks_only_its_end(pieces.at(0, end))
    except (OSError, SyntaxError, ValueError) as error:
        raise broken(_KIND) from error
    if not whole:
        raise cut()
