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
    CompareMode.DIVIDER: N_("Both pictures on either side of a line (arrow keys move it)"),
    CompareMode.SIDE_BY_SIDE: N_("Both pictures next to each other, at the same place"),
    CompareMode.SINGLE: N_("One at a time (Space switches)"),
}
_ZOOMS: Final = {Side.BEFORE: N_("Before: {percent}"), Side.AFTER: N_("After: {percent}")}
_NAMED_ZOOMS: Final = {Side.BEFORE: N_("Left: {percent}"), Side.AFTER: N_("Right: {percent}")}
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


def zoom_label(zoom: float, side: Side, *, named: bool = False) -> str:
    """Return the zoom, and whose pixels it counts, like "After: 35 %".

    :param named: whether the sides are not before and after.
    """
    return tr((_NAMED_ZOOMS if named else _ZOOMS)[side]).format(percent=percent(zoom))


def flip_label(state: ViewState) -> str:
    """Return the label of the button that shows before, or ends that."""
    if not state.peeks:
        return tr("Show left") if state.names else tr("Show before")
    if state.mode is not CompareMode.SINGLE:
        return tr("Show both")
    return tr("Show right") if state.names else tr("Show after")


def opening_hint(state: ViewState) -> str:
    """Return how to see the whole of what was opened at 100 %; empty after any move."""
    return tr("Shown at 100 %. Fit (0) shows the whole picture.") if state.is_as_opened else ""


def describe(state: ViewState, loupe_zoom: float = 0.0) -> str:
    """Return a text of what is visible, for screen readers; empty where that is nothing."""
    if not state.sizes:
        return ""
    found = [_arrangement(state)]
    if state.has_picture:
        counted = tr("Zoom {percent}, in pixels of “{name}”.") if state.names else ""
        found.append(
            (counted or tr(_COUNTED[state.counted])).format(
                percent=percent(state.camera.zoom), name=state.names.get(state.counted, "")
            )
        )
    if loupe_zoom:
        sentence = tr("Loupe at {percent}; arrow keys move it.")
        found.append(sentence.format(percent=percent(loupe_zoom)))
    if hint := opening_hint(state):
        found.append(hint)
    return sentences(*found)


def _arrangement(state: ViewState) -> str:
    if not state.both:
        return tr(_ONLY[state.single])
    if state.names:
        return _named_arrangement(state)
    if state.arrangement is CompareMode.SINGLE:
        return tr(_SINGLE[state.single])
    if state.mode is CompareMode.SIDE_BY_SIDE:
        return tr("Side by side: before first, after second.")
    return tr(
        "Divider at {percent} percent from the left: before to its left, after to its right."
    ).format(percent=round(state.share * 100))


def _named_arrangement(state: ViewState) -> str:
    left, right = (state.names[side] for side in Side)
    if state.arrangement is CompareMode.SINGLE:
        shown, other = (left, right) if state.single is Side.BEFORE else (right, left)
        return tr("“{name}”. Space shows “{other}”.").format(name=shown, other=other)
    if state.mode is CompareMode.SIDE_BY_SIDE:
        text = tr("Side by side: “{left}” first, “{right}” second.")
        return text.format(left=left, right=right)
    return tr(
        "Divider at {percent} percent from the left: “{left}” to its left, “{right}” to its right."
    ).format(percent=round(state.share * 100), left=left, right=right)
