"""What goes because all pictures together take too much: what ended first, and never too early."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from enhance_gui.core.clock import Clock
from enhance_gui.service.store.file_store import FileStore
from enhance_gui.service.tasks.status import Status
from tests.service.serving import Asker, serving, until
from tests.support.pictures import picture_bytes

DELETED = 1002002


class SetClock(Clock):
    """A clock whose calendar is put forward by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def wall(self) -> datetime:
        return super().wall() + self.ahead


async def states(asker: Asker, task_ids: list[str]) -> list[int]:
    """Return the status of each task, or the code where it is refused."""
    answers = [await asker.call("gettask", taskid=each, type=2) for each in task_ids]
    return [each["code"] or each["data"]["status"] for each in answers]


@pytest.mark.parametrize(("share", "left"), [(1.0, 3), (0.99, 2), (0.4, 1), (0.0, 0)])
def test_beyond_the_size_those_that_ended_first_go_until_it_is_kept(
    tmp_path: Path, share: float, left: int
) -> None:
    async def go() -> None:
        clock = SetClock()
        async with serving(tmp_path, clock) as asker:
            ended = []
            for _ in range(3):
                ended.append(await asker.create(picture_bytes()))
                await asker.ended(ended[-1])
            files = FileStore(tmp_path)
            limit = int(files.pictures_bytes() * share)
        clock.ahead = timedelta(hours=2)
        async with serving(tmp_path, clock, keep_bytes=limit) as asker:
            # It looks when it starts; what it does not delete then, it would not later.
            await until(lambda: files.pictures_bytes() <= limit)
            assert await states(asker, ended) == [DELETED] * (3 - left) + [Status.FINISHED] * left

    asyncio.run(go())


def test_what_ended_within_the_hour_stays_however_much_there_is(tmp_path: Path) -> None:
    async def go() -> None:
        clock = SetClock()
        async with serving(tmp_path, clock, keep_bytes=0) as asker:
            ended = await asker.create(picture_bytes())
            await asker.ended(ended)
            clock.ahead = timedelta(minutes=59)
            await asker.service.cleaner.clean_up(clock.wall().timestamp())
            assert await states(asker, [ended]) == [Status.FINISHED]
            clock.ahead = timedelta(minutes=61)
            await asker.service.cleaner.clean_up(clock.wall().timestamp())
            assert await states(asker, [ended]) == [DELETED]

    asyncio.run(go())
