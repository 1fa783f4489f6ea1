"""The page of saving: folder, kind of file, names, metadata, sidecars."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu

from enhance_gui.core.images.carried.carrying import KeptMetadata
from enhance_gui.core.images.file_names import TEMPLATE_TEXTS, result_stem, template_problem
from enhance_gui.core.settings.saving import (
    HIDDEN_FOLDER,
    MAX_QUALITY,
    SUBFOLDER_NAME,
    Grouping,
    Place,
    ResultFormat,
    SidecarPlace,
)
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.core.text.joining import listed
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.settings.page import Page, choice, note, number, show_message
from enhance_gui.ui.widgets.basics import (
    ElidedLabel,
    button,
    column,
    label,
    line_edit,
    row,
    short_path,
)
from enhance_gui.ui.widgets.show_file import ask_for_path

_SAMPLE_NAME: Final = "holiday.jpg"
_SAMPLE_ENDING: Final = "png"

_PLACES: Final = {
    Place.FOLDER: N_("In the save folder"),
    Place.BESIDE: N_("Beside the original"),
    Place.SUBFOLDER: N_("In a folder “{name}” beside the original"),
}

_GROUPINGS: Final = {
    Grouping.NONE: N_("No subfolders"),
    Grouping.DATE: N_("A subfolder for each day"),
    Grouping.BATCH: N_("A subfolder for each batch"),
}

_FORMATS: Final = {
    ResultFormat.AS_GIVEN: N_("As the service gives it"),
    ResultFormat.SAME: N_("Same as the original"),
    ResultFormat.JPG: "JPEG",
    ResultFormat.PNG: "PNG",
    ResultFormat.WEBP: "WebP",
    ResultFormat.TIFF: "TIFF",
    ResultFormat.AVIF: "AVIF",
}

_METADATA: Final = {
    KeptMetadata.ALL: N_("Keep all"),
    KeptMetadata.WITHOUT_LOCATION: N_("Keep all but the location"),
    KeptMetadata.NONE: N_("Keep none"),
}

_SIDECARS: Final = {
    SidecarPlace.BESIDE: N_("Beside each result"),
    SidecarPlace.HIDDEN: N_("In a hidden folder “{name}”"),
    SidecarPlace.OFF: N_("No sidecars"),
}


class SavingPage(Page):
    """Sets where results go, as what kind of file, and how they are named."""

    def __init__(self, choices: Choices) -> None:
        super().__init__(tr("Saving"), choices)
        self.add_intro(
            tr("Folder and format apply to pictures that you add from now on, the rest at once.")
        )
        self._add_folder()
        self._add_format()
        self._add_names()
        self._add_metadata()
        self._add_sidecars()
        choices.changed.connect(self._show_folder)

    def _add_folder(self) -> None:
        self._folder = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._folder.setAccessibleName(tr("Save folder"))
        choose = button(
            tr("Change…"), tip=tr("Choose another folder for results"), name=tr("Change folder")
        )
        choose.clicked.connect(self._choose_folder)
        self.recent = button(
            tr("Recent"), tip=tr("Folders that were chosen before"), name=tr("Recent folders")
        )
        self._recent_menu = QMenu(self)
        self._recent_menu.aboutToShow.connect(self._list_recent)
        self.recent.setMenu(self._recent_menu)
        line = row(self._folder, choose, self.recent, spacing=10, grows=self._folder)
        self.add_row(tr("Save folder"), line)
        places = {each: tr(name).format(name=SUBFOLDER_NAME) for each, name in _PLACES.items()}
        self.place = choice(tr("Save results"), places, self.now.place)
        self.place.activated.connect(lambda at: self.change(place=list(_PLACES)[at]))
        holds = note(tr("Pictures from the web and the clipboard go to the save folder."))
        groupings = {each: tr(name) for each, name in _GROUPINGS.items()}
        self.grouping = choice(tr("Subfolders"), groupings, self.now.grouping)
        self.grouping.activated.connect(lambda at: self.change(grouping=list(_GROUPINGS)[at]))
        self.add_row(tr("Save results"), column(self.place, holds, self.grouping, spacing=6))
        otherwise = tr("Otherwise the program keeps results until you save them.")
        self.add_switch("auto_save", tr("Save results automatically"), explanation=otherwise)
        self._show_folder()

    def _add_format(self) -> None:
        formats = {each: tr(name) for each, name in _FORMATS.items()}
        self.format = choice(tr("Format"), formats, self.now.result_format)
        self.format.activated.connect(self._choose_format)
        self.quality = number(tr("Quality"), 1, MAX_QUALITY, decimals=0)
        self.quality.setValue(self.now.quality)
        self.quality.valueChanged.connect(lambda value: self.change(quality=round(value)))
        self._quality_name = label(tr("Quality"))
        line = row(self._quality_name, self.quality, None, spacing=10)
        self._format_note: QLabel = note()
        self.add_row(
            tr("Format"), column(row(self.format, None), line, self._format_note, spacing=6)
        )
        self._show_format()

    def _add_names(self) -> None:
        self.template = line_edit(tr("File names"), literal=True)
        self.template.setText(self.now.name_template)
        self.preview = note()
        text = listed(f"{{{word}}}" for word in TEMPLATE_TEXTS)
        may_hold = note(tr("You can use {words}.").format(words=text))
        self.template.textChanged.connect(self._preview_name)
        self.template.editingFinished.connect(self._choose_name)
        self.add_row(tr("File names"), column(self.template, self.preview, may_hold, spacing=4))
        self._preview_name(self.template.text())

    def _add_metadata(self) -> None:
        names = {kept: tr(name) for kept, name in _METADATA.items()}
        title = tr("Metadata")
        self.metadata = choice(tr("Metadata of the original"), names, self.now.metadata)
        self.metadata.activated.connect(lambda at: self.change(metadata=list(_METADATA)[at]))
        holds = note(
            tr(
                "Camera, date, copyright, description and print resolution go from the original "
                "to its results, which also say that they were enhanced."
            )
        )
        self.add_row(title, column(self.metadata, holds, spacing=4))

    def _add_sidecars(self) -> None:
        places = {each: tr(name).format(name=HIDDEN_FOLDER) for each, name in _SIDECARS.items()}
        self.sidecars = choice(tr("Sidecars"), places, self.now.sidecars)
        self.sidecars.activated.connect(lambda at: self.change(sidecars=list(_SIDECARS)[at]))
        holds = note(
            tr(
                "A small file that says where a result came from. The program remembers that in "
                "any case."
            )
        )
        self.add_row(tr("Sidecars"), column(self.sidecars, holds, spacing=4))
        why = tr("The signed address of a private picture opens it to whoever reads the file")
        self.add_switch("strip_signatures", tr("Leave signatures out of sidecars"), explanation=why)

    # -- folder -----------------------------------------------------------------------------------

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, tr("Save results in"), str(self.choices.save_folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        ask_for_path(dialog, self._use_folder)

    def _use_folder(self, folder: Path) -> None:
        self.choices.change(self.now.with_save_folder(str(folder)))

    def _list_recent(self) -> None:
        self._recent_menu.clear()
        for each in self._other_folders():
            entry = self._recent_menu.addAction(short_path(Path(each)).replace("&", "&&"))
            entry.triggered.connect(lambda _=False, folder=each: self._use_folder(Path(folder)))

    def _other_folders(self) -> list[str]:
        """Return the folders that were chosen before, and the one of the beginning."""
        now = str(self.choices.save_folder)
        known = dict.fromkeys((*self.now.recent_folders, str(self.choices.results)))
        return [each for each in known if each != now]

    def _show_folder(self) -> None:
        self._folder.show_text(short_path(self.choices.save_folder))
        self.recent.setEnabled(bool(self._other_folders()))

    # -- format -----------------------------------------------------------------------------------

    def _choose_format(self, at: int) -> None:
        self.change(result_format=list(_FORMATS)[at])
        self._show_format()

    def _show_format(self) -> None:
        kind = self.now.result_format
        for part in (self._quality_name, self.quality):
            part.setEnabled(kind.has_quality)
        if kind is ResultFormat.AS_GIVEN:
            text = tr("Nothing is compressed anew: the pixels are exactly those of the service.")
        elif kind is ResultFormat.SAME:
            text = tr(
                "A JPEG stays a JPEG, a TIFF a TIFF. Where the original's kind cannot be written, "
                "the result stays as the service gives it."
            )
        elif kind is ResultFormat.JPG:
            text = tr(
                "A result with transparency stays as it came, since a JPEG has none; you are told."
            )
        else:
            text = tr("A result that such a file cannot hold stays as it came; you are told.")
        show_message(self._format_note, text)

    # -- names ------------------------------------------------------------------------------------

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
        name = f"{self._example(template)}.{_SAMPLE_ENDING}"
        show_message(self.preview, tr("For example: {name}").format(name=name))

    def _example(self, template: str) -> str:
        kind = self.choices.enhance_type
        values = {
            "name": _SAMPLE_NAME,
            "type": kind.name if kind is not None else "Enhance",
            "service": self.choices.profile.name,
            "date": QLocale.c().toString(QDate.currentDate(), "yyyy-MM-dd"),
            "folder": "Summer",
        }
        return result_stem(template, values, "picture")
