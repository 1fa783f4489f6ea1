"""The form that connects a service: address, token, test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QRadioButton, QWidget

from enhance_gui.core.errors import EnhanceError, ProfileInvalid
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.connection_test import ConnectionTest, passed
from enhance_gui.core.services.entry import ServiceEntry
from enhance_gui.core.services.examples.example import Example
from enhance_gui.core.services.profile import ServiceProfile, profile_from_mapping
from enhance_gui.core.services.profile_spec import key_named
from enhance_gui.core.text.detail import shown
from enhance_gui.core.text.explanations import with_next_step
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.core.text.joining import ended
from enhance_gui.ui.bridges.service_bridge import ServiceBridge
from enhance_gui.ui.services.connection_test_part import summary
from enhance_gui.ui.services.example_part import ExamplePart
from enhance_gui.ui.services.exchange_part import ExchangePart
from enhance_gui.ui.services.fields import mark_problem
from enhance_gui.ui.services.nearby_part import NearbyPart
from enhance_gui.ui.settings.page import show_message
from enhance_gui.ui.widgets.basics import button, column, label, line_edit, row

if TYPE_CHECKING:
    from enhance_gui.ui.bridges.service_bridge import NearbyServer

DEFAULT_TYPES = "1 Enhance"

_ADDRESS_HINTS: Final = ("https://enhance.example.org/api", "http://192.168.1.20:8080")
"""Of an account, of a server of one's own."""

_MAX_DIGITS: Final = 10
"""Of the number of a type."""

_TYPES_TEXTS: Final = N_(
    "Number and name of each, from the provider's table “Enhance Type”. The provider "
    "only documents that a type 1 exists; you can name it as you like."
)
_SERVER_TEXTS: Final = N_(
    "The server prints its address and its token when it starts. It takes files as well as web "
    "addresses, has the enhance types of “This computer”, and may be in your own network."
)


