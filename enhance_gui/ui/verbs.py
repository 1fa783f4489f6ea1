"""Carries out what a person wants done with tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from enhance_gui.core.addresses import safe_for_log
from enhance_gui.core.explanations import explain, sentence
from enhance_gui.core.tasks import Task
from enhance_gui.ui.bridge import Bridge
from enhance_gui.ui.gallery.actions import Action
from enhance_gui.ui.show_file import show_in_folder


class Verbs(QObject):
    """Turns actions into wishes for the bridge and requests to the desktop."""

    def __init__(self, bridge: Bridge, window: QWidget) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._window = window
        self._does: Final[dict[Action, Callable[[Sequence[int]], None]]] = {
            Action.START: bridge.start,
            Action.CONTINUE: self._go_on,
            Action.SEND_AGAIN: bridge.send_again,
            Action.ASK_AGAIN: bridge.ask_again,
            Action.RETRY: bridge.retry,
            Action.CANCEL: bridge.cancel,
            Action.GIVE_UP: bridge.give_up,
            Action.REMOVE_DRAFT: bridge.cancel,
            Action.SAVE_AS: self._save_as,
            Action.SHOW_IN_FOLDER: self._show,
            Action.OPEN: self._open,
            Action.COPY_DETAILS: self._copy_details,
        }

    def do(self, action: Action, ids: Sequence[int]) -> None:
        """Do it with these tasks."""
        known = [each for each in ids if each in self._bridge.items]
        if known:
            self._does[action](known)

    def save_copies(self, files: Sequence[Path]) -> None:
        """Ask where to, then copy; never over another file."""
        if len(files) == 1:
            dialog = QFileDialog(self._window, "Save a copy", str(files[0].name))
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setDefaultSuffix(files[0].suffix.lstrip("."))
            # Nothing is ever overwritten, so there is nothing to confirm.
            dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
            dialog.fileSelected.connect(lambda to: self._bridge.save_copy(files[0], Path(to)))
        else:
            dialog = QFileDialog(self._window, f"Save {len(files)} copies in")
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.fileSelected.connect(lambda folder: self._copy_all(files, Path(folder)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _copy_all(self, files: Sequence[Path], folder: Path) -> None:
        for file in files:
            self._bridge.save_copy(file, folder / file.name)

    def _results(self, ids: Sequence[int]) -> list[Path]:
        items = (self._bridge.items[each] for each in ids)
        return [item.after_file for item in items if item.after_file is not None]

    def _go_on(self, ids: Sequence[int]) -> None:
        for service in dict.fromkeys(self._bridge.items[each].task.service for each in ids):
            self._bridge.go_on(service)

    def _save_as(self, ids: Sequence[int]) -> None:
        if files := self._results(ids):
            self.save_copies(files)

    def _show(self, ids: Sequence[int]) -> None:
        for file in self._results(ids)[:1]:
            show_in_folder(file)

    def _open(self, ids: Sequence[int]) -> None:
        for file in self._results(ids)[:1]:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))

    def _copy_details(self, ids: Sequence[int]) -> None:
        texts = [details(self._bridge.items[each].task) for each in ids]
        QGuiApplication.clipboard().setText("\n\n".join(texts))


def details(task: Task) -> str:
    """Return what is known of a task, as text for a message; addresses without their secrets."""
    web = task.input.startswith(("http://", "https://"))
    lines = [
        f"Input: {safe_for_log(task.input) if web else task.input}",
        f"Service: {task.service}",
        f"Enhance type: {task.type_name} ({task.type_id})",
        f"State: {task.state.value}",
        f"Added: {task.created_at:%Y-%m-%d %H:%M:%S} UTC",
        f"Task id: {task.service_task_id or '-'}",
        f"Private id: {task.private_id or '-'}",
    ]
    lines += [f"File: {path}" for path in task.files]
    if task.failure is not None:
        lines += [f"Problem: {sentence(task.failure)}", f"Hint: {explain(task.failure).next_step}"]
        if task.failure.code is not None:
            lines.append(f"Code: {task.failure.code}")
    return "\n".join(lines)
