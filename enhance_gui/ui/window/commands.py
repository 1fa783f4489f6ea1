"""Every command of the window as data: its menu, words and shortcut."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from enhance_gui.core.text.i18n import mark, tr
from enhance_gui.ui.gallery.actions import TaskAction
from enhance_gui.ui.gallery.texts import ACTION_TEXTS


class CommandId(StrEnum):
    """The commands; none is called like an :class:`~enhance_gui.ui.gallery.actions.TaskAction`."""

    OPEN = "open_pictures"
    OPEN_FOLDER = "open_folder"
    ADD = "add"
    SAMPLE = "sample"
    SHOW_RESULTS = "show_results"
    SETTINGS = "settings"
    SERVICES = "services"
    QUIT = "quit"
    UNDO = "undo"
    PASTE = "paste"
    SELECT_ALL = "select_all"
    SELECT_NONE = "select_none"
    FIND = "find"
    LIST = "list"
    PICTURE = "picture"
    ROWS = "rows"
    GRID = "grid"
    PREVIOUS = "previous"
    NEXT = "next"
    FULL_SCREEN = "full_screen"
    START_REVIEWED = "start_reviewed"
    PAUSE = "pause"
    CLEAR_FINISHED = "clear_finished"
    LEDGER = "ledger"
    SHORTCUTS = "shortcuts"
    DIAGNOSIS = "diagnosis"
    CHECK_FOR_UPDATES = "check_for_updates"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of a menu."""

    menu: str
    """Its name, to be translated."""
    name: str
    """A :class:`CommandId`, or the value of a gallery :class:`TaskAction`."""
    text: str
    """To be translated."""
    shortcut: str
    group: int = 0
    """Entries of a menu with different numbers are set apart by a line."""
    checkable: bool = False


_FILE: Final = mark("&File")
_EDIT: Final = mark("&Edit")
_VIEW: Final = mark("&View")
_PICTURE: Final = mark("&Picture")
_HELP: Final = mark("&Help")


def _of_tasks() -> tuple[Command, ...]:
    shortcuts = {
        TaskAction.START: "Ctrl+Shift+Return",
        TaskAction.CONTINUE: "Ctrl+Shift+G",
        TaskAction.SEND_AGAIN: "Ctrl+Shift+S",
        TaskAction.ASK_AGAIN: "Ctrl+Shift+A",
        TaskAction.RETRY: "Ctrl+R",
        TaskAction.CANCEL: "Ctrl+Backspace",
        TaskAction.GIVE_UP: "Ctrl+Shift+U",
        TaskAction.REMOVE_DRAFT: "Ctrl+Shift+Backspace",
        TaskAction.REMOVE: "Ctrl+Delete",
        TaskAction.SAVE_AS: "Ctrl+S",
        TaskAction.SHOW_IN_FOLDER: "Ctrl+Shift+F",
        TaskAction.OPEN: "Ctrl+E",
        TaskAction.WHAT_HAPPENED: "Ctrl+I",
        TaskAction.COPY_DETAILS: "Ctrl+Shift+C",
        TaskAction.DELETE_ON_SERVICE: "Ctrl+Shift+Delete",
    }
    return tuple(
        Command(_PICTURE, action.value, ACTION_TEXTS[action].name, shortcuts[action], 1)
        for action in TaskAction
    )


