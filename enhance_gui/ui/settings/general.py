"""The page of general settings: folder, names, pace, notifications."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit

from enhance_gui.core.images.file_names import TEMPLATE_TEXTS, result_stem, template_problem
from enhance_gui.core.settings.preferences import MAX_PARALLEL
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.settings.page import Page, check, note, say
from enhance_gui.ui.widgets.basics import ElidedLabel, button, column, row, short_path

_SAMPLE_NAME: Final = "holiday.jpg"


class GeneralPage(Page):
    """Sets where results go, how they are named, how many are made at a time."""

    def __init__(self, choices: Choices) -> None:
        super().__init__(tr("General"), choices)
        self._add_folder()
        self._add_names()
        self._add_work()
        choices.changed.connect(self._show_folder)

    def _add_folder(self) -> None:
        self._folder = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._folder.setAccessibleName(tr("Save folder"))
        choose = button(
            tr("Change…"), tip=tr("Choose another folder for results"), name=tr("Change folder")
        )
        choose.clicked.connect(self._choose_folder)
        line = row(spacing=10)
        line.addWidget(self._folder, 1)
        line.addWidget(choose)
        self.add_row(tr("Save results in"), line)
        self.auto_save = check(
            tr("Save results automatically"),
            on=self.now.auto_save,
            tip=tr("Otherwise the program keeps results until you save them"),
        )
        self.auto_save.toggled.connect(lambda on: self.change(auto_save=on))
        self.add_row("", self.auto_save)
        self._show_folder()

    def _add_names(self) -> None:
        self.template = QLineEdit(self.now.name_template)
        self.template.setAccessibleName(tr("File names"))
        self.preview = note()
        words = ", ".join(f"{{{word}}}" for word in TEMPLATE_TEXTS)
        may_hold = note(tr("You can use {words}.").format(words=words))
        self.template.textChanged.connect(self._preview_name)
        self.template.editingFinished.connect(self._choose_name)
        self.add_row(tr("File names"), column(self.template, self.preview, may_hold, spacing=4))
        self._preview_name(self.template.text())
        self.strip_signatures = check(
            tr("Leave signatures out of sidecars"),
            on=self.now.strip_signatures,
            tip=tr("The signed address of a private picture opens it to whoever reads the file"),
        )
        self.strip_signatures.toggled.connect(lambda on: self.change(strip_signatures=on))
        self.add_row("", self.strip_signatures)

    def _add_work(self) -> None:
        self.parallel = QComboBox()
        self.parallel.setAccessibleName(tr("Pictures at a time"))
        self.parallel.addItem(tr("Automatic"))
        self.parallel.addItems([str(maximum) for maximum in range(1, MAX_PARALLEL + 1)])
        self.parallel.setCurrentIndex(self.now.parallel_tasks)
        self.parallel.activated.connect(lambda maximum: self.change(parallel_tasks=maximum))
        holds = note(tr("Takes effect after a restart."))
        self.add_row(tr("Pictures at a time"), column(self.parallel, holds, spacing=4))
        self.notify = check(
            tr("Tell me when a batch is done"),
            on=self.now.notify,
            tip=tr("Only while the window is in the background"),
        )
        self.notify.toggled.connect(lambda on: self.change(notify=on))
        self.add_row("", self.notify)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, tr("Save results in"), str(self.choices.save_folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda folder: self.change(save_folder=str(Path(folder))))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _show_folder(self) -> None:
        self._folder.say(short_path(self.choices.save_folder))

    def _choose_name(self) -> None:
        # Not at every key: half of a template would name a result that is saved just then.
        if not template_problem(self.template.text()):
            self.change(name_template=self.template.text())

    def _preview_name(self, template: str) -> None:
        problem = template_problem(template)
        if problem:
            say(self.preview, tr("Not used: {problem}.").format(problem=problem), problem=True)
            return
        say(self.preview, tr("For example: {name}").format(name=f"{self._example(template)}.png"))

    def _example(self, template: str) -> str:
        kind = self.choices.enhance_type
        values = {
            "name": _SAMPLE_NAME,
            "type": kind.name if kind is not None else "Enhance",
            "service": self.choices.profile.name,
            "date": QLocale.c().toString(QDate.currentDate(), "yyyy-MM-dd"),
        }
        return result_stem(template, values, "picture")
