"""Areas of people are where the people are in a result."""

from __future__ import annotations

import pytest

from enhance_gui.core.images.carried.areas import fit_areas, remove_areas
from enhance_gui.core.images.carried.xmp import RDF, Packet

GROUP = "http://www.metadataworkinggroup.com/schemas/regions/"


def packet(x: str = "0.25", sides: str = 'a:w="0.1" a:h="0.2"', rest: str = "") -> Packet:
    return Packet.parse(
        (
            f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description xmlns:g="{GROUP}" '
            'xmlns:a="http://ns.adobe.com/xmp/sType/Area#" '
            'xmlns:d="http://ns.adobe.com/xap/1.0/sType/Dimensions#" '
            'xmlns:m="http://ns.microsoft.com/photo/1.2/t/Region#">'
            '<g:Regions><g:AppliedToDimensions d:w="96" d:h="72"/>'
            f'<g:Area a:x="{x}" a:y="0.4" {sides}/>{rest}</g:Regions></rdf:Description></rdf:RDF>'
        ).encode()
    )


@pytest.mark.parametrize(
    ("orientation", "area"),
    [
        (1, (0.25, 0.4, 0.1, 0.2)),
        (2, (0.75, 0.4, 0.1, 0.2)),
        (3, (0.75, 0.6, 0.1, 0.2)),
        (4, (0.25, 0.6, 0.1, 0.2)),
        (5, (0.4, 0.25, 0.2, 0.1)),
        (6, (0.6, 0.25, 0.2, 0.1)),
        (7, (0.6, 0.75, 0.2, 0.1)),
        (8, (0.4, 0.75, 0.2, 0.1)),
    ],
)
def test_an_area_goes_where_the_orientation_takes_it(
    orientation: int, area: tuple[float, ...]
) -> None:
    found = packet()
    assert not fit_areas(found, orientation, (300, 400))
    (node,) = [each for each in found.nodes() if each.name == (GROUP, "Area")]
    assert [float(text) for text in node.attributes.values()] == pytest.approx(area)
    assert b'd:w="300" d:h="400"' in found.to_bytes()


def test_a_circle_has_no_sides() -> None:
    found = packet(sides='a:d="0.1"')
    assert not fit_areas(found, 6, (300, 400))
    assert b'a:x="0.600000" a:y="0.250000" a:d="0.1"' in found.to_bytes()


@pytest.mark.parametrize(
    "senseless",
    [
        {"x": "left"},
        {"x": "nan"},
        {"sides": 'a:w="0.1"'},
        {"rest": "<m:Rectangle>0.1, 0.2</m:Rectangle>"},
    ],
)
def test_areas_that_make_no_sense_are_left_out(senseless: dict[str, str]) -> None:
    broken = packet(**senseless)
    assert fit_areas(broken, 6, (300, 400))
    assert b"<g:Area" not in broken.to_bytes()


def test_areas_are_removed_from_a_part() -> None:
    found = packet()
    assert remove_areas(found)
    assert not remove_areas(found)
