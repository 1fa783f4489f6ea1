"""However many tasks come at once, the window has its turns between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.ui.bridges.task_bridge import SHOWN_AT_ONCE
from enhance_gui.ui.gallery.item import Item
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


@asynccontextmanager
async def acting_after_the_first_part(
    opened: Opened, act: Callable[[], object]
) -> AsyncIterator[None]:
    """Have something happen once the first part is shown."""
    parts: list[int] = []

    def shown(items: list[Item]) -> None:
        parts.append(len(items))
        if len(parts) == 1:
            act()

    opened.bridge.tasks.changed.connect(shown)
    yield
    assert parts[0] == SHOWN_AT_ONCE


def test_what_is_removed_between_two_parts_is_not_told_of_and_the_rest_can_be_called_off(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        preferences = Preferences(welcomed=True, start_at_once=("Studio",))
        async with open_window(tmp_path, preferences=preferences) as opened:
            added: list[list[int]] = []
            opened.bridge.added.connect(added.append)
            removed = range(1, SHOWN_AT_ONCE + 1)
            act = partial(opened.bridge.remove_drafts, removed)
            async with acting_after_the_first_part(opened, act):
                opened.window.intake.add([f"https://example.org/{n}.jpg" for n in range(MANY)])
                await until(lambda: added, "all are added")
            left = [*range(SHOWN_AT_ONCE + 1, MANY + 1)]
            assert added == [left]
            assert opened.window.toast.text.startswith(f"{len(left)} pictures are sent to Studio")

    arun(job())


def test_what_has_changed_before_its_part_of_the_new_pictures_is_shown_is_not_set_back(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            added: list[list[int]] = []
            opened.bridge.added.connect(added.append)

            def change() -> None:
                opened.queue.check(MANY)
                opened.queue.refuse(MANY - 1, Failure("not_found", "it is gone"))
                opened.queue.check(MANY - 2)
                opened.bridge.remove_drafts([MANY - 2])

            async with acting_after_the_first_part(opened, change):
                opened.window.intake.add([f"https://example.org/{n}.jpg" for n in range(MANY)])
                await until(lambda: added, "all are added")
            items = opened.bridge.items
            assert items[MANY].task.checked is not None
            assert items[MANY - 1].task.state is TaskState.FAILED
            await until(lambda: MANY - 2 not in items, "it is removed")
            await until(lambda: len(opened.window.review.shown.usable) == 1, "it is checked")

    arun(job())


def test_what_has_changed_before_its_part_of_the_history_is_shown_is_not_set_back(
    arun: Run, tmp_path: Path
) -> None:
    async def job() -> None:
        history = [task(number, TaskState.SAVED) for number in range(1, MANY + 1)]
        async with open_window(tmp_path) as opened:
            opened.queue.tasks |= {each.id: each for each in history}

            def change() -> None:
                opened.queue.put(MANY, TaskState.QUEUED)
                opened.queue.put(MANY - 1, TaskState.SAVED, failure=Failure("disk_full", ""))

            async with acting_after_the_first_part(opened, change):
                await opened.bridge.remember(history)
            items = opened.bridge.items
            assert items[MANY].task.state is TaskState.QUEUED
            assert items[MANY - 1].task.failure is not None
            assert items[MANY - 2].task.failure is None

    arun(job())


def test_what_is_stored_is_said_to_be_in_the_list_where_the_program_ends_between_two_parts(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            told: list[bool] = []

            def look() -> None:
                assert stored is not None
                told.append(stored.done() and stored.result())

            async with acting_after_the_first_part(opened, look):
                addresses = [f"https://example.org/{n}.jpg" for n in range(MANY)]
                stored = opened.window.intake.add(addresses)
                await until(lambda: told, "a part is shown")
            assert told == [True]

    arun(job())
