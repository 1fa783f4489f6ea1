"""The service of this computer is kept running where it ends by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import NewTask, Task
from enhance_gui.jobs.local_service import supervisor
from enhance_gui.jobs.local_service.process import LocalService
from enhance_gui.storage.profiles.profile_files import local_profile
from tests.scenarios.running import Running, at_work, until, with_provider
from tests.support.pictures import picture_bytes
from tests.support.provider import Provider


async def add_picture(running: Running, folder: Path, name: str) -> Task:
    path = folder / f"{name}.png"
    path.write_bytes(picture_bytes())
    profile = running.profile
    kind = profile.enhance_types[0]
    new = NewTask(str(path), profile.name, kind.id, kind.name, running.results)
    (task,) = await running.queue.add(profile, [new])
    return task


def child_of(running: Running) -> LocalService:
    child = running.queue.pool._local_service._local_service
    assert child is not None
    return child


class Children:
    """Counts the starts of the service from now on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.started: list[LocalService] = []
        start = LocalService.start

        async def counted(*arguments: Any) -> LocalService:
            self.started.append(await start(*arguments))
            return self.started[-1]

        monkeypatch.setattr(LocalService, "start", counted)


def test_a_service_that_ends_by_itself_is_started_anew_and_goes_on(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, local_profile()) as running:
            first = await add_picture(running, tmp_path, "a")
            await running.until(first, TaskState.SAVED)
            assert running.worker.context.poller.settings.asking_is_free
            before = child_of(running)
            before._process.kill()
            await until(lambda: child_of(running) is not before)
            second = await add_picture(running, tmp_path, "b")
            await running.until(second, TaskState.SAVED)
            assert "paused" not in running.line_states()

    with_provider(test)


def test_a_service_that_ends_too_often_is_given_up_until_the_user_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, local_profile()) as running:
            name = running.profile.name
            first = await add_picture(running, tmp_path, "a")
            await running.until(first, TaskState.SAVED)
            before = child_of(running)
            with monkeypatch.context() as patch:
                patch.setattr(supervisor, "RESTARTS", 0)
                before._process.kill()
                await until(lambda: "paused" in running.line_states())
            children = Children(monkeypatch)
            second = await add_picture(running, tmp_path, "b")
            assert (await running.until_suspended(second)).state is TaskState.QUEUED
            # Two clicks at once start it once.
            await asyncio.gather(
                running.queue.unpause_service(name), running.queue.unpause_service(name)
            )
            assert len(children.started) == 1
            await running.until(second, TaskState.SAVED)
            # From now on it is watched once more.
            again = child_of(running)
            assert again is not before
            again._process.kill()
            third = await add_picture(running, tmp_path, "c")
            await running.until(third, TaskState.SAVED)
            assert child_of(running) is not again

    with_provider(test)


def test_a_service_that_ends_while_the_program_ends_is_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, local_profile()) as running:
            first = await add_picture(running, tmp_path, "a")
            await running.until(first, TaskState.SAVED)
            child, close = child_of(running), running.worker.close

            async def close_once_it_has_ended(grace_s: float) -> None:
                child._process.kill()
                await child.ended()
                await asyncio.sleep(0.05)  # in which who watches it notices that
                await close(grace_s)

            monkeypatch.setattr(running.worker, "close", close_once_it_has_ended)
        assert child_of(running) is child
        assert "ended" not in caplog.text

    with_provider(test)
