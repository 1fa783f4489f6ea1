"""Opens the file dialogs for profile files, without blocking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from enhance_gui.core.images.file_names import safe_stem
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.text.i18n import tr


def ask_where_to(parent: QWidget, profile: ServiceProfile, then: Callable[[Path], object]) -> None:
    """Ask where a service is to be exported to."""
    name = f"{safe_stem(f'{profile.name}.toml', 'service')}.toml"
    dialog = QFileDialog(parent, tr("Export “{name}”").format(name=profile.name), name)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("toml")
    # No file is ever replaced: where the name is taken, the new one gets a number.
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    _open(dialog, then)


def ask_which(parent: QWidget, then: Callable[[Path], object]) -> None:
    """Ask for a profile file."""
    dialog = QFileDialog(parent, tr("Open a profile file"))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    _open(dialog, then)


def _open(dialog: QFileDialog, then: Callable[[Path], object]) -> None:
    dialog.setNameFilter(tr("Service profiles (*.toml)"))
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
