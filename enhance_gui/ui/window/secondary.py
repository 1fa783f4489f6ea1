"""Opens the secondary windows, at most one of each. None is modal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QMainWindow, QMenu, QScrollArea, QWidget

from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.bridges.service_bridge import ServiceBridge
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.help.about_window import AboutWindow
from enhance_gui.ui.help.guide_window import GuideWindow
from enhance_gui.ui.reports.diagnosis_window import DiagnosisWindow
from enhance_gui.ui.reports.ledger_window import LedgerWindow
from enhance_gui.ui.services.services_window import ServicesWindow
from enhance_gui.ui.services.token_dialog import TokenDialog
from enhance_gui.ui.settings.window import PageName, SettingsWindow
from enhance_gui.ui.widgets.basics import column, label, without_mnemonic
from enhance_gui.ui.widgets.fitting import come_to_front, resize_to_fit
from enhance_gui.ui.widgets.theme import ThemeManager


class SideWindows(QObject):
    """Opens the secondary windows, or brings them to the front."""

    restart_wanted = Signal()

    def __init__(
        self,
        window: QMainWindow,
        choices: Choices,
        theme: ThemeManager,
        bridge: Bridge,
        account: AccountBridge,
        services: ServiceBridge,
    ) -> None:
        super().__init__(window)
        self._window = window
        self.choices = choices
        self._theme = theme
        self._bridge = bridge
        self._account = account
        self.service_bridge = services
        self._open: dict[str, QDialog] = {}

    def settings(self) -> None:
        self._show("settings", self._make_settings)

    def settings_page(self, name: PageName) -> None:
        """Open the settings at one page."""
        self.settings()
        cast(SettingsWindow, self._open["settings"]).show_page(name)

    def updates(self) -> None:
        """Check for updates on the page that shows the answer."""
        self.settings_page(PageName.UPDATES)
        cast(SettingsWindow, self._open["settings"]).updates.ask()

    def ledger(self) -> None:
        self._show("ledger", lambda: LedgerWindow(self._window, self._bridge, self._account))

    def diagnosis(self) -> None:
        self._show("diagnosis", lambda: DiagnosisWindow(self._window, self._account))

    def services(self) -> None:
        self._show(
            "services",
            lambda: ServicesWindow(self._window, self.choices, self._bridge, self.service_bridge),
        )

    def enter_token(self, service: str) -> None:
        """Ask for the token of a service for this run."""
        profile = next((each for each in self.choices.profiles if each.name == service), None)
        if profile is None:
            self.services()
            return
        use = partial(self.service_bridge.use_token, profile)

        def ask() -> QDialog:
            dialog = TokenDialog(self._window, profile)
            dialog.entered.connect(use)
            return dialog

        self._show(f"token of {service}", ask)

    def guide(self) -> None:
        self._show("guide", lambda: GuideWindow(self._window))

    def shortcuts(self) -> None:
        self._show("shortcuts", lambda: _shortcuts(self._window))

    def about(self) -> None:
        self._show("about", lambda: AboutWindow(self._window))

    def _make_settings(self) -> SettingsWindow:
        window = SettingsWindow(self._window, self.choices, self._theme, self._account)
        window.ledger_wanted.connect(self.ledger)
        window.services_wanted.connect(self.services)
        window.look.restart_wanted.connect(self.restart_wanted)
        return window

    def may_end(self, end: Callable[[], object]) -> bool:
        """Return whether the program may end at once.

        Else the window that would lose something asks; ``end`` is called where the answer is to go
        on. The end of the session waits for no answer.
        """
        services = self._open.get("services")
        if not isinstance(services, ServicesWindow):
            return True
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication) and application.isSavingSession():
            return True
        return services.may_end(end)

    def is_open(self, name: str) -> bool:
        """Return whether the window of this name is open."""
        return name in self._open

    def shown(self, name: str) -> QDialog:
        """Return the open window of this name."""
        return self._open[name]

    def _show(self, name: str, make: Callable[[], QDialog]) -> None:
        dialog = self._open.get(name)
        if dialog is None:
            dialog = make()
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.destroyed.connect(lambda: self._open.pop(name, None))
            self._open[name] = dialog
        come_to_front(dialog)


_IN_THE_PICTURE = (
    ("← →", N_("Move the divider")),
    (N_("Home, End"), N_("Divider to the edge")),
    (N_("Space"), N_("Show before; while it is held, or until it is pressed again")),
    ("L", N_("Loupe at 100 %, then 200 %, then none; or while it is held")),
    ("F", N_("Only the picture, on the whole screen")),
    ("+ −", N_("Zoom")),
    ("0", N_("Whole picture")),
    ("1", "100 %"),
    (N_("Esc"), N_("Back to the list")),
)


def _shortcuts(window: QMainWindow) -> QDialog:
    dialog = QDialog(window)
    dialog.setWindowTitle(tr("Keyboard"))
    resize_to_fit(dialog, QSize(460, 560))
    grid = QGridLayout()
    grid.setHorizontalSpacing(28)
    # The keys keep their room: a long text breaks instead.
    grid.setColumnStretch(0, 1)
    lines = [
        (
            action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
            without_mnemonic(action.text()).rstrip("…"),
        )
        for menu in window.menuBar().actions()
        for action in cast(QMenu, menu.menu()).actions()
        if not action.isSeparator()
    ]
    in_the_picture = [(tr(keys), tr(text)) for keys, text in _IN_THE_PICTURE]
    for number, (keys, text) in enumerate((*lines, *in_the_picture)):
        grid.addWidget(label(text, wraps=True), number, 0)
        grid.addWidget(label(keys, "quiet"), number, 1)
    inside = QWidget()
    inside.setLayout(grid)
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setAccessibleName(tr("Keys"))
    layout = column(area)
    layout.setContentsMargins(20, 16, 12, 16)
    dialog.setLayout(layout)
    return dialog
