"""Several users on one service, over real HTTP: what each may see, have and be told."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import signal
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from enhance_gui.core.clock import Clock
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.service.store.database import read_database
from enhance_gui.service.store.usage import read_usage
from enhance_gui.service.users import add_user
from tests.service.serving import UPSCALE, Asker, a_worker, serving
from tests.support.pictures import picture_bytes

POSIX_SIGNALS = pytest.mark.skipif(os.name == "nt", reason="stops a process with a POSIX signal")


SMALL_BYTES = 65_536
"""What a small upload counts."""
UPLOAD = {"content-type": "application/octet-stream"}


class Calendar(Clock):
    """A clock whose calendar stands at a noon, and is moved by whole days."""

    days = 0

    def wall(self) -> datetime:
        return datetime(2026, 11, 30, 12, tzinfo=UTC) + timedelta(days=self.days)


def user_of(asker: Asker, file: Path, name: str, limit: int | None = None) -> Asker:
    """Add a user; return them, as somebody who asks the same service."""
    token = add_user(file, name).reveal()
    if limit is not None:
        file.write_text(file.read_text("utf-8") + f"tasks_a_day = {limit}\n", "utf-8")
    settle(file)
    return replace(asker, http=httpx.AsyncClient(headers={"token": token}, **_like(asker)))


def _like(asker: Asker) -> dict[str, Any]:
    return {
        "base_url": asker.service.base_url,
        "trust_env": False,
        "timeout": asker.http.timeout,
    }


def settle(file: Path) -> None:
    """Make the last change of a file so old that it holds."""
    then_s = file.stat().st_mtime - 10
    os.utime(file, (then_s, then_s))


async def close(users: Sequence[Asker]) -> None:
    for each in users:
        await each.http.aclose()


def test_a_user_sees_the_tasks_of_nobody_else(tmp_path: Path) -> None:
    async def go() -> None:
        file = tmp_path / "users.toml"
        file.touch()
        async with serving(tmp_path / "data", users_file=file) as operator:
            ana, ben = (user_of(operator, file, name) for name in ("Ana", "Ben"))
            task_id = await ana.create(picture_bytes(), chtaskid="same")
            await ana.ended(task_id)
            unknown = await ben.call("gettask", taskid="none", type=UPSCALE)
            assert unknown["code"] == 1002001
            for other in (ben, operator):
                for call in ("gettask", "deletetask"):
                    assert await other.call(call, taskid=task_id, type=UPSCALE) == unknown
            assert await ben.create(picture_bytes(), chtaskid="same") != task_id
            assert await ana.create(picture_bytes(), chtaskid="same") == task_id
            assert await ana.data("deletetask", taskid=task_id) == {"success": True}
            assert (await ana.call("gettask", taskid=task_id, type=UPSCALE))["code"] == 1002002
            # Not even that it was there and is deleted.
            assert await ben.call("gettask", taskid=task_id, type=UPSCALE) == unknown
            await close([ana, ben])

    asyncio.run(go())


def test_a_token_that_is_taken_back_opens_nothing_any_more(tmp_path: Path) -> None:
    async def go() -> None:
        file = tmp_path / "users.toml"
        file.touch()
        async with serving(tmp_path / "data", users_file=file) as operator:
            ana = user_of(operator, file, "Ana")
            task_id = await ana.create(picture_bytes())
            file.write_text("# nobody\n", "utf-8")
            settle(file)
            assert (await ana.call("gettask", taskid=task_id, type=UPSCALE))["code"] == 9_000_401
            assert (await operator.call("gettask", taskid="x", type=UPSCALE))["code"] == 1002001
            await close([ana])

    asyncio.run(go())


@pytest.mark.long
@POSIX_SIGNALS
def test_users_take_turns_and_each_is_told_the_start_that_comes(tmp_path: Path) -> None:
    async def go() -> None:
        file = tmp_path / "users.toml"
        file.touch()
        async with serving(tmp_path / "data", users_file=file) as operator:
            worker = await a_worker()
            os.kill(worker, signal.SIGSTOP)
            ana, ben = (user_of(operator, file, name) for name in ("Ana", "Ben"))
            picture = await ana.upload(picture_bytes())

            async def make(user: Asker, count: int) -> list[str]:
                fields = {"picurl": picture, "type": UPSCALE}
                return [(await user.data("createtask", **fields))["taskid"] for _ in range(count)]

            anas = await make(ana, 20)
            await ana.until_processing(anas[0])
            bens = await make(ben, 2)
            told = [(await ben.record(task_id))["queuenum"] for task_id in bens]
            assert told == [1, 3]
            told = [(await ana.record(task_id))["queuenum"] for task_id in anas]
            assert told == [0, 2, *range(4, 22)]
            os.kill(worker, signal.SIGCONT)
            for task_id in anas:
                await ana.ended(task_id)
            await close([ana, ben])
        database = read_database(tmp_path / "data" / "tasks.sqlite")
        assert database is not None
        with closing(database):
            rows = database.execute("SELECT task_id FROM task ORDER BY ended_s").fetchall()
        by_turns = [anas[0], bens[0], anas[1], bens[1], *anas[2:]]
        assert [task_id for (task_id,) in rows] == by_turns

    asyncio.run(go())


def test_nobody_fills_the_room_for_uploads_for_the_others(tmp_path: Path) -> None:
    room: dict[str, Any] = {
        "limits": PictureLimits(max_image_bytes=100_000),
        "max_uploads_bytes": 16 * SMALL_BYTES,
    }

    async def uploads(user: Asker) -> int:
        """Upload until there is no room; return how many were taken."""
        for taken in itertools.count():
            reply = await user.http.post("/upload", content=picture_bytes(), headers=UPLOAD)
            if reply.status_code == 429:
                return taken
            assert reply.status_code == 200, reply.text
        raise AssertionError

    async def go() -> None:
        file = tmp_path / "users.toml"
        file.touch()
        async with serving(tmp_path / "data", users_file=file, **room) as operator:
            ana = user_of(operator, file, "Ana")
            ben = user_of(operator, file, "Ben")
            cem = user_of(operator, file, "Cem")
            # Alone one may have all that is one's own: 16 small ones, of which the last has to
            # have room for the largest.
            assert await uploads(ana) == 15
            # A picture in pieces counts as it is.
            assert (await piece(ana)).status_code == 200
            assert await uploads(ben) == 7
            assert await uploads(cem) == 3
            assert await uploads(ana) == 0
        # Whose they are is known after the next start.
        async with serving(tmp_path / "data", users_file=file, **room) as again:
            for each in (ana, ben, cem):
                other = replace(each, service=again.service, http=moved(each, again))
                assert await uploads(other) == 0
                await other.http.aclose()
        await close([ana, ben, cem])

    async def piece(user: Asker) -> httpx.Response:
        content = picture_bytes()
        headers = {
            "content-type": "application/partial-upload",
            "upload-offset": "0",
            "upload-length": str(len(content)),
        }
        digest = hashlib.sha256(content).hexdigest()
        return await user.http.patch(f"/upload/{digest}", content=content, headers=headers)

    def moved(user: Asker, to: Asker) -> httpx.AsyncClient:
        headers = {"token": user.http.headers["token"]}
        return httpx.AsyncClient(headers=headers, **_like(to))

    asyncio.run(go())


def test_a_limit_of_a_day_refuses_with_1003002_and_fetches_nothing(tmp_path: Path) -> None:
    async def go() -> None:
        file, calendar = tmp_path / "users.toml", Calendar()
        file.touch()
        async with serving(tmp_path / "data", calendar, users_file=file) as operator:
            ana = user_of(operator, file, "Ana", limit=2)
            ben = user_of(operator, file, "Ben")
            picture = await ana.upload(picture_bytes())
            fields = {"picurl": picture, "type": UPSCALE}
            made = await asyncio.gather(
                *(ana.call("createtask", **fields, chtaskid=f"{n}") for n in range(5))
            )
            refused = [each for each in made if each["code"]]
            assert [each["code"] for each in refused] == [1003002] * 3
            assert "limit of 2 pictures is reached" in refused[0]["msg"]
            inputs = list((tmp_path / "data" / "inputs").iterdir())
            assert len(inputs) == 2
            # A repeated request is answered as before, and one of another user is taken.
            known = next(n for n, each in enumerate(made) if not each["code"])
            again = await ana.data("createtask", **fields, chtaskid=f"{known}")
            assert again["taskid"] == made[known]["data"]["taskid"]
            await ben.data("createtask", **fields)
            calendar.days = 1
            await ana.data("createtask", **fields)
            await ana.data("createtask", **fields)
            assert (await ana.call("createtask", **fields))["code"] == 1003002
            text = file.read_text("utf-8").replace("tasks_a_day = 2", "tasks_a_day = 3")
            file.write_text(text, "utf-8")
            settle(file)
            await ana.data("createtask", **fields)
            await close([ana, ben])
        usage = read_usage(tmp_path / "data" / "tasks.sqlite")
        assert [(each.user, each.tasks) for each in usage] == [("Ana", 2), ("Ben", 1), ("Ana", 3)]
        first, second = (datetime.fromisoformat(each.day) for each in usage[1:])
        assert second - first == timedelta(days=1)

    asyncio.run(go())
