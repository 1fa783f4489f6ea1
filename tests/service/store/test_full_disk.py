"""A disk that is full when a task ends: that is recorded all the same, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from enhance_gui.core.secret import Secret
from enhance_gui.core.storage_errors import DiskFull
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import NewTask
from enhance_gui.jobs.events import ServiceStatusChanged
from enhance_gui.service.store.file_store import RESERVE_BYTES, FileStore
from enhance_gui.service.tasks.status import Status
from enhance_gui.storage.profiles.profile_files import local_profile
from tests.scenarios.running import Running, at_work
from tests.service.serving import TOKEN, UPSCALE, QuickClock, a_worker, contents, serving
from tests.service.test_service_process import child
from tests.support.mounts import needs_mounts, resize, small_disk
from tests.support.pictures import picture_bytes
from tests.support.program import run, write_profile
from tests.support.provider import Provider

_DISK_KB = 8 * 1024


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Have somebody else take the last room, as long as the block lasts."""
    filler = folder / "of somebody else"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    assert shutil.disk_usage(folder).free == 0
    try:
        yield
    finally:
        filler.unlink()


@needs_mounts
@pytest.mark.parametrize("dies", [False, True], ids=["its results do not fit", "its worker dies"])
def test_that_a_task_failed_is_recorded_on_a_full_disk_and_the_next_waits(
    tmp_path: Path, dies: bool
) -> None:
    async def go() -> None:
        async with serving(tmp_path, QuickClock(), reserve_bytes=0) as asker:
            await asker.ended(await asker.create(picture_bytes()))
            worker = await a_worker()
            os.kill(worker, signal.SIGSTOP)
            first = await asker.create(picture_bytes())
            second = await asker.create(picture_bytes())
            await asker.until_processing(first)
            with filled(tmp_path):
                if dies:
                    os.kill(worker, signal.SIGKILL)
                else:
                    os.kill(worker, signal.SIGCONT)
                record = await asker.ended(first)
                assert record["status"] == Status.FAILED
                assert "no room" in record["errormsg"]
                assert (await asker.record(second))["status"] == Status.QUEUED
                assert list((tmp_path / "unfinished").iterdir()) == []
            assert (await asker.ended(second))["status"] == Status.FINISHED
        assert (tmp_path / "tasks.sqlite-reserve").stat().st_size == RESERVE_BYTES

    with small_disk(tmp_path, _DISK_KB):
        asyncio.run(go())


@needs_mounts
def test_on_a_full_disk_a_task_can_be_deleted_to_make_room(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path, QuickClock(), reserve_bytes=0) as asker:
            ended = await asker.create(picture_bytes())
            await asker.ended(ended)
            with filled(tmp_path):
                assert await asker.data("deletetask", taskid=ended) == {"success": True}
                assert list((tmp_path / "results").iterdir()) == []

    with small_disk(tmp_path, _DISK_KB):
        asyncio.run(go())


@needs_mounts
def test_what_a_full_disk_does_not_take_may_come_later_and_leaves_nothing(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path, QuickClock(), reserve_bytes=0) as asker:
            picurl = await asker.upload(picture_bytes())
            with filled(tmp_path):
                before = contents(tmp_path)
                octets = {"content-type": "application/octet-stream"}
                upload = await asker.http.post("/upload", content=picture_bytes(), headers=octets)
                task = await asker.http.post(
                    "/createtask", json={"picurl": picurl, "type": UPSCALE}
                )
                for reply in (upload, task):
                    assert (reply.status_code, reply.json()["code"]) == (429, 9_000_429)
                    assert "disk is full; nothing was taken" in reply.json()["msg"]
                    assert reply.headers["retry-after"] == "30"
                assert contents(tmp_path) == before
            created = await asker.data("createtask", picurl=picurl, type=UPSCALE)
            assert (await asker.ended(created["taskid"]))["status"] == Status.FINISHED

    with small_disk(tmp_path, _DISK_KB):
        asyncio.run(go())


@pytest.mark.long
@needs_mounts
def test_the_program_keeps_a_picture_waiting_until_the_disk_of_the_service_has_room(
    tmp_path: Path,
) -> None:
    data, save = tmp_path / "data", tmp_path / "saved"
    save.mkdir()
    pictures = [tmp_path / f"{name}.png" for name in "ab"]
    for picture in pictures:
        picture.write_bytes(picture_bytes())
    with small_disk(data, _DISK_KB), child(data, token=TOKEN) as service:
        profile = replace(local_profile(), name="Studio", base_url=service.first_line["base_url"])
        studio = ("--service", write_profile(tmp_path / "studio.toml", profile), "--save", save)
        words: tuple[str | Path, ...] = (
            "enhance",
            *pictures,
            "--type",
            str(UPSCALE),
            "--timeout-s",
            "8",
            "--json",
        )
        kept = asyncio.run(run(*words, *studio, token=TOKEN))
        assert kept.code == 4, kept.err
        assert kept.err.startswith(
            "Studio: The service has no room left on its disk: the disk of the service has less "
            "than 1 GiB free; nothing was taken, try again later (HTTP 429). It took nothing, so "
            "nothing was charged; the task is kept. Tell whoever runs the service, or make room "
            "on that disk if it is yours; it is sent again by itself from time to time.\n"
        )
        assert [each["error"]["kind"] for each in kept.lines()] == ["service_disk_full"] * 2
        assert list((data / "uploads").iterdir()) == []
        resize(data, 4 * 2**20)
        resumed = asyncio.run(run("enhance", "--resume", *studio, token=TOKEN))
        assert resumed.code == 0, resumed.err
        assert len(list(save.glob("*.png"))) == 2


@needs_mounts
def test_the_program_goes_on_by_itself_once_the_disk_of_the_service_has_room(
    tmp_path: Path,
) -> None:
    data, picture = tmp_path / "data", tmp_path / "a.png"
    picture.write_bytes(picture_bytes())

    async def go() -> None:
        async with serving(data) as asker:
            profile = replace(
                local_profile(), name="Studio", base_url=asker.service.base_url, needs_token=True
            )
            nobody = cast(Provider, None)
            async with at_work(tmp_path / "app", nobody, profile, Secret(TOKEN)) as app:
                new = NewTask(str(picture), "Studio", UPSCALE, "Upscale", app.results)
                (task,) = await app.queue.add(profile, [new])
                # A second try of it is refused too.
                await app.until_true(lambda: reasons(app)[1:], "it is not refused twice")
                assert set(reasons(app)) == {"service_disk_full"}
                resize(data, 4 * 2**20)
                await app.until(task, TaskState.SAVED)

    def reasons(app: Running) -> list[str]:
        told = [each for each in app.events if isinstance(each, ServiceStatusChanged)]
        return [each.failure.kind for each in told if each.failure is not None]

    with small_disk(data, _DISK_KB):
        asyncio.run(go())


@needs_mounts
def test_half_a_reserve_is_none(tmp_path: Path) -> None:
    with small_disk(tmp_path, RESERVE_BYTES // 2048):
        with pytest.raises(DiskFull):
            FileStore(tmp_path).hold_reserve()
        assert list(tmp_path.iterdir()) == []
