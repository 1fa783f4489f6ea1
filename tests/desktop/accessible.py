"""What a screen reader sees of a program's windows: AT-SPI over D-Bus, the far end of it.

A bus of its own stands in for the desktop's, and :class:`Registry` for the process with which
programs announce themselves there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageType,
    message_bus,
    new_error,
    new_method_call,
    new_method_return,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from tests.support.waiting import until

ROOT: Final = "/org/a11y/atspi/accessible/root"

_ACCESSIBLE: Final = "org.a11y.atspi.Accessible"
_ACTION: Final = "org.a11y.atspi.Action"
_TEXT: Final = "org.a11y.atspi.Text"
_COMPONENT: Final = "org.a11y.atspi.Component"
_EDITABLE_TEXT: Final = "org.a11y.atspi.EditableText"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_LIMIT_S: Final = 60.0
"""Much longer than any answer takes: a busy computer must not fail a test."""

_LOOK_S: Final = 0.1
_REST_S: Final = 0.05
"""A part that is where it was so long ago has been laid out."""

_CHECKED, _FOCUSED, _SHOWING = 4, 12, 25
"""Bits of a state, as AT-SPI numbers them."""


class GoneError(Exception):
    """The part does not exist any more."""


def variables(bus: str) -> dict[str, str]:
    """Return what has Qt show its windows to screen readers on a bus."""
    return {"AT_SPI_BUS_ADDRESS": bus, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}


@dataclass(frozen=True)
class Part:
    """A window or a part of one."""

    connection: DBusConnection
    owner: str
    path: str

    @property
    def name(self) -> str:
        return str(self._property("Name"))

    @property
    def description(self) -> str:
        return str(self._property("Description"))

    @property
    def content(self) -> str:
        """What stands in a field of text, as far as a screen reader may know."""
        return str(self._ask(_TEXT, "GetText", "ii", (0, -1))[0])

    @property
    def role(self) -> str:
        """What it is: "push button", "list item", "label"."""
        return str(self._ask(_ACCESSIBLE, "GetRoleName")[0])

    @property
    def is_showing(self) -> bool:
        return self._has(_SHOWING)

    @property
    def has_focus(self) -> bool:
        return self._has(_FOCUSED)

    @property
    def is_checked(self) -> bool:
        return self._has(_CHECKED)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width and height on the screen, in pixels."""
        left, top, width, height = self._ask(_COMPONENT, "GetExtents", "u", (0,))[0]
        return left, top, width, height

    @property
    def middle(self) -> tuple[int, int]:
        left, top, width, height = self.box
        return left + width // 2, top + height // 2

    def resting(self) -> tuple[int, int] | None:
        """Return its middle once it stays there; ``None``: it is moving, or gone."""
        try:
            before = self.middle
            time.sleep(_REST_S)
            now = self.middle
        except GoneError:
            return None
        return now if now == before else None

    def do(self, action: str) -> None:
        """Carry out an action as soon as it is offered: "Press", "Toggle", "ShowMenu"."""

        def number() -> int | None:
            names = [name for name, *_ in self._ask(_ACTION, "GetActions")[0]]
            return names.index(action) + 1 if action in names else None

        offered = until(number, f"the action {action} of {self.role} {self.name!r}")
        self._ask(_ACTION, "DoAction", "i", (offered - 1,))

    def write(self, text: str) -> None:
        """Replace the text of a field."""
        assert self._ask(_EDITABLE_TEXT, "SetTextContents", "s", (text,))[0]

    def parts(self) -> list[Part]:
        """Return what it is made of."""
        found = self._ask(_ACCESSIBLE, "GetChildren")[0]
        return [Part(self.connection, owner, path) for owner, path in found]

    def shown(self) -> Iterator[Part]:
        """Go through it and all that is shown inside it."""
        try:
            if self.path != ROOT and not self.is_showing:
                return
            inside = self.parts()
        except GoneError:
            return
        yield self
        for part in inside:
            yield from part.shown()

    def find(self, role: str, name: str = "", words: str = "") -> Part | None:
        """Return the first part of a role shown inside it whose name begins so, and says so."""
        inside = (part for part in self.shown() if part.path != self.path)
        return next((part for part in inside if part.is_a(role, name, words)), None)

    def part(self, role: str, name: str = "") -> Part:
        """Return the same as soon as it is there."""
        return until(lambda: self.find(role, name), f"a {role} {name!r}")

    def is_a(self, role: str, name: str = "", words: str = "") -> bool:
        """Tell whether it has this role, and a name that begins so and holds these words."""
        try:
            return self.role == role and (own := self.name).startswith(name) and words in own
        except GoneError:
            return False

    def texts(self) -> list[str]:
        """Return the names of everything shown in it, and what describes it."""
        said: list[str] = []
        for part in self.shown():
            try:
                said += [part.name, part.description]
            except GoneError:
                continue
        return [each for each in said if each]

    def _has(self, bit: int) -> bool:
        low, _high = self._ask(_ACCESSIBLE, "GetState")[0]
        return bool(low & (1 << bit))

    def _property(self, name: str) -> Any:
        return self._ask(_PROPERTIES, "Get", "ss", (_ACCESSIBLE, name))[0][1]

    def _ask(self, interface: str, member: str, types: str = "", body: Any = ()) -> Any:
        address = DBusAddress(self.path, self.owner, interface)
        question = new_method_call(address, member, types, body)
        answer = self.connection.send_and_get_reply(question, timeout=_LIMIT_S)
        if answer.header.message_type is MessageType.error:
            raise GoneError(str(answer.body))
        return answer.body


class Registry:
    """Where programs announce their windows; entering opens it, leaving closes it."""

    def __init__(self, bus: str) -> None:
        self._bus = bus
        self._announced: dict[int, Part] = {}
        self._ended = threading.Event()

    def __enter__(self) -> Registry:
        self._asking = open_dbus_connection(self._bus, auth_timeout=_LIMIT_S)
        self._answering = open_dbus_connection(self._bus, auth_timeout=_LIMIT_S)
        name = message_bus.RequestName("org.a11y.atspi.Registry")
        self._answering.send_and_get_reply(name, timeout=_LIMIT_S)
        self._thread = threading.Thread(target=self._answer, name="registry")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._asking.close()
        self._answering.close()

    def program(self, process: int) -> Part | None:
        """Return what a process has announced."""
        return self._announced.get(process)

    def _answer(self) -> None:
        while not self._ended.is_set():
            try:
                message = self._answering.receive(timeout=_LOOK_S)
            except TimeoutError:
                continue
            if message.header.message_type is not MessageType.method_call:
                continue
            member = message.header.fields.get(HeaderFields.member)
            if member == "Embed":
                owner, path = message.body[0]
                self._announced[self._process_of(owner)] = Part(self._asking, owner, path)
                here = (self._answering.unique_name, ROOT)
                self._answering.send(new_method_return(message, "(so)", (here,)))
            elif member == "GetRegisteredEvents":
                self._answering.send(new_method_return(message, "a(ss)", ([],)))
            else:
                self._answering.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))

    def _process_of(self, owner: str) -> int:
        question = message_bus.GetConnectionUnixProcessID(owner)
        return int(self._answering.send_and_get_reply(question, timeout=_LIMIT_S).body[0])
