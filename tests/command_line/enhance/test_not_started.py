"""What waits for the user's word is not said to be continued by a command that only continues."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.tasks.task import NewTask
from enhance_gui.jobs.single_instance.requests import RemoteRequests
from enhance_gui.jobs.single_instance.server import InstanceServer
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.system.instance_lock import InstanceLock
from enhance_gui.storage.task_db.store import TaskStore
from tests.command_line.enhance.test_resuming import Desk
from tests.scenarios.running import TOKEN, Running, at_work, profile_of, with_provider
from tests.support.program import run
from tests.support.provider import Provider
from tests.support.stored import Wall


def add_drafts(provider: Provider, names: str, folder: Path) -> None:
    """Leave pictures as the window does that was closed before they were started."""
    folders, profile = user_folders(), profile_of(provider)
    store = TaskStore.open(folders.database, Wall(), folders.list_record)
    try:
        store.services.remember(profile)
        pictures = provider.pictures(names)
        store.drafts.add(
            [NewTask(picture, profile.name, 1, "Enhance", folder) for picture in pictures],
            draft=True,
        )
    finally:
        store.close()


@asynccontextmanager
async def window(provider: Provider) -> AsyncIterator[Running]:
    """Have the program run already, and take what later starts hand over."""
    data = user_folders().data
    data.mkdir(parents=True, exist_ok=True)

    async def token_of(_: ServiceProfile) -> Secret:
        return TOKEN

    with InstanceLock(data) as lock:
        assert lock.acquire()
        async with at_work(data, provider) as running:
            owner = TaskSupervisor(lambda error: None)
            server = InstanceServer(data, RemoteRequests(running.queue, token_of).handle, owner)
            await server.start()
            try:
                yield running
            finally:
                await server.close()
                await owner.close()


def test_a_draft_is_not_said_to_be_continued_and_the_command_that_starts_it_is_true(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        add_drafts(provider, "ab", desk.results)
        resumed = await desk.enhance("--resume")
        assert resumed.code == 4, resumed.err
        assert [line["error"]["kind"] for line in resumed.lines()] == ["not_started"] * 2
        assert "this continues" not in resumed.err
        last = resumed.err.splitlines()[-1]
        assert last.startswith("2 inputs have not been started: start them in the window, or with")
        assert provider.charged == []
        words = shlex.split(last.partition(" with: ")[2])
        started = await run(*words[1:], "--json", token="t")
        assert started.code == 0, started.err
        assert [line["state"] for line in started.lines()] == ["saved", "saved"]

    with_provider(test)


def test_the_word_to_start_all_sends_a_picture_of_two_drafts_once(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        add_drafts(provider, "aa", desk.results)
        started = await desk.enhance("--resume", "--settle", "all=start")
        assert started.code == 4, started.err
        assert sorted(line["state"] for line in started.lines()) == ["saved", "waiting"]
        assert f"not started: another task is to send {provider.url('/a.jpg')}" in started.err
        assert len(provider.charged) == 1

    with_provider(test)


def test_at_the_start_drafts_are_not_counted_among_what_resume_continues(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        add_drafts(provider, "ab", desk.results)
        other = await desk.enhance(*provider.pictures("c"))
        assert other.code == 0, other.err
        assert "--resume continues" not in other.err
        assert "2 of earlier runs not started; --resume tells how they are" in other.err

    with_provider(test)


def test_what_a_window_has_paused_is_said_to_go_on_there(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        add_drafts(provider, "a", desk.results)
        async with window(provider) as running:
            await running.queue.pool.pause()
            token = TOKEN.reveal()
            given_to = await run(*desk.arguments("--resume", *provider.pictures("b")), token=token)
        assert given_to.code == 4, given_to.err
        draft, paused = given_to.err.splitlines()[-2:]
        assert draft.startswith("1 input has not been started: start it in the window, or when")
        assert paused == (
            "1 input is kept; the program that is running has paused sending: continue there"
        )
        assert provider.charged == []

    with_provider(test)
