"""The states in which pictures of the window are taken, and how the window comes into each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

from PIL import Image
from PySide6.QtCore import QPointF, QRectF, QSize, QThreadPool
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from enhance_gui.core.services.connection_test import CheckedStep, ConnectionTest, Step, Verdict
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.states import ENDED, TaskState
from enhance_gui.core.text.i18n import tr
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.profiles.profile_files import empty_entry, save_entry
from enhance_gui.ui.bridges.service_bridge import TokenLocation
from enhance_gui.ui.compare.mode import CompareMode
from enhance_gui.ui.gallery.actions import TaskAction
from enhance_gui.ui.gallery.item import Group
from enhance_gui.ui.gallery.view import GalleryLayout
from enhance_gui.ui.reports.diagnosis_window import DiagnosisWindow
from enhance_gui.ui.services.services_window import ServicesWindow
from enhance_gui.ui.settings.window import PageName
from enhance_gui.ui.window.main_window import MainWindow

SIZE: Final = QSize(1180, 780)
"""Of the window."""
PORTRAIT, UPSCALE, UPSCALE_4, COLORIZE, QUICK = 1, 2, 3, 5, 6
STUDIO: Final = ServiceProfile(
    "Studio server",
    "https://enhance.example.org/api",
    enhance_types=(EnhanceType(1, "Enhance", "The studio's own model.", cost=2),),
)

Shot = Callable[[MainWindow, Path], Awaitable[QWidget]]
"""Takes the window, and where the photographs lie; returns what shows the state."""


async def _review(window: MainWindow, home: Path) -> QWidget:
    choices = window.side_windows.choices
    choices.choose_start_at_once(False)
    choices.choose_type(UPSCALE)
    folder = home / "photographs"
    tiny = folder / "icon.png"
    Image.new("RGB", (32, 32), "#0f766e").save(tiny)
    names = ("astronaut.jpg", "hopper.jpg", "camera.jpg", "coffee.jpg")
    before = window.pages.model.count
    window.intake.add([*(str(folder / name) for name in names), str(tiny)])
    await until(lambda: window.pages.model.count == before + len(names) + 1)
    await until(lambda: window.pages.model.counts[Group.CHECKING] == 0)
    await asyncio.sleep(0.4)
    window.pages.show_list()
    return window


async def _working(window: MainWindow, home: Path) -> QWidget:
    window.review.start_wanted.emit(list(window.review.shown.usable))
    choices = window.side_windows.choices
    choices.choose_start_at_once(True)
    choices.choose_type(UPSCALE_4)
    window.pages.show_list()
    before = saved(window)
    window.intake.add([str(path) for path in sorted((home / "photographs").glob("*.jpg"))])
    await until(lambda: saved(window) > before)
    return window


async def _compare(window: MainWindow, home: Path) -> QWidget:
    await _idle(window)
    await _decide(window)
    window.pages.gallery.filters.choose(None)
    _open(window, "coffee.jpg", UPSCALE)
    return window


async def _decide(window: MainWindow) -> None:
    """Answer what is open, so that the pictures have the window to themselves."""
    window.pages.show_list()
    window.bridge.cancel(list(window.review.shown.passed))
    await asyncio.sleep(0.5)
    window.bridge.dismiss_review()
    for button in window.attention.findChildren(QPushButton):
        if button.text() == tr("Wait"):
            button.click()


async def _faces(window: MainWindow, home: Path) -> QWidget:
    _open(window, "astronaut.jpg", PORTRAIT)
    await asyncio.sleep(0.5)
    # Each face is looked for in the picture before, in a thread.
    await until(lambda: QThreadPool.globalInstance().activeThreadCount() == 0)
    return window


async def _variants(window: MainWindow, home: Path) -> QWidget:
    _open(window, "camera.jpg", COLORIZE)
    await asyncio.sleep(1)
    window.pages.result_page.parts.strip.chosen.emit(2)
    window.pages.result_page.parts.strip.choose(2)
    return window


async def _grid(window: MainWindow, home: Path) -> QWidget:
    window.pages.show_list()
    window.pages.gallery.set_layout(GalleryLayout.GRID)
    window.pages.gallery.filters.choose(None)
    return window


async def _failed(window: MainWindow, home: Path) -> QWidget:
    window.pages.show_list()
    window.pages.gallery.set_layout(GalleryLayout.ROWS)
    window.pages.gallery.filters.choose(Group.FAILED)
    window.pages.gallery.view.list.selectAll()
    return window


async def _needs_you(window: MainWindow, home: Path) -> QWidget:
    await _idle(window)
    window.pages.show_list()
    window.pages.gallery.filters.choose(Group.NEEDS_YOU)
    return window


async def _results(window: MainWindow, home: Path) -> QWidget:
    """Show two results of one picture beside each other."""
    await _show_two(window, home)
    window.pages.result_page.view.viewport.set_mode(CompareMode.SIDE_BY_SIDE)
    return window


async def _loupe(window: MainWindow, home: Path) -> QWidget:
    await _show_two(window, home)
    view = window.pages.result_page.view
    view.viewport.set_mode(CompareMode.DIVIDER)
    view.viewport.fit()
    view.loupe.move_to(QRectF(view.rect()).center() + QPointF(90, 20))
    view.loupe.cycle()
    return window


async def _full_screen(window: MainWindow, home: Path) -> QWidget:
    await _compare(window, home)
    window.pages.result_page.view.loupe.switch_off()
    window.commands["full_screen"].trigger()
    await asyncio.sleep(0.3)
    # The screen is so large that no picture of it would show anything.
    window.resize(SIZE)
    return window


async def _show_two(window: MainWindow, home: Path) -> None:
    await _compare(window, home)
    window.pages.compare([_result_of(window, "coffee.jpg", each) for each in (QUICK, UPSCALE)])
    await asyncio.sleep(0.5)


async def _page(name: PageName, window: MainWindow, home: Path) -> QWidget:
    window.side_windows.settings_page(name)
    await asyncio.sleep(0.3)
    return window.side_windows.shown("settings")


async def _side_window(name: str, window: MainWindow, home: Path) -> QWidget:
    window.commands[name].trigger()
    await asyncio.sleep(0.8)
    return window.side_windows.shown(name)


async def _addresses(window: MainWindow, home: Path) -> QWidget:
    return await _dialog_of(window, window.intake.type_in)


async def _problem(window: MainWindow, home: Path) -> QWidget:
    shown = await _side_window("diagnosis", window, home)
    assert isinstance(shown, DiagnosisWindow)
    await until(lambda: bool(shown.text.toPlainText()))
    return shown


async def _history(window: MainWindow, home: Path) -> QWidget:
    await _idle(window)
    _open(window, "coffee.jpg", UPSCALE)
    return await _dialog_of(window, window.commands[TaskAction.WHAT_HAPPENED.id].trigger)


async def _dialog_of(window: MainWindow, open_: Callable[[], object]) -> QWidget:
    """Call what opens a dialog, and return that."""
    before = window.findChildren(QDialog)
    open_()
    await asyncio.sleep(0.5)
    (dialog,) = (each for each in window.findChildren(QDialog) if each not in before)
    return dialog


async def _services(window: MainWindow, home: Path) -> QWidget:
    save_entry(empty_entry(), STUDIO, user_folders().profiles)
    window.side_windows.services()
    shown = window.side_windows.shown("services")
    assert isinstance(shown, ServicesWindow)
    await until(lambda: len(shown.list.entries) == 2)
    shown.list.setCurrentRow(1)
    profile = shown.editor.entry.profile
    assert profile is not None
    await asyncio.sleep(0.5)
    # No password manager and no such service are there where the pictures are taken.
    window.side_windows.service_bridge.token_reported.emit(profile.name, TokenLocation.KEPT)
    shown.editor.connection_test.begin(profile)
    shown.editor.connection_test.show_test(profile, _CONNECTION_TEST)
    return shown


async def _connect(window: MainWindow, home: Path) -> QWidget:
    window.side_windows.services()
    shown = window.side_windows.shown("services")
    assert isinstance(shown, ServicesWindow)
    await until(lambda: len(shown.list.entries) > 0)
    shown.new.click()
    return shown


_CONNECTION_TEST: Final = ConnectionTest(
    (
        CheckedStep(
            Step.ADDRESS,
            Verdict.OK,
            "The question goes to https://enhance.example.org/api/gettask.",
        ),
        CheckedStep(Step.NAME, Verdict.OK, "enhance.example.org leads to 203.0.113.7."),
        CheckedStep(Step.CONNECTED, Verdict.OK, "The server was reached."),
        CheckedStep(
            Step.TLS, Verdict.OK, "The connection is encrypted, and the certificate is trusted."
        ),
        CheckedStep(Step.ANSWER, Verdict.OK, "It answers by HTTP."),
        CheckedStep(Step.TOKEN, Verdict.OK, "Accepted: without it the same question is refused."),
        CheckedStep(Step.ENVELOPE, Verdict.OK, "The answer is built as the API's document says."),
        CheckedStep(Step.TYPES, Verdict.OK, "There are: Enhance."),
    )
)


def _open(window: MainWindow, name: str, type_id: int) -> None:
    window.pages.open(_result_of(window, name, type_id))


def _result_of(window: MainWindow, name: str, type_id: int) -> int:
    """Return the task that has saved a picture enhanced with a type."""
    for entry in window.pages.model.entries():
        task = entry.item.task
        is_saved = task.state is TaskState.SAVED
        if is_saved and entry.item.name == name and task.type_id == type_id:
            return task.id
    raise AssertionError(f"{name} was not enhanced")


async def enhance(window: MainWindow, type_id: int, files: list[Path]) -> None:
    window.side_windows.choices.choose_type(type_id)
    before = saved(window)
    window.intake.add([str(file) for file in files])
    await until(lambda: saved(window) == before + len(files))


def saved(window: MainWindow) -> int:
    return window.pages.model.counts[Group.DONE]


async def ready(window: MainWindow) -> None:
    window.activateWindow()
    await until(lambda: window.bridge.is_attached)
    await asyncio.sleep(0.5)


async def _idle(window: MainWindow) -> None:
    resting = {*ENDED, TaskState.IN_DOUBT, TaskState.DRAFT}
    await until(lambda: all(e.item.task.state in resting for e in window.pages.model.entries()))


async def until(condition: Callable[[], bool], limit_s: float = 600) -> None:
    for _ in range(round(limit_s / 0.05)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError


SHOTS: Final[dict[str, Shot]] = {
    "empty": partial(_page, PageName.GENERAL),
    "review": _review,
    "working": _working,
    "needs-you": _needs_you,
    "failed": _failed,
    "compare": _compare,
    "faces": _faces,
    "variants": _variants,
    "grid": _grid,
    "results": _results,
    "loupe": _loupe,
    "settings": partial(_page, PageName.GENERAL),
    "saving": partial(_page, PageName.SAVING),
    "appearance": partial(_page, PageName.LOOK),
    "network": partial(_page, PageName.NETWORK),
    "spending": partial(_page, PageName.SPENDING),
    "own-models": partial(_page, PageName.OWN_MODELS),
    "updates": partial(_page, PageName.UPDATES),
    "ledger": partial(_side_window, "ledger"),
    "services": _services,
    "connect": _connect,
    "addresses": _addresses,
    "history": _history,
    "guide": partial(_side_window, "guide"),
    "keyboard": partial(_side_window, "shortcuts"),
    "problem": _problem,
    "about": partial(_side_window, "about"),
    "full-screen": _full_screen,
}
"""In the order in which they are taken: many begin with what the ones before have made."""
