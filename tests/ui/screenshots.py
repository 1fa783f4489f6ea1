"""Takes pictures of the window in its main states: ``python -m tests.ui.screenshots [FOLDER]``.

Without options they are the README's. ``--all`` takes every state in every look: light and dark,
at 100 and 200 percent, with text of twice the size, in each language, accented and mirrored;
``--themes``, ``--scales``, ``--texts``, ``--languages`` and ``--states`` choose among these.

Real photographs go through the real service of this computer; only what a paid service would have
to do wrong for it (a task in doubt, a refusal) is written into the list of tasks beforehand.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from PIL import Image
from PySide6.QtCore import QSize, QThreadPool
from PySide6.QtGui import QImageReader, QPixmap
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from enhance_gui.core.clock import Clock
from enhance_gui.core.services.connection_test import CheckedStep, ConnectionTest, Step, Verdict
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.tasks.states import ENDED, TaskState
from enhance_gui.core.tasks.task import Failure, NewTask
from enhance_gui.core.text.i18n import tr
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.profiles.profile_files import empty_entry, local_profile, save_entry
from enhance_gui.storage.settings.preferences_file import write_preferences
from enhance_gui.storage.task_db.store import TaskStore
from enhance_gui.ui.bridges.service_bridge import TokenLocation
from enhance_gui.ui.gallery.item import Group
from enhance_gui.ui.gallery.view import GalleryLayout
from enhance_gui.ui.services.services_window import ServicesWindow
from enhance_gui.ui.settings.window import PageName
from enhance_gui.ui.window.main_window import MainWindow
from tests.service.engine.photographs import photograph
from tests.ui.gallery.parts import TOO_LARGE
from tests.ui.running import program
from tests.ui.screenshot_rounds import PREPARE, Round, add_options, chosen_rounds, take_all

FOLDER: Final = Path(__file__).resolve().parents[2] / "resources" / "screenshots"
SIZE: Final = QSize(1180, 780)
QUALITY: Final = 88
_PORTRAIT, _UPSCALE, _UPSCALE_4, _COLORIZE = 1, 2, 3, 5
_STUDIO: Final = ServiceProfile(
    "Studio server",
    "https://enhance.example.org/api",
    enhance_types=(EnhanceType(1, "Enhance", "The studio's own model.", cost=2),),
)

Shot = Callable[[MainWindow, Path], Awaitable[QWidget]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--take", nargs=6, metavar=("HOME", *Round.__slots__), help="one round")
    add_options(parser, list(_SHOTS))
    arguments = parser.parse_args()
    if arguments.take:
        home, *look = arguments.take
        wanted = Round.from_arguments(look)
        _run(_take(Path(home), wanted, arguments.folder), wanted.text_percent)
        return
    with tempfile.TemporaryDirectory() as home:
        _write_photographs(Path(home) / "photographs")
        take_all(Path(home), arguments.folder, chosen_rounds(arguments))


def _run(coroutine: Awaitable[None], text_percent: int) -> None:
    import qasync

    application = QApplication([])
    font = application.font()
    font.setPointSizeF(font.pointSizeF() * text_percent / 100)
    application.setFont(font)
    application.setQuitOnLastWindowClosed(False)
    QImageReader.setAllocationLimit(400)
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        runner.run(_awaited(coroutine))


async def _awaited(coroutine: Awaitable[None]) -> None:
    await coroutine


# -- what the pictures show -----------------------------------------------------------------------


async def _take(home: Path, look: Round, folder: Path) -> None:
    if look == PREPARE:
        await _prepare(home)
        return
    wanted = list(look.states or _SHOTS)
    preferences = Preferences(theme=look.theme, language=look.language, welcomed=True)
    if "empty" in wanted:
        wanted.remove("empty")
        await _take_empty(look, folder)
    write_preferences(user_folders().preferences, preferences)
    async with program() as window:
        window.resize(SIZE)
        await _ready(window)
        for name in wanted:
            shown = await _SHOTS[name](window, home)
            await _settle(window)
            _save(shown, folder / look.file_name(name))


async def _take_empty(look: Round, folder: Path) -> None:
    data = user_folders().data
    aside = data.with_name("aside")
    data.rename(aside)
    write_preferences(
        user_folders().preferences, Preferences(theme=look.theme, language=look.language)
    )
    async with program() as window:
        window.resize(SIZE)
        await asyncio.sleep(1)
        _save(window, folder / look.file_name("empty"))
    shutil.rmtree(data)
    aside.rename(data)


async def _prepare(home: Path) -> None:
    """Enhance photographs, and write down what only a paid service does."""
    _seed()
    write_preferences(user_folders().preferences, Preferences(welcomed=True))
    async with program() as window:
        await _ready(window)
        for type_id, names in (
            (_UPSCALE, ("coffee", "chelsea", "brick")),
            (_COLORIZE, ("camera",)),
            (_PORTRAIT, ("astronaut", "hopper")),
        ):
            await _enhance(
                window, type_id, [home / "photographs" / f"{name}.jpg" for name in names]
            )


def _seed() -> None:
    store = TaskStore.open(user_folders().database, Clock().wall)
    store.services.remember(_STUDIO)
    store.services.remember(local_profile())
    results = user_folders().results
    names = ("old-harbour.jpg", "wedding-1962.png", "panorama.webp")
    new = [
        NewTask(f"https://photos.example.org/{name}", _STUDIO.name, 1, "Enhance", results)
        for name in names
    ]
    doubt, refused, large = store.drafts.add(new)
    store.attempts.begin(doubt.id, "k3x7qz5m2v4tw6", "0" * 64, cost=2)
    store.attempts.in_doubt(
        doubt.id, Failure("in_doubt", "the connection broke while it was answered")
    )
    store.attempts.begin(refused.id, "a7d2mmx5q4r6bt", "0" * 64)
    store.attempts.rejected(
        refused.id, Failure("address_refused", "the service could not fetch it", 1001002)
    )
    store.drafts.refuse(large.id, TOO_LARGE)
    store.close()


async def _review(window: MainWindow, home: Path) -> QWidget:
    choices = window.side_windows.choices
    choices.choose_start_at_once(False)
    choices.choose_type(_UPSCALE)
    folder = home / "photographs"
    tiny = folder / "icon.png"
    Image.new("RGB", (32, 32), "#0f766e").save(tiny)
    names = ("astronaut.jpg", "hopper.jpg", "camera.jpg", "coffee.jpg")
    before = window.pages.model.count
    window.intake.add([*(str(folder / name) for name in names), str(tiny)])
    await _until(lambda: window.pages.model.count == before + len(names) + 1)
    await _until(lambda: window.pages.model.counts[Group.CHECKING] == 0)
    await asyncio.sleep(0.4)
    window.pages.show_list()
    return window


async def _working(window: MainWindow, home: Path) -> QWidget:
    window.review.start_wanted.emit(list(window.review.shown.usable))
    choices = window.side_windows.choices
    choices.choose_start_at_once(True)
    choices.choose_type(_UPSCALE_4)
    window.pages.show_list()
    before = _saved(window)
    window.intake.add([str(path) for path in sorted((home / "photographs").glob("*.jpg"))])
    await _until(lambda: _saved(window) > before)
    return window


async def _compare(window: MainWindow, home: Path) -> QWidget:
    await _idle(window)
    await _decide(window)
    window.pages.gallery.filters.choose(None)
    _open(window, "coffee.jpg", _UPSCALE)
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
    _open(window, "astronaut.jpg", _PORTRAIT)
    await asyncio.sleep(0.5)
    # Each face is looked for in the picture before, in a thread.
    await _until(lambda: QThreadPool.globalInstance().activeThreadCount() == 0)
    return window


async def _variants(window: MainWindow, home: Path) -> QWidget:
    _open(window, "camera.jpg", _COLORIZE)
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


async def _settings(window: MainWindow, home: Path) -> QWidget:
    window.side_windows.settings()
    await asyncio.sleep(0.3)
    return window.side_windows.shown("settings")


async def _network(window: MainWindow, home: Path) -> QWidget:
    window.side_windows.settings_page(PageName.NETWORK)
    await asyncio.sleep(0.3)
    return window.side_windows.shown("settings")


async def _ledger(window: MainWindow, home: Path) -> QWidget:
    window.side_windows.ledger()
    await asyncio.sleep(0.5)
    return window.side_windows.shown("ledger")


async def _services(window: MainWindow, home: Path) -> QWidget:
    save_entry(empty_entry(), _STUDIO, user_folders().profiles)
    window.side_windows.services()
    shown = window.side_windows.shown("services")
    assert isinstance(shown, ServicesWindow)
    await _until(lambda: len(shown.list.entries) == 2)
    shown.list.setCurrentRow(1)
    profile = shown.editor.entry.profile
    assert profile is not None
    await asyncio.sleep(0.5)
    # No password manager and no such service are there where the pictures are taken.
    window.side_windows.service_bridge.token_reported.emit(profile.name, TokenLocation.KEPT)
    shown.editor.connection_test.begin(profile)
    shown.editor.connection_test.show_test(profile, _CONNECTION_TEST)
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

_SHOTS: Final[dict[str, Shot]] = {
    "empty": _settings,
    "review": _review,
    "working": _working,
    "needs-you": _needs_you,
    "failed": _failed,
    "compare": _compare,
    "faces": _faces,
    "variants": _variants,
    "grid": _grid,
    "settings": _settings,
    "network": _network,
    "ledger": _ledger,
    "services": _services,
}


# -- help -----------------------------------------------------------------------------------------


def _save(widget: QWidget, file: Path) -> None:
    picture: QPixmap = widget.grab()
    picture.toImage().save(str(file), quality=QUALITY)
    print(file)


def _write_photographs(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in ("astronaut", "coffee", "chelsea", "camera", "brick", "hopper"):
        Image.fromarray(photograph(name)).save(folder / f"{name}.jpg", quality=85)


def _open(window: MainWindow, name: str, type_id: int) -> None:
    for entry in window.pages.model.entries():
        task = entry.item.task
        saved = task.state is TaskState.SAVED
        if saved and entry.item.name == name and task.type_id == type_id:
            window.pages.open(task.id)
            return
    raise AssertionError(f"{name} was not enhanced")


async def _enhance(window: MainWindow, type_id: int, files: list[Path]) -> None:
    window.side_windows.choices.choose_type(type_id)
    before = _saved(window)
    window.intake.add([str(file) for file in files])
    await _until(lambda: _saved(window) == before + len(files))


def _saved(window: MainWindow) -> int:
    return window.pages.model.counts[Group.DONE]


async def _ready(window: MainWindow) -> None:
    window.activateWindow()
    await _until(lambda: window.bridge.is_attached)
    await asyncio.sleep(0.5)


async def _idle(window: MainWindow) -> None:
    resting = {*ENDED, TaskState.IN_DOUBT, TaskState.DRAFT}
    await _until(lambda: all(e.item.task.state in resting for e in window.pages.model.entries()))


async def _settle(window: MainWindow) -> None:
    await asyncio.sleep(0.5)
    await _until(lambda: not window.pages.result_page.view.busy)
    await _until(lambda: not window.pages.gallery.view.busy)
    await asyncio.sleep(0.3)


async def _until(condition: Callable[[], bool], limit_s: float = 600) -> None:
    for _ in range(round(limit_s / 0.05)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError


if __name__ == "__main__":
    main()
