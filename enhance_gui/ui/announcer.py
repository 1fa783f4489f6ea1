"""Tells of a batch outside the window: a notification, the taskbar, the icon's number."""

from __future__ import annotations

import sys
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from enhance_gui.ui.tally import Progress

DESKTOP_FILE: Final = "enhance-gui.desktop"
TITLE: Final = "Enhance GUI"

_SHOWN_MS: Final = 8000


class Announcer(QObject):
    """Speaks only while the window is in the background; shows progress always."""

    def __init__(self, window: QWidget, *, notify: bool) -> None:
        """:param notify: whether notifications are wanted."""
        super().__init__(window)
        self._window = window
        self._tray: QSystemTrayIcon | None = None
        self._left = 0
        self.notify = notify
        self.last = ""
        """The last notification; empty: there was none."""

    def show_progress(self, progress: Progress) -> None:
        """Show the progress where the platform has a place for it."""
        left = progress.total - progress.finished
        if left == self._left:
            return
        self._left = left
        _set_badge(left)
        if sys.platform == "linux":
            share = progress.finished / progress.total if progress.total else 0.0
            _tell_launcher(share, visible=left > 0)

    def batch_ended(self, progress: Progress) -> None:
        """Notify, if the user is elsewhere."""
        if not self.notify or self._window.isActiveWindow():
            return
        self.last = ended_words(progress)
        QApplication.alert(self._window)
        if sys.platform != "linux" or not _notify_over_bus(TITLE, self.last):
            self._notify_from_tray(self.last)

    def close(self) -> None:
        """Take everything back."""
        _set_badge(0)
        if self._tray is not None:
            self._tray.hide()

    def _notify_from_tray(self, words: str) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.windowIcon(), self)
            self._tray.setToolTip(TITLE)
            self._tray.messageClicked.connect(self._window.activateWindow)
        self._tray.show()
        icon = QSystemTrayIcon.MessageIcon.Information
        self._tray.showMessage(TITLE, words, icon, _SHOWN_MS)


def ended_words(progress: Progress) -> str:
    """Say how a batch ended."""
    if progress.saved == progress.total:
        return "The picture is saved." if progress.total == 1 else f"{progress.total} are saved."
    parts = [f"{progress.saved} of {progress.total} saved"]
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    if progress.held:
        parts.append(f"{progress.held} need you")
    return f"{', '.join(parts)}."


def _set_badge(number: int) -> None:
    application = QGuiApplication.instance()
    if isinstance(application, QGuiApplication):
        application.setBadgeNumber(number)


def _tell_launcher(share: float, *, visible: bool) -> None:
    """Show progress on the launcher's icon, where the desktop has one that shows it."""
    from PySide6.QtDBus import QDBusConnection, QDBusMessage

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return
    signal = QDBusMessage.createSignal(
        "/net/enhance_gui", "com.canonical.Unity.LauncherEntry", "Update"
    )
    state = {"progress": share, "progress-visible": visible}
    signal.setArguments([f"application://{DESKTOP_FILE}", state])
    bus.send(signal)


def _notify_over_bus(title: str, words: str) -> bool:
    """Show a notification in the way that the freedesktop desktops share."""
    from PySide6.QtDBus import QDBusConnection, QDBusInterface

    name = "org.freedesktop.Notifications"
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected() or not bus.interface().isServiceRegistered(name).value():
        return False
    service = QDBusInterface(name, "/org/freedesktop/Notifications", name, bus)
    arguments = [title, 0, "enhance-gui", title, words, [], {}, _SHOWN_MS]
    service.asyncCallWithArgumentList("Notify", arguments)
    return True
