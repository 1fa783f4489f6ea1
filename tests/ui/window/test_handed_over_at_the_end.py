"""Later starts forward inputs to a window that is quitting: each is stored, or its start knows."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.command_line.window import _forwarded
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.queue.task_queue import TaskQueue
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.system.instance_lock import address_file
from enhance_gui.ui.bridges import task_bridge
from tests.support.pictures import picture_bytes
from tests.ui.conftest import Run, Wait
from tests.ui.running import program

STARTS = 6


@pytest.mark.parametrize("ends", [True, False])
def test_what_is_acknowledged_while_the_window_quits_is_stored(
    arun: Run, until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    """:param ends: whether storing them does."""
    monkeypatch.setattr(task_bridge, "STORE_GRACE_S", 10.0 if ends else 0.1)
    data = user_folders().data
    pictures = [tmp_path / f"{number}.png" for number in range(STARTS)]
    for picture in pictures:
        picture.write_bytes(picture_bytes(width_px=100, height_px=100))
    draft = TaskQueue.draft

    async def job() -> list[bool]:
        async with program() as window:

            async def slow(*args: Any) -> list[Task]:
                window.close()
                await (asyncio.sleep(0.05) if ends else asyncio.Event().wait())
                return await draft(*args)

            monkeypatch.setattr(TaskQueue, "draft", slow)
            await until(address_file(data).exists, "it works")
            given = [
                asyncio.ensure_future(_forwarded(data, [str(picture)])) for picture in pictures
            ]
            await asyncio.wait(given)
        return [each.result() for each in given]

    acknowledged = arun(job())
    with closing(sqlite3.connect(user_folders().database)) as database:
        stored = {row[0] for row in database.execute("SELECT input FROM task")}
    assert {
        str(each) for each, taken in zip(pictures, acknowledged, strict=True) if taken
    } == stored
    assert any(acknowledged) is ends
