"""The services: which there are, how each stands, and how a further one is connected."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from enhance_gui.core.profiles import BUNDLED_SERVICE_NAME, ServiceProfile
from enhance_gui.ui.bridge import Bridge
from enhance_gui.ui.choices import Choices
from enhance_gui.ui.connect_form import ConnectForm
from enhance_gui.ui.service_picker import service_words
from enhance_gui.ui.widgets import button, column, frame, label, row


class ServicesWindow(QDialog):
    """A card for each service, and the form for one more."""

    def __init__(self, parent: QWidget, choices: Choices, bridge: Bridge) -> None:
        super().__init__(parent)
        self.setWindowTitle("Services")
        self.setMinimumWidth(620)
        self.form = ConnectForm(choices, bridge)
        self.form.connected.connect(self.close)
        cards = [_card(profile, bridge) for profile in choices.profiles]
        form_card = frame("card", "Connect a service")
        inside = column(label("Connect a service", "heading"), self.form, spacing=12)
        inside.setContentsMargins(16, 14, 16, 14)
        form_card.setLayout(inside)
        close = button("Close", tip="Close this window (Esc)")
        close.clicked.connect(self.close)
        layout = column(*cards, form_card, spacing=12)
        layout.addLayout(row(None, close))
        layout.setContentsMargins(24, 20, 24, 20)
        self.setLayout(layout)


def _card(profile: ServiceProfile, bridge: Bridge) -> QWidget:
    card = frame("card", profile.name)
    bundled = profile.name == BUNDLED_SERVICE_NAME
    where = "On this computer: no account, no network" if bundled else profile.base_url
    types = ", ".join(each.name for each in profile.enhance_types) or "No enhance types yet"
    layout = column(
        label(profile.name, "heading"),
        label(where, "quiet"),
        label(types, wraps=True),
        label(service_words(profile.name, bridge.lines.get(profile.name)), "quiet", wraps=True),
        spacing=4,
    )
    layout.setContentsMargins(16, 12, 16, 12)
    card.setLayout(layout)
    return card
