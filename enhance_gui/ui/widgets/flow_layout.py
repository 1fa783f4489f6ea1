"""A layout that continues in the next line where there is no room."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QStyle, QWidget


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
        widths = [item.sizeHint().width() for item in self._placed]
        gaps = self.spacing() * max(0, len(widths) - 1)
        return QSize(sum(widths) + gaps, self.minimumSize().height())

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._placed:
            size = size.expandedTo(item.sizeHint())
        return size

    def _place(self, box: QRect, *, move: bool) -> int:
        """Go through the lines; return their height."""
        place, line_height = QPoint(box.topLeft()), 0
        owner = self.parentWidget()
        direction = owner.layoutDirection() if owner else Qt.LayoutDirection.LeftToRight
        for item in self._placed:
            size = item.sizeHint()
            if place.x() > box.left() and place.x() + size.width() > box.right() + 1:
                place = QPoint(box.left(), place.y() + line_height + self.spacing())
                line_height = 0
            if move:
                item.setGeometry(QStyle.visualRect(direction, box, QRect(place, size)))
            place.setX(place.x() + size.width() + self.spacing())
            line_height = max(line_height, size.height())
        return place.y() + line_height - box.top()
