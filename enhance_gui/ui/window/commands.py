"""The commands of the window, one row each, and the menus that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from enhance_gui.core.text.i18n import mark, tr
from enhance_gui.ui.gallery.actions import TaskAction
from enhance_gui.ui.gallery.view import GalleryLayout
from enhance_gui.ui.window.handlers import CommandHandlers


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of a menu."""

    name: str
    """None is called like an :class:`~enhance_gui.ui.gallery.actions.TaskAction`."""
    text: str
    """To be translated."""
    shortcut: str
    handler: Callable[[CommandHandlers], Callable[[], object]]
    """Returns what is called when it is picked."""
    checkable: bool = False


def _of_tasks(action: TaskAction) -> Command:
    row = action.value
    return Command(action.id, row.text, row.shortcut, lambda w: partial(w.do_to_chosen, action))


MENUS: Final[Mapping[str, tuple[Command | None, ...]]] = {
    mark("&File"): (
        Command(
            "open_pictures", mark("&Open pictures…"), "Ctrl+O", lambda w: w.intake.choose_files
        ),
        Command(
            "open_folder", mark("Open &folder…"), "Ctrl+Shift+O", lambda w: w.intake.choose_folder
        ),
        Command("add", mark("Add &addresses…"), "Ctrl+N", lambda w: w.intake.type_in),
        Command("sample", mark("&Try a sample"), "Ctrl+T", lambda w: w.intake.try_sample),
        None,
        Command("show_results", mark("Show save fo&lder"), "Ctrl+L", lambda w: w.show_results),
        None,
        Command("services", mark("Ser&vices…"), "Ctrl+Shift+V", lambda w: w.sides.services),
        Command("settings", mark("&Settings…"), "Ctrl+,", lambda w: w.sides.settings),
        None,
        Command("quit", mark("&Quit"), "Ctrl+Q", lambda w: w.window.close),
    ),
    mark("&Edit"): (
        Command("undo", mark("&Undo the removal"), "Ctrl+Z", lambda w: w.undo),
        Command("paste", mark("&Paste"), "Ctrl+V", lambda w: w.intake.paste),
        None,
        Command("select_all", mark("Select &all"), "Ctrl+A", lambda w: w.list.selectAll),
        Command("select_none", mark("Select &none"), "Ctrl+D", lambda w: w.list.clearSelection),
        None,
        Command("find", mark("&Find"), "Ctrl+F", lambda w: w.find),
    ),
    mark("&View"): (
        Command("list", mark("&All pictures"), "Ctrl+1", lambda w: w.pages.show_list),
        Command("picture", mark("&Before and after"), "Ctrl+2", lambda w: w.pages.open_current),
        None,
        Command(
            "rows",
            mark("&Rows"),
            "Ctrl+Shift+1",
            lambda w: partial(w.gallery.set_look, GalleryLayout.ROWS),
        ),
        Command(
            "grid",
            mark("&Grid"),
            "Ctrl+Shift+2",
            lambda w: partial(w.gallery.set_look, GalleryLayout.GRID),
        ),
        None,
        Command(
            "previous", mark("&Previous picture"), "Alt+Left", lambda w: partial(w.pages.step, -1)
        ),
        Command("next", mark("&Next picture"), "Alt+Right", lambda w: partial(w.pages.step, 1)),
        None,
        Command("ledger", mark("&Ledger…"), "Ctrl+Shift+L", lambda w: w.sides.ledger),
        None,
        Command(
            "full_screen", mark("F&ull screen"), "F11", lambda w: w.full_screen, checkable=True
        ),
    ),
    mark("&Picture"): (
        Command(
            "start_reviewed",
            mark("Start what is &ready"),
            "Ctrl+Return",
            lambda w: w.review.start,
        ),
        Command(
            "pause",
            mark("&Pause sending"),
            "Ctrl+P",
            lambda w: w.panels.footer.pause.toggle,
            checkable=True,
        ),
        None,
        *map(_of_tasks, TaskAction),
        None,
        Command(
            "clear_finished",
            mark("C&lear finished"),
            "Ctrl+Shift+K",
            lambda w: w.clear_finished,
        ),
    ),
    mark("&Help"): (
        Command("shortcuts", mark("&Keyboard"), "F1", lambda w: w.sides.shortcuts),
        None,
        Command("diagnosis", mark("&Diagnosis…"), "Ctrl+Shift+D", lambda w: w.sides.diagnosis),
        Command(
            "check_for_updates", mark("Check for &updates…"), "Ctrl+U", lambda w: w.sides.updates
        ),
        None,
        Command("about", mark("&About Enhance GUI"), "Ctrl+F1", lambda w: w.sides.about),
    ),
}
"""The entries of each menu; ``None``: a line."""


def build_menus(window: QMainWindow, handlers: CommandHandlers) -> dict[str, QAction]:
    """Fill the menu bar; return the actions by the names of their commands."""
    actions: dict[str, QAction] = {}
    for title, commands in MENUS.items():
        menu = window.menuBar().addMenu(tr(title))
        menu.setAccessibleName(tr(title).replace("&", ""))
        for command in commands:
            if command is None:
                menu.addSeparator()
                continue
            action = QAction(tr(command.text), window)
            action.setShortcut(QKeySequence(command.shortcut))
            action.setCheckable(command.checkable)
            action.triggered.connect(command.handler(handlers))
            menu.addAction(action)
            actions[command.name] = action
    _follow_choice(window, actions, handlers.fitting)
    return actions


def _follow_choice(
    window: QMainWindow,
    actions: Mapping[str, QAction],
    fitting: Callable[[], Collection[TaskAction]],
) -> None:
    """Enable in the open menu only what fits the chosen tasks.

    While it is closed all are on: a shortcut does what fits, and nothing where nothing does.
    """
    of_tasks = {each: actions[each.id] for each in TaskAction}

    def offer(fit: Collection[TaskAction]) -> None:
        for each, action in of_tasks.items():
            action.setEnabled(each in fit)

    for menu in window.menuBar().findChildren(QMenu):
        if set(of_tasks.values()) & set(menu.actions()):
            menu.aboutToShow.connect(lambda: offer(fitting()))
            menu.aboutToHide.connect(lambda: offer(of_tasks))
