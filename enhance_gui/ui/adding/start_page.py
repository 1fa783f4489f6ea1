"""The page while there are no pictures: a drop area, and the question of the first run."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QButtonGroup, QFrame, QRadioButton, QVBoxLayout, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.adding.sample import FACTOR, sample_after, sample_before
from enhance_gui.ui.widgets.basics import button, column, label, row
from enhance_gui.ui.widgets.fitting import text_px

_RADIUS_PX: Final = 18
_WIDTH_PX: Final = 680
"""Of what stands in the middle, where there is room for it."""
_PART: Final = QRect(186, 52, 320, 180)
"""The part of the result that is shown, in its pixels: the face; as large in Qt's pixels."""
_MIN_HEIGHT_PX: Final = 48
"""Below this height the picture is hidden."""


class StartPage(QWidget):
    """Invites the user to add pictures."""

    open_wanted = Signal()
    paste_wanted = Signal()
    add_wanted = Signal()
    sample_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Start page"))
        self.question = WhereToEnhance()
        area = _DropArea(self._buttons())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(48, 32, 48, 32)
        layout.setSpacing(20)
        layout.addStretch(1)
        layout.addLayout(row(None, area, None))
        layout.addLayout(row(None, self.question, None))
        layout.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        # All but the picture: the lines of the texts depend on the width.
        height = self.heightForWidth(self.width()) - _PART.height()
        return QSize(super().minimumSizeHint().width(), height)

    def _buttons(self) -> QWidget:
        opened = button(
            tr("&Open pictures…"), "primary", tip=tr("Choose files on this computer (Ctrl+O)")
        )
        pasted = button(
            tr("&Paste"), tip=tr("Add the address or picture in the clipboard (Ctrl+V)")
        )
        added = button(tr("&Addresses…"), tip=tr("Type or paste many addresses (Ctrl+N)"))
        sample = button(
            tr("&Try a sample"),
            "plain",
            tip=tr("Enhance a photograph that comes with the program"),
        )
        self.setFocusProxy(opened)
        for made, signal in (
            (opened, self.open_wanted),
            (pasted, self.paste_wanted),
            (added, self.add_wanted),
            (sample, self.sample_wanted),
        ):
            made.clicked.connect(signal)
        buttons = QWidget()
        buttons.setLayout(row(None, opened, pasted, added, sample, None, spacing=10))
        return buttons


class _DropArea(QWidget):
    """The dashed area; drops are taken by the whole window."""

    def __init__(self, buttons: QWidget) -> None:
        super().__init__()
        title = label(tr("Drop pictures here"), "title")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        note = label(
            tr(
                "Files, folders, or pictures and links straight out of your browser.\n"
                "Each result is saved as a new file; nothing is ever overwritten."
            ),
            "quiet",
            wraps=True,
        )
        note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = column(_Teaser(), 6, title, note, 8, buttons, spacing=10)
        layout.setContentsMargins(32, 32, 32, 32)
        self.setLayout(layout)

    def sizeHint(self) -> QSize:
        return QSize(text_px(_WIDTH_PX), super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Base))
        painter.setPen(
            QPen(self.palette().color(QPalette.ColorRole.Dark), 1.6, Qt.PenStyle.DashLine)
        )
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), _RADIUS_PX, _RADIUS_PX)


class _Teaser(QWidget):
    """The sample, half of it as it is, half as it becomes; in a low window it is hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("A picture before and after"))
        self._pixmap = QPixmap()

    def sizeHint(self) -> QSize:
        return _PART.size()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._pixmap.isNull():
            self._pixmap = _before_and_after()
        if self.height() < _MIN_HEIGHT_PX:
            return
        size = _PART.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(QPoint(0, 0), size.boundedTo(_PART.size()))
        place.moveCenter(self.rect().center())
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        painter.drawPixmap(place, self._pixmap)
        middle = place.left() + place.width() / 2
        painter.setPen(QPen(Qt.GlobalColor.white, 2))
        painter.drawLine(QPointF(middle, place.top()), QPointF(middle, place.bottom() + 1))
        painter.setBrush(Qt.GlobalColor.white)
        painter.drawEllipse(QPointF(middle, place.center().y()), 6, 6)


def _before_and_after() -> QPixmap:
    """Return the part of the result, its left half the sample's own, plainly enlarged."""
    pixmap = QPixmap.fromImage(sample_after().copy(_PART))
    left = QRect(QPoint(0, 0), QSize(_PART.width() // 2, _PART.height()))
    corner = QPointF(_PART.topLeft()) / FACTOR
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(left), sample_before(), QRectF(corner, QSizeF(left.size()) / FACTOR))
    painter.end()
    return pixmap


class WhereToEnhance(QWidget):
    """Asks where pictures are to be enhanced: on this computer or by a service."""

    connect_wanted = Signal()
    local_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Where to enhance"))
        self._local = QRadioButton(tr("This computer"))
        self._remote = QRadioButton(tr("Connect a service…"))
        self._group = QButtonGroup(self)
        self._group.addButton(self._local)
        self._group.addButton(self._remote)
        self._local.setChecked(True)
        self._local.clicked.connect(self.local_wanted)
        self._remote.clicked.connect(self.connect_wanted)
        here = ChoiceCard(
            self._local, tr("Nothing needed: no account, no network. Pictures stay here.")
        )
        there = ChoiceCard(self._remote, tr("An enhancement service with an address and a token."))
        self.setLayout(row(here, there, spacing=16))

    def sizeHint(self) -> QSize:
        return QSize(text_px(_WIDTH_PX), super().sizeHint().height())

    def show_local(self, local: bool) -> None:
        (self._local if local else self._remote).setChecked(True)


class ChoiceCard(QFrame):
    """A radio button with an explanation; a click anywhere on it chooses it."""

    def __init__(self, radio: QRadioButton, text: str) -> None:
        super().__init__()
        self._radio = radio
        self.setProperty("kind", "card")
        self.setAccessibleName(radio.text())
        radio.setAccessibleDescription(text)
        hint = label(text, "quiet", wraps=True)
        hint.setIndent(24)
        self.setLayout(column(radio, hint, None, spacing=4, margins=(16, 14, 16, 14)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(
            event.position().toPoint()
        ):
            self._radio.click()
