"""The words of the comparison."""

from __future__ import annotations

from typing import Final

from enhance_gui.ui.compare.look import Look
from enhance_gui.ui.compare.mode import CompareMode, Side
from enhance_gui.ui.compare.reading import PictureFacts

VIEW_NAME: Final = "Before and after"
NOTHING_YET: Final = "Choose a picture to see it before and after."
OPENING: Final = "Opening…"
READING_DETAIL: Final = "Reading all pixels…"

BAR_NAME: Final = "How to compare"
ZOOM_OUT: Final = "Zoom out"
ZOOM_OUT_HINT: Final = "Zoom out (−)"
ZOOM_IN: Final = "Zoom in"
ZOOM_IN_HINT: Final = "Zoom in (+)"
ZOOM_HINT: Final = "100 % is one pixel of this picture on one pixel of the screen"
FIT: Final = "Fit"
FIT_HINT: Final = "Show the whole picture (0)"
ACTUAL: Final = "Actual size"
ACTUAL_HINT: Final = "Show one pixel of the picture on one pixel of the screen (1)"
FLIP_HINT: Final = "Change between before and after (Space)"

MODE_NAMES: Final = {
    CompareMode.DIVIDER: "Divider",
    CompareMode.SIDE_BY_SIDE: "Side by side",
    CompareMode.SINGLE: "Single",
}
MODE_HINTS: Final = {
    CompareMode.DIVIDER: "Before and after on either side of a line (arrow keys move it)",
    CompareMode.SIDE_BY_SIDE: "Before and after next to each other, at the same place",
    CompareMode.SINGLE: "One at a time (Space changes over)",
}
_SIDE_NAMES: Final = {Side.BEFORE: "before", Side.AFTER: "after"}

_UNITS: Final = ((2**30, "GB"), (2**20, "MB"), (2**10, "kB"))


def percent(zoom: float) -> str:
    """35 % for 0.35; small ones with one decimal."""
    number = zoom * 100
    return f"{number:.1f} %" if number < 9.95 and number != round(number) else f"{number:.0f} %"


def size_bytes(count: int) -> str:
    """1.2 MB."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count} bytes"


def pixels_and_bytes(facts: PictureFacts) -> str:
    """1200 × 800 · 1.2 MB."""
    return f"{facts.width_px} × {facts.height_px} · {size_bytes(facts.size_bytes)}"


def zoom_label(zoom: float, side: Side) -> str:
    """35 % of after: the zoom, and whose pixels it counts."""
    return f"{percent(zoom)} of {_SIDE_NAMES[side]}"


def flip_label(shown: Side) -> str:
    """What the button does that changes over."""
    return f"Show {_SIDE_NAMES[shown.other]}"


def describe(look: Look) -> str:
    """Say in words what is to be seen."""
    if not look.sizes:
        return NOTHING_YET
    words = [_arrangement(look)]
    if look.has_picture:
        counted = _SIDE_NAMES[look.counted]
        words.append(f"Zoom {percent(look.camera.zoom)}, in pixels of the {counted} picture.")
    return " ".join(words)


def _arrangement(look: Look) -> str:
    if not look.both:
        return f"Only the {_SIDE_NAMES[look.single]} picture."
    if look.mode is CompareMode.SIDE_BY_SIDE:
        return "Side by side: before first, after second."
    if look.mode is CompareMode.SINGLE:
        return f"Single: the {_SIDE_NAMES[look.single]} picture. Space changes over."
    return (
        f"Divider at {round(look.share * 100)} percent from the left: "
        "before to its left, after to its right."
    )
