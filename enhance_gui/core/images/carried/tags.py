"""Reads and writes tags as TIFF lays them out, which EXIF does too.

What is read is checked value by value: one that lies outside of the data, or is of no known type,
is left out. What is written is laid out anew, so that nothing stays hidden in it; only a maker's
note keeps its place, since what is in it counts from the beginning of the data.

Layouts: TIFF 6.0, section 2, and CIPA DC-008, section 4.6.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7

EXIF_POINTER: Final = 0x8769
GPS_POINTER: Final = 0x8825
INTEROPERABILITY_POINTER: Final = 0xA005
MAKER_NOTE: Final = 0x927C

_POINTED: Final = {EXIF_POINTER: 1, GPS_POINTER: 2, INTEROPERABILITY_POINTER: 3}
"""Pointers to which of the four directories they lead to."""

_UNIT_BYTES: Final[Mapping[int, int]] = {
    1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 1, 7: 1, 8: 2, 9: 4, 10: 4, 11: 4, 12: 8, 13: 4, 129: 1,
}  # fmt: skip
"""Bytes of one number of a type, by which byte orders differ; 129 is EXIF 3.0's UTF-8."""
_PAIRS: Final = frozenset({5, 10})
"""Types whose values are two numbers."""

_MAX_ENTRIES: Final = 2_000
"""Of one directory; cameras write some seventy."""
_MAX_VALUES_BYTES: Final = 2**23
"""Of all values together."""
_MAX_FIXED_PLACE: Final = 2**16
"""Where a maker's note may begin that keeps its place: EXIF in a JPEG has no more."""

HEADS: Final = {b"II*\0": "<", b"MM\0*": ">"}
"""First bytes to the byte order as :mod:`struct` writes it. A BigTIFF is none of these."""

Read = Callable[[int, int], bytes]
"""Returns so many bytes from a place on; fewer at the end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag."""

    kind: int
    """The number of its type."""
    data: bytes
    """Its values, in the byte order of all."""

    @property
    def count(self) -> int:
        return len(self.data) // (_UNIT_BYTES[self.kind] * (2 if self.kind in _PAIRS else 1))


Directory = dict[int, Entry]


@dataclass(slots=True)
class Tags:
    """The tags of a picture, as four directories; a directory that is not there is empty."""

    order: str = "<"
    """Byte order as :mod:`struct` writes it."""
    main: Directory = field(default_factory=dict)
    exif: Directory = field(default_factory=dict)
    gps: Directory = field(default_factory=dict)
    interoperability: Directory = field(default_factory=dict)
    maker_note_place: int | None = None
    """Where the maker's note began."""

    @property
    def is_empty(self) -> bool:
        return not (self.main or self.exif or self.gps or self.interoperability)

    def number(self, directory: Directory, tag: int) -> int | None:
        """Return the first number of a tag; ``None`` where there is no whole number."""
        entry = directory.get(tag)
        if entry is None or entry.kind not in (SHORT, LONG) or not entry.count:
            return None
        numbers = self.numbers(entry)
        return numbers[0]

    def numbers(self, entry: Entry) -> tuple[int, ...]:
        """Return the numbers of a tag of the types SHORT, LONG and RATIONAL, pairs in a row."""
        code = "H" if entry.kind == SHORT else "I"
        count = len(entry.data) // _UNIT_BYTES[entry.kind]
        return struct.unpack(f"{self.order}{count}{code}", entry.data)

    def entry(self, kind: int, *numbers: int) -> Entry:
        """Return a tag of one of the types SHORT, LONG and RATIONAL."""
        code = "H" if kind == SHORT else "I"
        return Entry(kind, struct.pack(f"{self.order}{len(numbers)}{code}", *numbers))

    def in_order(self, order: str) -> Tags:
        """Return the same in a byte order."""
        if order == self.order:
            return self
        main, exif, gps, inside = (
            {tag: _swapped(entry) for tag, entry in directory.items()}
            for directory in (self.main, self.exif, self.gps, self.interoperability)
        )
        return Tags(order, main, exif, gps, inside, self.maker_note_place)


def parse_tags(data: bytes) -> Tags | None:
    """Read the tags of an EXIF block; ``None`` where it is none.

    :param data: a TIFF structure, from its byte order on.
    """
    return read_tags(lambda place, size: data[place : place + size])


def read_tags(read: Read, left_out: frozenset[int] = frozenset()) -> Tags | None:
    """Read the tags of a TIFF's first picture, or of an EXIF block; ``None`` where it is none.

    :param left_out: tags of the main directory that are not read.
    """
    head = read(0, 8)
    order = HEADS.get(head[:4])
    if order is None or len(head) < 8:
        return None
    reader = _Reader(read, order)
    main = reader.directory(struct.unpack_from(f"{order}I", head, 4)[0], left_out)
    exif = reader.directory(reader.pointer(main, EXIF_POINTER))
    maker_note_place = reader.places.get(MAKER_NOTE)
    gps = reader.directory(reader.pointer(main, GPS_POINTER))
    inside = reader.directory(reader.pointer(exif, INTEROPERABILITY_POINTER))
    for directory in (main, exif, gps, inside):
        for tag in _POINTED.keys() & directory.keys():
            del directory[tag]  # out of its place it leads nowhere
    return Tags(order, main, exif, gps, inside, maker_note_place)


