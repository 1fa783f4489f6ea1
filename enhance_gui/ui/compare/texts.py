"""The texts of the comparison."""

from __future__ import annotations

from typing import Final

from enhance_gui.core.text.i18n import mark, number, plural, tr
from enhance_gui.ui.compare.mode import CompareMode, Side
from enhance_gui.ui.compare.pictures.reading import PictureFacts
from enhance_gui.ui.compare.view_state import ViewState

MODE_NAMES: Final = {
    CompareMode.DIVIDER: mark("Divider"),
    CompareMode.SIDE_BY_SIDE: mark("Side by side"),
    CompareMode.SINGLE: mark("Single"),
}
MODE_HINTS: Final = {
    CompareMode.DIVIDER: mark("Before and after on either side of a line (arrow keys move it)"),
    CompareMode.SIDE_BY_SIDE: mark("Before and after next to each other, at the same place"),
    CompareMode.SINGLE: mark("One at a time (Space changes over)"),
}
_ZOOMS: Final = {Side.BEFORE: mark("Before: {percent}"), Side.AFTER: mark("After: {percent}")}
_FLIPS: Final = {Side.BEFORE: mark("Show before"), Side.AFTER: mark("Show after")}
_COUNTED: Final = {
    Side.BEFORE: mark("Zoom {percent}, in pixels of the before picture."),
    Side.AFTER: mark("Zoom {percent}, in pixels of the after picture."),
}
_ONLY: Final = {
    Side.BEFORE: mark("Only the before picture."),
    Side.AFTER: mark("Only the after picture."),
}
_SINGLE: Final = {
    Side.BEFORE: mark("Single: the before picture. Space changes over."),
    Side.AFTER: mark("Single: the after picture. Space changes over."),
}

_UNITS: Final = ((2**30, "GB"), (2**20, "MB"), (2**10, "kB"))


def percent(zoom: float) -> str:
    """Return "35 %" for 0.35; small ones with one decimal."""
    share = zoom * 100
    decimals = 1 if share < 9.95 and share != round(share) else 0
    return f"{share:.0f} %" if not decimals else f"{number(share, decimals)} %"


def size_bytes(count: int) -> str:
    """Return a size like "1.2 MB"."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{number(count / unit, 1)} {name}"
    return plural("{count} byte", "{count} bytes", count).format(count=count)


def pixels_and_bytes(facts: PictureFacts) -> str:
    """Return sides and size like "1200 × 800 · 1.2 MB"."""
    return f"{facts.width_px} × {facts.height_px} · {size_bytes(facts.size_bytes)}"


def zoom_label(zoom: float, side: Side) -> str:
    """Return the zoom, and whose pixels it counts, like "After: 35 %"."""
    return tr(_ZOOMS[side]).format(percent=percent(zoom))


def flip_label(shown: Side) -> str:
    """Return the label of the button that shows the other side."""
    return tr(_FLIPS[shown.other])


def opening_hint(look: ViewState) -> str:
    """Return how to see the whole of what was opened at 100 %; empty after any move."""
    return tr("Shown at 100 %. Fit (0) shows the whole picture.") if look.is_as_opened else ""


def describe(look: ViewState) -> str:
    """Return a text of what is visible, for screen readers; empty where that is nothing."""
    if not look.sizes:
        return ""
    words = [_arrangement(look)]
    if look.has_picture:
        words.append(tr(_COUNTED[look.counted]).format(percent=percent(look.camera.zoom)))
    if hint := opening_hint(look):
        words.append(hint)
    return " ".join(words)


def _arrangement(look: ViewState) -> str:
    if not look.both:
        return tr(_ONLY[look.single])
    if look.mode is CompareMode.SIDE_BY_SIDE:
        return tr("Side by side: before first, after second.")
    if look.mode is CompareMode.SINGLE:
        return tr(_SINGLE[look.single])
    return tr(
        "Divider at {percent} percent from the left: before to its left, after to its right."
    ).format(percent=round(look.share * 100))
