"""A small round-ended button with an icon, a text and a count, each of them optional."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle

from enhance_gui.core.text.i18n import number
from enhance_gui.core.text.joining import listed
from enhance_gui.ui.widgets import colours
from enhance_gui.ui.widgets.basics import plain_tip
from enhance_gui.ui.widgets.icons import StateIcon, draw_icon

_PAD: Final = 11
_GAP: Final = 6
_ICON_SIDE: Final = 15
_MIDDLE: Final = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine)


class Pill(QAbstractButton):
    """One of several buttons of which one is down."""

    def __init__(
        self, name: str, icon: StateIcon | None = None, *, shows_name: bool = True
    ) -> None:
        """
        :param shows_name: whether the name is written, not only for screen readers and as a tool
            tip.
        """
        super().__init__()
        self._icon = icon
        self._shows_name = shows_name
        self._count = ""
        self.setText(name)
        self.setAccessibleName(name)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._follow()
        self.toggled.connect(self._follow)
        if not shows_name:
            self.setToolTip(plain_tip(name))

    def _follow(self) -> None:
        """Let Tab focus only the button that is down; arrow keys move on from there."""
        policy = Qt.FocusPolicy
        self.setFocusPolicy(policy.StrongFocus if self.isChecked() else policy.ClickFocus)

    def set_count(self, count: int) -> None:
        """Show a number behind the name."""
        text = number(count)
        if text != self._count:
            wider = len(text) != len(self._count)
            self._count = text
            self.setAccessibleName(listed((self.text(), text)))
            if wider:
                self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        parts = [metrics.horizontalAdvance(text) for text in self._texts()]
        if self._icon is not None:
            parts.insert(0, _ICON_SIDE)
        width = sum(parts) + _GAP * (len(parts) - 1) + 2 * _PAD
        return QSize(width, metrics.height() + 12)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_ground(painter)
        left = _PAD
        muted = self._count == number(0) and not self.isChecked()
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        paper = self.palette().color(QPalette.ColorRole.Window)
        if muted:
            ink = colours.quiet(self.palette())
        if self._icon is not None:
            place = QRectF(self._placed(left, _ICON_SIDE))
            place.moveTop((self.height() - _ICON_SIDE) / 2)
            place.setHeight(_ICON_SIDE)
            colour = ink if muted else colours.icon_colour(self._icon, self.palette())
            draw_icon(painter, place, self._icon, colour, paper)
            left += _ICON_SIDE + _GAP
        for index, text in enumerate(self._texts()):
            is_count = index == 1 or not self._shows_name
            painter.setPen(colours.quiet(self.palette()) if is_count else ink)
            width = self.fontMetrics().horizontalAdvance(text)
            painter.drawText(self._placed(left, width), _MIDDLE, text)
            left += width + _GAP
        painter.end()

    def _placed(self, left: int, width: int) -> QRect:
        """Return where a part lies in the direction of the writing."""
        part = QRect(left, 0, width, self.height())
        return QStyle.visualRect(self.layoutDirection(), self.rect(), part)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def _texts(self) -> list[str]:
        name = [self.text()] if self._shows_name else []
        return [*name, self._count] if self._count else name

    def _draw_ground(self, painter: QPainter) -> None:
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        radius = box.height() / 2
        highlight = self.palette().color(QPalette.ColorRole.Highlight)
        text = self.palette().color(QPalette.ColorRole.WindowText)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(colours.clear(highlight, 0.18))
            painter.drawRoundedRect(box, radius, radius)
        elif self.isDown() or self.underMouse():
            painter.setBrush(colours.clear(text, 0.07))
            painter.drawRoundedRect(box, radius, radius)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(highlight, 1.5))
            painter.drawRoundedRect(box, radius, radius)
