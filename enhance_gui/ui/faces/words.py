"""The words of the strip."""

from __future__ import annotations

from typing import Final

from enhance_gui.core.enhance_types import Outputs
from enhance_gui.ui.faces.face import WHOLE

STRIP_NAMES: Final = {Outputs.FACES: "Faces", Outputs.VARIANTS: "Versions"}
STRIP_HINTS: Final = {
    Outputs.FACES: "Arrow keys go from face to face; Enter shows one large.",
    Outputs.VARIANTS: "Arrow keys go from version to version; Enter shows one.",
}
SAVE_ONE: Final = {Outputs.FACES: "Save this face…", Outputs.VARIANTS: "Save this version…"}
SAVE_ALL: Final = {Outputs.FACES: "Save all faces…", Outputs.VARIANTS: "Save all versions…"}
_WHOLE_NAMES: Final = {Outputs.FACES: "Whole picture", Outputs.VARIANTS: "Main result"}
_ONE: Final = {Outputs.FACES: "Face", Outputs.VARIANTS: "Version"}


def entry_name(number: int, kind: Outputs) -> str:
    """Face 2."""
    return _WHOLE_NAMES[kind] if number == WHOLE else f"{_ONE[kind]} {number}"


def entry_in_full(number: int, kind: Outputs, chosen: bool) -> str:
    """What a screen reader says of an entry."""
    name = entry_name(number, kind)
    return f"{name}, shown now" if chosen else name
