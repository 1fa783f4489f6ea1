"""The texts of the comparison."""

from __future__ import annotations

from typing import Final

from enhance_gui.core.text.i18n import N_, number, plural, tr
from enhance_gui.core.text.joining import sentences
from enhance_gui.ui.compare.mode import CompareMode, Side
from enhance_gui.ui.compare.pictures.reading import PictureFacts
from enhance_gui.ui.compare.view_state import ViewState

MODE_NAMES: Final = {
    CompareMode.DIVIDER: N_("Divider"),
    CompareMode.SIDE_BY_SIDE: N_("Side by side"),
    CompareMode.SINGLE: N_("Single"),
}
MODE_HINTS: Final = {
    CompareMode.DIVIDER: N_("Before and after on either side of a line (arrow keys move it)"),
    CompareMode.SIDE_BY_SIDE: N_("Before and after next to each other, at the same place"),
    CompareMode.SINGLE: N_("One at a time (Space switches)"),
}
_ZOOMS: Final = {Side.BEFORE: N_("Before: {percent}"), Side.AFTER: N_("After: {percent}")}
_COUNTED: Final = {
    Side.BEFORE: N_("Zoom {percent}, in pixels of the before picture."),
    Side.AFTER: N_("Zoom {percent}, in pixels of the after picture."),
}
_ONLY: Final = {
    Side.BEFORE: N_("Only the before picture."),
    Side.AFTER: N_("Only the after picture."),
}
_SINGLE: Final = {
    Side.BEFORE: N_("The before picture. Space switches back."),
    Side.AFTER: N_("The after picture. Space shows before."),
}

_UNITS: Final = ((2**30, "GB"), (2**20, "MB"), (2**10, "kB"))


def percent(zoom: float) -> str:
    """Return "35 %" for 0.35; small ones with one decimal."""
    share = zoom * 100
    decimals = 1 if share < 9.95 and share != round(share) else 0
    written = number(share, decimals) if decimals else f"{share:.0f}"
    return tr("{percent} %").format(percent=written)


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


def flip_label(state: ViewState) -> str:
    """Return the label of the button that shows before, or ends that."""
    if not state.peeks:
        return tr("Show before")
    return tr("Show after") if state.mode is CompareMode.SINGLE else tr("Show both")


def opening_hint(state: ViewState) -> str:
    """Return how to see the whole of what was opened at 100 %; empty after any move."""
    return tr("Shown at 100 %. Fit (0) shows the whole picture.") if state.is_as_opened else ""


def describe(state: ViewState) -> str:
    """Return a text of what is visible, for screen readers; empty where that is nothing."""
    if not state.sizes:
        return ""
    found = [_arrangement(state)]
    if state.has_picture:
        found.append(tr(_COUNTED[state.counted]).format(percent=percent(state.camera.zoom)))
    if hint := opening_hint(state):
        found.append(hint)
    return sentences(*found)


def _arrangement(state: ViewState) -> str:
    if not state.both:
        return tr(_ONLY[state.single])
    if state.arrangement is CompareMode.SINGLE:
        return tr(_SINGLE[state.single])
    if state.mode is CompareMode.SIDE_BY_SIDE:
        return tr("Side by side: before first, after second.")
    return tr(
        "Divider at {percent} percent from the left: before to its left, after to its right."
    ).format(percent=round(state.share * 100))