class _Reader:
    """Reads directories; all of them together may have no more than so many bytes."""

    def __init__(self, read: Read, order: str) -> None:
        self._read = read
        self._order = order
        self._left_bytes = _MAX_VALUES_BYTES
        self.places: dict[int, int] = {}
        """Where the values of the last directory were."""

    def pointer(self, directory: Directory, tag: int) -> int:
        """Take out the place of a further directory; 0: there is none."""
        entry = directory.pop(tag, None)
        if entry is None or entry.kind not in (LONG, 13) or len(entry.data) != 4:
            return 0
        place: int = struct.unpack(f"{self._order}I", entry.data)[0]
        return place

    def directory(self, place: int, left_out: frozenset[int] = frozenset()) -> Directory:
        found: Directory = {}
        self.places = {}
        if place < 8:
            return found
        head = self._read(place, 2)
        count = struct.unpack(f"{self._order}H", head)[0] if len(head) == 2 else 0
        if count > _MAX_ENTRIES:
            return found
        table = self._read(place + 2, 12 * count)
        for at in range(0, len(table) - 11, 12):
            tag, kind, values, place = struct.unpack_from(f"{self._order}HHII", table, at)
            if tag in left_out or tag in found or kind not in _UNIT_BYTES:
                continue
            size_bytes = values * _UNIT_BYTES[kind] * (2 if kind in _PAIRS else 1)
            if size_bytes > self._left_bytes:
                continue
            inline = size_bytes <= 4
            data = table[at + 8 : at + 8 + size_bytes] if inline else self._read(place, size_bytes)
            if len(data) == size_bytes and (inline or place >= 8):
                self._left_bytes -= size_bytes
                found[tag] = Entry(kind, data)
                self.places[tag] = place
        return found


def tags_to_bytes(tags: Tags) -> bytes:
    """Lay tags out as a TIFF structure, from its byte order on; nothing where there are none."""
    if tags.is_empty:
        return b""
    directories = _linked(tags)
    room = _Room(tags)
    tables = [room.take(2 + 12 * len(each) + 4) if each else 0 for each in directories]
    pieces: dict[int, bytes] = {}
    for directory, table in zip(directories, tables, strict=True):
        if table:
            pieces[table] = _table(tags, directory, tables, room, pieces)
    whole = bytearray(max(place + len(data) for place, data in pieces.items()))
    head = next(head for head, order in HEADS.items() if order == tags.order)
    whole[:8] = head + struct.pack(f"{tags.order}I", tables[0])
    for place, data in pieces.items():
        whole[place : place + len(data)] = data
    return bytes(whole)


def _linked(tags: Tags) -> list[Directory]:
    """Return the four directories, each with pointers to those below it."""
    main, exif, gps, inside = map(dict, (tags.main, tags.exif, tags.gps, tags.interoperability))
    pointer = tags.entry(LONG, 0)
    if inside:
        exif[INTEROPERABILITY_POINTER] = pointer
    if exif:
        main[EXIF_POINTER] = pointer
    if gps:
        main[GPS_POINTER] = pointer
    return [main, exif, gps, inside]


def _table(
    tags: Tags, directory: Directory, tables: list[int], room: _Room, pieces: dict[int, bytes]
) -> bytes:
    """Lay out one directory; what is too long for it goes to ``pieces``, by its place."""
    rows = []
    for tag, entry in sorted(directory.items()):
        data = entry.data
        if tag in _POINTED:
            data = tags.entry(LONG, tables[_POINTED[tag]]).data
        elif len(data) > 4:
            fixed = room.fixed if entry is tags.exif.get(MAKER_NOTE) else None
            place = room.take(len(data)) if fixed is None else fixed
            pieces[place] = data
            data = tags.entry(LONG, place).data
        head = struct.pack(f"{tags.order}HHI", tag, entry.kind, entry.count)
        rows.append(head + data.ljust(4, b"\0"))
    return struct.pack(f"{tags.order}H", len(rows)) + b"".join(rows) + bytes(4)


class _Room:
    """Gives out places, around the maker's note where that keeps its own."""

    def __init__(self, tags: Tags) -> None:
        self._next = self._behind = 8
        self.fixed: int | None = None
        """Where the maker's note is."""
        note, place = tags.exif.get(MAKER_NOTE), tags.maker_note_place
        if note is not None and len(note.data) > 4 and place and place <= _MAX_FIXED_PLACE:
            end = place + len(note.data)
            self.fixed, self._behind = place, end + end % 2

    def take(self, size_bytes: int) -> int:
        # Places are even (TIFF 6.0, section 2).
        filled_bytes = size_bytes + size_bytes % 2
        if self.fixed is None or self._next + size_bytes <= self.fixed:
            self._next += filled_bytes
            return self._next - filled_bytes
        self._behind += filled_bytes
        return self._behind - filled_bytes


def _swapped(entry: Entry) -> Entry:
    unit_bytes = _UNIT_BYTES[entry.kind]
    if unit_bytes == 1:
        return entry
    data = bytearray(len(entry.data))
    for at in range(unit_bytes):
        data[at::unit_bytes] = entry.data[unit_bytes - 1 - at :: unit_bytes]
    return Entry(entry.kind, bytes(data))
