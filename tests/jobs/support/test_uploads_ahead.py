"""Uploads go on while tasks are created one by one, and what goes ahead is never made a task of."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.core.storage_errors import SendingPaused
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


def converting(
    folder: Path, provider: Provider
) -> AbstractAsyncContextManager[tuple[Running, Uploads, list[Task]]]:
    """Have the files of some pictures converted and uploaded, each when its turn has come."""
    limits = PictureLimits(formats=("png",))
    return uploading(folder, provider, holds=True, limits=limits, max_in_flight=COUNT)


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


def test_a_pause_ends_the_uploads_and_nothing_is_created_until_it_ends(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with uploading(tmp_path, provider, holds=True, max_in_flight=COUNT) as running:
            queue, uploads, tasks = running
            helper = queue.worker._uploads
            await until(lambda: uploads.open > UPLOADS_AHEAD)
            works = [each.work for each in helper._uploads.values()]
            await queue.queue.pool.pause()
            await until(lambda: all(work.cancelled() for work in works))
            await until(lambda: helper._now is None)
            begun = len(uploads.begun)
            uploads.may_end.set()
            await asyncio.sleep(100 / HURRY)
            assert len(provider.seen("/createtask")) == 0
            assert len(uploads.begun) == begun
            assert not helper._uploads
            await queue.queue.pool.unpause()
            for task in tasks:
                await queue.until(task, TaskState.SAVED)
            assert len(provider.charged) == COUNT

    with_provider(test)


@pytest.mark.long
def test_a_pause_while_a_copy_is_uploaded_keeps_it_from_being_created(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with converting(tmp_path, provider) as (queue, uploads, tasks):
            await until(lambda: uploads.open == 1)
            await queue.queue.pool.pause()
            await until(lambda: queue.worker._uploads._now is None)
            uploads.may_end.set()
            await asyncio.sleep(100 / HURRY)
            assert len(provider.seen("/createtask")) == 0
            await queue.queue.pool.unpause()
            for task in tasks:
                await queue.until(task, TaskState.SAVED)
            assert len(provider.charged) == COUNT

    with_provider(test)


def write(task: Task, content: bytes) -> None:
    Path(task.input).write_bytes(content)


@pytest.mark.parametrize("kinds", [("jpg",), ("png",)], ids=["as it is", "converted"])
def test_a_file_that_is_edited_after_its_check_is_checked_anew_before_it_is_sent(
    tmp_path: Path, kinds: tuple[str, ...]
) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = NEVER
        limits = PictureLimits(formats=kinds)
        async with uploading(tmp_path, provider, max_in_flight=1, limits=limits) as running:
            queue, uploads, tasks = running

            def is_accepted(task: Task) -> bool:
                return queue.last(task).state is TaskState.ACCEPTED

            # Whichever was checked first: until it ends, none of the others is sent.
            await until(lambda: any(map(is_accepted, tasks)))
            first, edited, damaged, *rest = sorted(tasks, key=is_accepted, reverse=True)
            for task in (edited, damaged):
                await queue.until_true(
                    lambda task=task: queue.last(task).checked,  # type: ignore[misc]
                    "it is not checked",
                )
            assert len(uploads.begun) == 1
            # Other pixels of the same kind and size, and no picture at all.
            new = picture_bytes("jpg", 200, 100)
            write(edited, new)
            write(damaged, new[:-100])
            await queue.queue.cancel(first.id)
            provider.polls_needed = 1
            for task in (edited, damaged, *rest):
                await queue.until(task, TaskState.SAVED, TaskState.FAILED)
            sent = queue.last(edited)
            assert sent.state is TaskState.SAVED
            assert sent.input_sha256 == hashlib.sha256(new).hexdigest()
            assert (new in uploads.begun) == (kinds == ("jpg",))
            failure = queue.last(damaged).failure
            assert failure is not None
            assert failure.kind == "picture_damaged"
            assert len(uploads.begun) == len(provider.charged) == COUNT - 1

    with_provider(test)


def test_what_a_pause_meets_with_its_turn_come_is_not_sent(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            await running.queue.pool.pause()
            (task,) = await running.add_pictures("a")
            with pytest.raises(SendingPaused):
                await running.worker._creator._sender.send(task)
            assert provider.seen("/createtask") == []
            assert running.store.tasks.get(task.id).attempts == ()
            await running.queue.pool.unpause()
            await running.until(task, TaskState.SAVED)

    with_provider(test)


def test_what_is_taken_back_while_its_turn_is_uploaded_is_broken_off(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with converting(tmp_path, provider) as (queue, uploads, tasks):
            helper = queue.worker._uploads
            await until(lambda: uploads.open == 1 and helper._now is not None)
            assert helper._now is not None
            taken_back = await queue.queue.take_back(helper._now[0])
            # Long before the upload would be given up for want of an answer.
            async with asyncio.timeout(15):
                await until(lambda: helper._now is None or helper._now[0] != taken_back.id)
            uploads.may_end.set()
            for task in tasks:
                if task.id != taken_back.id:
                    await queue.until(task, TaskState.SAVED)
            assert queue.store.tasks.get(taken_back.id).state is TaskState.CANCELLED
            assert len(provider.charged) == COUNT - 1

    with_provider(test)
