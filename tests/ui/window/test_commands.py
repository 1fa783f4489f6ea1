"""The menus: each command is one thing only, and a menu offers what fits."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
)

from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.i18n import set_language
from enhance_gui.storage.settings.translations import translation
from enhance_gui.ui.gallery.actions import TaskAction
from enhance_gui.ui.window.commands import MENUS
from tests.ui.conftest import Run, Wait
from tests.ui.cut_texts import cut_texts
from tests.ui.gallery.parts import attempt, task
from tests.ui.running import CONTROL, press
from tests.ui.window.open_window import Opened, open_window


def test_no_two_commands_share_a_name_or_a_shortcut() -> None:
    commands = [each for menu in MENUS.values() for each in menu if each is not None]
    names = Counter(str(command.name) for command in commands)
    shortcuts = Counter(command.shortcut for command in commands)
    assert names.most_common(1)[0][1] == 1, names.most_common(3)
    assert shortcuts.most_common(1)[0][1] == 1, shortcuts.most_common(3)


def test_a_key_opens_the_dialog_for_pictures(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[task(1, TaskState.CANCELLED)]) as opened:
            opened.window.activateWindow()
            await until(opened.window.isActiveWindow, "the window is active")
            opened.window.pages.open(1)
            press(Qt.Key.Key_O, CONTROL)
            dialogs = opened.window.findChildren(QFileDialog)
            assert [dialog.fileMode() for dialog in dialogs] == [QFileDialog.FileMode.ExistingFiles]
            dialogs[0].reject()

    arun(job())


def test_the_menu_offers_what_fits_the_chosen_tasks(arun: Run, tmp_path: Path) -> None:
    async def job() -> None:
        failed = task(1, TaskState.FAILED, failure=Failure("task_failed", "no face"))
        history = [failed, task(2, TaskState.QUEUED)]
        async with open_window(tmp_path, history=history) as opened:
            pages = opened.window.pages
            pages.show_list()
            pages.gallery.view.select([1])
            assert {TaskAction.RETRY, TaskAction.REMOVE} < offered(opened)
            assert not {TaskAction.CANCEL, TaskAction.SAVE_AS} & offered(opened)
            pages.gallery.view.list.clearSelection()
            assert offered(opened) == set()
            pages.open(2)
            assert TaskAction.CANCEL in offered(opened)
            assert TaskAction.RETRY not in offered(opened)
            # Its shortcuts answer also while no menu is open.
            assert all(opened.window.commands[each.id].isVisible() for each in listed())

    arun(job())


def test_the_list_of_keys_names_every_command_once(arun: Run, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.window.side_windows.shortcuts()
            dialog = opened.window.side_windows.shown("shortcuts")
            texts = [child.text() for child in dialog.findChildren(QLabel)]
            native = QKeySequence.SequenceFormat.NativeText
            shortcuts = [each.shortcut for menu in MENUS.values() for each in menu if each]
            keys = [QKeySequence(each).toString(native) for each in shortcuts]
            assert texts[1 : 2 * len(keys) : 2] == keys
            assert all(texts)
            # The keys are in sight: nobody has to push the list aside to see them.
            (area,) = dialog.findChildren(QScrollArea)
            QApplication.processEvents()
            assert area.horizontalScrollBar().maximum() == 0
            assert cut_texts(dialog) == []

    arun(job())


@pytest.mark.parametrize(
    ("key", "modifiers", "name"),
    [
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier, "guide"),
        (Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier, "shortcuts"),
        (
            Qt.Key.Key_D,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
            "diagnosis",
        ),
    ],
)
def test_help_opens_by_its_keys_and_by_the_menu(
    arun: Run,
    until: Wait,
    tmp_path: Path,
    key: Qt.Key,
    modifiers: Qt.KeyboardModifier,
    name: str,
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            sides, window = opened.window.side_windows, opened.window
            await until(lambda: QApplication.activeWindow() is window, "the keyboard is there")
            press(key, modifiers)
            assert sides.is_open(name)
            sides.shown(name).close()
            await until(lambda: not sides.is_open(name), "it is closed")
            window.commands[name].trigger()
            assert sides.shown(name).isVisible()
            assert sides.shown(name).windowTitle()

    arun(job())


def test_the_list_of_keys_is_without_the_letters_that_pick_an_entry(
    arun: Run, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.window.side_windows.shortcuts()
            dialog = opened.window.side_windows.shown("shortcuts")
            texts = [child.text() for child in dialog.findChildren(QLabel)]
            assert "画像を開く" in texts
            assert [text for text in texts if "&" in text or re.search(r"\(\w\)", text)] == []
            (picture,) = (
                menu.menu() for menu in opened.window.menuBar().actions() if "画像" in menu.text()
            )
            assert isinstance(picture, QMenu)
            assert picture.accessibleName() == "画像"

    set_language(translation("ja"))
    try:
        arun(job())
    finally:
        set_language(None)


def listed() -> list[TaskAction]:
    return [each for each in TaskAction if each.value.listed]


def offered(opened: Opened) -> set[TaskAction]:
    """Return the verbs that can be picked while their menu is open."""
    retry = opened.window.commands[TaskAction.RETRY.id]
    menu = next(child for child in opened.window.findChildren(QMenu) if retry in child.actions())
    menu.aboutToShow.emit()
    found = {each for each in listed() if opened.window.commands[each.id].isVisible()}
    menu.aboutToHide.emit()
    return found


def test_retry_asks_before_something_may_cost_twice(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        doubt = Failure("in_doubt", "the connection broke")
        sent = (attempt(Outcome.IN_DOUBT),)
        history = [task(1, TaskState.IN_DOUBT, failure=doubt, attempts=sent)]
        async with open_window(tmp_path, history=history) as opened:
            window = opened.window
            await until(window.isActiveWindow, "the window is active")
            window.pages.show_list()
            window.pages.gallery.view.select([1])
            press(Qt.Key.Key_R, CONTROL)
            await until(lambda: "may have been charged" in window.toast.text, "it asks")
            assert opened.queue.asked == []
            answers = {each.text(): each for each in window.toast.findChildren(QPushButton)}
            answers["Send again"].click()
            await until(lambda: opened.queue.asked == [("send_again", 1)], "it is sent")

    arun(job())
