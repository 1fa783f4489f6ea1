"""Carries out the user's actions on tasks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, QObject, QPoint, Qt, QUrl
from PySide6.QtGui import QCursor, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from enhance_gui.core.images.addresses import safe_for_log
from enhance_gui.core.images.inputs.drop_data import Dropped
from enhance_gui.core.images.inputs.input_files import is_file
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.explanations import (
    failure_of,
    next_step_in_english,
    task_sentence_in_english,
)
from enhance_gui.core.text.i18n import N_, plural, tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.adding.type_menus import again_menu, fill_type_menu
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.gallery.actions import TaskAction, ids_for
from enhance_gui.ui.gallery.retry import Deeds, retry_of
from enhance_gui.ui.gallery.texts import delete_question, hidden_question
from enhance_gui.ui.reports.report_window import ask_where_to_save
from enhance_gui.ui.reports.task_log import TaskLogWindow
from enhance_gui.ui.widgets.show_file import show_in_folder
from enhance_gui.ui.widgets.toast import Toast
from enhance_gui.ui.window.pages import Pages

_KINDS: Final = N_("PNG, JPEG, WebP, TIFF and AVIF (*.png *.jpg *.jpeg *.webp *.tif *.tiff *.avif)")


class TaskActionRunner(QObject):
    """Turns actions into commands of the bridge and requests to the desktop."""

    def __init__(
        self, bridge: Bridge, choices: Choices, window: QWidget, toast: Toast, pages: Pages
    ) -> None:
        super().__init__(window)
        self.bridge = bridge
        self.pages = pages
        self._choices = choices
        self._window = window
        self._toast = toast
        self._log: TaskLogWindow | None = None
        self._copies_folder: Path | None = None
        """Where the last copy of this run went."""
        bridge.picture_read.connect(self._to_clipboard)

    def do(self, action: TaskAction, ids: Sequence[int]) -> None:
        """Run an action on those of these tasks that it fits; if there is none, say so."""
        known = [self.bridge.items[id_] for id_ in ids if id_ in self.bridge.items]
        if fitting := ids_for(action, known):
            run = partial(attrgetter(action.value.handler)(self), fitting)
            hidden = len(self.pages.hidden(fitting)) if action.value.about_money else 0
            if hidden:
                question = hidden_question(hidden, len(fitting))
                self._toast.ask(question, action.label(len(fitting), 0), run, tr("Cancel"))
            else:
                run()
        elif known:
            verb = tr(action.value.text).rstrip("…")
            self._toast.show_message(tr("“{action}” is not possible here.").format(action=verb))

    def cancel_all(self, ids: Sequence[int]) -> None:
        """Cancel those that are not finished, and remove those that are not even started."""
        known = [self.bridge.items[id_] for id_ in ids if id_ in self.bridge.items]
        for action in (TaskAction.REMOVE_DRAFT, TaskAction.CANCEL):
            if ids_for(action, known):
                self.do(action, ids)

    def retry(self, ids: Sequence[int]) -> None:
        """Try tasks once more; ask first where that may cost a second time."""
        retry = retry_of([self.bridge.items[id_] for id_ in ids], self._choices.cost_of)
        if not retry.question:
            self._do_all(retry.again)
            return
        again = (tr("Send again"), partial(self._do_all, retry.again))
        asks = (tr("Ask again (free)"), partial(self._do_all, retry.asks_free))
        offers = (asks, again) if retry.asks_free else (again,)
        self._toast.ask(retry.question, *offers[0], tr("Cancel"), *offers[1:])

    def _do_all(self, deeds: Deeds) -> None:
        for action, ids in deeds:
            self.do(action, ids)

    def enhance_again(self, ids: Sequence[int]) -> None:
        """Ask with which enhance type, then add the pictures as new tasks."""
        tasks = [self.bridge.items[id_].task for id_ in ids]
        menu = again_menu(self._window, self._choices, tasks[0].service)
        menu.triggered.connect(lambda entry: self._add_again(tasks, *entry.data()))
        self._pop_up(menu)

    def _add_again(self, tasks: Sequence[Task], profile: ServiceProfile, kind: EnhanceType) -> None:
        def read() -> Dropped:
            return Dropped(tuple(dict.fromkeys(map(_input_that_is_there, tasks))))

        # In a thread: the files may lie on a network.
        self.bridge.add_read(read, self._choices.options_with(profile, kind))

    def choose_type(self, ids: Sequence[int]) -> None:
        """Ask which enhance type tasks that wait are to have."""
        menu = QMenu(tr("Enhance type"), self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_type_menu(menu, ids)
        self._pop_up(menu)

    def fill_type_menu(self, menu: QMenu, ids: Sequence[int]) -> None:
        """Fill a menu with the enhance types that tasks which wait can have."""
        tasks = [self.bridge.items[id_].task for id_ in ids if id_ in self.bridge.items]
        fill_type_menu(menu, self._choices.profiles, tasks, self.bridge.set_type)

    def _pop_up(self, menu: QMenu) -> None:
        """Show a menu below the button that asked for it.

        Where it was another menu or a key: at the pointer or, where that is elsewhere, in the
        middle of the window.
        """
        asked = self._window.focusWidget()
        if isinstance(asked, QPushButton):
            menu.popup(asked.mapToGlobal(QPoint(0, asked.height())))
            return
        here = self._window.mapFromGlobal(QCursor.pos())
        shown_at = here if self._window.rect().contains(here) else self._window.rect().center()
        menu.popup(self._window.mapToGlobal(shown_at))

    def save_copies(self, files: Sequence[Path]) -> None:
        """Ask where to, then copy; never over another file."""
        if len(files) == 1:
            save = partial(self._save_copy, files[0])
            path = self._copies_to() / files[0].name
            ask_where_to_save(self._window, tr("Save a copy"), path, save, tr(_KINDS))
            return
        text = plural("Save {count} copy in", "Save {count} copies in", len(files))
        dialog = QFileDialog(self._window, text.format(count=len(files)))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setDirectory(str(self._copies_to()))
        dialog.fileSelected.connect(lambda folder: self._copy_all(files, Path(folder)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _copies_to(self) -> Path:
        """Return the folder in which a place for copies is looked for first."""
        folder = self._copies_folder or self._choices.save_folder
        return folder if folder.is_dir() else Path.home()

    def _copy_all(self, files: Sequence[Path], folder: Path) -> None:
        for file in files:
            self._save_copy(file, folder / file.name)

    def _save_copy(self, file: Path, target: Path) -> None:
        self._copies_folder = target.parent
        self.bridge.save_copy(file, target, self._choices.preferences.quality)

    def _results(self, ids: Sequence[int]) -> list[Path]:
        items = (self.bridge.items[id_] for id_ in ids)
        return [item.after_file for item in items if item.after_file is not None]

    def save_as(self, ids: Sequence[int]) -> None:
        """Save copies of results."""
        if files := self._results(ids):
            self.save_copies(files)

    def show_in_folder(self, ids: Sequence[int]) -> None:
        """Show the first result in its folder, and with it the others that lie there."""
        files = self._results(ids)
        show_in_folder([file for file in files if file.parent == files[0].parent])

    def open(self, ids: Sequence[int]) -> None:
        """Open the first result with the program that the user has for pictures."""
        for file in self._results(ids)[:1]:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))

    def show_log(self, ids: Sequence[int]) -> None:
        """Show what happened to the first task."""
        if self._log is None:
            self._log = TaskLogWindow(self._window, self.bridge)
        self._log.show_task(ids[0])

    def ask_to_delete(self, ids: Sequence[int]) -> None:
        """Ask before deleting on the service: what is deleted there cannot be restored."""
        tasks = [self.bridge.items[id_].task for id_ in ids]
        kept = [task for task in tasks if task.on_service]
        if kept:
            unsaved = any(task.state is not TaskState.SAVED for task in kept)
            self._toast.ask(
                delete_question([task.service for task in kept], unsaved=unsaved),
                tr("Delete from service"),
                partial(self.bridge.delete_on_service, [task.id for task in kept]),
                tr("Cancel"),
            )

    def copy_picture(self, ids: Sequence[int]) -> None:
        """Copy the picture of the first result, and the addresses of all files."""
        if files := self._results(ids):
            self.bridge.copy_picture(files)

    def _to_clipboard(self, picture: QMimeData, files: Sequence[Path]) -> None:
        QGuiApplication.clipboard().setMimeData(picture)
        self._toast.show_message(tr("“{name}” is in the clipboard.").format(name=files[0].name))

    def copy_details(self, ids: Sequence[int]) -> None:
        """Copy what is known of tasks, as text for a message."""
        texts = [details(self.bridge.items[id_].task) for id_ in ids]
        QGuiApplication.clipboard().setText("\n\n".join(texts))


def _input_that_is_there(task: Task) -> str:
    """Return a task's picture as it was given or, where that file is gone, the kept copy."""
    given = Path(task.input)
    is_gone = given.is_absolute() and not is_file(given)
    return str(task.input_copy) if is_gone and task.input_copy is not None else task.input


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
    if (failure := failure_of(task)) is not None:
        lines += [
            f"Problem: {task_sentence_in_english(task, failure)}",
            f"Hint: {next_step_in_english(task, failure)}",
        ]
        if failure.code is not None:
            lines.append(f"Code: {failure.code}")
    return "\n".join(lines)
