"""Small widgets in the window's style. Every text is plain: foreign text is never read as HTML."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Final
from unicodedata import east_asian_width

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTextBoundaryFinder,
    QTimer,
    SignalInstance,
)
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

Part = QWidget | QLayout | int | None
"""Of a layout; ``None`` stretches, a number is a gap in pixels."""

_DROP_DOWN_MARGINS_PX: Final = 4
_SEPARATOR_PX: Final = 9
_LEFT_TO_RIGHT: Final = "\u2066"
_AS_BEFORE: Final = "\u2069"
"""Around what is read from left to right among words that are not."""

_TIP_WIDTH: Final = 100
"""Of a tool tip, in characters: Qt breaks no line of a plain one by itself."""


def label(text: str = "", kind: str = "", *, wraps: bool = False) -> QLabel:
    """Return a label. ``kind`` is a key of the style sheet: title, heading, quiet, problem."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("kind", kind)
    made.setWordWrap(wraps)
    if QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft:
        # Qt would put a text without a word of the language, as a number or a path, at the left.
        at_right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute
        made.setAlignment(at_right | Qt.AlignmentFlag.AlignVCenter)
    return made


def without_mnemonic(text: str) -> str:
    """Return the text of a menu's entry without the letter that picks it.

    Where a language's words have no such letter, one stands behind them: "開く(&O)…".
    """
    return re.sub(r"\(&\w\)|&", "", text)


def button(text: str, kind: str = "", *, tip: str = "", name: str = "") -> QPushButton:
    """Return a button. ``kind``: primary, plain, or empty for the usual one.

    :param name: what a screen reader says where the text alone is unclear.
    """
    made = QPushButton(text)
    made.setProperty("kind", kind)
    made.setToolTip(plain_tip(tip))
    made.setAccessibleName(name or without_mnemonic(text).rstrip("…"))
    made.setAutoDefault(False)
    return made


def tool(text: str, kind: str = "", *, tip: str = "", name: str = "") -> QToolButton:
    """Return a small button that takes the keyboard's focus too."""
    made = QToolButton()
    made.setText(text)
    made.setProperty("kind", kind)
    made.setToolTip(plain_tip(tip))
    made.setAccessibleName(name or text)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return made


def line_edit(
    name: str = "", hint: str = "", *, hidden: bool = False, literal: bool = False
) -> QLineEdit:
    """Return a field for a line of text.

    :param name: what a screen reader says of it.
    :param hidden: show dots, as for a password.
    :param literal: for an address, a path or a code, which no language writes from right to left.
    """
    made = QLineEdit()
    if literal:
        made.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    made.setAccessibleName(name)
    made.setPlaceholderText(hint)
    if hidden:
        made.setEchoMode(QLineEdit.EchoMode.Password)
    return made


def frame(kind: str, name: str = "", layout: QLayout | None = None) -> QFrame:
    """Return a frame of a kind that the style sheet knows, around what is laid out."""
    made = QFrame()
    made.setProperty("kind", kind)
    made.setAccessibleName(name)
    if layout is not None:
        made.setLayout(layout)
    return made


def holder(layout: QLayout) -> QWidget:
    """Return what is laid out as one widget."""
    made = QWidget()
    made.setLayout(layout)
    return made


