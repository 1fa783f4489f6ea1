"""The pages of what is general: pace, notifications; theme and language."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal

from enhance_gui.core.settings.preferences import MAX_PARALLEL, Theme
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.settings.page import Page, choice, note
from enhance_gui.ui.widgets.basics import button, column, row
from enhance_gui.ui.widgets.theme import ThemeManager

_THEMES: Final = {
    Theme.SYSTEM: N_("Same as system"),
    Theme.LIGHT: N_("Light"),
    Theme.DARK: N_("Dark"),
}


class GeneralPage(Page):
    """Sets how many results are made at a time, and what is told of them."""

    def __init__(self, choices: Choices) -> None:
        super().__init__(tr("General"), choices)
        self._add_work()

    def _add_work(self) -> None:
        maxima = {0: tr("Automatic")} | {each: str(each) for each in range(1, MAX_PARALLEL + 1)}
        self.parallel = choice(tr("Pictures at a time"), maxima, self.now.parallel_tasks)
        self.parallel.activated.connect(lambda maximum: self.change(parallel_tasks=maximum))
        self.add_row(tr("Pictures at a time"), self.parallel)
        when = tr("Only while the window is in the background.")
        self.add_switch("notify", tr("Tell me when a batch is done"), explanation=when)


class LookPage(Page):
    """Sets the theme and the language of the window."""

    restart_wanted = Signal()

    def __init__(self, choices: Choices, themes: ThemeManager) -> None:
        super().__init__(tr("Appearance"), choices)
        self._themes = themes
        names = {theme: tr(name) for theme, name in _THEMES.items()}
        self.theme = choice(tr("Theme"), names, self.now.theme)
        self.theme.activated.connect(self._choose_theme)
        self.add_row(tr("Theme"), self.theme)
        languages = {"": tr("Same as system"), **choices.languages}
        self.language = choice(tr("Language"), languages, self.now.language)
        self.language.activated.connect(self._choose_language)
        self._later = note()
        self.restart = button(tr("Restart now"))
        self.restart.clicked.connect(self.restart_wanted)
        self.add_row(
            tr("Language"),
            column(self.language, self._later, row(self.restart, None), spacing=4),
        )
        self._offer_restart()

    def _choose_language(self, number: int) -> None:
        self.change(language=self.language.itemData(number))
        self._offer_restart()

    def _offer_restart(self) -> None:
        """Say when the language takes effect; where another one waits for that, offer it."""
        is_waiting = self.now.language != self.choices.language_at_start
        self._later.setText(
            tr(
                "The language changes when the program starts again. Unfinished work continues "
                "then; nothing is sent twice."
            )
            if is_waiting
            else tr("Takes effect after a restart.")
        )
        self.restart.setVisible(is_waiting)

    def _choose_theme(self, number: int) -> None:
        theme = list(_THEMES)[number]
        self.change(theme=theme)
        self._themes.choose(theme)
