"""A task that is deleted while it is worked on stops its worker; the others go on."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from random import Random

import pytest

from enhance_gui.service.tasks.status import Status
from tests.service.serving import a_worker, serving, until
from tests.service.tasks.cancels import half_done, is_there, storm
from tests.support.pictures import picture_bytes

pytestmark = pytest.mark.skipif(os.name == "nt", reason="ends processes with POSIX signals")

TASKS = 9
"""``python -m tests.service.tasks.cancels`` takes two hundred."""


def test_a_deleted_task_stops_its_worker_and_the_next_one_has_a_fresh_one(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            first = await a_worker()
            task_id = await half_done(asker, picture_bytes("jpg", 800, 800))
            # It would never end by itself.
            os.kill(first, signal.SIGSTOP)
            assert await asker.data("deletetask", taskid=task_id) == {"success": True}
            await until(lambda: not is_there(first))
            # Nobody has to ask for work first: it starts by itself.
            second = await a_worker(other_than=first)
            task_id = await asker.create(picture_bytes())
            assert (await asker.ended(task_id))["status"] == Status.FINISHED
            assert await a_worker() == second
            assert not list((tmp_path / "unfinished").iterdir())
            assert len(list((tmp_path / "inputs").iterdir())) == 1

    asyncio.run(go())


def test_tasks_settle_while_others_are_deleted_and_workers_killed(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path, workers=2) as asker:
            settled = await storm(asker, tmp_path, TASKS, Random(2))
            assert settled.fates.total() == TASKS
            assert settled.left_behind == ()

    asyncio.run(go())
