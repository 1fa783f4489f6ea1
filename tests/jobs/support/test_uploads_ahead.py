"""Uploads go on while tasks are created one by one, and what goes ahead is never made a task of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.support.uploads_ahead import UPLOADS_AHEAD, USED_WITHIN_S
from tests.scenarios.running import HURRY, Running, at_work, profile_of, until, with_provider
from tests.support.pictures import picture_bytes
from tests.support.provider import Provider
from tests.support.scriptable_service import Talk, envelope

COUNT = 6
NEVER = 10**6


class Uploads:
    """Takes files, and answers when it is told to."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.begun: list[bytes] = []
        self.given: list[str] = []
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.open = 0
        self.most_open = 0

    async def take(self, talk: Talk) -> None:
        """Receive a file."""
        self.begun.append(talk.request.body)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        await self.may_end.wait()
        self.open -= 1
        address = self._provider.url(f"/in/{len(self.given)}.jpg")
        self.given.append(address)
        await talk.reply(envelope({"picurl": address}))


@asynccontextmanager
async def uploading(
    folder: Path, provider: Provider, *, holds: bool = False, **changes: Any
) -> AsyncIterator[tuple[Running, Uploads, list[Task]]]:
    """Have the files of some pictures uploaded.

    :param holds: whether the uploads are answered only when the test says so.
    """
    uploads = Uploads(provider)
    if holds:
        uploads.may_end.clear()
    provider.on("/upload", uploads.take)
    profile = profile_of(provider, upload_path="/upload", **changes)
    files = [folder / f"{number}.jpg" for number in range(COUNT)]
    for file in files:
        file.write_bytes(picture_bytes("jpg", 200, 100))
    async with at_work(folder, provider, profile) as running:
        tasks = await running.add(*map(str, files))
        yield running, uploads, tasks


class HeldCreate:
    """A createtask that is answered when the test says so."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        provider.creating(self.create)

    async def create(self, talk: Talk) -> None:
        """Wait, then create."""
        self.begun.set()
        await self.may_end.wait()
        await self._provider.create(talk)


def test_the_next_files_arrive_while_a_task_is_created(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        held = HeldCreate(provider)
        async with uploading(tmp_path, provider, max_in_flight=COUNT) as (running, uploads, tasks):
            await held.begun.wait()
            await until(lambda: len(uploads.given) == 1 + UPLOADS_AHEAD)
            assert len(provider.charged) == 0
            held.may_end.set()
            for task in tasks:
                await running.until(task, TaskState.SAVED)
            # Each file once, and each task of its own file.
            assert len(uploads.begun) == len(set(uploads.begun)) == COUNT
            assert sorted(each.picurl for each in provider.tasks.values()) == sorted(uploads.given)

    with_provider(test)


def test_uploads_are_under_way_at_the_same_time(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with uploading(tmp_path, provider, holds=True, max_in_flight=COUNT) as running:
            await until(lambda: running[1].open >= UPLOADS_AHEAD)
            assert len(provider.charged) == 0
            running[1].may_end.set()
            for task in running[2]:
                await running[0].until(task, TaskState.SAVED)

    with_provider(test)


def test_nothing_goes_ahead_of_what_the_service_may_have(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = NEVER
        async with uploading(tmp_path, provider, max_in_flight=2) as (_, uploads, _tasks):
            await until(lambda: len(provider.seen("/gettask")) > 5)
            assert len(provider.charged) == len(uploads.begun) == 2

    with_provider(test)


def test_what_the_user_takes_back_is_not_uploaded_further(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with uploading(tmp_path, provider, holds=True, max_in_flight=COUNT) as running:
            queue, uploads, tasks = running
            ahead = queue.worker._uploads._uploads
            await until(lambda: uploads.open >= UPLOADS_AHEAD)
            chosen = max(ahead.values(), key=lambda each: each.task.id)
            await queue.queue.cancel(chosen.task.id)
            await until(chosen.work.cancelled)
            uploads.may_end.set()
            for task in tasks:
                await queue.until(task, TaskState.SAVED, TaskState.CANCELLED)
            assert len(provider.charged) == COUNT - 1

    with_provider(test)


def test_an_upload_that_has_waited_long_is_made_anew(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        held = HeldCreate(provider)
        async with uploading(tmp_path, provider, max_in_flight=COUNT) as (running, uploads, tasks):
            await until(lambda: len(uploads.given) == 1 + UPLOADS_AHEAD)
            old = uploads.given[1:]
            await asyncio.sleep((USED_WITHIN_S + 1) / HURRY)
            held.may_end.set()
            for task in tasks:
                await running.until(task, TaskState.SAVED)
            assert not set(old) & {each.picurl for each in provider.tasks.values()}

    with_provider(test)
