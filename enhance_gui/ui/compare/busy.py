"""Saying that one has to wait, but only where it takes long."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

_LONG_MS: Final = 300
"""What comes faster needs no word."""


class DelayedBusyText(QObject):
    """Holds the word for what one is waiting for, once that has taken a while."""

    ended = Signal()
    """There is a word now."""

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
        """Begin to wait, or go on."""
        if not self._words:
            self._timer.start()
        self._words = words

    def stop(self) -> None:
        """Nothing is waited for."""
        self._timer.stop()
        self._words = ""
