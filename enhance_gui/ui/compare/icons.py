"""Small drawings for buttons, in the colour of their text, sharp at any scaling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QToolButton

from enhance_gui.ui.compare.painting import mixed
from enhance_gui.ui.widgets.basics import plain_tip

Glyph = Callable[[QPainter], None]
"""Draws into a square of 16 × 16 with the pen that is set."""

_SIDE: Final = 16.0
_PEN_WIDTH: Final = 1.5
_RADIUS: Final = 8.0
_BUTTON: Final = QSize(38, 32)


class GlyphButton(QToolButton):
    """A button with a drawing; its words are its tool tip and its accessible name."""

    def __init__(self, glyph: Glyph, name: str, hint: str) -> None:
        super().__init__()
        self._glyph = glyph
        self.setAccessibleName(name)
        self.setToolTip(plain_tip(hint))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return _BUTTON

    def minimumSizeHint(self) -> QSize:
        return _BUTTON

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self.palette()
        accent = palette.color(QPalette.ColorRole.Highlight)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(accent, 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(self._ground())
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        ink = palette.color(group, QPalette.ColorRole.ButtonText)
        pen = QPen(accent if self.isChecked() and self.isEnabled() else ink, _PEN_WIDTH)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.translate(QPointF((self.width() - _SIDE) / 2, (self.height() - _SIDE) / 2))
        self._glyph(painter)
        painter.end()

    def _ground(self) -> QColor:
        palette = self.palette()
        window = palette.color(QPalette.ColorRole.Window)
        if not self.isEnabled():
            return QColor(Qt.GlobalColor.transparent)
        if self.isDown() or self.isChecked():
            return mixed(window, palette.color(QPalette.ColorRole.Highlight), 0.2)
        if self.underMouse():
            return mixed(window, palette.color(QPalette.ColorRole.WindowText), 0.08)
        return QColor(Qt.GlobalColor.transparent)


def divider(painter: QPainter) -> None:
    """A frame with its right half filled."""
    painter.drawRoundedRect(QRectF(1, 2, 14, 12), 1.5, 1.5)
    painter.drawLine(QLineF(8, 0.5, 8, 15.5))
    painter.fillRect(QRectF(9.5, 4, 4, 8), painter.pen().color())


def side_by_side(painter: QPainter) -> None:
    """Two frames."""
    painter.drawRoundedRect(QRectF(0.75, 2, 6.25, 12), 1.2, 1.2)
    painter.drawRoundedRect(QRectF(9, 2, 6.25, 12), 1.2, 1.2)


def single(painter: QPainter) -> None:
    """One frame."""
    painter.drawRoundedRect(QRectF(1, 2, 14, 12), 1.5, 1.5)


def flip(painter: QPainter) -> None:
    """Two arrows, there and back."""
    for y, way in ((5.0, 1), (11.0, -1)):
        tip = 8 + way * 6.5
        painter.drawLine(QLineF(8 - way * 6.5, y, tip, y))
        painter.drawLine(QLineF(tip, y, tip - way * 3, y - 3))
        painter.drawLine(QLineF(tip, y, tip - way * 3, y + 3))


def minus(painter: QPainter) -> None:
    painter.drawLine(QLineF(3, 8, 13, 8))


def plus(painter: QPainter) -> None:
    minus(painter)
    painter.drawLine(QLineF(8, 3, 8, 13))


def fit(painter: QPainter) -> None:
    """Four corners."""
    for left, across in ((1.5, 1), (14.5, -1)):
        for top, down in ((2.5, 1), (13.5, -1)):
            painter.drawLine(QLineF(left, top, left + across * 3.5, top))
            painter.drawLine(QLineF(left, top, left, top + down * 3.5))
