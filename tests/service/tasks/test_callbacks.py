"""Callbacks: as the document describes them, tried again, never in the queue's way."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

from enhance_gui.core.secret import Secret
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.tasks.status import Status
from enhance_gui.wire.callback import LOCAL_RECIPE, md5_matches
from tests.service.serving import TOKEN, QuickClock, serving, until
from tests.support.pictures import picture_bytes, undecodable_picture
from tests.support.scriptable_service import Reply, ScriptableService, Step, Talk, envelope

ACCEPTED = envelope({"success": True})


async def received(host: ScriptableService, count: int) -> list[Any]:
    """Wait for so many callbacks."""
    await until(lambda: len(host.requests) >= count)
    return host.requests


async def nothing_pending(task_id: str) -> None:
    """Wait until the service, which runs in this loop, will not call back any more."""
    name = f"callback {task_id}"
    await until(lambda: all(task.get_name() != name for task in asyncio.all_tasks()))


def test_an_ended_task_is_announced_once_with_token_md5_and_its_record(tmp_path: Path) -> None:
    async def go() -> None:
        async with ScriptableService() as host:
            host.on("/called", ACCEPTED)
            async with serving(tmp_path, callback_url=host.url("/called")) as asker:
                task_id = await asker.create(picture_bytes(), chtaskid="mine")
                record = await asker.ended(task_id)
                (call,) = await received(host, 1)
                assert (call.method, call.headers["token"]) == ("POST", TOKEN)
                assert call.json() == {"code": 0, "msg": "", "data": record}
                plain = f"{task_id}{Status.FINISHED}{TOKEN}"
                assert call.headers["md5"] == hashlib.md5(plain.encode()).hexdigest()  # noqa: S324
                assert md5_matches(LOCAL_RECIPE, record, Secret(TOKEN), call.headers["md5"])
                await nothing_pending(task_id)
            async with serving(tmp_path, callback_url=host.url("/called")):
                await asyncio.sleep(0.1)
            assert len(host.requests) == 1

    asyncio.run(go())


def test_a_failed_task_is_announced_too(tmp_path: Path) -> None:
    async def go() -> None:
        async with ScriptableService() as host:
            host.on("/called", ACCEPTED)
            async with serving(tmp_path, callback_url=host.url("/called")) as asker:
                await asker.create(undecodable_picture())
                (call,) = await received(host, 1)
                assert call.json()["data"]["status"] == Status.FAILED
                assert call.json()["data"]["errorcode"] == 1001004

    asyncio.run(go())


def test_a_callback_is_tried_three_times_more_within_30_s_and_then_given_up(
    tmp_path: Path,
) -> None:
    async def hang_up(talk: Talk) -> None:
        await talk.close()

    not_accepted: list[Step] = [
        Reply(500, ACCEPTED.body),
        envelope({"success": False}),
        Reply(200, b"thank you"),
        hang_up,
    ]

    async def go() -> None:
        clock = QuickClock()
        async with ScriptableService() as host:
            host.on("/called", *not_accepted, ACCEPTED)
            async with serving(tmp_path, clock, callback_url=host.url("/called")) as asker:
                task_id = await asker.create(picture_bytes())
                await received(host, 4)
                await nothing_pending(task_id)
            assert len(host.requests) == 4
            assert len(clock.waited_s) == 3
            assert 17 < sum(clock.waited_s) <= 18
            longest_s = sum(clock.waited_s) + ServiceSettings(tmp_path).callback_timeout_s
            assert longest_s < 30
            async with serving(tmp_path, callback_url=host.url("/called")):
                await asyncio.sleep(0.1)
            assert len(host.requests) == 4

    asyncio.run(go())


def test_further_tries_survive_a_restart(tmp_path: Path) -> None:
    async def go() -> None:
        async with ScriptableService() as host:
            host.on("/called", Reply(503), ACCEPTED)
            settings: dict[str, Any] = {
                "callback_url": host.url("/called"),
                "callback_offsets_s": (60.0, 60.0),
            }
            async with serving(tmp_path, **settings) as asker:
                task_id = await asker.create(picture_bytes())
                await received(host, 1)
            async with serving(tmp_path, **settings) as asker:
                calls = await received(host, 2)
                await nothing_pending(task_id)
                assert calls[1].json()["data"]["taskid"] == task_id
                assert calls[1].json()["data"]["outputurl"].startswith(asker.service.base_url)

    asyncio.run(go())


def test_a_receiver_that_never_answers_does_not_hold_up_the_queue(tmp_path: Path) -> None:
    waiting, maximum = 0, 0

    async def never(talk: Talk) -> None:
        nonlocal waiting, maximum
        waiting += 1
        maximum = max(maximum, waiting)
        await talk.until_closed_by_peer()
        waiting -= 1

    async def go() -> None:
        async with ScriptableService() as host:
            host.on("/called", never)
            async with serving(tmp_path, callback_url=host.url("/called")) as asker:
                for _ in range(6):
                    record = await asker.ended(await asker.create(picture_bytes()))
                    assert record["status"] == Status.FINISHED
                await until(lambda: maximum >= 4)
                assert maximum == 4

    asyncio.run(go())
