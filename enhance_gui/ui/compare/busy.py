"""A busy text that appears only after a delay."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

_LONG_MS: Final = 300
"""What takes less time shows no text."""


class DelayedBusyText(QObject):
    """Holds the text of what is waited for, and shows it only after a delay."""

    ended = Signal()
    """The delay is over: there is a text to show now."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._words = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_LONG_MS)
        self._timer.timeout.connect(self.ended)

    @property
    def note(self) -> str:
        """What to show; empty while it is too early."""
        return "" if self._timer.isActive() else self._words

    def wait_for(self, words: str) -> None:
        """Begin to wait with a text, or change the text."""
        if not self._words:
            self._timer.start()
        self._words = words

    def stop(self) -> None:
        """End the waiting."""
        self._timer.stop()
        self._words = ""
