"""The program's own process: the window at work, with somebody who drops nonsense on it.

``python -m tests.scenarios.hostile.fuzz.window SEED ORIGIN``: prints a line of JSON every second
and ends in order when standard input is closed.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import os
import pickle
import re
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from random import Random
from typing import Final

from PySide6.QtCore import QByteArray, QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from enhance_gui.application import Program
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.threads import in_daemon_thread
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.system.instance_lock import InstanceLock
from enhance_gui.storage.system.log_file import set_up_logging
from enhance_gui.ui.startup.early_window import start_qt
from enhance_gui.ui.startup.event_loop import WindowLoop
from enhance_gui.ui.window.main_window import MainWindow
from tests.scenarios.hostile.memory import resident_bytes
from tests.support.contention import OwnTime

_DROPS: Final = 1500
"""More make the list long, and that is another subject."""
_DROP_EVERY_S: Final = 0.2
_REPORT_EVERY_S: Final = 1.0
_PRESS_EVERY_S: Final = 0.5
_TURN_S: Final = 0.005
_LOOK_EVERY_S: Final = 0.02
_LOOK_AFTER_S: Final = 0.06
_MAX_LOOKS: Final = 20
_MAX_CALLS: Final = 6
_CALL: Final = re.compile(r'File ".*?", line (\d+) in (.*)')


class Blocks:
    """The longest time during which nothing else could run."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self.where: list[str] = []
        """What the program was at when it had stood still for a while."""
        self._turn_s = time.monotonic()
        self._thread = threading.get_ident()
        threading.Thread(target=self._look, name="blocks", daemon=True).start()

    async def watch(self) -> None:
        own = OwnTime()
        while True:
            await asyncio.sleep(_TURN_S)
            self._turn_s = time.monotonic()
            self.longest_s = max(self.longest_s, own.lap_s() - _TURN_S)

    def taken(self) -> tuple[float, list[str]]:
        """Return the longest since the last time this was asked, and what the program was at."""
        longest_s, self.longest_s = self.longest_s, 0.0
        where, self.where = self.where, []
        return longest_s, where

    def _look(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY_S)
            if time.monotonic() - self._turn_s > _LOOK_AFTER_S and len(self.where) < _MAX_LOOKS:
                self.where.append(_calls_of(self._thread))


def _calls_of(thread: int) -> str:
    """Return what a thread is at; without its frames: whoever holds one keeps its painters."""
    with tempfile.TemporaryFile("w+") as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        blocks = file.read().split("\n\n")
    own = next((block for block in blocks if f"0x{thread:016x}" in block), "")
    calls = [_CALL.sub(r"\2:\1", line.strip()) for line in own.splitlines()[1:]]
    return " < ".join(calls[:_MAX_CALLS])


class ForeignData(QMimeData):
    """What another program drags: fetched when it is asked for, as it is.

    Given to Qt by ``setData``, a list of addresses would become a hundred thousand objects first.
    """

    def __init__(self, data: dict[str, bytes]) -> None:
        super().__init__()
        self._data = data

    def formats(self) -> list[str]:
        return list(self._data)

    def hasFormat(self, name: str) -> bool:  # noqa: N802  Qt names it
        return name in self._data

    def retrieveData(self, name: str, _kind: object) -> object:  # noqa: N802
        return QByteArray(self._data[name]) if name in self._data else None


async def drop(window: MainWindow, seed: int, origin: str) -> None:
    """Drop nonsense, at a person's pace."""
    with subprocess.Popen(  # noqa: ASYNC220  at the start, before anything is measured
        [sys.executable, "-m", "tests.scenarios.hostile.fuzz.drags", str(seed), origin],
        stdout=subprocess.PIPE,
    ) as drags:
        assert drags.stdout is not None
        try:
            for _ in range(_DROPS):
                _drop_one(
                    window, await in_daemon_thread(partial(pickle.load, drags.stdout), "drags")
                )
                await asyncio.sleep(_DROP_EVERY_S)
        finally:
            drags.kill()


def _drop_one(window: MainWindow, formats: dict[str, bytes]) -> None:
    mime = ForeignData(formats)
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    place = window.rect().center()
    window.intake.drag_entered(QDragEnterEvent(place, actions, mime, buttons, none))
    window.intake.dropped(QDropEvent(QPointF(place), actions, mime, buttons, none))


async def press(window: MainWindow, random: Random) -> None:
    """Press what the program offers, as somebody who will not give in."""
    bridge = window.bridge
    while True:
        await asyncio.sleep(_PRESS_EVERY_S)
        by_state: dict[TaskState, list[int]] = {}
        for number, item in bridge.items.items():
            by_state.setdefault(item.task.state, []).append(number)
        some = {state: random.sample(ids, min(len(ids), 3)) for state, ids in by_state.items()}
        bridge.unpause_service("Hostile")
        kind = random.randrange(5)
        if kind == 0:
            bridge.retry(some.get(TaskState.FAILED, []))
        elif kind == 1:
            bridge.send_again(some.get(TaskState.IN_DOUBT, []))
        elif kind == 2:
            bridge.start(some.get(TaskState.DRAFT, []))
        elif kind == 3:
            bridge.continue_tasks(some.get(TaskState.FINISHED, []))
        elif bridge.items:
            window.pages.open(random.choice(sorted(bridge.items)))


async def tell(blocks: Blocks, window: MainWindow) -> None:
    """Say how it goes."""
    while True:
        await asyncio.sleep(_REPORT_EVERY_S)
        block_s, where = blocks.taken()
        line = {
            "block_s": round(block_s, 3),
            "where": where if block_s > _LOOK_AFTER_S else [],
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
                drop(running.window, seed, origin),
                press(running.window, Random(seed + 3)),
                tell(blocks, running.window),
            )
        ]
        closed = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await asyncio.wait([ended, closed, *others], return_when=asyncio.FIRST_COMPLETED)
        for other in others:
            if other.done():
                other.result()
        await asyncio.wait([ended, closed], return_when=asyncio.FIRST_COMPLETED)
        running.window.close()
        code = await ended
        for other in others:
            other.cancel()
        return code


def main() -> int:
    application = start_qt()
    with asyncio.Runner(loop_factory=lambda: WindowLoop(application)) as runner:
        return runner.run(run(application, int(sys.argv[1]), sys.argv[2]))


if __name__ == "__main__":
    sys.exit(main())
