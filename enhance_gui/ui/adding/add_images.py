"""Adds pictures to the list: dropped, pasted, typed, or chosen in a file dialog."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDir, QMimeData, QObject, QStandardPaths, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from enhance_gui.core.images.formats import PICTURE_ENDINGS
from enhance_gui.core.images.inputs.drop_data import NOTHING, Dropped
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.core.threads import in_daemon_thread
from enhance_gui.ui.adding import sample
from enhance_gui.ui.adding.add_dialog import AddDialog
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.adding.drop_overlay import (
    DropOverlay,
    drop_line,
    drop_title,
    folder_count,
    paths_in,
)
from enhance_gui.ui.adding.dropped import hovering, may_hold_picture, reader_of
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.gallery.texts import service_name, shown_type

_NO_TYPE: Final = N_("This service lists no enhance types yet: add them to its profile first.")
_NOTHING_PASTED: Final = N_("There is no picture and no address in the clipboard.")


class AddImages(QObject):
    """Reads what is dropped, pasted, typed or opened, and adds it."""

    message = Signal(str)
    """A sentence for the user."""

    def __init__(self, bridge: Bridge, choices: Choices, window: QWidget) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._choices = choices
        self._window = window
        self._overlay = DropOverlay(window)
        self.open_folder = ""
        """Where pictures were last opened from; empty: nowhere yet."""
        self._folders: asyncio.Future[int] | None = None
        """The running count of the folders that are dragged over the window."""

    def add(self, inputs: Sequence[str]) -> asyncio.Future[bool] | None:
        """Add addresses, files, folders and lists.

        :returns: whether they are in the list, once that is known; ``None``: the user sees why
            nothing is added.
        """
        return self._take(Dropped(tuple(inputs)))

    def paste(self) -> None:
        """Add what is in the clipboard, which stays as it is."""
        mime = QGuiApplication.clipboard().mimeData()
        if mime is not None:
            self._take_data(mime, _NOTHING_PASTED)

    def type_in(self) -> None:
        """Open the dialog for entering many addresses."""
        dialog = AddDialog(self._window)
        dialog.entered.connect(self._take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def choose_files(self) -> None:
        endings = " ".join(f"*{ending}" for ending in sorted(PICTURE_ENDINGS))
        dialog = QFileDialog(self._window, tr("Open pictures"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setOption(QFileDialog.Option.HideNameFilterDetails)
        dialog.setNameFilters(
            [
                tr("Pictures ({endings})").format(endings=endings),
                tr("Lists of addresses (*.txt *.csv)"),
                tr("All files (*)"),
            ]
        )
        self._open(dialog)

    def choose_folder(self) -> None:
        dialog = QFileDialog(self._window, tr("Open a folder of pictures"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._open(dialog)

    def try_sample(self) -> None:
        """Add the photograph that ships with the program."""
        self._take(Dropped(picture=sample.sample_file()), sample.STEM)

    # -- drops, as the window gets them -----------------------------------------------------------

    def drag_entered(self, event: QDragEnterEvent) -> None:
        if event.source() is not None:
            return  # a picture of this window on its way out
        mime = event.mimeData()
        found, maybe = hovering(mime), may_hold_picture(mime)
        title = drop_title(found, may_be_picture=maybe)
        line = drop_line(found, self._promise(), may_be_picture=maybe)
        self._overlay.show_for(title, line)
        self._folders = None
        if paths := paths_in(found):
            self._folders = in_daemon_thread(partial(folder_count, paths), "folders that hover")
            self._folders.add_done_callback(partial(self._folders_known, found, line))
        event.acceptProposedAction()

    def drag_left(self, event: QDragLeaveEvent) -> None:
        self._folders = None
        self._overlay.hide()
        event.accept()

    def dropped(self, event: QDropEvent) -> None:
        self._folders = None
        self._overlay.hide()
        event.acceptProposedAction()
        self._take_data(event.mimeData(), NOTHING)

    # -- inside -----------------------------------------------------------------------------------

    def _open(self, dialog: QFileDialog) -> None:
        pictures = QStandardPaths.StandardLocation.PicturesLocation
        folder = self.open_folder or QStandardPaths.writableLocation(pictures)
        dialog.setDirectory(folder if QDir(folder).exists() else QDir.homePath())
        dialog.filesSelected.connect(self._opened)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _opened(self, paths: list[str]) -> None:
        # Of a folder the one above: its neighbours are what is wanted next.
        self.open_folder = str(Path(paths[0]).parent)
        self.add(paths)

    def _folders_known(self, found: Dropped, line: str, counted: asyncio.Future[int]) -> None:
        """Show that folders are dragged over the window, if they still are."""
        if counted is self._folders and counted.result():
            title = drop_title(found, may_be_picture=False, folders=counted.result())
            self._overlay.show_for(title, line)

    def _take_data(self, mime: QMimeData, nothing: str) -> None:
        """Add what is in dropped or pasted data; a long text is read in a thread.

        :param nothing: the message shown if there is nothing in it, still to be translated.
        """
        read, is_long = reader_of(mime)
        options = self._choices.options
        if is_long and options is not None:
            self._bridge.add_read(read, options)
            return
        found = read()
        if found.is_empty and not found.unusable:
            self.message.emit(tr(nothing))
        else:
            self._take(found)

    def _promise(self) -> str:
        kind = self._choices.enhance_type
        if kind is None:
            return tr(_NO_TYPE)
        service = self._choices.profile.name
        return f"{shown_type(kind.name, service)} · {service_name(service)}"

    def _take(self, found: Dropped, stem: str = "") -> asyncio.Future[bool] | None:
        options = self._choices.options
        if found.is_empty:
            self.message.emit(found.problem)
        elif options is None:
            self.message.emit(tr(_NO_TYPE))
        else:
            return self._bridge.add(found, options, stem)
        return None
