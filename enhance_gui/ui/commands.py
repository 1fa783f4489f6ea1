"""Every command of the window as data: its menu, words and shortcut."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow

from enhance_gui.ui.gallery.actions import Action
from enhance_gui.ui.words import ACTION_WORDS


class Name(StrEnum):
    """The commands."""

    OPEN = "open"
    OPEN_FOLDER = "open_folder"
    ADD = "add"
    SAMPLE = "sample"
    SHOW_RESULTS = "show_results"
    SETTINGS = "settings"
    SERVICES = "services"
    QUIT = "quit"
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
    SHORTCUTS = "shortcuts"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of a menu."""

    menu: str
    name: str
    """A :class:`Name`, or the value of a gallery :class:`Action`."""
    text: str
    shortcut: str
    group: int = 0
    """Entries of a menu with different numbers are set apart by a line."""
    checkable: bool = False


def _of_tasks() -> tuple[Command, ...]:
    shortcuts = {
        Action.START: "Ctrl+Shift+Return",
        Action.CONTINUE: "Ctrl+Shift+G",
        Action.SEND_AGAIN: "Ctrl+Shift+S",
        Action.ASK_AGAIN: "Ctrl+Shift+A",
        Action.RETRY: "Ctrl+R",
        Action.CANCEL: "Ctrl+Backspace",
        Action.GIVE_UP: "Ctrl+Shift+U",
        Action.REMOVE_DRAFT: "Ctrl+Shift+Backspace",
        Action.SAVE_AS: "Ctrl+S",
        Action.SHOW_IN_FOLDER: "Ctrl+Shift+F",
        Action.OPEN: "Ctrl+E",
        Action.COPY_DETAILS: "Ctrl+Shift+C",
    }
    return tuple(
        Command("&Picture", action.value, ACTION_WORDS[action].name, shortcuts[action], 1)
        for action in Action
    )


COMMANDS: Final = (
    Command("&File", Name.OPEN, "&Open pictures…", "Ctrl+O"),
    Command("&File", Name.OPEN_FOLDER, "Open &folder…", "Ctrl+Shift+O"),
    Command("&File", Name.ADD, "Add &addresses…", "Ctrl+N"),
    Command("&File", Name.SAMPLE, "&Try a sample", "Ctrl+T"),
    Command("&File", Name.SHOW_RESULTS, "Show save fo&lder", "Ctrl+L", 1),
    Command("&File", Name.SERVICES, "Ser&vices…", "Ctrl+Shift+V", 2),
    Command("&File", Name.SETTINGS, "&Settings…", "Ctrl+,", 2),
    Command("&File", Name.QUIT, "&Quit", "Ctrl+Q", 3),
    Command("&Edit", Name.PASTE, "&Paste", "Ctrl+V"),
    Command("&Edit", Name.SELECT_ALL, "Select &all", "Ctrl+A", 1),
    Command("&Edit", Name.SELECT_NONE, "Select &none", "Ctrl+D", 1),
    Command("&Edit", Name.FIND, "&Find", "Ctrl+F", 2),
    Command("&View", Name.LIST, "&All pictures", "Ctrl+1"),
    Command("&View", Name.PICTURE, "&Before and after", "Ctrl+2"),
    Command("&View", Name.ROWS, "&Rows", "Ctrl+Shift+1", 1),
    Command("&View", Name.GRID, "&Grid", "Ctrl+Shift+2", 1),
    Command("&View", Name.PREVIOUS, "&Previous picture", "Alt+Left", 2),
    Command("&View", Name.NEXT, "&Next picture", "Alt+Right", 2),
    Command("&View", Name.FULL_SCREEN, "F&ull screen", "F11", 3, checkable=True),
    Command("&Picture", Name.START_REVIEWED, "Start what is &ready", "Ctrl+Return"),
    Command("&Picture", Name.PAUSE, "&Pause sending", "Ctrl+P", checkable=True),
    *_of_tasks(),
    Command("&Help", Name.SHORTCUTS, "&Keyboard", "F1"),
    Command("&Help", Name.ABOUT, "&About Enhance GUI", "Ctrl+F1"),
)


def build_menus(
    window: QMainWindow, handlers: Mapping[str, Callable[[], object]]
) -> dict[str, QAction]:
    """Fill the menu bar; return the actions by the names of their commands."""
    actions: dict[str, QAction] = {}
    for title, commands in groupby(COMMANDS, key=lambda command: command.menu):
        menu = window.menuBar().addMenu(title)
        menu.setAccessibleName(title.replace("&", ""))
        last = 0
        for command in commands:
            if command.group != last:
                menu.addSeparator()
                last = command.group
            action = QAction(command.text, window)
            action.setShortcut(QKeySequence(command.shortcut))
            action.setCheckable(command.checkable)
            action.triggered.connect(handlers[command.name])
            menu.addAction(action)
            actions[command.name] = action
    return actions
