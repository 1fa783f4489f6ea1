"""Describes enhance types, and finds one by its number or name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from enhance_gui.core.errors import ENHANCE_TYPE_UNKNOWN, UsageError

_COLOURISES: Final = re.compile(r"[ck]olou?ri[sze]", re.IGNORECASE)

LARGEST_TYPE_ID: Final = 2**31
"""Beyond any that a service has, and within what every reader of JSON and every database holds."""


class Outputs(StrEnum):
    """What the ``facelist`` of a finished task holds."""

    FACES = "faces"
    """One entry a face: the crop before and after."""
    VARIANTS = "variants"
    """One entry an output picture: the user chooses among them."""
    NONE = "none"
    """Nothing."""


@dataclass(frozen=True, slots=True)
class EnhanceType:
    """One row of a service's table of enhance types."""

    id: int
    """The number that goes into ``createtask``."""
    name: str
    """The name people pick."""
    description: str = ""
    """One sentence for people."""
    cost: float = 0
    """Credits that one task costs; 0 where it is not known."""
    outputs: Outputs = Outputs.FACES
    """What ``facelist`` holds."""


def find_enhance_type(types: Sequence[EnhanceType], wanted: str) -> EnhanceType:
    """Find a type by its number or its name (upper case, full width and ``x`` for ``×`` aside).

    A number is taken as it is where the service's table is empty: the provider's document does
    not list its types, so a user may know a number that no profile does.

    :raises UsageError: no type, or more than one, answers to ``wanted``.
    """
    if wanted.strip().isdecimal():
        number = _type_id(wanted.strip())
        if not types and number is not None:
            return EnhanceType(number, f"Type {number}")
        hits = [type_ for type_ in types if type_.id == number]
    else:
        hits = [type_ for type_ in types if plain_name(type_.name) == plain_name(wanted)]
    if len(hits) != 1:
        known = ", ".join(f"{type_.id} {type_.name}" for type_ in types)
        there = known or "none: its profile lists no types yet"
        asked = wanted if len(wanted) <= 60 else f"{wanted[:57]}…"
        raise UsageError(
            f"“{asked}” is not an enhance type of this service (there are: {there})",
            kind=ENHANCE_TYPE_UNKNOWN,
        )
    return hits[0]


def _type_id(digits: str) -> int | None:
    """Read a number; ``None``: no type can have it."""
    # Cut before int(): it refuses texts of over 4,300 digits.
    digits = digits.lstrip("0") or "0"
    number = int(digits[:20])
    return number if len(digits) < 20 and number <= LARGEST_TYPE_ID else None


def plain_name(name: str) -> str:
    """Return the normalised form of a type's name: "Upscale ×2" becomes "upscale x2"."""
    folded = unicodedata.normalize("NFKC", name).casefold().replace("×", "x")
    return " ".join(folded.split())


def colourises(name: str) -> bool:
    """Return whether a type colours black and white photographs, judging by its name."""
    return _COLOURISES.search(unicodedata.normalize("NFKC", name)) is not None
