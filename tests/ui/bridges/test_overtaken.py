"""A second click says nothing: what is shown by then says it all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.bridges.task_bridge import Bridge
from tests.ui.conftest import Run, Wait
from tests.ui.window.open_window import open_window


@pytest.mark.parametrize(
    "command", [Bridge.start, Bridge.send_again, Bridge.retry, Bridge.ask_again]
)
def test_a_wish_that_the_task_has_overtaken_is_silent(
    arun: Run, until: Wait, tmp_path: Path, command: Callable[[Bridge, list[int]], None]
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            reported: list[str] = []
            opened.bridge.message.connect(reported.append)
            opened.window.intake.add(["https://example.org/a.png"])
            await until(lambda: opened.queue.tasks, "a draft")
            opened.queue.put(1, TaskState.SAVED)
            command(opened.bridge, [1])
            await until(lambda: opened.queue.asked, "it is asked")
            await asyncio.sleep(0)
            assert reported == []

    arun(job())
