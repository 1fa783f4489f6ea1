"""Tags are read as far as they are sound, and laid out anew without anything hidden."""

from __future__ import annotations

import random
import struct

import pytest

from enhance_gui.core.images.carried.tags import (
    ASCII,
    LONG,
    MAKER_NOTE,
    RATIONAL,
    SHORT,
    UNDEFINED,
    Entry,
    Tags,
    parse_tags,
    tags_to_bytes,
)


def example(order: str = "<", note_place: int | None = None) -> Tags:
    tags = Tags(order, maker_note_place=note_place)
    tags.main[0x010F] = Entry(ASCII, b"Maker of cameras\0")
    tags.main[0x0112] = tags.entry(SHORT, 6)
    tags.main[0x011A] = tags.entry(RATIONAL, 300, 1)
    tags.exif[0xA002] = tags.entry(LONG, 70_000)
    tags.exif[MAKER_NOTE] = Entry(UNDEFINED, bytes(range(200)))
    tags.gps[2] = tags.entry(RATIONAL, 48, 1, 8, 1, 15, 1)
    tags.interoperability[1] = Entry(ASCII, b"R98\0")
    return tags


def same(one: Tags, other: Tags) -> bool:
    return (one.main, one.exif, one.gps, one.interoperability) == (
        other.main,
        other.exif,
        other.gps,
        other.interoperability,
    )


@pytest.mark.parametrize("order", ["<", ">"])
def test_what_is_written_is_read_again(order: str) -> None:
    tags = example(order)
    found = parse_tags(tags_to_bytes(tags))
    assert found is not None
    assert found.order == order
    assert same(found, tags)


@pytest.mark.parametrize("place", [8, 30, 200, 1000, 60_000])
def test_a_maker_note_keeps_its_place(place: int) -> None:
    data = tags_to_bytes(example(note_place=place))
    assert data[place : place + 200] == bytes(range(200))
    found = parse_tags(data)
    assert found is not None
    assert found.maker_note_place == place
    assert same(found, example())


def test_another_byte_order_means_the_same() -> None:
    turned = example("<").in_order(">")
    assert same(turned, example(">"))
    assert turned.number(turned.exif, 0xA002) == 70_000


def test_a_thumbnail_is_not_carried() -> None:
    data = bytearray(tags_to_bytes(example()))
    count = struct.unpack_from("<H", data, 8)[0]
    struct.pack_into("<I", data, 10 + 12 * count, len(data))
    data += struct.pack("<HHHIII", 1, 0x0201, LONG, 1, len(data) + 18, 0) + b"\xff\xd8 small"
    found = parse_tags(bytes(data))
    assert found is not None
    assert b"small" not in tags_to_bytes(found)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (struct.pack("<HHII", 0x010F, ASCII, 20, 5_000), "outside"),
        (struct.pack("<HHII", 0x010F, 99, 1, 0), "no type"),
        (struct.pack("<HHII", 0x010F, LONG, 2**31, 8), "too long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_tag_is_left_out_and_its_neighbour_kept(row: bytes, why: str) -> None:
    sound = struct.pack("<HHIHH", 0x0112, SHORT, 1, 6, 0)
    data = b"II*\0" + struct.pack("<IH", 8, 2) + row + sound + bytes(4)
    found = parse_tags(data)
    assert found is not None, why
    assert list(found.main) == [0x0112]


def test_directories_that_lead_to_themselves_come_to_an_end() -> None:
    row = struct.pack("<HHII", 0x8769, LONG, 1, 8)
    found = parse_tags(b"II*\0" + struct.pack("<IH", 8, 1) + row + bytes(4))
    assert found is not None
    assert tags_to_bytes(found) == b""


def test_whatever_is_damaged_in_it_reading_and_writing_go_well() -> None:
    chance = random.Random(5)
    whole = tags_to_bytes(example(">", note_place=400))
    for _ in range(2_000):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        found = parse_tags(bytes(data[: chance.randint(0, len(data))]))
        if found is not None:
            again = parse_tags(tags_to_bytes(found))
            assert found.is_empty or (again is not None and same(again, found))
