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
from collections.abc import Awaitable
from pathlib import Path
from typing import Final

from PIL import Image
from PySide6.QtGui import QImageReader, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from enhance_gui.core.clock import Clock
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.tasks.task import Failure, NewTask
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.profiles.profile_files import local_profile
from enhance_gui.storage.settings.preferences_file import write_preferences
from enhance_gui.storage.task_db.store import TaskStore
from enhance_gui.ui.window.main_window import MainWindow
from tests.service.engine.photographs import photograph
from tests.ui.gallery.parts import TOO_LARGE
from tests.ui.running import program
from tests.ui.screenshot_rounds import PREPARE, Round, add_options, chosen_rounds, take_all
from tests.ui.screenshot_states import (
    COLORIZE,
    PORTRAIT,
    QUICK,
    SHOTS,
    SIZE,
    STUDIO,
    UPSCALE,
    enhance,
    ready,
    until,
)

FOLDER: Final = Path(__file__).resolve().parents[2] / "resources" / "screenshots"
QUALITY: Final = 88


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--take", nargs=6, metavar=("HOME", *Round.__slots__), help="one round")
    add_options(parser, list(SHOTS))
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
    wanted = list(look.states or SHOTS)
    preferences = Preferences(theme=look.theme, language=look.language, welcomed=True)
    if "empty" in wanted:
        wanted.remove("empty")
        await _take_empty(look, folder)
    write_preferences(user_folders().preferences, preferences)
    async with program() as window:
        window.resize(SIZE)
        await ready(window)
        for name in wanted:
            shown = await SHOTS[name](window, home)
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
        await ready(window)
        for type_id, names in (
            (QUICK, ("coffee",)),
            (UPSCALE, ("coffee", "chelsea", "brick")),
            (COLORIZE, ("camera",)),
            (PORTRAIT, ("astronaut", "hopper")),
        ):
            await enhance(window, type_id, [home / "photographs" / f"{name}.jpg" for name in names])


def _seed() -> None:
    store = TaskStore.open(user_folders().database, Clock().wall)
    store.services.remember(STUDIO)
    store.services.remember(local_profile())
    results = user_folders().results
    names = ("old-harbour.jpg", "wedding-1962.png", "panorama.webp")
    new = [
        NewTask(f"https://photos.example.org/{name}", STUDIO.name, 1, "Enhance", results)
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


def _save(widget: QWidget, file: Path) -> None:
    picture: QPixmap = widget.grab()
    picture.toImage().save(str(file), quality=QUALITY)
    print(file)


def _write_photographs(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in ("astronaut", "coffee", "chelsea", "camera", "brick", "hopper"):
        Image.fromarray(photograph(name)).save(folder / f"{name}.jpg", quality=85)


async def _settle(window: MainWindow) -> None:
    await asyncio.sleep(0.5)
    await until(lambda: not window.pages.result_page.view.busy)
    await until(lambda: not window.pages.gallery.view.busy)
    await asyncio.sleep(0.3)


if __name__ == "__main__":
    main()
