"""Runs the whole program on the tests' application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from enhance_gui.application import Program
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.system.instance_lock import InstanceLock
from enhance_gui.ui.startup.qt_application import Application
from enhance_gui.ui.window.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier


@asynccontextmanager
async def program(inputs: Sequence[str] = ()) -> AsyncIterator[MainWindow]:
    """Run the program; yields its window, and closes that at the end."""
    folders = user_folders()
    application = cast(Application, Application.instance())
    crashes: list[BaseException] = []
    owner = TaskSupervisor(crashes.append)
    with InstanceLock(folders.data) as lock:
        running = Program(application, MainWindow(), folders, lock, inputs, None)
        ended = owner.start(running.run(), "program")
        await asyncio.sleep(0)
        window = running.window
        try:
            yield window
        finally:
            window.close()
            await asyncio.wait([ended])
            await owner.close()
    assert crashes == []
    assert ended.result() == 0


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the keyboard is."""
    focus = QApplication.focusWidget() or QApplication.activeWindow()
    assert isinstance(focus, QWidget), "no window has the keyboard"
    QTest.keyClick(focus, key, modifiers)


def type_in(text: str) -> None:
    """Type a text where the keyboard is."""
    focus = QApplication.focusWidget()
    assert isinstance(focus, QWidget), "no field has the keyboard"
    QTest.keyClicks(focus, text)
