"""The words of the strip."""

from __future__ import annotations

from typing import Final

from enhance_gui.core.enhance_types import Outputs
from enhance_gui.core.language import mark, tr
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
_WHOLE_NAMES: Final = {Outputs.FACES: mark("Whole picture"), Outputs.VARIANTS: mark("Main result")}
_ONE: Final = {Outputs.FACES: mark("Face {count}"), Outputs.VARIANTS: mark("Version {count}")}


def entry_name(number: int, kind: Outputs) -> str:
    """Face 2."""
    names = _WHOLE_NAMES if number == WHOLE else _ONE
    return tr(names[kind]).format(count=number)


def entry_in_full(number: int, kind: Outputs, chosen: bool) -> str:
    """What a screen reader says of an entry."""
    name = entry_name(number, kind)
    return tr("{name}, shown now").format(name=name) if chosen else name
