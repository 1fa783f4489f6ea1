"""The settings: each change holds at once, so there is nothing to confirm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QWidget,
)

from enhance_gui.core.file_names import TEMPLATE_WORDS, result_stem, template_problem
from enhance_gui.core.preferences import MOST_PARALLEL, Preferences, Theme
from enhance_gui.ui.choices import Choices
from enhance_gui.ui.theme import Look
from enhance_gui.ui.widgets import ElidedLabel, button, column, label, row, short_path

_THEMES: Final = {
    Theme.SYSTEM: "Like the system",
    Theme.LIGHT: "Light",
    Theme.DARK: "Dark",
}

_SAMPLE_NAME: Final = "holiday.jpg"


class SettingsWindow(QDialog):
    """A window of its own, open beside the work."""

    def __init__(self, parent: QWidget, choices: Choices, look: Look) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.resize(640, 0)
        self._choices = choices
        self._look = look
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(20)
        self._form.setVerticalSpacing(16)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        self._add_folder()
        self._add_names()
        self._add_work()
        self._add_looks()
        close = button("Close", tip="Close this window (Esc)")
        close.clicked.connect(self.close)
        layout = column(spacing=20)
        layout.addLayout(self._form)
        layout.addLayout(row(None, close))
        layout.setContentsMargins(28, 24, 28, 20)
        self.setLayout(layout)
        choices.changed.connect(self._show_folder)

    # -- parts ------------------------------------------------------------------------------------

    def _add_folder(self) -> None:
        self._folder = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._folder.setAccessibleName("Save folder")
        change = button("Change…", tip="Choose another folder for results", name="Change folder")
        change.clicked.connect(self._choose_folder)
        line = row(spacing=10)
        line.addWidget(self._folder, 1)
        line.addWidget(change)
        self._form.addRow("Save results in", line)
        self.auto_save = _check("Save by itself", on=self._now.auto_save)
        self.auto_save.setToolTip("Otherwise the program keeps results until you save them")
        self.auto_save.toggled.connect(lambda on: self._change(auto_save=on))
        self._form.addRow("", self.auto_save)
        self._show_folder()

    def _add_names(self) -> None:
        self.template = QLineEdit(self._now.name_template)
        self.template.setAccessibleName("Names of results")
        words = ", ".join(f"{{{word}}}" for word in TEMPLATE_WORDS)
        self.template.setToolTip(f"May hold {words}")
        self._preview = label("", "quiet", wraps=True)
        self.template.textChanged.connect(self._name_changed)
        self._form.addRow("Names of results", column(self.template, self._preview, spacing=4))
        self._name_changed(self.template.text())

    def _add_work(self) -> None:
        self.parallel = QComboBox()
        self.parallel.setAccessibleName("Pictures at a time")
        self.parallel.addItem("As many as the service does well")
        self.parallel.addItems([str(most) for most in range(1, MOST_PARALLEL + 1)])
        self.parallel.setCurrentIndex(self._now.parallel_tasks)
        self.parallel.setToolTip("Most pictures on a service at a time; holds from the next start")
        self.parallel.activated.connect(lambda most: self._change(parallel_tasks=most))
        self._form.addRow("Pictures at a time", self.parallel)
        self.notify = _check("Tell me when a batch is done", on=self._now.notify)
        self.notify.setToolTip("Only while the window is in the background")
        self.notify.toggled.connect(lambda on: self._change(notify=on))
        self._form.addRow("Notifications", self.notify)

    def _add_looks(self) -> None:
        self.theme = QComboBox()
        self.theme.setAccessibleName("Theme")
        for theme, name in _THEMES.items():
            self.theme.addItem(name, theme)
        self.theme.setCurrentIndex(list(_THEMES).index(self._now.theme))
        self.theme.activated.connect(self._choose_theme)
        self._form.addRow("Theme", self.theme)

    # -- changes ----------------------------------------------------------------------------------

    @property
    def _now(self) -> Preferences:
        return self._choices.preferences

    def _change(self, **fields: object) -> None:
        self._choices.change(replace(self._now, **fields))  # type: ignore[arg-type]

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, "Save results in", str(self._choices.save_folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda folder: self._change(save_folder=str(Path(folder))))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _show_folder(self) -> None:
        self._folder.say(short_path(self._choices.save_folder))

    def _name_changed(self, template: str) -> None:
        problem = template_problem(template)
        self._preview.setProperty("kind", "problem" if problem else "quiet")
        self._preview.style().polish(self._preview)
        if problem:
            self._preview.setText(f"Not used: {problem}")
            return
        self._preview.setText(f"For example: {self._example(template)}.png")
        self._change(name_template=template)

    def _example(self, template: str) -> str:
        kind = self._choices.enhance_type
        values = {
            "name": _SAMPLE_NAME,
            "type": kind.name if kind is not None else "Enhance",
            "service": self._choices.profile.name,
            "date": QLocale.c().toString(QDate.currentDate(), "yyyy-MM-dd"),
        }
        return result_stem(template, values, "picture")

    def _choose_theme(self, number: int) -> None:
        theme = list(_THEMES)[number]
        self._change(theme=theme)
        self._look.choose(theme)


def _check(text: str, *, on: bool) -> QCheckBox:
    box = QCheckBox(text)
    box.setAccessibleName(text)
    box.setChecked(on)
    return box
