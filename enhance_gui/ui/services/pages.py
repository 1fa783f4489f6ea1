"""The pages of the services' window that are not the editor."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.bridges.service_bridge import ServiceBridge
from enhance_gui.ui.gallery.texts import shown_type
from enhance_gui.ui.services.connect_form import ConnectForm
from enhance_gui.ui.services.example_part import about_services
from enhance_gui.ui.widgets.basics import button, column, holder, label, row
from enhance_gui.ui.widgets.cards import ScrollPage, section

_TEMPLATE: Final = N_(
    "What the provider's document says is filled in; what it leaves open is marked as blank, with "
    "the place where you find it."
)
_FILE: Final = N_("A profile that somebody exported. It is checked first and holds no token.")
_EMPTY: Final = N_("Every setting, from the beginning.")
_LOCAL: Final = N_(
    "The service that comes with this program. It starts when it is needed and ends with the "
    "program; there is nothing to set up."
)


class CardsPage(ScrollPage):
    """A page of cards, one below the other."""

    def __init__(self, name: str, *cards: QWidget) -> None:
        super().__init__(name, column(*cards, None, spacing=14, margins=(2, 2, 14, 18)))


class NewPage(CardsPage):
    """Offers the ways to connect a further service."""

    def __init__(self, bridge: ServiceBridge) -> None:
        self.form = ConnectForm(bridge)
        self.template = button(tr("Use the template"))
        self.file = button(tr("Open a profile file…"))
        self.empty = button(tr("Start from scratch"))
        others = (
            _way(tr("An account in the provider's cloud"), tr(_TEMPLATE), self.template),
            _way(tr("A file"), tr(_FILE), self.file),
            _way(tr("An empty profile"), tr(_EMPTY), self.empty),
        )
        super().__init__(
            tr("Connect a service"),
            about_services(),
            section(tr("Connection details"), self.form),
            section(tr("Other ways to begin"), *others),
        )
        # Once the page is laid out anew: what was understood of an example takes its room.
        self.form.example.read.connect(
            lambda _: QTimer.singleShot(0, self, lambda: self.ensureWidgetVisible(self.form.use))
        )


class LocalPage(CardsPage):
    """Shows the local service, which has nothing to set."""

    def __init__(self) -> None:
        self._state = label("", wraps=True)
        self._types = column(spacing=10)
        what = section(tr("This computer"), self._state, text=tr(_LOCAL))
        types = section(tr("Enhance types"), self._types)
        super().__init__(tr("This computer"), what, types)

    def show_service(self, profile: ServiceProfile, state: str) -> None:
        """Show its status, and what it can do."""
        self._state.setText(state)
        if self._types.count():
            return
        for kind in profile.enhance_types:
            name, text = (shown_type(each, profile.name) for each in (kind.name, kind.description))
            self._types.addWidget(_titled_text(name, text))


def _way(title: str, text: str, made: QWidget) -> QWidget:
    message = _titled_text(title, text)
    return holder(row(message, made, spacing=16, grows=message))


def _titled_text(title: str, text: str) -> QWidget:
    return holder(column(label(title), label(text, "quiet", wraps=True), spacing=2))
