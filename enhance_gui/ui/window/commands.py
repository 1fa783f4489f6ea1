"""The commands of the window, one row each, and the menus that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.gallery.actions import TaskAction
from enhance_gui.ui.gallery.view import GalleryLayout
from enhance_gui.ui.widgets.basics import without_mnemonic
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
    N_("&File"): (
        Command("open_pictures", N_("&Open pictures…"), "Ctrl+O", lambda w: w.intake.choose_files),
        Command(
            "open_folder", N_("Open &folder…"), "Ctrl+Shift+O", lambda w: w.intake.choose_folder
        ),
        Command("add", N_("Add &addresses…"), "Ctrl+N", lambda w: w.intake.type_in),
        Command("sample", N_("&Try a sample"), "Ctrl+T", lambda w: w.intake.try_sample),
        None,
        Command("show_results", N_("Show save fo&lder"), "Ctrl+L", lambda w: w.show_results),
        Command(
            "batch_report",
            N_("Report of the &batch…"),
            "Ctrl+Shift+R",
            lambda w: w.batch_report.choose_file,
        ),
        None,
        Command("services", N_("Ser&vices…"), "Ctrl+Shift+V", lambda w: w.sides.services),
        Command("settings", N_("&Settings…"), "Ctrl+,", lambda w: w.sides.settings),
        None,
        Command("quit", N_("&Quit"), "Ctrl+Q", lambda w: w.window.close),
    ),
    N_("&Edit"): (
        Command("undo", N_("&Undo the removal"), "Ctrl+Z", lambda w: w.undo),
        Command("paste", N_("&Paste"), "Ctrl+V", lambda w: w.intake.paste),
        None,
        Command("select_all", N_("Select &all"), "Ctrl+A", lambda w: w.list.selectAll),
        Command("select_none", N_("Select &none"), "Ctrl+D", lambda w: w.list.clearSelection),
        None,
        Command("find", N_("&Find"), "Ctrl+F", lambda w: w.find),
    ),
    N_("&View"): (
        Command("list", N_("&All pictures"), "Ctrl+1", lambda w: w.pages.show_list),
        Command("picture", N_("&Before and after"), "Ctrl+2", lambda w: w.pages.open_current),
        None,
        Command(
            "rows",
            N_("&Rows"),
            "Ctrl+Shift+1",
            lambda w: partial(w.gallery.set_layout, GalleryLayout.ROWS),
        ),
        Command(
            "grid",
            N_("&Grid"),
            "Ctrl+Shift+2",
            lambda w: partial(w.gallery.set_layout, GalleryLayout.GRID),
        ),
        None,
        Command("fold", N_("E&xpand or collapse stack"), "Ctrl+G", lambda w: w.list.fold_current),
        Command(
            "expand_all",
            N_("&Expand all stacks"),
            "Ctrl+J",
            lambda w: partial(w.gallery.view.shown.set_folding, True),
        ),
        Command(
            "collapse_all",
            N_("&Collapse all stacks"),
            "Ctrl+Shift+J",
            lambda w: partial(w.gallery.view.shown.set_folding, False),
        ),
        None,
        Command(
            "previous", N_("&Previous picture"), "Alt+Left", lambda w: partial(w.pages.step, -1)
        ),
        Command("next", N_("&Next picture"), "Alt+Right", lambda w: partial(w.pages.step, 1)),
        None,
        Command("ledger", N_("&Ledger…"), "Ctrl+Shift+L", lambda w: w.sides.ledger),
        None,
        Command(
            "full_screen",
            N_("F&ull screen"),
            "F11",
            lambda w: w.full_screen.toggle,
            checkable=True,
        ),
    ),
    N_("&Picture"): (
        Command(
            "start_reviewed",
            N_("Start all that are &ready"),
            "Ctrl+Return",
            lambda w: w.review.start,
        ),
        Command(
            "pause",
            N_("&Pause sending"),
            "Ctrl+P",
            lambda w: w.panels.footer.pause.toggle,
            checkable=True,
        ),
        None,
        *(_of_tasks(action) for action in TaskAction if action.value.listed),
        None,
        Command(
            "clear_finished",
            N_("Remove fi&nished from the list"),
            "Ctrl+Shift+K",
            lambda w: w.clear_finished,
        ),
    ),
    N_("&Help"): (
        Command("guide", N_("&User guide"), "F1", lambda w: w.sides.guide),
        Command("shortcuts", N_("&Keyboard"), "Shift+F1", lambda w: w.sides.shortcuts),
        None,
        Command("diagnosis", N_("&Report a problem…"), "Ctrl+Shift+D", lambda w: w.sides.diagnosis),
        Command(
            "check_for_updates", N_("&Check for updates…"), "Ctrl+U", lambda w: w.sides.updates
        ),
        None,
        Command("about", N_("&About Enhance GUI"), "Ctrl+F1", lambda w: w.sides.about),
    ),
}
"""The entries of each menu; ``None``: a line."""


def build_menus(window: QMainWindow, handlers: CommandHandlers) -> dict[str, QAction]:
    """Fill the menu bar; return the actions by the names of their commands."""
    actions: dict[str, QAction] = {}
    for title, commands in MENUS.items():
        menu = window.menuBar().addMenu(tr(title))
        menu.setAccessibleName(without_mnemonic(tr(title)))
        for command in commands:
            if command is None:
                menu.addSeparator()
                continue
            action = QAction(tr(command.text), window)
            action.setShortcut(QKeySequence(command.shortcut))
            action.setCheckable(command.checkable)
            action.triggered.connect(command.handler(handlers))
            menu.addAction(action)
            # A shortcut works without the menu bar, too.
            window.addAction(action)
            actions[command.name] = action
    _follow_choice(window, actions, handlers)
    actions["undo"].setEnabled(False)
    actions["batch_report"].setEnabled(False)
    handlers.batch_report.possible.connect(actions["batch_report"].setEnabled)
    handlers.undo_possible.connect(actions["undo"].setEnabled)
    handlers.full_screen.changed.connect(actions["full_screen"].setChecked)
    return actions


def _follow_choice(
    window: QMainWindow, actions: Mapping[str, QAction], handlers: CommandHandlers
) -> None:
    """Show in the open menu only what fits the chosen tasks, and offer their enhance types there.

    While it is closed all are there: a shortcut does what fits, and says so where nothing does.
    """
    of_tasks = {each: actions[each.id] for each in TaskAction if each.value.listed}
    types = QMenu(window)
    types.setAccessibleName(tr("Enhance type"))
    of_tasks[TaskAction.CHANGE_TYPE].setMenu(types)

    def offer(fit: Collection[TaskAction]) -> None:
        for each, action in of_tasks.items():
            action.setVisible(each in fit)

    def open_() -> None:
        offer(handlers.fitting())
        types.clear()
        handlers.fill_type_menu(types)

    for menu in window.menuBar().findChildren(QMenu):
        if set(of_tasks.values()) & set(menu.actions()):
            menu.aboutToShow.connect(open_)
            menu.aboutToHide.connect(lambda: offer(of_tasks))
