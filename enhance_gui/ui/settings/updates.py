"""The page of updates: whether the program checks for newer versions of itself."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from enhance_gui import __version__
from enhance_gui.core.settings.updates import UpdateFound
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.settings.page import Page, beside_field, note, show_message
from enhance_gui.ui.widgets.basics import button, column, row

_SENT: Final = N_(
    "Downloads one small file and sends nothing about you. Nothing is downloaded or "
    "installed automatically."
)


class UpdatesPage(Page):
    """Sets the check at each start, off by default; "Check now" checks once."""

    def __init__(self, choices: Choices, account: AccountBridge) -> None:
        super().__init__(tr("Updates"), choices)
        self._account = account
        self._page = ""
        known = account.knows_where_updates_are
        self.add_row(tr("This version"), beside_field(__version__))
        each_start = tr("Check for updates at each start")
        self.add_switch("check_for_updates", each_start, explanation=tr(_SENT)).setEnabled(known)
        self.check_now = button(tr("Check now"), tip=tr("Ask once for the newest version"))
        self.check_now.clicked.connect(self.ask)
        self.check_now.setEnabled(known)
        self.open_page = button(tr("Open its page"), tip=tr("Show it in the browser"))
        self.open_page.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._page)))
        self.open_page.hide()
        self.verdict = note()
        self.add_row("", column(row(self.check_now, self.open_page, None), self.verdict, spacing=6))
        unknown = tr("This build has no update source.")
        show_message(self.verdict, "" if known else unknown)
        account.update_reported.connect(self._show)
        account.update_not_known.connect(self._show_problem)

    def ask(self) -> None:
        """Check for updates now."""
        if self.check_now.isEnabled():
            self.check_now.setEnabled(False)
            self.open_page.hide()
            show_message(self.verdict, tr("Asking…"))
            self._account.look_for_update()

    def _show(self, found: UpdateFound | None) -> None:
        self.check_now.setEnabled(True)
        self.open_page.setVisible(found is not None)
        if found is None:
            show_message(self.verdict, tr("This is the newest version."))
        else:
            self._page = found.page
            text = tr("Version {version} is available. Nothing is downloaded automatically.")
            show_message(self.verdict, text.format(version=found.version))

    def _show_problem(self, problem: str) -> None:
        self.check_now.setEnabled(True)
        show_message(self.verdict, problem, problem=True)
