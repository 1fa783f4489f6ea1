"""Photoshop's resources and the fields of IPTC keep what is true of a result."""

from __future__ import annotations

import hashlib
import random

from enhance_gui.core.images.carried.iptc import (
    add_fields_to_xmp,
    carried_resources,
    fields_of,
    fields_to_bytes,
    read_fields,
    read_resources,
    resources_to_bytes,
    with_fields,
)
from enhance_gui.core.images.carried.xmp import DC, PHOTOSHOP, Packet

FIELDS = [
    (1, 90, b"\x1b%G"),
    (2, 5, "Tïtel".encode()),
    (2, 90, b"Bonn"),
    (2, 25, b"eins"),
    (2, 25, b"zwei"),
    (2, 120, b"x" * 40_000),
]


def resources() -> bytes:
    data = fields_to_bytes(FIELDS)
    return resources_to_bytes(
        [
            (0x0404, b"\0", data),
            (0x0425, b"\0", hashlib.md5(data, usedforsecurity=False).digest()),
            (0x040C, b"\0", b"thumbnail"),
            (0x03ED, b"\0", bytes(range(16))),
            (0x2710, b"\x04name", b"odd"),
        ]
    )


def test_what_is_written_is_read_again() -> None:
    assert read_fields(fields_to_bytes(FIELDS)) == FIELDS
    found = read_resources(resources())
    assert resources_to_bytes(found) == resources()
    assert [number for number, _, _ in found] == [0x0404, 0x0425, 0x040C, 0x03ED, 0x2710]


def test_a_thumbnail_goes_and_the_rest_stays() -> None:
    kept = carried_resources(resources(), location=True)
    assert b"thumbnail" not in kept
    assert read_fields(fields_of(kept)) == FIELDS
    assert (0x2710, b"\x04name", b"odd") in read_resources(kept)


def test_the_location_goes_and_the_digest_is_right_again() -> None:
    kept = carried_resources(resources(), location=False)
    assert b"Bonn" not in kept
    digest = {number: data for number, _, data in read_resources(kept)}[0x0425]
    assert digest == hashlib.md5(fields_of(kept), usedforsecurity=False).digest()


def test_the_resolution_is_turned_with_the_picture() -> None:
    kept = carried_resources(resources(), location=True, turned=True)
    numbers = {number: data for number, _, data in read_resources(kept)}
    assert numbers[0x03ED] == bytes([*range(8, 16), *range(8)])


def test_fields_stand_in_xmp_where_that_does_not_say_the_same_already() -> None:
    packet = Packet.empty()
    packet.set((PHOTOSHOP, "City"), "Köln")
    add_fields_to_xmp(resources(), packet)
    assert packet.value((PHOTOSHOP, "City")) == "Köln"
    assert packet.value((DC, "title")) == "Tïtel"
    assert b"<rdf:li>eins</rdf:li><rdf:li>zwei</rdf:li>" in packet.to_bytes()


def test_fields_without_a_named_character_set_are_read_as_latin_1() -> None:
    packet = Packet.empty()
    add_fields_to_xmp(with_fields(b"", fields_to_bytes([(2, 90, b"K\xf6ln\x01")])), packet)
    assert packet.value((PHOTOSHOP, "City")) == "Köln"


def test_whatever_is_damaged_in_it_nothing_goes_wrong() -> None:
    chance = random.Random(5)
    for _ in range(2_000):
        data = bytearray(resources()[:400])
        for _ in range(chance.randint(1, 10)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        kept = carried_resources(bytes(data), location=chance.random() < 0.5)
        add_fields_to_xmp(kept, Packet.empty())
