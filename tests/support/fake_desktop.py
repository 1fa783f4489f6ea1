"""A desktop's notification service and launcher, which write down what they are told."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Final

from jeepney import (
    HeaderFields,
    MatchRule,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
)
from jeepney.io.blocking import open_dbus_connection

from tests.support.waiting import until

NOTIFICATIONS: Final = "org.freedesktop.Notifications"
LAUNCHER: Final = "com.canonical.Unity.LauncherEntry"

_LIMIT_S: Final = 60.0
_LOOK_S: Final = 0.05


@dataclass(frozen=True)
class Received:
    """A message."""

    member: str
    types: str
    """As D-Bus writes them: "susssasa{sv}i"."""
    body: tuple[Any, ...]


class FakeDesktop:
    """Answers on a session bus; entering opens it, leaving closes it."""

    def __init__(self, bus: str, *, refuses: bool = False) -> None:
        """:param refuses: it answers every notification with an error."""
        self._bus = bus
        self._refuses = refuses
        self._ended = threading.Event()
        self.notifications: list[Received] = []
        self.launcher: list[Received] = []

    def __enter__(self) -> FakeDesktop:
        self._connection = open_dbus_connection(self._bus, auth_timeout=_LIMIT_S)
        rule = MatchRule(type="signal", interface=LAUNCHER)
        for question in (message_bus.RequestName(NOTIFICATIONS), message_bus.AddMatch(rule)):
            self._connection.send_and_get_reply(question, timeout=_LIMIT_S)
        self._thread = threading.Thread(target=self._listen, name="fake desktop")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._connection.close()

    def notified(self, count: int = 1) -> list[Received]:
        """Return the notifications as soon as there are so many."""
        until(lambda: len(self.notifications) >= count, f"{count} notifications")
        return self.notifications

    def launched(self, count: int = 1) -> list[Received]:
        """Return what the launcher was told as soon as it is so much."""
        until(lambda: len(self.launcher) >= count, f"{count} signals")
        return self.launcher

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                self._on_event(self._connection.receive(timeout=_LOOK_S))
            except TimeoutError:
                continue

    def _on_event(self, message: Message) -> None:
        fields = message.header.fields
        received = Received(
            str(fields.get(HeaderFields.member, "")),
            str(fields.get(HeaderFields.signature, "")),
            message.body,
        )
        if fields.get(HeaderFields.interface) == LAUNCHER:
            self.launcher.append(received)
        elif message.header.message_type is MessageType.method_call:
            self.notifications.append(received)
            if self._refuses:
                answer = new_error(message, "org.freedesktop.DBus.Error.InvalidArgs")
            else:
                answer = new_method_return(message, "u", (41 + len(self.notifications),))
            self._connection.send(answer)
