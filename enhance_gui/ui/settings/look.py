"""The page of theme and language."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QComboBox

from enhance_gui.core.settings.preferences import Theme
from enhance_gui.core.text.i18n import mark, tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.settings.page import Page, note, say
from enhance_gui.ui.widgets.basics import column
from enhance_gui.ui.widgets.theme import ThemeManager

_THEMES: Final = {
    Theme.SYSTEM: mark("Same as system"),
    Theme.LIGHT: mark("Light"),
    Theme.DARK: mark("Dark"),
}


class LookPage(Page):
    """Sets the theme and the language of the window."""

    def __init__(self, choices: Choices, look: ThemeManager) -> None:
        super().__init__(tr("Appearance"), choices)
        self._look = look
        self._add_theme()
        self._add_language()

    def _add_theme(self) -> None:
        self.theme = QComboBox()
        self.theme.setAccessibleName(tr("Theme"))
        for theme, name in _THEMES.items():
            self.theme.addItem(tr(name), theme)
        self.theme.setCurrentIndex(list(_THEMES).index(self.now.theme))
        self.theme.activated.connect(self._choose_theme)
        self.add_row(tr("Theme"), self.theme)

    def _add_language(self) -> None:
        self.language = QComboBox()
        self.language.setAccessibleName(tr("Language"))
        self.language.addItem(tr("Same as system"), "")
        for code, name in self.choices.languages.items():
            self.language.addItem(name, code)
        self.language.setCurrentIndex(max(0, self.language.findData(self.now.language)))
        self.language.activated.connect(self._choose_language)
        self.restart = note()
        self.add_row(tr("Language"), column(self.language, self.restart, spacing=4))
        self._say_when()

    def _choose_theme(self, number: int) -> None:
        theme = list(_THEMES)[number]
        self.change(theme=theme)
        self._look.choose(theme)

    def _choose_language(self, number: int) -> None:
        self.change(language=self.language.itemData(number))
        self._say_when()

    def _say_when(self) -> None:
        say(self.restart, tr("Takes effect after a restart."))
