"""Results are called what people call the picture, wherever that is said."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.worker.result_plan import stem_of
from enhance_gui.storage.task_db.store import TaskStore
from tests.scenarios.running import at_work
from tests.support.pictures import picture_bytes
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply
from tests.support.stored import Wall

PICTURE = picture_bytes("png", 100, 80)
NAMED = {"Content-Disposition": "attachment; filename=\"../a.jpg\"; filename*=UTF-8''K%C3%B6ln.jpg"}


def test_a_result_has_the_name_that_the_picture_s_server_says(tmp_path: Path) -> None:
    async def test() -> None:
        async with Provider() as provider:
            provider.on("/named.php", Reply(200, PICTURE, NAMED))
            provider.on("/image.php", Reply(200, PICTURE))
            provider.on("/packed", Reply(200, gzip.compress(PICTURE), {"Content-Encoding": "gzip"}))
            paths = ("/named.php?d=1", "/image.php?file=holiday_17.jpg", "/packed")
            async with at_work(tmp_path, provider) as running:
                tasks = await running.add(*map(provider.url, paths))
                saved = [await running.until(task, TaskState.SAVED) for task in tasks]
                stems = [task.files[0].stem for task in saved]
            assert stems == ["Köln-enhance", "holiday_17-enhance", "packed-enhance"]
            assert [task.picture_name for task in saved] == ["Köln.jpg", "holiday_17.jpg", "packed"]

    asyncio.run(test())


def test_a_server_s_name_outlives_the_program(tmp_path: Path) -> None:
    async def test() -> int:
        async with Provider() as provider:
            provider.on("/named.php", Reply(200, PICTURE, NAMED))
            async with at_work(tmp_path, provider) as running:
                (task,) = await running.add(provider.url("/named.php?d=1"))
                await running.until(task, TaskState.SAVED)
                return task.id

    task_id = asyncio.run(test())
    (place,) = tmp_path.rglob("tasks.sqlite3")
    store = TaskStore.open(place, Wall())
    assert stem_of(store.tasks.get(task_id), "{name}") == "Köln"
    store.close()
