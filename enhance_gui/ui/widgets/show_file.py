"""Shows a file in the desktop's file manager, selected where that is possible; asks for one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

_MAX_SELECTED: Final = 1000


def show_in_folder(files: Sequence[Path]) -> None:
    """Open the folder of some files, at least one; Windows can select only the first."""
    if sys.platform == "win32":
        started, _ = QProcess.startDetached("explorer.exe", [f"/select,{files[0]}"])
    elif sys.platform == "darwin":
        started, _ = QProcess.startDetached("open", ["-R", *map(str, files[:_MAX_SELECTED])])
    else:
        started = _ask_file_manager(files[:_MAX_SELECTED])
    if not started:
        open_folder(files[0].parent)


def open_folder(folder: Path) -> None:
    """Open a folder; the nearest one above it where it does not exist yet."""
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def ask_for_path(dialog: QFileDialog, then: Callable[[Path], object]) -> None:
    """Show a file dialog without blocking; what is chosen in it goes to ``then``."""
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _ask_file_manager(files: Sequence[Path]) -> bool:
    """Ask over the session bus, by the interface that the freedesktop file managers share."""
    # Loaded here: it costs some milliseconds and most runs never need it.
    from PySide6.QtDBus import QDBusConnection, QDBusMessage

    bus = QDBusConnection.sessionBus()
    name = "org.freedesktop.FileManager1"
    if not bus.isConnected() or not bus.interface().isServiceRegistered(name).value():
        return False
    call = QDBusMessage.createMethodCall(name, "/org/freedesktop/FileManager1", name, "ShowItems")
    call.setArguments([[QUrl.fromLocalFile(str(file)).toString() for file in files], ""])
    return bus.send(call)
