"""Catches what the desktop asks of the application: to quit, to open files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from enhance_gui.ui.startup.qt_application import Application

FROM_USER: Final = sys.platform == "darwin"
"""Whether quit events come from the user, by the Dock. Elsewhere they come from the end of the
session, which waits for no answer."""


class DesktopRequests(QObject):
    """Catches the quit events of the desktop, of the session's end and of app.quit(), so that the
    program can end in its own order; and what macOS asks to open, since "Open With" and the Dock
    do not use arguments. What comes before the window is kept.

    An application that this program did not make, such as of a script, gets an event filter.
    """

    quit_wanted = Signal()
    """The program is to end at once."""
    close_wanted = Signal()
    """The program is to end as if its window was closed: what is not saved is asked about."""

    def __init__(self, application: QApplication) -> None:
        super().__init__()
        self._application = application
        self._waiting: list[str] = []
        self._receive: Callable[[Sequence[str]], object] | None = None
        if isinstance(application, Application):
            application.taker = self._take
        else:
            application.installEventFilter(self)

    def deliver_to(self, receive: Callable[[Sequence[str]], object]) -> None:
        """Pass paths and addresses to ``receive`` from now on, with those that have waited."""
        self._receive = receive
        if self._waiting:
            receive(self._waiting)
            self._waiting = []

    def close(self) -> None:
        """Leave the events to Qt again."""
        if isinstance(self._application, Application):
            self._application.taker = None
        else:
            self._application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return watched is self._application and self._take(event)

    def _take(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Quit:
            event.ignore()
            (self.close_wanted if FROM_USER else self.quit_wanted).emit()
            return True
        if event.type() != QEvent.Type.FileOpen or not isinstance(event, QFileOpenEvent):
            return False
        wanted = event.file() or event.url().toString()
        if self._receive is None:
            self._waiting.append(wanted)
        else:
            self._receive([wanted])
        return True
