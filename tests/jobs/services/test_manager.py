"""Services are changed only where that does no harm to their tasks and tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import cast

import pytest

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.entry import ServiceEntry
from enhance_gui.core.services.profile import ServiceProfile, profile_to_mapping
from enhance_gui.core.storage_errors import KeyringMissing
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import NewTask, Task
from enhance_gui.jobs.queue.task_queue import TaskQueue
from enhance_gui.jobs.services.credentials import CredentialStore, TokenLocation
from enhance_gui.jobs.services.manager import ServiceManager, empty_entry
from enhance_gui.storage.system.keyrings import SystemKeyring
from tests.scenarios.running import TOKEN as PROVIDERS_TOKEN
from tests.scenarios.running import Running, at_work, profile_of, until, with_provider
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply, Talk

STUDIO = ServiceProfile(
    "Studio", "https://studio.example/api", enhance_types=(EnhanceType(1, "Enhance"),)
)
TOKEN = Secret("token-of-the-studio")


@dataclass
class Work:
    """Unfinished tasks, by service; writes down what is renewed and renamed."""

    unfinished: dict[str, int] = field(default_factory=dict)
    known: dict[str, ServiceProfile] = field(default_factory=dict)
    renewed: list[ServiceProfile] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)

    async def stored(self, service: str | None = None) -> list[Task]:
        return [object()] * self.unfinished.get(service or "", 0)  # type: ignore[list-item]

    @property
    def pool(self) -> Work:
        return self

    @property
    def services(self) -> Work:
        return self

    async def moved_from(self, profile: ServiceProfile) -> str | None:
        known = self.known.get(profile.name)
        return None if known is None or known.base_url == profile.base_url else known.base_url

    async def renew(self, profile: ServiceProfile) -> None:
        self.renewed.append(profile)

    async def rename(self, before: str, profile: ServiceProfile) -> None:
        await self.renew(profile)
        self.renamed.append((before, profile.name))


@dataclass
class Stage:
    """Everything one test needs."""

    care: ServiceManager
    tokens: CredentialStore
    work: Work
    folder: Path

    @property
    def queue(self) -> TaskQueue:
        return cast("TaskQueue", self.work)

    async def keep(self, profile: ServiceProfile) -> ServiceEntry:
        return await self.care.save(empty_entry(), profile_to_mapping(profile), self.queue)

    async def change(self, entry: ServiceEntry, **fields: object) -> ServiceEntry:
        return await self.care.save(entry, {**entry.data, **fields}, self.queue)

    def files(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.folder.glob("*.toml")}


def on_stage(folder: Path, test: Callable[[Stage], Awaitable[None]]) -> None:
    async def run() -> None:
        tokens = CredentialStore(SystemKeyring(folder / "places.json", ()))
        stage = Stage(ServiceManager(folder / "p", tokens), tokens, Work(), folder / "p")
        await test(stage)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"base_url": "https://other.example"}, "base_url"),
        ({"name": "Other"}, "name"),
        ({"name": "Other", "base_url": "https://other.example"}, "base_url"),
    ],
)
def test_a_service_with_unfinished_tasks_keeps_its_name_and_address(
    changes: dict[str, str], key: str, tmp_path: Path
) -> None:
    async def test(stage: Stage) -> None:
        entry = await stage.keep(STUDIO)
        before = stage.files()
        stage.work.unfinished["Studio"] = 3
        with pytest.raises(ProfileInvalid, match="3 unfinished pictures") as caught:
            await stage.change(entry, **changes)
        assert caught.value.key == key
        assert stage.files() == before
        stage.work.unfinished.clear()
        after = await stage.change(entry, **changes)
        assert after.profile is not None
        assert after.name == changes.get("name", "Studio")
        assert stage.work.renewed[-1] == after.profile
        assert stage.work.renamed == ([("Studio", after.name)] if "name" in changes else [])

    on_stage(tmp_path, test)


def test_everything_else_may_change_while_tasks_are_unfinished(tmp_path: Path) -> None:
    async def test(stage: Stage) -> None:
        entry = await stage.keep(STUDIO)
        stage.work.unfinished["Studio"] = 3
        after = await stage.change(entry, path="/v2/{call}", status={"failed": [9]})
        assert after.profile is not None
        assert after.profile.path == "/v2/{call}"
        assert stage.work.renewed[-1] == after.profile

    on_stage(tmp_path, test)


def test_the_name_of_a_deleted_service_is_not_taken_over_while_its_tasks_are_unfinished(
    tmp_path: Path,
) -> None:
    async def test(stage: Stage) -> None:
        stage.work.known["Studio"] = replace(STUDIO, base_url="https://old.example")
        stage.work.unfinished["Studio"] = 1
        with pytest.raises(ProfileInvalid, match="1 unfinished picture") as caught:
            await stage.keep(STUDIO)
        assert caught.value.key == "base_url"
        assert stage.files() == {}

    on_stage(tmp_path, test)


def test_a_service_with_unfinished_tasks_is_not_deleted(tmp_path: Path) -> None:
    async def test(stage: Stage) -> None:
        entry = await stage.keep(STUDIO)
        stage.tokens.keep_for_this_run(STUDIO, TOKEN)
        stage.work.unfinished["Studio"] = 1
        with pytest.raises(ProfileInvalid, match="1 unfinished picture"):
            await stage.care.delete(entry, stage.queue, forget_token=False)
        assert len(stage.files()) == 1
        assert await stage.tokens.get(STUDIO) == TOKEN
        stage.work.unfinished.clear()
        await stage.care.delete(entry, stage.queue, forget_token=False)
        assert stage.files() == {}
        assert await stage.tokens.get(STUDIO) == TOKEN

    on_stage(tmp_path, test)


def test_where_its_token_cannot_be_forgotten_a_service_stays(tmp_path: Path) -> None:
    async def test(stage: Stage) -> None:
        entry = await stage.keep(STUDIO)
        with pytest.raises(KeyringMissing):
            await stage.care.delete(entry, stage.queue, forget_token=True)
        assert len(stage.files()) == 1

    on_stage(tmp_path, test)


@pytest.mark.parametrize("name", ["Studio", "studio", "STUDIO", "This computer", "this computer"])
def test_a_name_that_is_taken_is_refused(name: str, tmp_path: Path) -> None:
    async def test(stage: Stage) -> None:
        await stage.keep(STUDIO)
        with pytest.raises(ProfileInvalid, match="another service") as caught:
            await stage.keep(replace(STUDIO, name=name))
        assert caught.value.key == "name"
        assert len(stage.files()) == 1

    on_stage(tmp_path, test)


def test_a_name_that_is_taken_in_another_unicode_form_is_refused(tmp_path: Path) -> None:
    async def test(stage: Stage) -> None:
        await stage.keep(replace(STUDIO, name="Caf\u00e9"))
        with pytest.raises(ProfileInvalid, match="another service"):
            await stage.keep(replace(STUDIO, name="CAFE\u0301"))

    on_stage(tmp_path, test)


def test_a_service_may_keep_its_own_name_in_other_letters(tmp_path: Path) -> None:
    async def test(stage: Stage) -> None:
        entry = await stage.keep(STUDIO)
        assert (await stage.change(entry, name="STUDIO")).name == "STUDIO"

    on_stage(tmp_path, test)


def test_a_mistake_is_refused_with_its_key_and_nothing_is_written(tmp_path: Path) -> None:
    async def test(stage: Stage) -> None:
        entry = await stage.keep(STUDIO)
        before = stage.files()
        with pytest.raises(ProfileInvalid) as caught:
            await stage.change(entry, max_in_flight=-1)
        assert caught.value.key == "max_in_flight"
        assert stage.files() == before

    on_stage(tmp_path, test)


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "https://thief.example"},
        {"base_url": "https://studio.example/other-tenant"},
        {"base_url": "https://studio.example/other-tenant", "name": "Third"},
    ],
)
def test_a_renamed_service_keeps_its_token_and_a_moved_one_does_not(
    changes: dict[str, str], tmp_path: Path
) -> None:
    async def test(stage: Stage) -> None:
        entry = await stage.keep(STUDIO)
        stage.tokens.keep_for_this_run(STUDIO, TOKEN)
        entry = await stage.change(entry, name="Atelier")
        assert entry.profile is not None
        with pytest.raises(KeyringMissing):  # nothing is left under the old name
            await stage.tokens.get(STUDIO)
        assert await stage.tokens.place(entry.profile) is TokenLocation.THIS_RUN
        moved = await stage.change(entry, **changes)
        assert moved.profile is not None
        with pytest.raises(KeyringMissing):  # nothing is known of one in this run
            await stage.tokens.get(moved.profile)

    on_stage(tmp_path, test)


# -- with the real queue --------------------------------------------------------------------------


def test_a_new_token_holds_for_work_that_is_under_way(tmp_path: Path) -> None:
    given = [Secret("an-old-token")]

    async def token_of(_: ServiceProfile) -> Secret:
        return given[0]

    async def gate(talk: Talk) -> None:
        if talk.request.headers.get("token") != PROVIDERS_TOKEN.reveal():
            await talk.reply(Reply(401))
        else:
            await provider_of[0].create(talk)

    provider_of: list[Provider] = []

    async def test(provider: Provider) -> None:
        provider_of.append(provider)
        provider.on("/createtask", gate)
        async with at_work(tmp_path, provider) as running:
            _use(running.queue, token_of)
            (task,) = await running.add_pictures("a")
            suspended = await running.until_suspended(task)
            assert suspended.state is TaskState.QUEUED
            given[0] = PROVIDERS_TOKEN
            await running.queue.pool.renew(running.profile)
            await running.queue.unpause_service(running.profile.name)
            await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)


@pytest.mark.parametrize("call", ["/createtask", "/gettask"])
def test_a_refusal_of_the_earlier_token_that_comes_after_the_new_one_pauses_nothing(
    tmp_path: Path, call: str
) -> None:
    async def test(provider: Provider) -> None:
        let_go = asyncio.Event()

        async def refuse_late(talk: Talk) -> None:
            await let_go.wait()
            await talk.reply(Reply(401))

        provider.on(call, refuse_late, provider.create if call == "/createtask" else provider.get)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await until(lambda: bool(provider.seen(call)))
            await running.queue.pool.renew(running.profile)
            let_go.set()
            await running.until(task, TaskState.SAVED)
            assert "paused" not in running.line_states()
        assert len(provider.charged) == 1

    with_provider(test)


def _use(queue: TaskQueue, token_of: Callable[[ServiceProfile], Awaitable[Secret]]) -> None:
    queue.pool._factory.token_of = token_of


def test_a_changed_path_holds_for_the_next_picture_and_breaks_none_off(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        let_go = asyncio.Event()

        async def slow(talk: Talk) -> None:
            await let_go.wait()
            await provider.create(talk)

        provider.on("/createtask", slow)
        provider.on("/v2/createtask", provider.create)
        provider.on("/v2/gettask", provider.get)
        async with at_work(tmp_path, provider) as running:
            (first,) = await running.add_pictures("a")
            await until(lambda: bool(provider.seen("/createtask")))
            running.profile = replace(running.profile, path="/v2/{call}")
            await running.queue.pool.renew(running.profile)
            let_go.set()
            (second,) = await running.add_pictures("b")
            await running.until(first, TaskState.SAVED)
            await running.until(second, TaskState.SAVED)
        assert len(provider.charged) == 2
        assert len(provider.seen("/v2/createtask")) == 1

    with_provider(test)


def test_another_pace_holds_at_once_for_work_that_is_under_way(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 1000
        one = profile_of(provider, max_in_flight=1)
        async with at_work(tmp_path, provider, one) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.ACCEPTED)
            poller = running.worker.context.poller
            assert poller.window.size == 1
            await running.queue.pool.renew(replace(one, max_in_flight=3))
            assert poller.window.size == 3
            await until(lambda: len(provider.seen("/gettask")) > 3)
            # So slow that on this clock, too, hardly anything is asked after the first few.
            await running.queue.pool.renew(replace(one, max_in_flight=3, requests_per_s=0.01))
            before = len(provider.seen("/gettask"))
            await asyncio.sleep(0.4)
            assert len(provider.seen("/gettask")) <= before + 2

    with_provider(test)


def test_after_its_tasks_have_ended_a_service_may_move(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with Provider() as other, at_work(tmp_path, provider) as running:
            other._numbers = count(100)
            (first,) = await running.add_pictures("a")
            await running.until(first, TaskState.SAVED)
            moved = replace(profile_of(other), name=running.profile.name)
            with pytest.raises(ProfileInvalid):
                await running.queue.add(moved, [_picture(running, other)])
            await running.queue.pool.renew(moved)
            (second,) = await running.queue.add(moved, [_picture(running, other)])
            await running.until(second, TaskState.SAVED)
        assert (len(provider.charged), len(other.charged)) == (1, 1)

    with_provider(test)


def _picture(running: Running, provider: Provider) -> NewTask:
    return running.new(provider.url("/b.jpg"))


def test_a_picture_that_is_sent_while_its_service_moves_is_followed_where_it_went(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 3
        async with Provider() as other, at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.ACCEPTED)
            with pytest.raises(ProfileInvalid):
                await running.queue.pool.renew(replace(running.profile, base_url=other.base_url))
            await running.until(task, TaskState.SAVED)
            assert other.requests == []
        assert len(provider.charged) == 1

    with_provider(test)


def test_where_the_same_id_is_no_longer_the_same_task_a_doubt_is_the_users(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.create_and_say_nothing)
        profile = profile_of(provider, private_id_is_idempotent=True)
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.IN_DOUBT)
            await (
                running.queue.pool.pause()
            )  # or a slow computer sends it once more before it is told
            await running.queue.pool.renew(replace(profile, private_id_is_idempotent=False))
            await running.queue.pool.unpause()
            line = running.worker
            await running.until_true(lambda: not line.context.tasks, "it is still at work")
            assert running.last(task).state is TaskState.IN_DOUBT
        assert len(provider.charged) == 1

    with_provider(test)


async def _no_token(_: ServiceProfile) -> Secret | None:
    return None


async def _token(_: ServiceProfile) -> Secret | None:
    return PROVIDERS_TOKEN


@pytest.mark.parametrize("cancels", [False, True])
def test_a_token_forgotten_while_a_task_is_under_way_holds_it_up_and_ends_nothing(
    tmp_path: Path, cancels: bool
) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 6
        provider.on("/deletetask", Reply(500), provider._delete)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.ACCEPTED)
            if cancels:
                await running.queue.cancel(task.id)
                await until(lambda: bool(provider.seen("/deletetask")))
            running.queue.pool._factory.token_of = _no_token
            await running.queue.pool.renew(running.profile)
            if cancels:
                await asyncio.sleep(0.1)  # in which it is tried again
            else:
                suspended = await running.until_suspended(task)
                assert suspended.state is TaskState.ACCEPTED
                assert running.line_states()[-1] == "paused"
            running.queue.pool._factory.token_of = _token
            await running.queue.pool.renew(running.profile)
            await running.queue.unpause_service(running.profile.name)
            await running.until(task, TaskState.CANCELLED if cancels else TaskState.SAVED)

    with_provider(test)


def test_a_token_forgotten_while_it_is_asked_who_is_there_pauses_and_ends_nothing(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        asked, let_go = asyncio.Event(), asyncio.Event()

        async def slow(talk: Talk) -> None:
            asked.set()
            await let_go.wait()
            await talk.reset()

        provider.creating(provider.say_nothing)
        provider.on("/gettask", slow, provider.get)
        async with at_work(tmp_path, provider) as running:
            _, second = await running.add_pictures("ab")
            await asked.wait()
            running.queue.pool._factory.token_of = _no_token
            await running.queue.pool.renew(running.profile)
            let_go.set()
            await running.until_suspended(second)
            running.queue.pool._factory.token_of = _token
            await running.queue.pool.renew(running.profile)
            await running.queue.unpause_service(running.profile.name)
            await running.until(second, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)
