"""The texts of the strip."""

from __future__ import annotations

from typing import Final

from enhance_gui.core.services.enhance_types import Outputs
from enhance_gui.core.text.i18n import mark, tr
from enhance_gui.ui.faces.face import WHOLE

STRIP_NAMES: Final = {Outputs.FACES: mark("Faces"), Outputs.VARIANTS: mark("Versions")}
STRIP_HINTS: Final = {
    Outputs.FACES: mark("Arrow keys go from face to face; Enter shows one large."),
    Outputs.VARIANTS: mark("Arrow keys go from version to version; Enter shows one."),
}
SAVE_ONE: Final = {
    Outputs.FACES: mark("Save this face…"),
    Outputs.VARIANTS: mark("Save this version…"),
}
SAVE_ALL: Final = {
    Outputs.FACES: mark("Save all faces…"),
    Outputs.VARIANTS: mark("Save all versions…"),
}
VARIANT_NAMES: Final = {
    "hand-tinted": mark("Hand-tinted"),
    "sepia": mark("Sepia"),
    "warm": mark("Warm"),
    "cool": mark("Cool"),
    "cyanotype": mark("Cyanotype"),
}
"""The names of the local service's variants."""

_WHOLE_NAMES: Final = {Outputs.FACES: mark("Whole picture"), Outputs.VARIANTS: mark("Main result")}
_ONE: Final = {Outputs.FACES: mark("Face {count}"), Outputs.VARIANTS: mark("Version {count}")}


def entry_name(number: int, kind: Outputs) -> str:
    """Return the name of an entry, like "Face 2"."""
    names = _WHOLE_NAMES if number == WHOLE else _ONE
    return tr(names[kind]).format(count=number)


def variant_name(number: int, reported: str) -> str:
    """Return the name of a variant, like "Sepia", or "Version 2" where none is known."""
    known = VARIANT_NAMES.get(reported)
    return entry_name(number, Outputs.VARIANTS) if known is None else tr(known)


def entry_in_full(name: str, chosen: bool) -> str:
    """Return what a screen reader says of an entry."""
    return tr("{name}, shown now").format(name=name) if chosen else name
