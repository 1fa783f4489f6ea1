"""Writes tags into a TIFF: its directory is laid out anew, its strips or tiles are copied."""

from __future__ import annotations

import struct
from typing import BinaryIO, Final

from enhance_gui.core.images.carried.blocks import (
    FIELDS_TAG,
    PHOTOSHOP_TAG,
    PROFILE_TAG,
    STRUCTURE_TAGS,
    XMP_TAG,
    Blocks,
)
from enhance_gui.core.images.carried.iptc import fields_of, with_fields
from enhance_gui.core.images.carried.tags import (
    LONG,
    SHORT,
    UNDEFINED,
    Directory,
    Entry,
    Tags,
    read_tags,
    tags_to_bytes,
)
from enhance_gui.imaging.pieces import NotEditable, Write, copy, read_exactly

_PLACES: Final = {273: 279, 324: 325}
"""Tags with the places of strips and tiles, and those with their sizes."""
_SUB_PICTURES, _OLD_JPEG = 330, 513
_ORIENTATION: Final = 274

_OF_PIXELS: Final = (STRUCTURE_TAGS | {PROFILE_TAG}) - {_ORIENTATION}


def write_tiff(file: BinaryIO, blocks: Blocks, write: Write) -> list[str]:
    """Write a TIFF with these blocks in place of its own tags; its numbers keep their byte order.

    :raises NotEditable: it has several pictures, or an unusual layout.
    """

    def read(place: int, size_bytes: int) -> bytes:
        file.seek(place)
        return file.read(size_bytes)

    found = read_tags(read)
    if found is None or _has_next(file, found.order):
        raise NotEditable("it has several pages, or none")
    own = {tag: entry for tag, entry in found.main.items() if tag in _OF_PIXELS}
    if own.keys() & {_SUB_PICTURES, _OLD_JPEG}:
        raise NotEditable("it has further pictures")
    places_tag = next((tag for tag in _PLACES if tag in own), None)
    if places_tag is None or _PLACES[places_tag] not in own:
        raise NotEditable("it has neither strips nor tiles")
    strips = _strips(found, own[places_tag], own[_PLACES[places_tag]])
    tags = _with_blocks(blocks, found.order)
    tags.main |= own
    # Laid out once to see where the pixels may begin, and again with their places.
    tags.main[places_tag] = tags.entry(LONG, *(0 for _ in strips))
    begin = len(tags_to_bytes(tags))
    padding = begin % 2
    moved: dict[int, int] = {}
    place = begin + padding
    for old, size_bytes in sorted(strips):
        moved[old] = place
        place += size_bytes + size_bytes % 2
    if place >= 2**32:
        raise NotEditable("it is too long")
    tags.main[places_tag] = tags.entry(LONG, *(moved[old] for old, _ in strips))
    write(tags_to_bytes(tags) + bytes(padding))
    for old, size_bytes in sorted(strips):
        copy(file, old, size_bytes, write)
        write(bytes(size_bytes % 2))
    return []


def _has_next(file: BinaryIO, order: str) -> bool:
    file.seek(4)
    (place,) = struct.unpack(f"{order}I", read_exactly(file, 4))
    file.seek(place)
    (count,) = struct.unpack(f"{order}H", read_exactly(file, 2))
    file.seek(place + 2 + 12 * count)
    return read_exactly(file, 4) != bytes(4)


def _strips(tags: Tags, places: Entry, sizes: Entry) -> list[tuple[int, int]]:
    """Return place and size of each strip or tile, in order."""
    if {places.kind, sizes.kind} - {SHORT, LONG} or places.count != sizes.count:
        raise NotEditable("its strips make no sense")
    found = list(zip(tags.numbers(places), tags.numbers(sizes), strict=True))
    end = 0
    for place, size_bytes in sorted(found):
        if place < end:
            raise NotEditable("its strips lie in each other")
        end = place + size_bytes
    return found


def _with_blocks(blocks: Blocks, order: str) -> Tags:
    """Return the tags of the blocks, in a byte order."""
    tags = Tags(order) if blocks.exif is None else blocks.exif.in_order(order)
    main: Directory = {tag: entry for tag, entry in tags.main.items() if tag not in _OF_PIXELS}
    tags = Tags(order, main, tags.exif, tags.gps, tags.interoperability, tags.maker_note_place)
    if blocks.xmp is not None:
        main[XMP_TAG] = Entry(1, blocks.xmp.wrapped())
    if fields := fields_of(blocks.photoshop):
        main[FIELDS_TAG] = Entry(UNDEFINED, fields)
    if others := with_fields(blocks.photoshop, b""):
        main[PHOTOSHOP_TAG] = Entry(UNDEFINED, others)
    return tags
