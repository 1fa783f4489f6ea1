"""The program's own process: the window at work, with somebody who drops nonsense on it.

``python -m tests.hostile.fuzz.window SEED ORIGIN``: prints a line of JSON every second and ends
in order when standard input is closed.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from random import Random
from typing import Final

from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from enhance_gui.application import Program
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.instance_lock import InstanceLock
from enhance_gui.storage.log_file import set_up_logging
from enhance_gui.ui.event_loop import WindowLoop
from enhance_gui.ui.main_window import MainWindow
from tests.hostile.fuzz import material
from tests.hostile.memory import resident_bytes
from tests.support.contention import own_time_s

_DROPS: Final = 1500
"""More make the list long, and that is another subject."""
_DROP_EVERY_S: Final = 0.2
_TELL_EVERY_S: Final = 1.0


class Blocks:
    """The longest time during which nothing else could run."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def watch(self) -> None:
        before_s = own_time_s()
        while True:
            await asyncio.sleep(0.005)
            now_s = own_time_s()
            self.longest_s, before_s = max(self.longest_s, now_s - before_s - 0.005), now_s

    def taken(self) -> float:
        """Return the longest since the last time this was asked."""
        longest_s, self.longest_s = self.longest_s, 0.0
        return longest_s


async def drop(window: MainWindow, random: Random, origin: str) -> None:
    """Drop nonsense, at a person's pace."""
    for _ in range(_DROPS):
        mime = QMimeData()
        for name, data in material.drag(random, origin).items():
            mime.setData(name, data)
        actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        none = Qt.KeyboardModifier.NoModifier
        place = window.rect().center()
        window.intake.drag_entered(QDragEnterEvent(place, actions, mime, buttons, none))
        window.intake.dropped(QDropEvent(QPointF(place), actions, mime, buttons, none))
        await asyncio.sleep(_DROP_EVERY_S)


async def tell(blocks: Blocks, window: MainWindow) -> None:
    """Say how it goes."""
    while True:
        await asyncio.sleep(_TELL_EVERY_S)
        line = {
            "block_s": round(blocks.taken(), 3),
            "resident_bytes": resident_bytes(os.getpid()),
            "tasks": len(window.bridge.items),
        }
        print(json.dumps(line), flush=True)


async def run(application: QApplication, seed: int, origin: str) -> int:
    """Run the program until standard input is closed; return its exit code."""
    folders = user_folders()
    set_up_logging(folders.log)
    with InstanceLock(folders.data) as lock:
        running = Program(application, MainWindow(), folders, lock, [], None)
        ended = asyncio.ensure_future(running.run())
        await asyncio.sleep(0)
        while not running.window.bridge.is_attached and not ended.done():  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # no event tells of it
        blocks = Blocks()
        others = [
            asyncio.ensure_future(each)
            for each in (
                blocks.watch(),
                drop(running.window, Random(seed), origin),
                tell(blocks, running.window),
            )
        ]
        closed = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await asyncio.wait([ended, closed, others[1]], return_when=asyncio.FIRST_COMPLETED)
        if others[1].done() and others[1].exception() is not None:
            raise others[1].result() or AssertionError
        await asyncio.wait([ended, closed], return_when=asyncio.FIRST_COMPLETED)
        running.window.close()
        code = await ended
        for each in others:
            each.cancel()
        return code


def main() -> int:
    application = QApplication([])
    application.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: WindowLoop(application)) as runner:
        return runner.run(run(application, int(sys.argv[1]), sys.argv[2]))


if __name__ == "__main__":
    sys.exit(main())
