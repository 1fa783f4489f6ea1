"""Reports a batch to the user's desktop over the session's D-Bus (Linux).

Qt's own D-Bus would do but for two things: PySide6 sends every whole number as an int32 and every
list as one of variants, which a notification service refuses; and ``setBadgeNumber`` puts the
program's name, space and all, into the path of an object. See
https://specifications.freedesktop.org/notification-spec/latest/ and
https://wiki.ubuntu.com/Unity/LauncherAPI.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

_log = logging.getLogger(__name__)

DESKTOP_FILE: Final = "enhance-gui.desktop"
ICON: Final = "enhance-gui"

ANSWER_LIMIT_S: Final = 5.0
"""How long the bus, and a notification service, get to answer."""

END_LIMIT_S: Final = 0.3
"""How long the end of the program waits for the last messages."""

_NOTIFICATIONS: Final = "org.freedesktop.Notifications"
_LAUNCHER: Final = "com.canonical.Unity.LauncherEntry"

_Step = Callable[[], None]


class DesktopBus(QObject):
    """Sends in a thread of its own, so that a desktop that hangs blocks nothing."""

    unreceived = Signal(str, str)
    """Title and text of a notification that nobody on the bus has shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: SimpleQueue[_Step | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connection: DBusConnection | None = None
        self._last_notification = 0

    def show_progress(self, share: float, left: int) -> None:
        """Show progress and a number on the launcher's icon, where the desktop has one.

        :param share: how much is done, from 0 to 1.
        :param left: pictures still to come; 0 takes both away.
        """
        self._later(lambda: self._update_launcher(share, left))

    def notify(self, title: str, text: str) -> None:
        """Show a notification, in place of the one before."""
        self._later(lambda: self._notify(title, text))

    def close(self) -> None:
        """Send what is still waiting, within a short limit, and leave the bus."""
        if self._thread is not None:
            self._steps.put(None)
            self._thread.join(END_LIMIT_S)

    # -- in the thread ----------------------------------------------------------------------------

    def _later(self, step: _Step) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="desktop bus", daemon=True)
            self._thread.start()
        self._steps.put(step)

    def _work(self) -> None:
        while (step := self._steps.get()) is not None:
            step()
        if self._connection is not None:
            with suppress(OSError):
                self._connection.close()

    def _update_launcher(self, share: float, left: int) -> None:
        from jeepney import DBusAddress, new_signal

        state = {
            "progress": ("d", share),
            "progress-visible": ("b", left > 0),
            "count": ("x", left),
            "count-visible": ("b", left > 0),
        }
        path = "/com/canonical/unity/launcherentry/enhance_gui"
        place = DBusAddress(path, interface=_LAUNCHER)
        body = (f"application://{DESKTOP_FILE}", state)
        connection = self._connected()
        if connection is not None:
            with suppress(OSError):
                connection.send(new_signal(place, "Update", "sa{sv}", body))

    def _notify(self, title: str, text: str) -> None:
        from jeepney import DBusAddress, MessageType, new_method_call

        place = DBusAddress("/org/freedesktop/Notifications", _NOTIFICATIONS, _NOTIFICATIONS)
        hints = {"desktop-entry": ("s", ICON)}
        actions: list[str] = []
        # The last is how long it is shown: as the desktop thinks fit.
        body = (title, self._last_notification, ICON, title, text, actions, hints, -1)
        question = new_method_call(place, "Notify", "susssasa{sv}i", body)
        connection = self._connected()
        if connection is not None:
            with suppress(OSError):  # a limit that has passed is one, too
                answer = connection.send_and_get_reply(question, timeout=ANSWER_LIMIT_S)
                if answer.header.message_type is MessageType.method_return:
                    self._last_notification = answer.body[0]
                    return
        # The program may have ended while the desktop was asked.
        with suppress(RuntimeError):
            self.unreceived.emit(title, text)

    def _connected(self) -> DBusConnection | None:
        if self._connection is None:
            from jeepney.io.blocking import open_dbus_connection

            try:
                # Its own second to be let in is little on a busy computer.
                self._connection = open_dbus_connection("SESSION", auth_timeout=ANSWER_LIMIT_S)
            # No bus, an address it does not know, a refusal: errors of no common root.
            except Exception as error:  # noqa: BLE001
                _log.debug("there is no session bus: %s", error)
        return self._connection
