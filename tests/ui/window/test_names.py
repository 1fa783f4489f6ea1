"""Every widget has a name, every command a menu and a shortcut of its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QWidget,
)

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.ui.window.commands import MENUS
from tests.ui.conftest import Run, Wait
from tests.ui.window.open_window import open_window

NAMED = (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
)
"""What a person acts on or looks at; of these each needs a name."""


def unnamed(top: QWidget) -> list[str]:
    found = []
    for widget in top.findChildren(QWidget):
        if isinstance(widget, NAMED) and not is_inner(widget):
            interface = QAccessible.queryAccessibleInterface(widget)
            if not interface.text(QAccessible.Text.Name).strip():
                found.append(f"{type(widget).__name__} in {path_of(widget)}")
    return found


def is_inner(widget: QWidget) -> bool:
    """Tell the parts that Qt itself makes, such as the list of a combo box or a scroll area."""
    parent = widget.parentWidget()
    return (
        widget.objectName().startswith("qt_")
        or isinstance(parent, QComboBox)
        or isinstance(parent and parent.parent(), QComboBox)
        or (isinstance(parent, QAbstractScrollArea) and type(widget) is QWidget)
    )


def path_of(widget: QWidget) -> str:
    names, thing = [], widget.parent()
    while thing:
        names.append(type(thing).__name__)
        thing = thing.parent()
    return " < ".join(names)


def test_every_widget_has_a_name_for_a_screen_reader(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            window = opened.window
            window.intake.add(["https://example.org/a.png", "https://example.org/b.png"])
            await until(lambda: len(opened.queue.tasks) == 2, "drafts")
            opened.queue.check(1)
            opened.queue.put(2, TaskState.IN_DOUBT, failure=Failure("in_doubt", "x"))
            await until(window.attention.isVisible, "a card")
            sides = window.side_windows
            names = ("settings", "services", "shortcuts", "about", "ledger", "diagnosis")
            for show in (getattr(sides, name) for name in names):
                show()
            window.intake.type_in()
            assert unnamed(window) == []
            for page in (window.pages.start, window.pages.gallery, window.pages.result_page):
                assert page.accessibleName() or page is window.pages.gallery
            for dialog in window.findChildren(QDialog):
                assert dialog.windowTitle()

    arun(job())


def test_every_command_stands_in_a_menu_with_a_shortcut_of_its_own(
    arun: Run, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            actions = opened.window.commands
            assert set(actions) == {each.name for menu in MENUS.values() for each in menu if each}
            keys = [action.shortcut().toString() for action in actions.values()]
            assert all(keys)
            assert [key for key, count in Counter(keys).items() if count > 1] == []
            assert all(not QKeySequence(key).isEmpty() for key in keys)

    arun(job())
