"""The gallery's colours: from the palette, and a few with a meaning for light and for dark."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QColor, QPalette

from enhance_gui.ui.gallery.cells.icons import StateIcon

_LIGHT: Final = {
    StateIcon.CHECKING: "#5b5f97",
    StateIcon.WAITING: "#5f6b7a",
    StateIcon.RUNNING: "#0b63ce",
    StateIcon.DONE: "#1a7f37",
    StateIcon.NEEDS_YOU: "#925f00",
    StateIcon.FAILED: "#b42318",
    StateIcon.CANCELLED: "#6b6f76",
}
"""At least 4.5 : 1 against white."""

_DARK: Final = {
    StateIcon.CHECKING: "#a9adf0",
    StateIcon.WAITING: "#a5b1c2",
    StateIcon.RUNNING: "#72b1ff",
    StateIcon.DONE: "#5cc97e",
    StateIcon.NEEDS_YOU: "#e8b04a",
    StateIcon.FAILED: "#ff8f86",
    StateIcon.CANCELLED: "#a2a6ad",
}
"""At least 4.5 : 1 against #303030."""


def is_dark(palette: QPalette) -> bool:
    return palette.color(QPalette.ColorRole.Base).lightness() < 128


def icon_colour(icon: StateIcon, palette: QPalette) -> QColor:
    """Return the colour of an icon; never the only difference between two icons."""
    table = _DARK if is_dark(palette) else _LIGHT
    return QColor(table[icon]) if icon in table else quiet(palette)


def quiet(palette: QPalette) -> QColor:
    """Return the colour of secondary text; still 4.5 : 1 where the text is black or white."""
    return mixed(
        palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.Base), 0.68
    )


def faint(palette: QPalette) -> QColor:
    """Return the colour of empty tiles and tracks: seen on any ground, not read."""
    share = 0.13 if is_dark(palette) else 0.085
    return clear(palette.color(QPalette.ColorRole.Text), share)


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """Return ``share`` of one colour in another."""
    rest = 1 - share
    return QColor.fromRgbF(
        one.redF() * share + other.redF() * rest,
        one.greenF() * share + other.greenF() * rest,
        one.blueF() * share + other.blueF() * rest,
    )


def clear(colour: QColor, alpha: float) -> QColor:
    """Return the colour made translucent."""
    seen = QColor(colour)
    seen.setAlphaF(alpha)
    return seen
