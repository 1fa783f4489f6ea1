"""The program ends in order, however far its beginning has come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from enhance_gui.application import Program
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.system.instance_lock import InstanceLock
from enhance_gui.storage.task_db.store import TaskStore
from enhance_gui.ui.startup.qt_application import Application
from enhance_gui.ui.window.main_window import MainWindow
from tests.ui.conftest import Run


@pytest.mark.parametrize("steps", [7, 8, 12])
def test_it_may_be_ended_a_few_steps_after_its_list_was_opened(
    arun: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    async def job() -> None:
        loop = asyncio.get_running_loop()
        open_store = TaskStore.open

        def end_after(left: int) -> None:
            if left:
                loop.call_soon(end_after, left - 1)
                return
            # Wishes that are under way are what gives the beginning time to go on meanwhile.
            program._services.look()
            program._bridge.save_copy(tmp_path / "a.png", tmp_path / "b.png")
            program._stop.set()

        def open_and_end(path: Path, wall: Callable[[], datetime], record: Path) -> TaskStore:
            store = open_store(path, wall, record)
            loop.call_soon_threadsafe(end_after, steps)
            return store

        monkeypatch.setattr(TaskStore, "open", open_and_end)
        folders = user_folders()
        application = cast(Application, Application.instance())
        crashes: list[BaseException] = []
        owner = TaskSupervisor(crashes.append)
        with InstanceLock(folders.data) as lock:
            program = Program(application, MainWindow(), folders, lock, [], None)
            ended = owner.start(program.run(), "program")
            await asyncio.wait([ended])
            await owner.close()
        assert crashes == []
        assert ended.result() == 0

    arun(job())
