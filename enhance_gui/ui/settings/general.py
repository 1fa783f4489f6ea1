"""The pages of what is general: folder, names, pace, notifications; theme and language."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtWidgets import QFileDialog

from enhance_gui.core.images.carried.carrying import KeptMetadata
from enhance_gui.core.images.file_names import TEMPLATE_TEXTS, result_stem, template_problem
from enhance_gui.core.settings.preferences import MAX_PARALLEL, Theme
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.settings.page import Page, choice, note, show_message
from enhance_gui.ui.widgets.basics import ElidedLabel, button, column, line_edit, row, short_path
from enhance_gui.ui.widgets.show_file import ask_for_path
from enhance_gui.ui.widgets.theme import ThemeManager

_SAMPLE_NAME: Final = "holiday.jpg"

_THEMES: Final = {
    Theme.SYSTEM: N_("Same as system"),
    Theme.LIGHT: N_("Light"),
    Theme.DARK: N_("Dark"),
}

_METADATA: Final = {
    KeptMetadata.ALL: N_("Keep all"),
    KeptMetadata.WITHOUT_LOCATION: N_("Keep all but the location"),
    KeptMetadata.NONE: N_("Keep none"),
}


class GeneralPage(Page):
    """Sets where results go, how they are named, how many are made at a time."""

    def __init__(self, choices: Choices) -> None:
        super().__init__(tr("General"), choices)
        self._add_folder()
        self._add_names()
        self._add_metadata()
        self._add_work()
        choices.changed.connect(self._show_folder)

    def _add_folder(self) -> None:
        self._folder = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._folder.setAccessibleName(tr("Save folder"))
        choose = button(
            tr("Change…"), tip=tr("Choose another folder for results"), name=tr("Change folder")
        )
        choose.clicked.connect(self._choose_folder)
        line = row(self._folder, choose, spacing=10, grows=self._folder)
        self.add_row(tr("Save results in"), line)
        otherwise = tr("Otherwise the program keeps results until you save them")
        self.add_switch("auto_save", tr("Save results automatically"), explanation=otherwise)
        self._show_folder()

    def _add_names(self) -> None:
        self.template = line_edit(tr("File names"))
        self.template.setText(self.now.name_template)
        self.preview = note()
        text = ", ".join(f"{{{word}}}" for word in TEMPLATE_TEXTS)
        may_hold = note(tr("You can use {words}.").format(words=text))
        self.template.textChanged.connect(self._preview_name)
        self.template.editingFinished.connect(self._choose_name)
        self.add_row(tr("File names"), column(self.template, self.preview, may_hold, spacing=4))
        self._preview_name(self.template.text())
        why = tr("The signed address of a private picture opens it to whoever reads the file")
        self.add_switch("strip_signatures", tr("Leave signatures out of sidecars"), explanation=why)

    def _add_metadata(self) -> None:
        names = {kept: tr(name) for kept, name in _METADATA.items()}
        title = tr("Metadata")
        self.metadata = choice(tr("Metadata of the original"), names, self.now.metadata)
        self.metadata.activated.connect(
            lambda number: self.change(metadata=list(_METADATA)[number])
        )
        holds = note(
            tr(
                "Camera, date, copyright, description and print resolution go from the original "
                "to its results, which also say that they were enhanced."
            )
        )
        self.add_row(title, column(self.metadata, holds, spacing=4))

    def _add_work(self) -> None:
        maxima = {0: tr("Automatic")} | {each: str(each) for each in range(1, MAX_PARALLEL + 1)}
        self.parallel = choice(tr("Pictures at a time"), maxima, self.now.parallel_tasks)
        self.parallel.activated.connect(lambda maximum: self.change(parallel_tasks=maximum))
        self.add_row(tr("Pictures at a time"), self.parallel)
        when = tr("Only while the window is in the background")
        self.add_switch("notify", tr("Tell me when a batch is done"), explanation=when)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, tr("Save results in"), str(self.choices.save_folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        ask_for_path(dialog, lambda folder: self.change(save_folder=str(folder)))

    def _show_folder(self) -> None:
        self._folder.show_text(short_path(self.choices.save_folder))

    def _choose_name(self) -> None:
        # Not at every key: half of a template would name a result that is saved just then.
        if not template_problem(self.template.text()):
            self.change(name_template=self.template.text())

    def _preview_name(self, template: str) -> None:
        problem = template_problem(template)
        if problem:
            show_message(
                self.preview, tr("Not used: {problem}.").format(problem=problem), problem=True
            )
            return
        show_message(
            self.preview, tr("For example: {name}").format(name=f"{self._example(template)}.png")
        )

    def _example(self, template: str) -> str:
        kind = self.choices.enhance_type
        values = {
            "name": _SAMPLE_NAME,
            "type": kind.name if kind is not None else "Enhance",
            "service": self.choices.profile.name,
            "date": QLocale.c().toString(QDate.currentDate(), "yyyy-MM-dd"),
        }
        return result_stem(template, values, "picture")


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
