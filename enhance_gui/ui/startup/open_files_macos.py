"""Receives what macOS asks to open: "Open With" and the Dock do not use arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from enhance_gui.ui.startup.qt_application import take_events


class OpenRequests:
    """Catches the application's open events, and keeps those that come before the window."""

    def __init__(self, application: QApplication) -> None:
        self._waiting: list[str] = []
        self._receive: Callable[[Sequence[str]], object] | None = None
        self._leave = take_events(application, self._take)

    def deliver_to(self, receive: Callable[[Sequence[str]], object]) -> None:
        """Pass paths and addresses to ``receive`` from now on, with those that have waited."""
        self._receive = receive
        if self._waiting:
            receive(self._waiting)
            self._waiting = []

    def close(self) -> None:
        """Stop catching events."""
        self._leave()
        self._receive = None

    def _take(self, event: QEvent) -> bool:
        if event.type() != QEvent.Type.FileOpen or not isinstance(event, QFileOpenEvent):
            return False
        wanted = event.file() or event.url().toString()
        if self._receive is None:
            self._waiting.append(wanted)
        else:
            self._receive([wanted])
        return True
