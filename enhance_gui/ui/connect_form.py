"""Address, token, test: what it takes to connect a service."""

from __future__ import annotations

from urllib.parse import urlsplit

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.profiles import BUNDLED_SERVICE_NAME, ServiceProfile, profile_from_mapping
from enhance_gui.core.secret import Secret
from enhance_gui.ui.bridge import Bridge
from enhance_gui.ui.choices import Choices
from enhance_gui.ui.widgets import button, column, label, row

DEFAULT_TYPES = "1 Enhance"


class ConnectForm(QWidget):
    """Makes a profile out of a few fields; all else of a profile can be written into its file."""

    connected = Signal()

    def __init__(self, choices: Choices, bridge: Bridge) -> None:
        super().__init__()
        self.setAccessibleName("Connect a service")
        self._choices = choices
        self._bridge = bridge
        self.address = _field("Address", "https://enhance.example.org/api")
        self.name = _field("Name", "as you want to call it")
        self.token = _field("Token", "sent to this service alone; never shown or written to a file")
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.types = _field("Enhance types", "1 Enhance, 2 Colorize")
        self.types.setText(DEFAULT_TYPES)
        self.verdict = label("", "quiet", wraps=True)
        self.test = button("Test", tip="Ask the service something that costs nothing")
        self.use = button("Connect", "primary", tip="Use this service for new pictures")
        self.test.clicked.connect(self._test)
        self.use.clicked.connect(self._use)
        bridge.tried.connect(self._hear)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        for field in (self.address, self.name, self.token, self.types):
            form.addRow(field.accessibleName(), field)
        buttons = row(spacing=8)
        buttons.addWidget(self.verdict, 1)
        buttons.addWidget(self.test)
        buttons.addWidget(self.use)
        layout = column(spacing=12)
        layout.addLayout(form)
        layout.addLayout(buttons)
        self.setLayout(layout)

    def _test(self) -> None:
        service = self._read()
        if service is not None:
            self._say("Asking the service…")
            self.test.setEnabled(False)
            self._bridge.try_service(*service)

    def _hear(self, problem: str) -> None:
        self.test.setEnabled(True)
        self._say(problem or "It answers as it should.", bad=bool(problem))

    def _use(self) -> None:
        service = self._read()
        if service is not None:
            self._choices.connect_service(*service)
            self.token.clear()
            self.connected.emit()

    def _read(self) -> tuple[ServiceProfile, Secret | None] | None:
        """Return what the fields describe; ``None`` where they do not, and say so."""
        address = self.address.text().strip()
        name = self.name.text().strip() or (urlsplit(address).hostname or "")
        try:
            types = _types(self.types.text())
            data = {"name": name, "base_url": address, "enhance_types": types}
            profile = profile_from_mapping(data, "the service")
        except ProfileInvalid as error:
            self._say(f"{error.key or 'It'} {error.reason}.", bad=True)
            return None
        if profile.name == BUNDLED_SERVICE_NAME:
            self._say("That is the name of the service of this computer.", bad=True)
            return None
        known = next((each for each in self._choices.profiles if each.name == name), None)
        if known is not None and known.base_url != profile.base_url:
            self._say("Another service has this name already.", bad=True)
            return None
        token = self.token.text().strip()
        return profile, Secret(token) if token else None

    def _say(self, words: str, *, bad: bool = False) -> None:
        self.verdict.setProperty("kind", "problem" if bad else "quiet")
        self.verdict.style().polish(self.verdict)
        self.verdict.setText(words)


def _field(name: str, hint: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(hint)
    return field


def _types(text: str) -> list[dict[str, object]]:
    """Read "1 Enhance, 2 Colorize".

    :raises ProfileInvalid: it is written in another way.
    """
    types: list[dict[str, object]] = []
    for part in filter(None, map(str.strip, text.split(","))):
        number, _, name = part.partition(" ")
        if not number.isdecimal():
            raise ProfileInvalid("", "enhance types", "are written like “1 Enhance, 2 Colorize”")
        types.append({"id": int(number), "name": name.strip() or f"Type {number}"})
    return types
