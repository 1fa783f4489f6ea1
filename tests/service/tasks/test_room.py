"""What the service keeps has bounds: beyond them nothing is taken, and it may come later."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from enhance_gui.core.clock import Clock
from enhance_gui.core.service_errors import RequestRefused, ServiceBusy
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.service.engine import Verdict
from enhance_gui.service.store.task_store import TaskLimits, open_task_store
from enhance_gui.service.tasks.status import Status
from enhance_gui.wire.requests import CreateTaskRequest
from tests.client.speaking import at_once, client_of
from tests.service.serving import TOKEN, UPSCALE, Asker, contents, serving, until
from tests.service.store.tasks import new_task
from tests.support.pictures import picture_bytes
from tests.support.scriptable_service import Reply, ScriptableService

FULL = 9_000_429

# One more upload fits while 100,000 bytes are free; a small one counts 65,536.
TWO_UPLOADS: dict[str, Any] = {
    "limits": PictureLimits(max_image_bytes=100_000),
    "max_uploads_bytes": 200_000,
}


class LaterClock(Clock):
    """A clock whose calendar is some days ahead."""

    def __init__(self, days: float) -> None:
        self._ahead = timedelta(days=days)

    def wall(self) -> datetime:
        return super().wall() + self._ahead


async def try_upload(asker: Asker, content: bytes | None = None) -> httpx.Response:
    return await asker.http.post(
        "/upload",
        content=picture_bytes() if content is None else content,
        headers={"content-type": "application/octet-stream"},
    )


def test_uploads_together_have_a_bound_that_outlives_the_service(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path, **TWO_UPLOADS) as asker:
            # What does not become an upload takes no room.
            for content in (b"no picture", b"\x89PNG" + b"x" * 200_000):
                assert (await try_upload(asker, content)).json()["code"] in (1001003, 1001004)
            for _ in range(2):
                assert (await try_upload(asker)).status_code == 200
            await refused(asker)
        async with serving(tmp_path, **TWO_UPLOADS) as asker:
            await refused(asker)

    async def refused(asker: Asker) -> None:
        before = contents(tmp_path)
        reply = await try_upload(asker)
        assert (reply.status_code, reply.json()["code"]) == (429, FULL)
        assert "nothing was taken" in reply.json()["msg"]
        assert contents(tmp_path) == before

    asyncio.run(go())


@pytest.mark.parametrize("restarts", [False, True])
def test_an_upload_of_which_a_task_was_made_goes_where_room_is_needed(
    tmp_path: Path, restarts: bool
) -> None:
    async def go() -> None:
        async with serving(tmp_path, **TWO_UPLOADS) as asker:
            taken, waiting = (
                await asker.upload(picture_bytes()),
                await asker.upload(picture_bytes()),
            )
            await asker.data("createtask", picurl=taken, type=UPSCALE)
            if not restarts:
                await checked(asker, taken, waiting)
        if restarts:
            async with serving(tmp_path, **TWO_UPLOADS) as asker:
                await checked(asker, taken, waiting)

    async def checked(asker: Asker, taken: str, waiting: str) -> None:
        assert (await try_upload(asker)).status_code == 200
        assert (await asker.call("createtask", picurl=taken, type=UPSCALE))["code"] == 1001002
        await asker.data("createtask", picurl=waiting, type=UPSCALE)

    asyncio.run(go())


def test_where_the_disk_is_nearly_full_nothing_is_taken(tmp_path: Path) -> None:
    async def go() -> None:
        async with ScriptableService() as host:
            host.on("/a.png", Reply(body=picture_bytes()))
            async with serving(tmp_path) as asker:
                address = await asker.upload(picture_bytes())
            async with serving(tmp_path, reserve_bytes=2**62) as asker:
                before = contents(tmp_path)
                assert (await try_upload(asker)).status_code == 429
                for picurl in (address, host.url("/a.png")):
                    answer = await asker.call("createtask", picurl=picurl, type=UPSCALE)
                    assert answer["code"] == FULL
                    assert "GiB free; nothing was taken" in answer["msg"]
                assert contents(tmp_path) == before
                assert host.requests == []

    asyncio.run(go())


def test_beyond_so_many_unfinished_tasks_none_is_taken_and_no_picture_fetched(
    tmp_path: Path,
) -> None:
    async def go() -> None:
        async with (
            ScriptableService() as host,
            serving(tmp_path, max_unfinished_tasks=0) as asker,
        ):
            answer = await asker.call("createtask", picurl=host.url("/a.png"), type=UPSCALE)
            assert answer["code"] == FULL
            assert host.requests == []
            assert contents(tmp_path) == {}

    asyncio.run(go())


def test_the_bound_of_unfinished_tasks_holds_in_the_store_and_an_equal_task_is_found(
    tmp_path: Path,
) -> None:
    store = open_task_store(tmp_path / "tasks.sqlite", 0.0)
    first, _ = store.create(new_task(1, private_id="mine"), TaskLimits(1))
    with pytest.raises(RequestRefused) as refused:
        store.create(new_task(2), TaskLimits(1))
    assert refused.value.code == FULL
    assert store.create(new_task(3, private_id="mine"), TaskLimits(1)) == (first, False)
    store.end(first.task_id, Verdict(1001001, "no"), 0, 0.0)
    assert store.create(new_task(4), TaskLimits(1))[1]
    store.close()


def test_the_app_takes_no_room_for_later_and_never_for_a_doubt(tmp_path: Path) -> None:
    async def go() -> None:
        picture = tmp_path / "a.png"
        picture.write_bytes(picture_bytes())
        async with (
            serving(tmp_path / "data", reserve_bytes=2**62) as asker,
            client_of(
                asker.service.base_url, {"upload_path": "/upload", "path": "/{call}"}, TOKEN
            ) as app,
        ):
            with pytest.raises(ServiceBusy, match=r"GiB free; nothing was taken") as busy:
                await app.upload(picture)
            assert busy.value.retry_after_s == 30
            request = CreateTaskRequest("http://127.0.0.1:9/a.png", UPSCALE, "private")
            with pytest.raises(ServiceBusy, match=r"GiB free; nothing was taken") as busy:
                await app.create_task(request, at_once)
            assert busy.value.retry_after_s == 30

    asyncio.run(go())


def test_an_ended_task_is_deleted_with_its_pictures_after_the_days_it_is_kept(
    tmp_path: Path,
) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            task_id = await asker.create(picture_bytes())
            await asker.ended(task_id)
        async with serving(tmp_path, LaterClock(2.9), keep_days=3) as asker:
            await until(lambda: not any((tmp_path / "uploads").iterdir()))
            assert (await asker.record(task_id))["status"] == Status.FINISHED
        async with serving(tmp_path, LaterClock(900)) as asker:
            assert (await asker.record(task_id))["status"] == Status.FINISHED
        async with serving(tmp_path, LaterClock(3.1), keep_days=3) as asker:
            await until(lambda: contents(tmp_path) == {})
            answer = await asker.call("gettask", taskid=task_id, type=UPSCALE)
            assert answer["code"] == 1002002

    asyncio.run(go())


def test_a_task_that_waits_is_kept_however_old(tmp_path: Path) -> None:
    store = open_task_store(tmp_path / "tasks.sqlite", 0.0)
    for number in range(3):
        store.create(new_task(number), TaskLimits(10))
    store.end("task 1", Verdict(1001001, "no"), 0, 50.0)
    store.end("task 2", Verdict(1001001, "no"), 0, 60.0)
    assert store.ended_before(55.0) == ["task 1"]
    assert store.ended_before(1e12) == ["task 1", "task 2"]
    store.close()


def test_that_a_task_was_deleted_is_remembered_for_so_many_newer_tasks(tmp_path: Path) -> None:
    store = open_task_store(tmp_path / "tasks.sqlite", 0.0)
    for number in range(5):
        store.create(new_task(number), TaskLimits(10))
    store.delete("task 0")
    store.delete("task 2")
    store.forget_deleted(3)
    known = [store.find(f"task {number}") is not None for number in range(5)]
    assert known == [False, True, True, True, True]
    store.close()
