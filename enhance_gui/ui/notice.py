"""One line over the pictures that says what has just happened; it goes away by itself."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QWidget

from enhance_gui.ui.widgets import label, row, tool

SHOWN_MS: Final = 7000
_MOST_WIDTH_PX: Final = 720
_GAP_PX: Final = 16


class Notice(QFrame):
    """Floats at the bottom of its parent."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("kind", "notice")
        self.setAccessibleName("Notice")
        self._words = label(wraps=True)
        close = tool("✕", name="Close the notice")
        close.clicked.connect(self.hide)
        layout = row(spacing=8)
        layout.addWidget(self._words, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        layout.setContentsMargins(16, 10, 8, 10)
        self.setLayout(layout)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return self._words.text() if self.isVisible() else ""

    def say(self, words: str) -> None:
        """Show a sentence, and have a screen reader say it."""
        self._words.setText(words)
        self.setAccessibleDescription(words)
        self.show()
        self._place()
        self.raise_()
        self._timer.start()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        width = min(_MOST_WIDTH_PX, parent.width() - 2 * _GAP_PX)
        height = max(self.heightForWidth(width), self.sizeHint().height())
        self.setGeometry(
            (parent.width() - width) // 2, parent.height() - height - _GAP_PX, width, height
        )
