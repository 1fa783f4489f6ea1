"""A password manager that is there, takes questions and answers none."""

from __future__ import annotations

import threading
from typing import Final

from jeepney import HeaderFields, MessageType, message_bus
from jeepney.io.blocking import open_dbus_connection

_SECRETS: Final = "org.freedesktop.secrets"
_LIMIT_S: Final = 60.0
_LOOK_S: Final = 0.05


class SilentKeyring:
    """Stands on a session bus; entering puts it there, leaving takes it away."""

    def __init__(self, bus: str) -> None:
        self._bus = bus
        self._ended = threading.Event()
        self.questions: list[str] = []
        """What it was asked: names of methods."""

    def __enter__(self) -> SilentKeyring:
        self._connection = open_dbus_connection(self._bus, auth_timeout=_LIMIT_S)
        name = message_bus.RequestName(_SECRETS)
        self._connection.send_and_get_reply(name, timeout=_LIMIT_S)
        self._thread = threading.Thread(target=self._listen, name="silent keyring")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._connection.close()

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                message = self._connection.receive(timeout=_LOOK_S)
            except TimeoutError:
                continue
            if message.header.message_type is MessageType.method_call:
                self.questions.append(str(message.header.fields.get(HeaderFields.member)))
