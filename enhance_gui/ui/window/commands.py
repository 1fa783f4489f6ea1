"""The commands of the window, one row each, and the menus that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
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

    menu: str
    """Its name, to be translated."""
    name: str
    """None is called like an :class:`~enhance_gui.ui.gallery.actions.TaskAction`."""
    text: str
    """To be translated."""
    shortcut: str
    handler: Callable[[CommandHandlers], Callable[[], object]]
    """Returns what is called when it is picked."""
    group: int = 0
    """Entries of a menu with different numbers are set apart by a line."""
    checkable: bool = False


_FILE: Final = mark("&File")
_EDIT: Final = mark("&Edit")
_VIEW: Final = mark("&View")
_TASK: Final = mark("&Picture")
_HELP: Final = mark("&Help")


def _of_tasks(action: TaskAction) -> Command:
    row = action.value
    return Command(
        _TASK, row.id, row.text, row.shortcut, lambda w: partial(w.do_to_chosen, action), 1
    )


COMMANDS: Final = (
    Command(
        _FILE, "open_pictures", mark("&Open pictures…"), "Ctrl+O", lambda w: w.intake.choose_files
    ),
    Command(
        _FILE,
        "open_folder",
        mark("Open &folder…"),
        "Ctrl+Shift+O",
        lambda w: w.intake.choose_folder,
    ),
    Command(_FILE, "add", mark("Add &addresses…"), "Ctrl+N", lambda w: w.intake.type_in),
    Command(_FILE, "sample", mark("&Try a sample"), "Ctrl+T", lambda w: w.intake.try_sample),
    Command(
        _FILE, "show_results", mark("Show save fo&lder"), "Ctrl+L", lambda w: w.show_results, 1
    ),
    Command(_FILE, "services", mark("Ser&vices…"), "Ctrl+Shift+V", lambda w: w.sides.services, 2),
    Command(_FILE, "settings", mark("&Settings…"), "Ctrl+,", lambda w: w.sides.settings, 2),
    Command(_FILE, "quit", mark("&Quit"), "Ctrl+Q", lambda w: w.window.close, 3),
    Command(_EDIT, "undo", mark("&Undo the removal"), "Ctrl+Z", lambda w: w.removals.undo),
    Command(_EDIT, "paste", mark("&Paste"), "Ctrl+V", lambda w: w.intake.paste),
    Command(_EDIT, "select_all", mark("Select &all"), "Ctrl+A", lambda w: w.list.selectAll, 1),
    Command(
        _EDIT, "select_none", mark("Select &none"), "Ctrl+D", lambda w: w.list.clearSelection, 1
    ),
    Command(_EDIT, "find", mark("&Find"), "Ctrl+F", lambda w: w.find, 2),
    Command(_VIEW, "list", mark("&All pictures"), "Ctrl+1", lambda w: w.pages.show_list),
    Command(_VIEW, "picture", mark("&Before and after"), "Ctrl+2", lambda w: w.pages.open_current),
    Command(
        _VIEW,
        "rows",
        mark("&Rows"),
        "Ctrl+Shift+1",
        lambda w: partial(w.gallery.set_look, GalleryLayout.ROWS),
        1,
    ),
    Command(
        _VIEW,
        "grid",
        mark("&Grid"),
        "Ctrl+Shift+2",
        lambda w: partial(w.gallery.set_look, GalleryLayout.GRID),
        1,
    ),
    Command(
        _VIEW,
        "previous",
        mark("&Previous picture"),
        "Alt+Left",
        lambda w: partial(w.pages.step, -1),
        2,
    ),
    Command(
        _VIEW, "next", mark("&Next picture"), "Alt+Right", lambda w: partial(w.pages.step, 1), 2
    ),
    Command(_VIEW, "ledger", mark("&Ledger…"), "Ctrl+Shift+L", lambda w: w.sides.ledger, 3),
    Command(
        _VIEW,
        "full_screen",
        mark("F&ull screen"),
        "F11",
        lambda w: w.full_screen,
        4,
        checkable=True,
    ),
    Command(
        _TASK,
        "start_reviewed",
        mark("Start what is &ready"),
        "Ctrl+Return",
        lambda w: w.review.start,
    ),
    Command(
        _TASK,
        "pause",
        mark("&Pause sending"),
        "Ctrl+P",
        lambda w: w.footer.pause.toggle,
        checkable=True,
    ),
    *map(_of_tasks, TaskAction),
    Command(
        _TASK,
        "clear_finished",
        mark("C&lear finished"),
        "Ctrl+Shift+K",
        lambda w: w.removals.clear_finished,
        2,
    ),
    Command(_HELP, "shortcuts", mark("&Keyboard"), "F1", lambda w: w.sides.shortcuts),
    Command(
        _HELP, "diagnosis", mark("&Diagnosis…"), "Ctrl+Shift+D", lambda w: w.sides.diagnosis, 1
    ),
    Command(
        _HELP,
        "check_for_updates",
        mark("Check for &updates…"),
        "Ctrl+U",
        lambda w: w.sides.updates,
        1,
    ),
    Command(_HELP, "about", mark("&About Enhance GUI"), "Ctrl+F1", lambda w: w.sides.about, 2),
)


def build_menus(window: QMainWindow, handlers: CommandHandlers) -> dict[str, QAction]:
    """Fill the menu bar; return the actions by the names of their commands."""
    actions: dict[str, QAction] = {}
    for title, commands in groupby(COMMANDS, key=lambda command: command.menu):
        menu = window.menuBar().addMenu(tr(title))
        menu.setAccessibleName(tr(title).replace("&", ""))
        last = 0
        for command in commands:
            if command.group != last:
                menu.addSeparator()
                last = command.group
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
    of_tasks = {each: actions[each.value.id] for each in TaskAction}

    def offer(fit: Collection[TaskAction]) -> None:
        for each, action in of_tasks.items():
            action.setEnabled(each in fit)

    for menu in window.menuBar().findChildren(QMenu):
        if set(of_tasks.values()) & set(menu.actions()):
            menu.aboutToShow.connect(lambda: offer(fitting()))
            menu.aboutToHide.connect(lambda: offer(of_tasks))
