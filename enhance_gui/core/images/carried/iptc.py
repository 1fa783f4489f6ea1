"""Reads, changes and writes Photoshop's image resources and the fields of IPTC among them.

Layouts: Adobe's Photoshop file formats, "Image Resource Blocks", and IPTC's Information
Interchange Model, version 4.2.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Final

from enhance_gui.core.images.carried.location import FIELDS
from enhance_gui.core.images.carried.xmp import DC, IPTC_CORE, PHOTOSHOP, RIGHTS, Name, Packet

_SIGNATURE: Final = b"8BIM"
_FIELDS: Final = 0x0404
_FIELDS_DIGEST: Final = 0x0425
_RESOLUTION: Final = 0x03ED

_NOT_OF_RESULT: Final = frozenset({0x0409, 0x040C, 0x040F, 0x0411, 0x041A, 0x0422, 0x0423, 0x0424})
"""Thumbnails, colour profile and its absence, slices in pixels, and copies of EXIF and XMP: they
speak of the original's pixels, or are written anew elsewhere."""

_UTF_8: Final = b"\x1b%G"

_MAX_RESOURCES: Final = 1_000
_MAX_FIELDS: Final = 10_000

Resource = tuple[int, bytes, bytes]
"""Number, name as it is written with its length, and content."""
Field = tuple[int, int, bytes]
"""Record, number within it, and content."""


def read_resources(data: bytes) -> list[Resource]:
    """Return the resources, as far as they are sound."""
    found: list[Resource] = []
    place = 0
    while data[place : place + 4] == _SIGNATURE and len(found) < _MAX_RESOURCES:
        if place + 12 > len(data):
            break
        (number,) = struct.unpack_from(">H", data, place + 4)
        name_bytes = 1 + data[place + 6]
        name = data[place + 6 : place + 6 + name_bytes]
        at = place + 6 + name_bytes + name_bytes % 2
        if at + 4 > len(data):
            break
        (size_bytes,) = struct.unpack_from(">I", data, at)
        content = data[at + 4 : at + 4 + size_bytes]
        if len(content) < size_bytes:
            break
        found.append((number, name, content))
        place = at + 4 + size_bytes + size_bytes % 2
    return found


def resources_to_bytes(resources: list[Resource]) -> bytes:
    """Lay out resources."""
    return b"".join(
        _SIGNATURE
        + struct.pack(">H", number)
        + name
        + bytes(len(name) % 2)
        + struct.pack(">I", len(content))
        + content
        + bytes(len(content) % 2)
        for number, name, content in resources
    )


def read_fields(data: bytes) -> list[Field]:
    """Return the fields of IPTC, as far as they are sound."""
    found: list[Field] = []
    place = 0
    while place + 5 <= len(data) and data[place] == 0x1C and len(found) < _MAX_FIELDS:
        record, number, size_bytes = struct.unpack_from(">BBH", data, place + 1)
        place += 5
        if size_bytes & 0x8000:  # longer than 32 KB: so many bytes hold the length
            count = size_bytes & 0x7FFF
            size_bytes = int.from_bytes(data[place : place + count], "big")
            place += count
        if place + size_bytes > len(data):
            break
        found.append((record, number, data[place : place + size_bytes]))
        place += size_bytes
    return found


def fields_to_bytes(fields: list[Field]) -> bytes:
    """Lay out fields of IPTC."""
    parts = []
    for record, number, content in fields:
        if len(content) < 0x8000:
            parts.append(struct.pack(">BBBH", 0x1C, record, number, len(content)))
        else:
            parts.append(struct.pack(">BBBHI", 0x1C, record, number, 0x8004, len(content)))
        parts.append(content)
    return b"".join(parts)


def fields_of(photoshop: bytes) -> bytes:
    """Return the fields of IPTC among the resources, as they are laid out."""
    return b"".join(each for number, _, each in read_resources(photoshop) if number == _FIELDS)


