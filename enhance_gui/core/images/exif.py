"""Reads the few tags of EXIF that say how a picture is to be shown (CIPA DC-008).

Whatever is broken counts as not said: no viewer refuses a picture for it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

UPRIGHT: Final = 1

_ORIENTATION: Final = 0x0112
_EXIF_POINTER: Final = 0x8769
_COLOUR_SPACE: Final = 0xA001
_INTEROPERABILITY_POINTER: Final = 0xA005
_INTEROPERABILITY_INDEX: Final = 0x0001

_UNCALIBRATED: Final = 0xFFFF
_ADOBE_RGB: Final = 2
"""Not of the standard, but cameras write it."""

_SHORT, _LONG, _ASCII = 3, 4, 2


@dataclass(frozen=True, slots=True)
class Shown:
    """How a picture is to be shown, as its EXIF tags have it."""

    orientation: int = UPRIGHT
    """1 to 8: which of its corners comes first, as the standard numbers them."""
    is_adobe_rgb: bool = False
    """Whether its colours are Adobe RGB's: DCF 2.0 marks the optional colour space so."""


def read_exif(data: bytes) -> Shown:
    """Read how a picture is to be shown.

    :param data: a TIFF structure, from its byte order on.
    """
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return Shown()
    main = _entries(data, order, struct.unpack_from(f"{order}I", data, 4)[0])
    orientation = main.get(_ORIENTATION, UPRIGHT)
    exif = _entries(data, order, main.get(_EXIF_POINTER, 0))
    space = exif.get(_COLOUR_SPACE)
    index = _entries(data, order, exif.get(_INTEROPERABILITY_POINTER, 0))
    return Shown(
        orientation if 1 <= orientation <= 8 else UPRIGHT,
        space == _ADOBE_RGB
        or (space == _UNCALIBRATED and index.get(_INTEROPERABILITY_INDEX) == _R03),
    )


_R03: Final = int.from_bytes(b"R03\0", "big")


def _entries(data: bytes, order: str, place: int) -> dict[int, int]:
    """Return the numbers, and texts of four characters, of one directory by their tags."""
    found: dict[int, int] = {}
    if not 8 <= place <= len(data) - 2:
        return found
    (count,) = struct.unpack_from(f"{order}H", data, place)
    for at in range(place + 2, min(place + 2 + 12 * count, len(data) - 11), 12):
        tag, kind, values = struct.unpack_from(f"{order}HHI", data, at)
        if kind == _SHORT and values == 1:
            (found[tag],) = struct.unpack_from(f"{order}H", data, at + 8)
        elif kind == _LONG and values == 1:
            (found[tag],) = struct.unpack_from(f"{order}I", data, at + 8)
        elif kind == _ASCII and values == 4:
            found[tag] = int.from_bytes(data[at + 8 : at + 12], "big")
    return found