def row(
    *parts: Part,
    spacing: int = 8,
    grows: Part = None,
    margins: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> QHBoxLayout:
    """Return parts side by side.

    :param grows: the one that takes the room that is left.
    """
    layout = QHBoxLayout()
    _fill(layout, parts, spacing, grows)
    layout.setContentsMargins(*margins)
    return layout


def column(
    *parts: Part,
    spacing: int = 8,
    grows: Part = None,
    margins: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> QVBoxLayout:
    """Return parts one below the other; as :func:`row`."""
    layout = QVBoxLayout()
    _fill(layout, parts, spacing, grows)
    layout.setContentsMargins(*margins)
    return layout


def _fill(
    layout: QHBoxLayout | QVBoxLayout, parts: tuple[Part, ...], spacing: int, grows: Part
) -> None:
    layout.setSpacing(spacing)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, int):
            layout.addSpacing(part)
        elif isinstance(part, QLayout):
            layout.addLayout(part, int(part is grows))
        else:
            layout.addWidget(part, int(part is grows))


def clear(layout: QLayout) -> None:
    """Remove all that is in a layout, and delete its widgets."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def single_shot(
    owner: QObject, delay_ms: int, then: Callable[[], object] | SignalInstance
) -> QTimer:
    """Return a timer that, each time it is started, calls a function once after a delay."""
    made = QTimer(owner)
    made.setSingleShot(True)
    made.setInterval(delay_ms)
    made.timeout.connect(then)
    return made


def plain_tip(*lines: str) -> str:
    """Return lines as a tool tip that Qt shows as text, whoever wrote them.

    Qt takes a tip for HTML where it looks like it, and opens and reads whatever file an ``<img>``
    names. Without the character that begins a tag there is none.
    """
    return "\n".join(map(_filled, lines)).replace("<", "‹")


def _filled(line: str) -> str:
    """Return a line broken where it is too wide; Chinese and Japanese have no gaps for that."""
    if not any(map(_is_wide, line)):
        return textwrap.fill(line, _TIP_WIDTH)
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType["Line"], line)
    data, begin, width, written = line.encode("utf-16-le"), 0, 0, ""
    while (end := finder.toNextBoundary()) > 0:
        part = data[2 * begin : 2 * end].decode("utf-16-le")
        begin, needed = end, len(part) + sum(map(_is_wide, part))
        if width + needed > _TIP_WIDTH:
            written, width = written.rstrip() + "\n", 0
        written, width = written + part, width + needed
    return written


def _is_wide(sign: str) -> bool:
    return east_asian_width(sign) in "WF"


def short_path(folder: Path) -> str:
    """Return a path as people write it: with ~ for their own folder."""
    try:
        shown = str(Path("~") / folder.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        shown = str(folder)
    if QGuiApplication.layoutDirection() is Qt.LayoutDirection.LeftToRight:
        return shown
    return f"{_LEFT_TO_RIGHT}{shown}{_AS_BEFORE}"


class _EntryDelegate(QStyledItemDelegate):
    """Paints the entries of a list that drops down by the style sheet, as those of menus are.

    Qt's own for such lists knows separators, but no room around a text.
    """

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), _SEPARATOR_PX) if _is_separator(index) else hint

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        if _is_separator(index):
            middle = option.rect.center().y()
            painter.setPen(option.palette.color(QPalette.ColorRole.Mid))
            painter.drawLine(option.rect.left(), middle, option.rect.right(), middle)
        else:
            super().paint(painter, option, index)


def _is_separator(index: QModelIndex | QPersistentModelIndex) -> bool:
    return bool(index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "separator")


class DropDown(QComboBox):
    """A list that drops down."""

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(_EntryDelegate(self))

    def sizeHint(self) -> QSize:
        # Qt forgets what its painting leaves free beside the text.
        return super().sizeHint() + QSize(_DROP_DOWN_MARGINS_PX, 0)

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """Cut a text that has no room visibly, in its middle: Qt would end it anywhere."""
        super().initStyleOption(option)
        style, part = self.style(), QStyle.SubControl.SC_ComboBoxEditField
        control = QStyle.ComplexControl.CC_ComboBox
        room = style.subControlRect(control, option, part, self).width() - _DROP_DOWN_MARGINS_PX
        if not option.currentIcon.isNull():
            room -= option.iconSize.width() + _DROP_DOWN_MARGINS_PX
        middle = Qt.TextElideMode.ElideMiddle
        option.currentText = self.fontMetrics().elidedText(option.currentText, middle, room)


class ElidedLabel(QLabel):
    """One line that gives way where there is no room; the whole text is its tip."""

    def __init__(
        self, kind: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    ) -> None:
        super().__init__()
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("kind", kind)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show a text."""
        self.setText(text)
        self.updateGeometry()

    def set_kind(self, kind: str) -> None:
        """Set another kind."""
        if kind != self.property("kind"):
            self.setProperty("kind", kind)
            self.style().unpolish(self)
            self.style().polish(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self.fontMetrics().elidedText(self.text(), self._mode, self.width())
        self.setToolTip("" if shown == self.text() else plain_tip(self.text()))
        painter.drawText(self.rect(), int(self.alignment()), shown)