COMMANDS: Final = (
    Command(_FILE, CommandId.OPEN, mark("&Open pictures…"), "Ctrl+O"),
    Command(_FILE, CommandId.OPEN_FOLDER, mark("Open &folder…"), "Ctrl+Shift+O"),
    Command(_FILE, CommandId.ADD, mark("Add &addresses…"), "Ctrl+N"),
    Command(_FILE, CommandId.SAMPLE, mark("&Try a sample"), "Ctrl+T"),
    Command(_FILE, CommandId.SHOW_RESULTS, mark("Show save fo&lder"), "Ctrl+L", 1),
    Command(_FILE, CommandId.SERVICES, mark("Ser&vices…"), "Ctrl+Shift+V", 2),
    Command(_FILE, CommandId.SETTINGS, mark("&Settings…"), "Ctrl+,", 2),
    Command(_FILE, CommandId.QUIT, mark("&Quit"), "Ctrl+Q", 3),
    Command(_EDIT, CommandId.UNDO, mark("&Undo the removal"), "Ctrl+Z"),
    Command(_EDIT, CommandId.PASTE, mark("&Paste"), "Ctrl+V"),
    Command(_EDIT, CommandId.SELECT_ALL, mark("Select &all"), "Ctrl+A", 1),
    Command(_EDIT, CommandId.SELECT_NONE, mark("Select &none"), "Ctrl+D", 1),
    Command(_EDIT, CommandId.FIND, mark("&Find"), "Ctrl+F", 2),
    Command(_VIEW, CommandId.LIST, mark("&All pictures"), "Ctrl+1"),
    Command(_VIEW, CommandId.PICTURE, mark("&Before and after"), "Ctrl+2"),
    Command(_VIEW, CommandId.ROWS, mark("&Rows"), "Ctrl+Shift+1", 1),
    Command(_VIEW, CommandId.GRID, mark("&Grid"), "Ctrl+Shift+2", 1),
    Command(_VIEW, CommandId.PREVIOUS, mark("&Previous picture"), "Alt+Left", 2),
    Command(_VIEW, CommandId.NEXT, mark("&Next picture"), "Alt+Right", 2),
    Command(_VIEW, CommandId.LEDGER, mark("&Ledger…"), "Ctrl+Shift+L", 3),
    Command(_VIEW, CommandId.FULL_SCREEN, mark("F&ull screen"), "F11", 4, checkable=True),
    Command(_PICTURE, CommandId.START_REVIEWED, mark("Start what is &ready"), "Ctrl+Return"),
    Command(_PICTURE, CommandId.PAUSE, mark("&Pause sending"), "Ctrl+P", checkable=True),
    *_of_tasks(),
    Command(_PICTURE, CommandId.CLEAR_FINISHED, mark("C&lear finished"), "Ctrl+Shift+K", 2),
    Command(_HELP, CommandId.SHORTCUTS, mark("&Keyboard"), "F1"),
    Command(_HELP, CommandId.DIAGNOSIS, mark("&Diagnosis…"), "Ctrl+Shift+D", 1),
    Command(_HELP, CommandId.CHECK_FOR_UPDATES, mark("Check for &updates…"), "Ctrl+U", 1),
    Command(_HELP, CommandId.ABOUT, mark("&About Enhance GUI"), "Ctrl+F1", 2),
)


def build_menus(
    window: QMainWindow,
    handlers: Mapping[str, Callable[[], object]],
    fitting: Callable[[], Collection[str]],
) -> dict[str, QAction]:
    """Fill the menu bar; return the actions by the names of their commands.

    :param fitting: returns the names of the commands for tasks that fit those chosen now.
    """
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
            action.triggered.connect(handlers[command.name])
            menu.addAction(action)
            actions[command.name] = action
    _follow_choice(window, actions, fitting)
    return actions


def _follow_choice(
    window: QMainWindow, actions: Mapping[str, QAction], fitting: Callable[[], Collection[str]]
) -> None:
    """Have the open menu offer only what fits the chosen tasks.

    While it is closed all are on: a shortcut does what fits, and nothing where nothing does.
    """
    of_tasks = {each.value: actions[each.value] for each in TaskAction}

    def offer(names: Collection[str]) -> None:
        for name, action in of_tasks.items():
            action.setEnabled(name in names)

    for menu in window.menuBar().findChildren(QMenu):
        if set(of_tasks.values()) & set(menu.actions()):
            menu.aboutToShow.connect(lambda: offer(fitting()))
            menu.aboutToHide.connect(lambda: offer(of_tasks))
