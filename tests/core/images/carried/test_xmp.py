"""Packets of XMP are changed where they have to be, and stay as they were everywhere else."""

from __future__ import annotations

import time

import pytest

from enhance_gui.core.images.carried.location import is_location
from enhance_gui.core.images.carried.xmp import (
    DC,
    MEDIA,
    PHOTOSHOP,
    RDF,
    TIFF,
    XMP,
    NotXmp,
    Packet,
)

HEAD = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'
FOOT = "</rdf:RDF></x:xmpmeta>"


def packet(content: str) -> Packet:
    return Packet.parse(f"{HEAD}{content}{FOOT}".encode())


ONE = packet(
    f'<rdf:Description rdf:about="" xmlns:dc="{DC}" xmlns:t="{TIFF}" xmlns:own="http://own/" '
    't:Orientation="6"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">Ä &amp; 日本</rdf:li>'
    '<rdf:li xml:lang="ja">桜 &lt;</rdf:li></rdf:Alt></dc:title>'
    '<own:deep rdf:parseType="Resource"><own:a>1</own:a></own:deep></rdf:Description>'
).to_bytes()


def test_what_is_not_changed_stays_as_it_was_written() -> None:
    assert Packet.parse(ONE).to_bytes() == ONE
    assert Packet.parse(Packet.parse(ONE).wrapped()).to_bytes() == ONE


def test_properties_are_found_as_attributes_and_as_elements_under_any_prefix() -> None:
    found = Packet.parse(ONE)
    assert found.value((TIFF, "Orientation")) == "6"
    assert found.value((DC, "title")) == "Ä & 日本"
    found.replace((TIFF, "Orientation"), "1")
    assert ONE.replace(b'"6"', b'"1"') == found.to_bytes()


def test_a_history_gets_an_entry_and_keeps_those_that_it_has() -> None:
    found = packet("")
    found.add_event({"action": "edited", "parameters": 'a "b" <c>'})
    found.add_event({"action": "saved"})
    text = found.to_bytes().decode()
    assert text.count("<rdf:Seq") == 1
    assert text.index("edited") < text.index("saved")
    assert [name for name, _ in Packet.parse(text.encode()).properties()] == [(MEDIA, "History")]


def test_what_says_where_it_was_taken_is_removed_wherever_it_stands() -> None:
    found = packet(
        f'<rdf:Description xmlns:p="{PHOTOSHOP}" xmlns:d="http://www.dji.com/drone-dji/1.0/" '
        f'p:City="Köln" d:GpsLatitude="1" p:Headline="Dom" xmlns:m="{MEDIA}"><m:DerivedFrom '
        f'rdf:parseType="Resource"><p:Country>DE</p:Country></m:DerivedFrom></rdf:Description>'
    )
    assert found.remove(is_location)
    text = found.to_bytes().decode()
    assert "Dom" in text
    assert not [word for word in ("Köln", "Gps", "DE") if word in text]
    assert not found.remove(is_location)


def test_a_packet_is_divided_and_put_together_again() -> None:
    found = packet(
        f'<rdf:Description xmlns:dc="{DC}" xmlns:q="http://q/" q:small="1">'
        f"<q:large>{'x' * 90_000}</q:large><dc:source>s</dc:source></rdf:Description>"
    )
    moved = found.take_out(60_000)
    assert moved is not None
    assert len(found.to_bytes()) < 60_000 < len(moved.to_bytes())
    assert found.value((DC, "source")) == "s"
    found.join(Packet.parse(moved.to_bytes()))
    assert len(found.value(("http://q/", "large"))) == 90_000
    assert found.value(("http://q/", "small")) == "1"


def test_of_two_packets_the_first_has_the_word() -> None:
    one = packet(f'<rdf:Description xmlns:x="{XMP}" x:Rating="5"/>')
    one.join(packet(f'<rdf:Description xmlns:z="{XMP}" z:Rating="1" z:Label="red"/>'))
    assert (one.value((XMP, "Rating")), one.value((XMP, "Label"))) == ("5", "red")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no xml",
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
        f'<!DOCTYPE x [<!ENTITY e "x">]>{HEAD}&e;{FOOT}'.encode(),
        f'<!DOCTYPE x SYSTEM "file:///etc/passwd">{HEAD}{FOOT}'.encode(),
        (HEAD + "<a>" * 200 + "</a>" * 200 + FOOT).encode(),
        (HEAD + "<a/>" * 300_000 + FOOT).encode(),
        HEAD.encode() + bytes(2**23) + FOOT.encode(),
        f"{HEAD}\udcff{FOOT}".encode("utf-8", "surrogateescape"),
    ],
    ids=["empty", "text", "no rdf", "entity", "external", "deep", "many", "large", "no utf-8"],
)
def test_what_no_honest_program_writes_is_no_packet(data: bytes) -> None:
    with pytest.raises(NotXmp):
        Packet.parse(data)


def test_namespaces_that_would_take_all_memory_are_refused() -> None:
    names = " ".join(f'xmlns:n{number}="x"' for number in range(2_000))
    children = '<e xmlns:o="y"/>' * 400
    with pytest.raises(NotXmp):
        packet(f"<rdf:Description {names}>{children}</rdf:Description>")
    many = "".join(f'<e{number} xmlns:o{number}="y"/>' for number in range(3_000))
    names = " ".join(f'xmlns:n{number}="x"' for number in range(900))
    with pytest.raises(NotXmp):
        packet(f"<rdf:Description {names}>{many}</rdf:Description>")


def test_thousands_of_properties_are_divided_in_little_time() -> None:
    properties = "".join(f"<dc:p{number}>{'x' * 40}</dc:p{number}>" for number in range(5_000))
    whole = packet(f"<rdf:Description>{properties}</rdf:Description>")
    begun_s = time.process_time()
    moved = whole.take_out(65_000)
    assert time.process_time() - begun_s < 10
    assert moved is not None
    assert len(whole.to_bytes()) <= 65_000
    assert whole.to_bytes().count(b"<dc:p") + moved.to_bytes().count(b"<dc:p") == 5_000
