"""Catches the wish to quit, so that the program can end in its own order."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal


class QuitFilter(QObject):
    """Stands before the application: Ctrl+Q of the desktop, the end of the session, app.quit()."""

    quit_wanted = Signal()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Quit:
            event.ignore()
            self.quit_wanted.emit()
            return True
        return False
