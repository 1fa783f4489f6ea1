"""The window of the settings; each change applies at once."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QStackedWidget, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.settings.general import GeneralPage, LookPage
from enhance_gui.ui.settings.network import NetworkPage
from enhance_gui.ui.settings.own_models import OwnModelsPage
from enhance_gui.ui.settings.page import Page
from enhance_gui.ui.settings.saving import SavingPage
from enhance_gui.ui.settings.spending import SpendingPage
from enhance_gui.ui.settings.updates import UpdatesPage
from enhance_gui.ui.widgets.basics import button, column, frame, row
from enhance_gui.ui.widgets.fitting import resize_to_fit, text_px
from enhance_gui.ui.widgets.theme import ThemeManager

_SIDE_WIDTH_PX: Final = 168
_ENTRY_MARGIN_PX: Final = 18


class PageName(StrEnum):
    """The pages, in order."""

    GENERAL = "general"
    SAVING = "saving"
    LOOK = "look"
    NETWORK = "network"
    SPENDING = "spending"
    OWN_MODELS = "own models"
    UPDATES = "updates"


class SettingsWindow(QDialog):
    """Shows the settings' pages; not modal."""

    ledger_wanted = Signal()
    services_wanted = Signal()

    def __init__(
        self, parent: QWidget, choices: Choices, theme: ThemeManager, account: AccountBridge
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        resize_to_fit(self, QSize(820, 700))
        self.general = GeneralPage(choices)
        self.saving = SavingPage(choices)
        self.look = LookPage(choices, theme)
        self.network = NetworkPage(choices, account)
        self.spending = SpendingPage(choices, account)
        self.own_models = OwnModelsPage(choices, account)
        self.updates = UpdatesPage(choices, account)
        self.spending.ledger_wanted.connect(self.ledger_wanted)
        self._pages: dict[PageName, Page] = {
            PageName.GENERAL: self.general,
            PageName.SAVING: self.saving,
            PageName.LOOK: self.look,
            PageName.NETWORK: self.network,
            PageName.SPENDING: self.spending,
            PageName.OWN_MODELS: self.own_models,
            PageName.UPDATES: self.updates,
        }
        self.list = QListWidget()
        self.list.setProperty("kind", "side-list")
        self.list.setAccessibleName(tr("Pages of the settings"))
        self.list.setFixedWidth(text_px(_SIDE_WIDTH_PX))
        self._stack = QStackedWidget()
        for page in self._pages.values():
            entry = QListWidgetItem(page.title, self.list)
            entry.setSizeHint(QSize(0, self.fontMetrics().height() + _ENTRY_MARGIN_PX))
            self._stack.addWidget(page)
        self.list.currentRowChanged.connect(self._stack.setCurrentIndex)
        self.list.setCurrentRow(0)
        self._place()

    def show_page(self, name: PageName) -> None:
        """Show one page."""
        self.list.setCurrentRow(list(self._pages).index(name))

    def _place(self) -> None:
        services = button(tr("Services…"), "side", tip=tr("Addresses, tokens, enhance types"))
        services.clicked.connect(self.services_wanted)
        close = button(tr("Close"), tip=tr("Close this window (Esc)"))
        close.clicked.connect(self.close)
        inside = column(self.list, services, grows=self.list, margins=(12, 16, 12, 16))
        middle = row(frame("side", "", inside), self._stack, spacing=0, grows=self._stack)
        foot = frame("bottom-bar", "", row(None, close, margins=(20, 12, 20, 12)))
        self.setLayout(column(middle, foot, spacing=0, grows=middle))
        # From the list into the page, and only then to what stands below the list.
        QWidget.setTabOrder(close, services)
        self.list.setFocus()
