"""The pages of what is general: pace, notifications; theme and language."""

from __future__ import annotations

from typing import Final

from enhance_gui.core.settings.preferences import MAX_PARALLEL, Theme
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.settings.page import Page, choice, note
from enhance_gui.ui.widgets.basics import column
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

    def __init__(self, choices: Choices, themes: ThemeManager) -> None:
        super().__init__(tr("Appearance"), choices)
        self._themes = themes
        names = {theme: tr(name) for theme, name in _THEMES.items()}
        self.theme = choice(tr("Theme"), names, self.now.theme)
        self.theme.activated.connect(self._choose_theme)
        self.add_row(tr("Theme"), self.theme)
        languages = {"": tr("Same as system"), **choices.languages}
        self.language = choice(tr("Language"), languages, self.now.language)
        self.language.activated.connect(
            lambda number: self.change(language=self.language.itemData(number))
        )
        later = note(tr("Takes effect after a restart."))
        self.add_row(tr("Language"), column(self.language, later, spacing=4))

    def _choose_theme(self, number: int) -> None:
        theme = list(_THEMES)[number]
        self.change(theme=theme)
        self._themes.choose(theme)
