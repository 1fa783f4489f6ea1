"""Asks once whether to check for updates, and shows a newer version."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from enhance_gui.core.settings.updates import UpdateFound
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.widgets.cards import Choice
from enhance_gui.ui.window.panels import Panels
from enhance_gui.ui.window.secondary import SideWindows

ASKED_AT_START: Final = 3
"""The start at which it is asked: by then the user knows whether the program is of use."""


class UpdateNews(QObject):
    """Checks for updates only with the user's consent."""

    def __init__(
        self, panels: Panels, account: AccountBridge, choices: Choices, sides: SideWindows
    ) -> None:
        super().__init__(panels)
        self.question = panels.question
        self._account = account
        self._choices = choices
        self._sides = sides
        account.update_reported.connect(self._notify)

    def begin(self, starts: int) -> None:
        """Check for updates, or ask whether to: the window has opened.

        :param starts: how often the program was started, this time included.
        """
        wanted = self._choices.preferences.check_for_updates
        if not self._account.knows_where_updates_are:
            return
        if wanted:
            self._account.look_for_update()
        elif wanted is None and starts >= ASKED_AT_START:
            self._ask()

    def _ask(self) -> None:
        text = tr(
            "Check for updates at each start? It is one request, which sends nothing about you."
        )
        self.question.ask(
            text,
            (
                Choice(tr("Yes"), does=lambda: self._choose(True)),
                Choice(tr("No"), does=lambda: self._choose(False)),
            ),
        )

    def _choose(self, wanted: bool) -> None:
        self._choices.change(replace(self._choices.preferences, check_for_updates=wanted))
        if wanted:
            self._account.look_for_update()

    def _notify(self, found: UpdateFound | None) -> None:
        if found is None or self._sides.is_open("settings"):
            return  # who asks in the settings reads it there
        page = QUrl(found.page)
        self.question.ask(
            tr("Version {version} is available.").format(version=found.version),
            (
                Choice(tr("Open its page"), does=lambda: QDesktopServices.openUrl(page)),
                Choice(tr("Not now")),
            ),
        )