def with_fields(photoshop: bytes, fields: bytes) -> bytes:
    """Return resources with these fields of IPTC in place of theirs."""
    others = [each for each in read_resources(photoshop) if each[0] != _FIELDS]
    own: list[Resource] = [(_FIELDS, b"\0", fields)] if fields else []
    return resources_to_bytes(own + others)


def carried_resources(photoshop: bytes, *, location: bool, turned: bool = False) -> bytes:
    """Return the resources that are true of a result as well.

    :param location: whether those fields stay that say where the picture was taken.
    :param turned: whether the result's sides are exchanged.
    """
    resources = read_resources(photoshop)
    kept: list[Resource] = []
    for number, name, content in resources:
        if number in _NOT_OF_RESULT or number == _FIELDS_DIGEST:
            continue
        true = content
        if number == _FIELDS:
            fields = read_fields(content)
            true = fields_to_bytes([f for f in fields if location or f[:2] not in FIELDS])
        elif number == _RESOLUTION and turned and len(content) == 16:
            true = content[8:] + content[:8]
        if true or not content:
            kept.append((number, name, true))
    had_digest = any(each[0] == _FIELDS_DIGEST for each in resources)
    fields_now = fields_of(resources_to_bytes(kept))
    if had_digest and fields_now:
        # By it programs see whether the fields were changed by one that does not know XMP.
        digest = hashlib.md5(fields_now, usedforsecurity=False).digest()
        kept.append((_FIELDS_DIGEST, b"\0", digest))
    return resources_to_bytes(kept)


_AS_TEXT: Final[dict[tuple[int, int], Name]] = {
    (2, 40): (PHOTOSHOP, "Instructions"),
    (2, 55): (PHOTOSHOP, "DateCreated"),
    (2, 85): (PHOTOSHOP, "AuthorsPosition"),
    (2, 90): (PHOTOSHOP, "City"),
    (2, 92): (IPTC_CORE, "Location"),
    (2, 95): (PHOTOSHOP, "State"),
    (2, 100): (IPTC_CORE, "CountryCode"),
    (2, 101): (PHOTOSHOP, "Country"),
    (2, 103): (PHOTOSHOP, "TransmissionReference"),
    (2, 105): (PHOTOSHOP, "Headline"),
    (2, 110): (PHOTOSHOP, "Credit"),
    (2, 115): (PHOTOSHOP, "Source"),
    (2, 122): (PHOTOSHOP, "CaptionWriter"),
}
_AS_LIST: Final[dict[tuple[int, int], tuple[Name, str]]] = {
    (2, 5): ((DC, "title"), "Alt"),
    (2, 25): ((DC, "subject"), "Bag"),
    (2, 80): ((DC, "creator"), "Seq"),
    (2, 116): ((DC, "rights"), "Alt"),
    (2, 120): ((DC, "description"), "Alt"),
}
"""Fields to the properties that stand for them (IPTC Photo Metadata standard, "IPTC Core")."""


def add_fields_to_xmp(photoshop: bytes, packet: Packet) -> None:
    """Put the fields of IPTC into XMP where that does not say the same already.

    For kinds of files that have no other place for them.
    """
    fields = read_fields(fields_of(photoshop))
    is_utf_8 = any(each[:2] == (1, 90) and each[2] == _UTF_8 for each in fields)
    lists: dict[tuple[int, int], list[str]] = {}
    for record, number, content in fields:
        lists.setdefault((record, number), []).append(_text(content, is_utf_8=is_utf_8))
    for key, values in lists.items():
        if (name := _AS_TEXT.get(key)) is not None and not packet.has(name):
            packet.set(name, _date(values[0]) if key == (2, 55) else values[0])
        elif (named := _AS_LIST.get(key)) is not None and not packet.has(named[0]):
            packet.set_list(*named, values)
    if lists.get((2, 116)) and not packet.has((RIGHTS, "Marked")):
        packet.set((RIGHTS, "Marked"), "True")


def _text(content: bytes, *, is_utf_8: bool) -> str:
    text = content.decode("utf-8" if is_utf_8 else "latin-1", "replace")
    return "".join(each for each in text if each.isprintable() or each in "\n\t")


def _date(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if len(text) == 8 and text.isdigit() else text
