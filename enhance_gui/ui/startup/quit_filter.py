"""Catches requests to quit, so that the program can end in its own order."""

from __future__ import annotations

import sys
from typing import Final

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QApplication

from enhance_gui.ui.startup.qt_application import take_events

FROM_USER: Final = sys.platform == "darwin"
"""Whether quit events come from the user, by the Dock. Elsewhere they come from the end of the
session, which waits for no answer."""


class QuitFilter(QObject):
    """Catches the quit events of the desktop, of the session's end and of app.quit()."""

    quit_wanted = Signal()
    """The program is to end at once."""
    close_wanted = Signal()
    """The program is to end as if its window was closed: what is not saved is asked about."""

    def __init__(self, application: QApplication) -> None:
        super().__init__()
        self._leave = take_events(application, self._take)

    def close(self) -> None:
        """Leave quit events to Qt again."""
        self._leave()

    def _take(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Quit:
            event.ignore()
            (self.close_wanted if FROM_USER else self.quit_wanted).emit()
            return True
        return False
