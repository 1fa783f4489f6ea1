"""Colours: from the palette, and a few with a meaning for light and for dark."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QColor, QPalette

from enhance_gui.ui.widgets.icons import StateIcon

_OF_ICONS: Final = {
    StateIcon.CHECKING: ("#5b5f97", "#a9adf0"),
    StateIcon.WAITING: ("#5f6b7a", "#a5b1c2"),
    StateIcon.RUNNING: ("#0b63ce", "#72b1ff"),
    StateIcon.DONE: ("#1a7f37", "#5cc97e"),
    StateIcon.NEEDS_YOU: ("#855600", "#e8b04a"),
    StateIcon.FAILED: ("#b42318", "#ff8f86"),
    StateIcon.UNSAVED: ("#925f00", "#e8b04a"),
    StateIcon.CANCELLED: ("#6b6f76", "#a2a6ad"),
}
"""On a light ground, at least 4.5 : 1 against white; on a dark one, against #303030."""


def is_dark(palette: QPalette) -> bool:
    return palette.color(QPalette.ColorRole.Base).lightness() < 128


def icon_colour(icon: StateIcon, palette: QPalette) -> QColor:
    """Return the colour of an icon; never the only difference between two icons."""
    if icon not in _OF_ICONS:
        return quiet(palette)
    return QColor(_OF_ICONS[icon][is_dark(palette)])


def quiet(palette: QPalette) -> QColor:
    """Return the colour of secondary text; still 4.5 : 1 on what is selected or pointed at."""
    return mixed(
        palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text), 0.74
    )


def faint(palette: QPalette) -> QColor:
    """Return the colour of empty tiles and tracks: seen on any ground, not read."""
    share = 0.13 if is_dark(palette) else 0.085
    return clear(palette.color(QPalette.ColorRole.Text), share)


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """Return ``one`` with ``share`` (0 to 1) of ``other`` in it."""
    return QColor.fromRgbF(
        one.redF() + (other.redF() - one.redF()) * share,
        one.greenF() + (other.greenF() - one.greenF()) * share,
        one.blueF() + (other.blueF() - one.blueF()) * share,
    )


def clear(colour: QColor, alpha: float) -> QColor:
    """Return the colour made translucent."""
    seen = QColor(colour)
    seen.setAlphaF(alpha)
    return seen
