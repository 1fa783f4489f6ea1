"""Knows what says where a picture was taken."""

from __future__ import annotations

from typing import Final

from enhance_gui.core.images.carried.xmp import IPTC_CORE, IPTC_EXTENSION, PHOTOSHOP, Name

NAMING_PLACES: Final = b"Panasonic\0"
"""Beginning of a maker's note that names country, city and sight."""

FIELDS: Final = frozenset({(2, 26), (2, 27), (2, 90), (2, 92), (2, 95), (2, 100), (2, 101)})
"""Fields of IPTC, as record and number: codes and names of the location, city, part of it, state,
code and name of the country."""

_PLACES: Final = frozenset(
    {
        (PHOTOSHOP, "City"),
        (PHOTOSHOP, "State"),
        (PHOTOSHOP, "Country"),
        (IPTC_CORE, "Location"),
        (IPTC_CORE, "CountryCode"),
        (IPTC_EXTENSION, "LocationShown"),
        (IPTC_EXTENSION, "LocationCreated"),
    }
)
_MAPPED: Final = frozenset(
    {"http://rs.tdwg.org/dwc/terms/", "http://www.w3.org/2003/01/geo/wgs84_pos#"}
)


_WORDS: Final = ("gps", "latitude", "longitude")
"""What names of coordinates have in them, those of drones and of PNG's texts too."""


def is_location(name: Name) -> bool:
    """Return whether a property of XMP says where a picture was taken."""
    return name in _PLACES or name[0] in _MAPPED or any(each in name[1].lower() for each in _WORDS)


def is_place_text(text: tuple[bytes, bytes]) -> bool:
    """Return whether a PNG's text says where a picture was taken, by its keyword.

    :param text: kind and content of its chunk.
    """
    keyword = text[1].partition(b"\0")[0].decode("latin-1").lower()
    return any(each in keyword for each in (*_WORDS, "location", "geo:"))
