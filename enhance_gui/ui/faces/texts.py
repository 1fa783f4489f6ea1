"""The texts of the strip."""

from __future__ import annotations

from typing import Final

from enhance_gui.core.services.enhance_types import Outputs
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.faces.face import WHOLE

STRIP_NAMES: Final = {Outputs.FACES: N_("Faces"), Outputs.VARIANTS: N_("Versions")}
STRIP_HINTS: Final = {
    Outputs.FACES: N_("Arrow keys go from face to face; Enter shows one large."),
    Outputs.VARIANTS: N_("Arrow keys go from version to version; Enter shows one."),
}
SAVE_ONE: Final = {
    Outputs.FACES: N_("Save this face…"),
    Outputs.VARIANTS: N_("Save this version…"),
}
SAVE_ALL: Final = {
    Outputs.FACES: N_("Save all faces…"),
    Outputs.VARIANTS: N_("Save all versions…"),
}
VARIANT_NAMES: Final = {
    "hand-tinted": N_("Hand-tinted"),
    "sepia": N_("Sepia"),
    "warm": N_("Warm"),
    "cool": N_("Cool"),
    "cyanotype": N_("Cyanotype"),
}
"""The names of the local service's variants."""

_WHOLE_NAMES: Final = {Outputs.FACES: N_("Whole picture"), Outputs.VARIANTS: N_("Main result")}
_ONE: Final = {Outputs.FACES: N_("Face {count}"), Outputs.VARIANTS: N_("Version {count}")}


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
