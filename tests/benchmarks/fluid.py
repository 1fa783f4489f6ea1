"""What holds up the window while 1,000 pictures are added, checked, enhanced and saved.

``python -m tests.benchmarks.fluid [PICTURES]``: the whole program on Qt's offscreen platform, with
the service of this computer and 9,000 earlier tasks in the list. It prints the longest blocks of
the window's thread, phase by phase, and where it was in those of more than 50 ms. On a computer
that does other things at the same time only what the program itself was the cause of (``own``) and
what the thread has computed (``work``) can be judged; the clock is printed beside them.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.service.engine.catalogue import QUICK_UPSCALE_2
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.settings.preferences_file import write_preferences
from enhance_gui.ui.gallery.item import Group
from enhance_gui.ui.gallery.sorting import Sort
from enhance_gui.ui.startup.early_window import start_qt
from enhance_gui.ui.startup.event_loop import WindowLoop
from enhance_gui.ui.window.main_window import MainWindow
from tests.benchmarks.big_queue import ENDED, fill
from tests.benchmarks.heartbeat import Block, Heartbeat
from tests.support.own_home import use_home
from tests.support.pictures import picture_bytes
from tests.support.provider import Provider
from tests.ui.running import program

PICTURES = 1_000
SIDE_PX = 64
LARGE_PX = (3000, 2000)
MAX_BLOCK_MS = 50
REST_S = 1.5
"""After each act in the list; the garbage is collected once a second."""
LOOK_S = 0.1


async def measure(folder: Path, large: Path, count: int) -> list[Block]:
    """Work through the pictures; return the beats of the window's thread."""
    beats = Heartbeat()
    async with program() as window:
        beats.enter("list of tasks opened")
        model = window.pages.model
        await until(lambda: model.count == sum(ENDED.values()))
        await asyncio.sleep(REST_S)
        beats.enter("added and checked")
        window.intake.add([str(folder)])
        await until(lambda: len(window.review.shown.usable) == count)
        await asyncio.sleep(REST_S)
        beats.enter("sent, enhanced and saved")
        saved = model.counts[Group.DONE]
        window.review.start()
        await until(lambda: model.counts[Group.DONE] == saved + count)
        for name, act in acts(window, large).items():
            await asyncio.sleep(REST_S)
            beats.enter(name)
            act()
        await asyncio.sleep(REST_S)
        beats.enter("end")
    beats.stop()
    return beats.blocks


def acts(window: MainWindow, large: Path) -> dict[str, Callable[[], object]]:
    """Return what a user does with the list of 10,000."""
    gallery = window.pages.gallery
    return {
        "filter Done": lambda: gallery.filters.choose(Group.DONE),
        "filter All": lambda: gallery.filters.choose(None),
        "search": lambda: gallery.search.setText("holiday-77"),
        "search emptied": gallery.search.empty,
        "order by name": lambda: gallery.order.setCurrentIndex(list(Sort).index(Sort.NAME)),
        "order by newest": lambda: gallery.order.setCurrentIndex(list(Sort).index(Sort.NEWEST)),
        "Select all": gallery.view.list.selectAll,
        "Select none": gallery.view.list.clearSelection,
        "picture shown": lambda: window.pages.open(gallery.view.shown.id_at(0)),
        "6 megapixels copied": lambda: window.bridge.copy_picture([large]),
        "list shown": window.pages.show_list,
    }


async def write_history(database: Path) -> None:
    """Write 9,000 ended tasks of another service."""
    async with Provider() as provider:
        await asyncio.to_thread(fill, database, provider, alive=0)


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110  of the window there is no event
        await asyncio.sleep(LOOK_S)


def report(blocks: list[Block]) -> bool:
    """Print the longest block of each phase; return whether none is too long."""
    print("| phase | beats | longest block: clock | own | work | above 50 ms: clock, own |")
    print("|---|---|---|---|---|---|")
    for phase in dict.fromkeys(block.phase for block in blocks):
        of_phase = [block for block in blocks if block.phase == phase]
        clocks_ms = [block.clock_ms for block in of_phase]
        owns_ms = [block.own_ms for block in of_phase]
        works_ms = [block.work_ms for block in of_phase]
        longest = " | ".join(f"{max(each):.0f} ms" for each in (clocks_ms, owns_ms, works_ms))
        counts = [sum(each > MAX_BLOCK_MS for each in times) for times in (clocks_ms, owns_ms)]
        print(f"| {phase} | {len(of_phase)} | {longest} | {counts[0]}, {counts[1]} |")
    late = [block for block in blocks if block.own_ms > MAX_BLOCK_MS]
    for block in sorted(late, key=lambda each: -each.own_ms):
        print(
            f"\n{block.phase}: {block.own_ms:.0f} ms of its own ({block.work_ms:.0f} computed, "
            f"{block.clock_ms:.0f} on the clock)"
        )
        for stack, times in block.stacks.most_common(4):
            print(f"  {times} × {stack}")
    return not late


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else PICTURES
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name) / "pictures"
        folder.mkdir()
        for number in range(count):
            picture = picture_bytes("jpg", SIDE_PX, SIDE_PX)
            (folder / f"img {number}.jpg").write_bytes(picture)
        large = Path(name) / "large.jpg"
        large.write_bytes(picture_bytes("jpg", *LARGE_PX))
        use_home(patch, Path(name) / "home")
        folders = user_folders()
        folders.data.mkdir(parents=True)
        write_preferences(
            folders.preferences,
            Preferences(types={LOCAL_SERVICE_NAME: QUICK_UPSCALE_2}, start_at_once=()),
        )
        asyncio.run(write_history(folders.database))
        application = start_qt()
        with asyncio.Runner(loop_factory=lambda: WindowLoop(application)) as runner:
            blocks = runner.run(measure(folder, large, count))
        # The offscreen platform lets go of what was copied after Python has ended, which it is of.
        application.clipboard().clear()
    return 0 if report(blocks) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
