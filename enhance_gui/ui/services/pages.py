"""The pages of the services' window that are not the editor."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.text.i18n import mark, tr
from enhance_gui.ui.bridges.service_bridge import ServiceBridge
from enhance_gui.ui.gallery.texts import shown_type
from enhance_gui.ui.services.connect_form import ConnectForm
from enhance_gui.ui.widgets.basics import button, column, frame, label, row

_TEMPLATE: Final = mark(
    "What the provider's document says is filled in; what it leaves open is marked as blank, with "
    "the place where you find it."
)
_FILE: Final = mark("A profile that somebody exported. It is checked first and holds no token.")
_EMPTY: Final = mark("Every setting, from the beginning.")
_LOCAL: Final = mark(
    "The service that comes with this program. It starts when it is needed and ends with the "
    "program; there is nothing to set up."
)


class NewPage(QScrollArea):
    """Offers the ways to connect a further service."""

    template_wanted = Signal()
    empty_wanted = Signal()
    file_wanted = Signal()

    def __init__(self, bridge: ServiceBridge) -> None:
        super().__init__()
        _dress(self, tr("Connect a service"))
        self.form = ConnectForm(bridge)
        form = _card(tr("Connection details"), self.form)
        self.template = button(tr("Use the template"))
        self.file = button(tr("Open a profile file…"))
        self.empty = button(tr("Start from scratch"))
        self.template.clicked.connect(self.template_wanted)
        self.file.clicked.connect(self.file_wanted)
        self.empty.clicked.connect(self.empty_wanted)
        others = _card(
            tr("Other ways to begin"),
            _way(tr("An account in the provider's cloud"), tr(_TEMPLATE), self.template),
            _way(tr("A file"), tr(_FILE), self.file),
            _way(tr("An empty profile"), tr(_EMPTY), self.empty),
        )
        _fill(self, form, others)


class LocalPage(QScrollArea):
    """Shows the local service, which has nothing to set."""

    def __init__(self) -> None:
        super().__init__()
        _dress(self, tr("This computer"))
        self._state = label("", wraps=True)
        self._types = column(spacing=10)
        self._made: list[QWidget] = []
        what = _card(tr("This computer"), label(tr(_LOCAL), "quiet", wraps=True), self._state)
        types = frame("card", tr("Enhance types"))
        inside = column(label(tr("Enhance types"), "heading"), spacing=12)
        inside.addLayout(self._types)
        inside.setContentsMargins(18, 14, 18, 16)
        types.setLayout(inside)
        _fill(self, what, types)

    def show_service(self, profile: ServiceProfile, state: str) -> None:
        """Show its status, and what it can do."""
        self._state.setText(state)
        if self._made:
            return
        for kind in profile.enhance_types:
            line = QWidget()
            words = label(shown_type(kind.description, profile.name), "quiet", wraps=True)
            line.setLayout(column(label(shown_type(kind.name, profile.name)), words, spacing=2))
            self._types.addWidget(line)
            self._made.append(line)


def _dress(area: QScrollArea, name: str) -> None:
    area.setAccessibleName(name)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)


def _fill(area: QScrollArea, *cards: QWidget) -> None:
    inside = QWidget()
    layout = column(*cards, None, spacing=14)
    layout.setContentsMargins(2, 2, 14, 18)
    inside.setLayout(layout)
    area.setWidget(inside)


def _card(title: str, *parts: QWidget) -> QWidget:
    card = frame("card", title)
    layout = column(label(title, "heading"), *parts, spacing=12)
    layout.setContentsMargins(18, 14, 18, 16)
    card.setLayout(layout)
    return card


def _way(title: str, words: str, made: QWidget) -> QWidget:
    line = QWidget()
    said = QWidget()
    said.setLayout(column(label(title), label(words, "quiet", wraps=True), spacing=2))
    layout = row(spacing=16)
    layout.addWidget(said, 1)
    layout.addWidget(made)
    line.setLayout(layout)
    return line
