"""Reports a batch outside the window: by notification, the taskbar, the icon's number."""

from __future__ import annotations

import sys
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from enhance_gui.core.text.i18n import number, plural
from enhance_gui.ui.widgets.basics import plain_tip
from enhance_gui.ui.window.batch_progress import Progress, ended_text
from enhance_gui.ui.window.desktop_bus import DesktopBus

TITLE: Final = "Enhance GUI"

_SHOWN_MS: Final = 8000


class Announcer(QObject):
    """Notifies only while the window is in the background; always shows progress."""

    def __init__(self, window: QWidget, *, notify: bool) -> None:
        """:param notify: whether notifications are wanted."""
        super().__init__(window)
        self._window = window
        self._tray: QSystemTrayIcon | None = None
        self._bus: DesktopBus | None = None
        if sys.platform == "linux":
            self._bus = DesktopBus(self)
            self._bus.unreceived.connect(self._notify_from_tray)
        self._left = 0
        self.notify = notify
        self.last = ""
        """The last notification; empty: there was none."""

    def show_progress(self, progress: Progress) -> None:
        """Show the progress where the platform has a place for it."""
        left = progress.total - progress.finished
        if left != self._left:
            self._left = left
            self._show_left(progress.finished / progress.total if progress.total else 0.0)

    def batch_ended(self, progress: Progress) -> None:
        """Notify, if the user is elsewhere."""
        if not self.notify or self._window.isActiveWindow():
            return
        QApplication.alert(self._window)
        self._notify(ended_text(progress))

    def window_closed(self, progress: Progress) -> None:
        """Notify of what goes on at the next start, if anything does."""
        left = progress.total - progress.finished
        if self.notify and left:
            text = plural(
                "{count} picture is not done yet: it goes on at the next start.",
                "{count} pictures are not done yet: they go on at the next start.",
                left,
            )
            self._notify(text.format(count=number(left)))

    def close(self) -> None:
        """Remove progress and notifications."""
        if self._left:
            self._left = 0
            self._show_left(0.0)
        if self._bus is not None:
            self._bus.close()
        if self._tray is not None:
            self._tray.hide()

    def _show_left(self, share: float) -> None:
        if self._bus is not None:
            self._bus.show_progress(share, self._left)
            return
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.setBadgeNumber(self._left)

    def _notify(self, text: str) -> None:
        self.last = text
        if self._bus is not None:
            self._bus.notify(TITLE, text)
        else:
            self._notify_from_tray(TITLE, text)

    def _notify_from_tray(self, title: str, text: str) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.windowIcon(), self)
            self._tray.setToolTip(plain_tip(TITLE))
            self._tray.messageClicked.connect(self._window.activateWindow)
        self._tray.show()
        icon = QSystemTrayIcon.MessageIcon.Information
        self._tray.showMessage(title, text, icon, _SHOWN_MS)
