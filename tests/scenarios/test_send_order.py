"""The order in which what waits is sent: as it was added, unless the user moves it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.queue.waiting import move
from tests.scenarios.running import Running, at_work, until, with_provider
from tests.support.provider import Provider
from tests.support.scriptable_service import Talk, envelope


def sent(provider: Provider) -> str:
    """Return the letters of the pictures, in the order in which they were sent."""
    addresses = [request.json()["picurl"] for request in provider.seen("/createtask")]
    return "".join(address[-5] for address in addresses)


async def all_saved(running: Running, tasks: Sequence[Task]) -> None:
    for task in tasks:
        await running.until(task, TaskState.SAVED)


def test_what_is_moved_is_sent_first_or_last_whatever_was_checked_before(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            await running.queue.pool.pause()
            tasks = await running.add_pictures("abcdefgh")
            ids = {name: task.id for name, task in zip("abcdefgh", tasks, strict=True)}
            await move(running.queue, [ids["g"], ids["e"]], to_front=True)
            await move(running.queue, [ids["h"]], to_front=True)
            await move(running.queue, [ids["a"], ids["b"]], to_front=False)
            await running.queue.pool.unpause()
            await all_saved(running, tasks)
        assert sent(provider) == "hegcdfab"

    with_provider(test)


def test_the_order_holds_over_the_end_of_the_program(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            await running.queue.pool.pause()
            tasks = await running.add_pictures("abcd")
            await move(running.queue, [tasks[2].id], to_front=True)
            await move(running.queue, [tasks[0].id], to_front=False)
        async with at_work(tmp_path, provider) as running:
            await running.queue.pool.pause()
            stored = await running.queue.stored()
            await running.queue.resume(running.profile, stored)
            later = await running.add_pictures("e")
            await running.queue.pool.unpause()
            await all_saved(running, [*tasks, *later])
        assert sent(provider) == "cbdae"

    with_provider(test)


@pytest.mark.parametrize("to_front", [True, False])
def test_what_is_moved_while_others_wait_for_room_goes_before_or_after_them(
    tmp_path: Path, *, to_front: bool
) -> None:
    """Some are checked ahead of need by then: they do not keep the last from being the next."""

    async def test(provider: Provider) -> None:
        async def hang(talk: Talk) -> None:
            await until(lambda: bool(go_on))
            await provider.create(talk)

        go_on: list[bool] = []
        provider.creating(hang)
        async with at_work(tmp_path, provider) as running:
            tasks = await running.add_pictures("abcdefgh")
            await until(lambda: len(running.worker.context.ready) == 4)
            moved = tasks[-1] if to_front else tasks[1]
            await move(running.queue, [moved.id], to_front=to_front)
            if to_front:
                await until(lambda: moved.id in running.worker.context.ready)
            go_on.append(True)
            await all_saved(running, tasks)
        assert sent(provider) == ("ahbcdefg" if to_front else "acdefghb")

    with_provider(test)


def test_what_is_sent_already_is_not_moved(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
            assert await move(running.queue, [task.id], to_front=True) == []

    with_provider(test)


def test_what_is_wanted_once_more_comes_after_what_waits(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(envelope(None, 1001003, "no picture"))
        async with at_work(tmp_path, provider) as running:
            (first,) = await running.add_pictures("a")
            await running.until(first, TaskState.FAILED)
            await running.queue.pool.pause()
            others = await running.add_pictures("bc")
            await move(running.queue, [others[0].id], to_front=False)
            await running.queue.retry(first.id)
            await running.queue.pool.unpause()
            await all_saved(running, [first, *others])
        assert sent(provider) == "acba"

    with_provider(test)


def test_what_is_wanted_once_more_comes_last_over_the_end_of_the_program(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(envelope(None, 1001003, "no picture"))
        async with at_work(tmp_path, provider) as running:
            (first,) = await running.add_pictures("a")
            await running.until(first, TaskState.FAILED)
            await running.queue.pool.pause()
            others = await running.add_pictures("bc")
            await running.queue.retry(first.id)
        async with at_work(tmp_path, provider) as running:
            await running.queue.pool.pause()
            await running.queue.resume(running.profile, await running.queue.stored())
            later = await running.add_pictures("d")
            await running.queue.pool.unpause()
            await all_saved(running, [first, *others, *later])
        assert sent(provider) == "abcad"

    with_provider(test)
