"""Writes tags and XMP into an AVIF; the bytes of its pixels are copied.

They are two more items: described in ``iinf``, placed in ``iloc``, and tied to the picture in
``iref`` (ISO/IEC 23008-12, annex A; ISO/IEC 14496-12, 8.11). What is there by then moves on by what
the descriptions take, and the items themselves lie behind all the rest, in a box of their own.

Only files as libavif lays them out are changed: everything about them fits into 32 bits.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from typing import BinaryIO, Final, NamedTuple

from enhance_gui.core.images.carried.blocks import Blocks
from enhance_gui.core.images.carried.tags import tags_to_bytes
from enhance_gui.imaging.pieces import NotEditable, Write, copy, read_exactly

_MAX_META_BYTES: Final = 2**24
_MAX_BOXES: Final = 1000
_TAGS_BEGIN: Final = bytes(4)
"""Before the tags: how far behind this number they begin."""
_XMP_TYPE: Final = b"application/rdf+xml\0"
_LOCATIONS: Final = b"\0\0\0\0\x44\0"
"""How ``iloc`` begins whose places and sizes have four bytes each."""


class _Item(NamedTuple):
    """A further item."""

    kind: bytes
    described: bytes
    """What follows its name, which is empty."""
    content: bytes


def write_avif(file: BinaryIO, blocks: Blocks, write: Write) -> list[str]:
    """Write the picture; as :func:`enhance_gui.imaging.embed.embed`."""
    items: list[_Item] = []
    if blocks.exif is not None:
        items.append(_Item(b"Exif", b"", _TAGS_BEGIN + tags_to_bytes(blocks.exif)))
    if blocks.xmp is not None:
        items.append(_Item(b"mime", _XMP_TYPE, blocks.xmp.wrapped()))
    if not items:
        copy(file, 0, None, write)
        return []
    place, size_bytes = _find_meta(file)
    file.seek(place)
    meta = read_exactly(file, size_bytes)
    end = file.seek(0, io.SEEK_END)
    # Laid out once to see how long it becomes, and again with the places that follow from that.
    moved = len(_with_items(meta, items, 0, 0)) - size_bytes
    copy(file, 0, place, write)
    write(_with_items(meta, items, moved, end + moved + 8))
    copy(file, place + size_bytes, end - place - size_bytes, write)
    write(_box(b"mdat", b"".join(item.content for item in items)))
    return []


def _find_meta(file: BinaryIO) -> tuple[int, int]:
    """Return where the box of descriptions begins, and its size."""
    place = 0
    for _ in range(_MAX_BOXES):
        file.seek(place)
        size_bytes, name = struct.unpack(">I4s", read_exactly(file, 8))
        if size_bytes < 8:
            break
        if name == b"meta" and size_bytes <= _MAX_META_BYTES:
            return place, size_bytes
        place += size_bytes
    raise NotEditable("its boxes are laid out in an unusual way")


def _with_items(meta: bytes, items: Sequence[_Item], moved: int, begin: int) -> bytes:
    """Return the descriptions with those of further items.

    :param moved: how far on all lies that is there by now.
    :param begin: where the content of the first further item begins.
    """
    parts = _parts(meta)
    try:
        (picture,) = struct.unpack(">H", parts[b"pitm"][4:])
        locations = _locations(parts[b"iloc"], moved)
        described = parts[b"iinf"]
    except (KeyError, struct.error) as error:
        raise NotEditable("its items are described in an unusual way") from error
    numbers = range(max(locations) + 1, max(locations) + 1 + len(items))
    references = parts.pop(b"iref", bytes(4))
    for number, item in zip(numbers, items, strict=True):
        locations[number] = struct.pack(">II", begin, len(item.content))
        begin += len(item.content)
        entry = struct.pack(">HH4s", number, 0, item.kind) + b"\0" + item.described
        described += _box(b"infe", b"\2\0\0\0" + entry)
        references += _box(b"cdsc", struct.pack(">HHH", number, 1, picture))
    parts[b"iloc"] = _LOCATIONS + struct.pack(">H", len(locations))
    for number, location in locations.items():
        parts[b"iloc"] += struct.pack(">HHH", number, 0, 1) + location
    parts[b"iinf"] = described[:4] + struct.pack(">H", len(locations)) + described[6:]
    parts[b"iref"] = references
    return _box(b"meta", meta[8:12] + b"".join(_box(name, data) for name, data in parts.items()))


def _parts(meta: bytes) -> dict[bytes, bytes]:
    """Return the contents of the boxes in it, in order."""
    found: dict[bytes, bytes] = {}
    place = 12
    while place < len(meta):
        size_bytes, name = struct.unpack_from(">I4s", meta.ljust(place + 8, b"\0"), place)
        if size_bytes < 8 or place + size_bytes > len(meta) or name in found:
            raise NotEditable("its items are described in an unusual way")
        found[name] = meta[place + 8 : place + size_bytes]
        place += size_bytes
    return found


def _locations(box: bytes, moved: int) -> dict[int, bytes]:
    """Return where the content of each item begins, and its size, by its number.

    :raises struct.error: it is laid out otherwise.
    """
    count = struct.unpack(">H", box[6:8])[0] if box[:6] == _LOCATIONS else 0
    found: dict[int, bytes] = {}
    for at in range(8, 8 + 14 * count, 14):
        number, file, extents, place, size_bytes = struct.unpack(">HHHII", box[at : at + 14])
        if file or extents != 1 or place + moved >= 2**32:
            raise NotEditable("its items are laid out in an unusual way")
        found[number] = struct.pack(">II", place + moved, size_bytes)
    if not found or len(box) != 8 + 14 * count:
        raise NotEditable("its items are laid out in an unusual way")
    return found


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + name + data
