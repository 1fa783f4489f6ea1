"""Catches the wish to quit, so that the program can end in its own order."""

from __future__ import annotations

import sys
from typing import Final

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QApplication

from enhance_gui.ui.startup.qt_application import take_events

FROM_USER: Final = sys.platform == "darwin"
"""Whether a person tells the application to quit: by the Dock. Elsewhere the end of the session
does, which waits for no answer."""


class QuitFilter(QObject):
    """Stands before the application: Ctrl+Q of the desktop, the end of the session, app.quit()."""

    quit_wanted = Signal()
    """It is to end at once."""
    close_wanted = Signal()
    """It is to end as if its window was closed: what is not saved is asked about."""

    def __init__(self, application: QApplication) -> None:
        super().__init__()
        self._leave = take_events(application, self._take)

    def close(self) -> None:
        """Leave it to Qt again."""
        self._leave()

    def _take(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Quit:
            event.ignore()
            (self.close_wanted if FROM_USER else self.quit_wanted).emit()
            return True
        return False
