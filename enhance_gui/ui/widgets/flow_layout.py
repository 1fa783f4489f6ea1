"""Layouts that continue in the next line where there is no room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QStyle, QWidget

from enhance_gui.ui.widgets.fitting import text_px

_BESIDE_PX: Final = 320
"""So wide a text must be for buttons to stand beside it."""


class FlowLayout(QLayout):
    """Places widgets in their preferred sizes, line after line."""

    def __init__(self, parent: QWidget | None = None, *, spacing: int = 4) -> None:
        super().__init__(parent)
        self._placed: list[QLayoutItem] = []
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._placed.append(item)

    def count(self) -> int:
        return len(self._placed)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._placed[index] if 0 <= index < len(self._placed) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._placed.pop(index) if 0 <= index < len(self._placed) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, box: QRect) -> None:
        super().setGeometry(box)
        self._place(box, move=True)

    def sizeHint(self) -> QSize:
        widths = [item.sizeHint().width() for item in self._shown()]
        width = sum(widths) + self.spacing() * max(0, len(widths) - 1)
        return QSize(width, self.heightForWidth(width))

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._shown():
            size = size.expandedTo(item.sizeHint())
        return size

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._placed if not item.isEmpty()]

    def _place(self, box: QRect, *, move: bool) -> int:
        """Go through the lines; return their height."""
        return self._flow(self._shown(), box, move=move)

    def _flow(self, items: Sequence[QLayoutItem], box: QRect, *, move: bool) -> int:
        top = box.top()
        for line in self._lines(items, box.width()):
            height, left = max(size.height() for _, size in line), box.left()
            for item, size in line:
                if move:
                    middle = top + (height - size.height()) // 2
                    self._move(item, QRect(QPoint(left, middle), size), box)
                left += size.width() + self.spacing()
            top += height + self.spacing()
        return max(0, top - self.spacing() - box.top())

    def _lines(
        self, items: Sequence[QLayoutItem], width: int
    ) -> list[list[tuple[QLayoutItem, QSize]]]:
        """Return what stands in each line, with its size."""
        lines: list[list[tuple[QLayoutItem, QSize]]] = []
        room = -1
        for item in items:
            size = _size_within(item, width)
            if size.width() > room:
                lines.append([])
                room = width
            lines[-1].append((item, size))
            room -= size.width() + self.spacing()
        return lines

    def _move(self, item: QLayoutItem, place: QRect, box: QRect) -> None:
        owner = self.parentWidget()
        direction = owner.layoutDirection() if owner else Qt.LayoutDirection.LeftToRight
        item.setGeometry(QStyle.visualRect(direction, box, place))


class TextAndButtons(FlowLayout):
    """Places a text, and its buttons beside it or, where that would be too narrow, below it."""

    def __init__(self, text: QWidget, *buttons: QWidget, spacing: int = 8) -> None:
        super().__init__(spacing=spacing)
        for part in (text, *buttons):
            self.addWidget(part)

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._shown():
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, box: QRect, *, move: bool) -> int:
        text, *buttons = self._shown()
        needed = sum(item.sizeHint().width() + self.spacing() for item in buttons)
        room = box.width() - needed
        if room < min(text_px(_BESIDE_PX), text.sizeHint().width()):
            height = _height_of(text, box.width())
            if move:
                text.setGeometry(QRect(box.topLeft(), QSize(box.width(), height)))
            below = box.adjusted(0, height + self.spacing(), 0, 0)
            return height + self.spacing() + self._flow(buttons, below, move=move)
        sizes = [QSize(room, _height_of(text, room)), *(item.sizeHint() for item in buttons)]
        height = max(box.height(), *(size.height() for size in sizes))
        left = box.left()
        for item, size in zip((text, *buttons), sizes, strict=True):
            # The text has all of the height; a button stands in its middle.
            over = 0 if item is text else (height - size.height()) // 2
            tall = height if item is text else size.height()
            if move:
                self._move(item, QRect(left, box.top() + over, size.width(), tall), box)
            left += size.width() + self.spacing()
        return height


def _size_within(item: QLayoutItem, width: int) -> QSize:
    size = item.sizeHint()
    if size.width() <= width:
        return size
    return QSize(width, _height_of(item, width))


def _height_of(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