class ConnectForm(QWidget):
    """Makes a profile from a few fields; the editor has all the others."""

    connected = Signal(object)
    """The :class:`ServiceEntry` that is kept now."""
    refused = Signal()
    """It was not kept; the form shows why."""
    all_wanted = Signal(dict)
    """The user wants every setting: what was typed so far, without the token."""

    def __init__(self, bridge: ServiceBridge) -> None:
        super().__init__()
        self.setAccessibleName(tr("Connect a service"))
        self._bridge = bridge
        self._tried: ServiceProfile | None = None
        self._kept: ServiceEntry | None = None
        self.account = QRadioButton(tr("An account with a provider"))
        self.server = QRadioButton(tr("A server of your own, run with “enhance-gui serve”"))
        for kind in (self.account, self.server):
            kind.setAccessibleName(kind.text())
        self.account.setChecked(True)
        self.address = line_edit(tr("Address"), literal=True)
        self.name = line_edit(tr("Name"), tr("a name of your choice"))
        only_here = tr("sent to this service alone; never shown or written to a file")
        self.token = line_edit(tr("Token"), only_here, hidden=True)
        self.types = line_edit(tr("Enhance types"), "1 Enhance, 2 Colorize", literal=True)
        self._fields = (self.address, self.name, self.token, self.types)
        self.types.setText(DEFAULT_TYPES)
        self.types.setAccessibleDescription(tr(_TYPES_TEXTS))
        self._types_text = label(tr(_TYPES_TEXTS), "quiet", wraps=True)
        self._server_text = label(tr(_SERVER_TEXTS), "quiet", wraps=True)
        self.verdict = label("", "quiet", wraps=True)
        self.verdict.hide()
        self.exchanges = ExchangePart()
        self.example = ExamplePart()
        self.nearby = NearbyPart(bridge)
        self._more: dict[str, Any] = {}
        """What the example said of the service that has no field here."""
        self.more = button(tr("All settings…"), "plain", tip=tr("Open in editor"))
        self.test = button(tr("Test"), tip=tr("Ask the service something that costs nothing"))
        self.use = button(tr("Connect"), "primary", tip=tr("Use this service for new pictures"))
        self.more.clicked.connect(self._continue)
        self.test.clicked.connect(self._test)
        self.use.clicked.connect(self.connect_service)
        self.example.read.connect(self._take_example)
        self.example.forgotten.connect(self._forget_example)
        self.nearby.chosen.connect(self._take_nearby)
        bridge.tried.connect(self._on_connection_test)
        bridge.saved.connect(self._on_saved)
        bridge.refused.connect(self._on_refused)
        self.server.toggled.connect(self._show_kind)
        for field in self._fields:
            field.textChanged.connect(self._edited)
            field.returnPressed.connect(self.connect_service)
        kinds = row(self.account, self.server, None, spacing=20)
        buttons = row(self.more, None, self.test, self.use)
        parts = (
            *(kinds, self.example, self.nearby, self._rows(), self._server_text),
            *(self.verdict, self.exchanges, buttons),
        )
        self.setLayout(column(*parts, spacing=12))
        self._show_kind()

    @property
    def is_changed(self) -> bool:
        """Whether anything is typed that would be lost."""
        typed = any(each.text().strip() for each in (self.address, self.name, self.token))
        return typed or bool(self._more) or self.types.text() != DEFAULT_TYPES

    @property
    def is_connecting(self) -> bool:
        return self._kept is not None

    @property
    def can_connect(self) -> bool:
        """Whether what is typed describes a service."""
        return self._read(quietly=True) is not None

    def clear(self) -> None:
        """Forget what was typed."""
        for field in (self.address, self.name, self.token):
            field.clear()
        self.types.setText(DEFAULT_TYPES)
        self._more = {}
        self.example.clear()
        self._edited()

    def _forget_example(self) -> None:
        name = self.name.text()
        self.clear()
        self.name.setText(name)

    def _take_example(self, example: Example) -> None:
        values = dict(example.values)
        self.address.setText(values.pop("base_url", ""))
        self.types.setText(
            ", ".join(f"{each['id']} {each['name']}" for each in values.pop("enhance_types", ()))
            or DEFAULT_TYPES
        )
        self.token.setText(example.token.reveal() if example.token is not None else "")
        self._more = values
        self._edited()  # though all that has a field may be as before
        missing = next((each for each in (self.address, self.token) if not each.text()), self.name)
        missing.setFocus()

    def _take_nearby(self, server: NearbyServer) -> None:
        """Fill in a server, as it is shown: what is connected is what the user has seen."""
        self.address.setText(server.base_url)
        self.name.setText(server.name)
        self.token.clear()  # one that was meant for another address
        self.token.setFocus()

    def _rows(self) -> QGridLayout:
        # Not a QFormLayout: it gives texts that wrap more height than they need.
        rows = QGridLayout()
        rows.setHorizontalSpacing(16)
        rows.setVerticalSpacing(10)
        rows.setColumnStretch(1, 1)
        for place, field in enumerate(self._fields):
            self._types_name = label(field.accessibleName())
            self._types_name.setBuddy(field)
            rows.addWidget(self._types_name, place, 0, Qt.AlignmentFlag.AlignRight)
            rows.addWidget(field, place, 1)
        rows.addWidget(self._types_text, len(self._fields), 1)
        return rows

    def _show_kind(self) -> None:
        server = self.server.isChecked()
        for each in (self._types_name, self.types, self._types_text):
            each.setVisible(not server)
        self._server_text.setVisible(server)
        self.example.setVisible(not server)
        self.nearby.setVisible(server)
        self.address.setPlaceholderText(_ADDRESS_HINTS[server])
        self._edited()

    def _edited(self) -> None:
        """The test result was about other values."""
        self._tried = None
        self.test.setEnabled(True)
        show_message(self.verdict, "")
        self.exchanges.show_exchanges(())
        for field in self._fields:
            mark_problem(field, wrong=False)

    def _test(self) -> None:
        profile = self._read()
        if profile is not None:
            show_message(self.verdict, tr("Asking the service."))
            self.test.setEnabled(False)
            self._tried = profile
            self._bridge.check_service(profile, self._token())

    def _on_connection_test(self, profile: ServiceProfile, connection_test: ConnectionTest) -> None:
        if profile is self._tried:
            self.test.setEnabled(True)
            show_message(
                self.verdict, summary(connection_test), problem=not passed(connection_test)
            )
            self.exchanges.show_exchanges(connection_test.exchanges)

    def connect_service(self) -> None:
        """Keep the service; emit :attr:`connected` or :attr:`refused`."""
        if self._kept is None and self._read() is not None:
            self._kept = self._bridge.empty()
            self.use.setEnabled(False)
            self._bridge.save(self._kept, self._data(), self._token())

    def _on_saved(self, before: ServiceEntry, after: ServiceEntry) -> None:
        if before is self._kept:
            self._kept = None
            self.use.setEnabled(True)
            self.clear()
            self.connected.emit(after)

    def _on_refused(self, entry: ServiceEntry, error: EnhanceError) -> None:
        if entry is self._kept:
            self._kept = None
            self.use.setEnabled(True)
            self._complain(error)
            self.refused.emit()

    def _continue(self) -> None:
        try:
            data = self._data()
        except ProfileInvalid as error:
            self._complain(error)
        else:
            self.all_wanted.emit(data)

    def _token(self) -> Secret | None:
        text = self.token.text().strip()
        return Secret(text) if text else None

    def _data(self) -> dict[str, Any]:
        """Return what was typed, as it would stand in a profile's file.

        :raises ProfileInvalid: the types are written in another way.
        """
        address = self.address.text().strip()
        data: dict[str, Any] = {"name": self.name.text().strip() or _host_of(address)}
        if address:
            data["base_url"] = address
        if self.server.isChecked():
            return {**data, **self._bridge.server_values()}
        return {**data, **self._more, "enhance_types": _types(self.types.text())}

    def _read(self, *, quietly: bool = False) -> ServiceProfile | None:
        """Return what the fields describe; ``None`` where they are wrong, which it shows."""
        try:
            return profile_from_mapping(self._data(), tr("the service"))
        except ProfileInvalid as error:
            if not quietly:
                self._complain(error)
            return None

    def _complain(self, error: EnhanceError) -> None:
        if not isinstance(error, ProfileInvalid):
            show_message(self.verdict, with_next_step(error), problem=True)
            return
        boxes = {"base_url": self.address, "name": self.name}
        # Without a name the host's is taken, so that only the address can be what is missing.
        key = "base_url" if error.key == "name" and not self.name.text().strip() else error.key
        box = boxes.get(key, self.types if key.startswith("enhance_types") else None)
        if box is self.address and not box.text().strip():
            show_message(self.verdict, tr("Type the address of the service."), problem=True)
        else:
            name = tr(key_named(error.key).label)
            show_message(self.verdict, ended(f"{name} {shown(error.reason)}"), problem=True)
        if box is not None:
            mark_problem(box, wrong=True)
            box.setFocus()


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _types(text: str) -> list[dict[str, object]]:
    """Read "1 Enhance, 2 Colorize".

    :raises ProfileInvalid: it is written in another way.
    """
    types: list[dict[str, object]] = []
    for part in filter(None, map(str.strip, text.split(","))):
        number, _, name = part.partition(" ")
        if not number.isdecimal() or len(number) > _MAX_DIGITS:
            raise ProfileInvalid(
                "", "enhance_types", N_("are written like “1 Enhance, 2 Colorize”")
            )
        types.append({"id": int(number), "name": name.strip() or f"Type {number}"})
    return types
