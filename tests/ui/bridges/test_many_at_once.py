"""However many tasks come at once, the window has its turns between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.bridges.task_bridge import SHOWN_AT_ONCE
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import task
from tests.ui.window.open_window import Opened, open_window

REST = 7
MANY = 2 * SHOWN_AT_ONCE + REST
PARTS = [SHOWN_AT_ONCE, SHOWN_AT_ONCE, REST]


@asynccontextmanager
async def watched(opened: Opened) -> AsyncIterator[tuple[list[int], set[int]]]:
    """Yield how many items each change has had, and after how many changes others had a turn."""
    sizes: list[int] = []
    turns: set[int] = set()

    async def take_turns() -> None:
        while True:
            turns.add(len(sizes))
            await asyncio.sleep(0)

    opened.bridge.tasks.changed.connect(lambda items: sizes.append(len(items)))
    beside = asyncio.create_task(take_turns())
    yield sizes, turns
    beside.cancel()
    await asyncio.wait([beside])


def test_a_long_history_is_shown_part_by_part(arun: Run, tmp_path: Path) -> None:
    async def job() -> None:
        history = [task(number, TaskState.SAVED) for number in range(1, MANY + 1)]
        async with open_window(tmp_path) as opened, watched(opened) as (sizes, turns):
            await opened.bridge.remember(history)
            assert sizes == PARTS
            assert turns >= {1, 2}
            assert opened.window.pages.gallery.view.shown.ids() == [*range(MANY, 0, -1)]

    arun(job())


def test_many_new_pictures_are_shown_part_by_part_and_reported_together(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened, watched(opened) as (sizes, turns):
            added: list[tuple[int, list[int]]] = []
            opened.bridge.added.connect(lambda ids: added.append((len(ids), list(sizes))))
            opened.window.intake.add([f"https://example.org/{n}.jpg" for n in range(MANY)])
            await until(lambda: added, "all are added")
            assert added == [(MANY, PARTS)]
            assert turns >= {1, 2}
            assert len(opened.window.review.shown.checking) == MANY

    arun(job())
