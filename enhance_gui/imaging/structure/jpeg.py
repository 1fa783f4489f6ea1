"""Follows the markers of a JPEG file through its scans to the end (ITU-T T.81, annex B)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Final

from enhance_gui.core.picture_errors import PictureDamaged
from enhance_gui.imaging.structure.jpeg_tables import FRAMES, JpegPicture
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
_RESERVED: Final = frozenset(range(0x02, 0xC0))
_READ: Final = FRAMES | {_HUFFMAN, _QUANTA, _RESTART_INTERVAL, _SCAN}
_BETWEEN_SCANS: Final = frozenset(
    {_SCAN, _HUFFMAN, _ARITHMETIC, _QUANTA, _LINES, _RESTART_INTERVAL, *range(0xE0, 0xF0), 0xFE}
)

END_MARK: Final = b"\xff\xd9"
_PIXELS_A_BYTE: Final = 8 * 64

_MAX_FINAL_ZEROS: Final = 16
"""That may be a scan's own."""
_ROOM_BYTES: Final = 2**16


def check_jpeg(pieces: Pieces) -> None:
    """Check that the scans go on to the end of the picture.

    The mark of the end may lack if nothing else does. What comes after it, such as a second
    picture, is not looked at.

    :raises PictureDamaged: it is cut or broken.
    """
    picture, begin, doubtful_end = JpegPicture(), 0, 0
    for marker, place in _markers(pieces):
        if marker == _END:
            end = place
            break
        if marker in _RESERVED and picture.is_one_scan and picture.units_a_restart:
            continue  # decoders go on from the next restart
        if marker == _START or (picture.scans and marker not in _BETWEEN_SCANS):
            raise broken(_KIND)
        if picture.is_one_scan and marker != _LINES:
            # Nothing but the end is due after a scan that holds everything.
            doubtful_end = doubtful_end or place
        if marker in _READ:
            size_bytes = pieces.unpack(">H", place + 2)[0] - 2
            picture.take(marker, pieces.at(place + 4, size_bytes))
            if picture.scans and not begin:
                begin = place + 4 + size_bytes
    else:
        end = pieces.size_bytes
        doubtful_end = doubtful_end or end
    _check_amount(pieces, picture, range(begin, end))
    if doubtful_end:
        _ask_decoder(pieces, doubtful_end)


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
    bare = bare.removesuffix(END_MARK[:1])
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
        alone = marker == _START or marker in _RESERVED
        length = 0 if alone else pieces.unpack(">H", found + 2)[0]
        if not alone and length < 2:
            raise broken(_KIND)
        place = found + 2 + length
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


def _check_amount(pieces: Pieces, picture: JpegPicture, data: range) -> None:
    """Check that a picture has data enough for its sides.

    :param data: where all of its scans lie.
    """
    if not picture.scans:
        raise cut()
    if is_far_too_short(picture.width_px * picture.height_px, len(data)):
        raise PictureDamaged("it is far too short for its pixels: most of it is missing")
    if picture.is_one_scan and picture.restarts:
        found = sum(len(_RESTARTS.findall(b)) for b in pieces.blocks(data.start, len(data)))
        # One may lie across the border of two blocks.
        if found + len(data) // _BLOCK_BYTES < picture.restarts:
            raise cut()


def _ask_decoder(pieces: Pieces, end: int) -> None:
    """Have the scan decoded up to a place, where only that shows whether anything is missing."""
    try:
        whole = lacks_only_its_end(pieces.at(0, end))
    # Pillow's decoders raise whatever the broken bytes lead to.
    except Exception as error:
        raise broken(_KIND) from error
    if not whole:
        raise cut()
