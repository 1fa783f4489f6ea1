"""Pictures of a service that has another name now go by it, and their requests find its token."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import ServiceProfile, profile_to_mapping
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.events import TaskChanged
from enhance_gui.jobs.services.credentials import CredentialStore
from enhance_gui.jobs.services.manager import ServiceManager, empty_entry
from enhance_gui.storage.system.keyrings import SystemKeyring
from tests.scenarios.running import TOKEN, Running, at_work, profile_of, with_provider
from tests.support.provider import RESULT, Provider
from tests.support.scriptable_service import Reply, Talk


async def token_under_the_new_name(profile: ServiceProfile) -> Secret | None:
    return TOKEN if profile.name == "Atelier" else None


def reported(running: Running) -> list[tuple[str, bool]]:
    """Return under which names the first task was told, and whether it was suspended."""
    return [(e.task.service, e.suspended) for e in running.events if isinstance(e, TaskChanged)]


def test_a_wish_about_an_earlier_picture_is_carried_out_under_the_new_name(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/result.png", Reply(404))
        tokens = CredentialStore(SystemKeyring(tmp_path / "places.json", ()))
        care = ServiceManager(tmp_path / "profiles", tokens)
        async with at_work(tmp_path, provider) as running:
            running.queue.pool._factory.token_of = tokens.get
            profile = profile_of(provider)
            entry = await care.save(empty_entry(), profile_to_mapping(profile), running.queue)
            tokens.keep_for_this_run(profile, TOKEN)
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.FAILED)
            running.events.clear()
            await care.save(entry, {**entry.data, "name": "Atelier"}, running.queue)
            assert reported(running) == [("Atelier", True)]
            provider.on("/result.png", Reply(body=RESULT))
            await running.queue.retry(task.id)
            saved = await running.until(task, TaskState.SAVED)
            assert saved.service == "Atelier"
            await running.queue.delete_on_service(task.id)
            assert all(each.deleted for each in provider.tasks.values())
        assert len(provider.charged) == 2

    with_provider(test)


def test_a_name_that_is_changed_before_any_work_holds_for_earlier_pictures(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/result.png", Reply(404))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.FAILED)
        provider.on("/result.png", Reply(body=RESULT))
        async with at_work(tmp_path, provider) as running:
            running.queue.pool._factory.token_of = token_under_the_new_name
            await running.queue.pool.rename("Studio", profile_of(provider, name="Atelier"))
            await running.queue.ask_again(task.id)
            assert (await running.until(task, TaskState.SAVED)).service == "Atelier"
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_picture_that_is_at_work_keeps_its_service_and_is_sent_once(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        let_go = asyncio.Event()

        async def slow(talk: Talk) -> None:
            await let_go.wait()
            await provider.create(talk)

        provider.creating(slow)
        async with at_work(tmp_path, provider) as running:
            (first,) = await running.add_pictures("a")
            await running.until(first, TaskState.SENDING)
            await running.queue.pool.rename("Studio", profile_of(provider, name="Atelier"))
            let_go.set()
            assert (await running.until(first, TaskState.SAVED)).service == "Studio"
        assert len(provider.charged) == 1

    with_provider(test)


def test_what_an_earlier_name_has_spent_today_counts_under_the_new_one(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        profile = profile_of(provider)
        costly = replace(profile, enhance_types=(replace(profile.enhance_types[0], cost=2.0),))
        async with at_work(tmp_path, provider, costly) as running:
            (first,) = await running.add_pictures("a")
            await running.until(first, TaskState.SAVED)
            running.profile = replace(costly, name="Atelier")
            await running.queue.pool.rename("Studio", running.profile)
            assert (await running.spent("Atelier")).today.credits == 2
            running.queue.spending.limit_day("Atelier", 3)
            (second,) = await running.add_pictures("b")
            suspended = await running.until_suspended(second)
            assert suspended.state is TaskState.QUEUED
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_new_service_of_the_earlier_name_is_another_one(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with Provider() as other, at_work(tmp_path, provider) as running:
            (first,) = await running.add_pictures("a")
            await running.until(first, TaskState.SAVED)
            await running.queue.pool.rename("Studio", profile_of(provider, name="Atelier"))
            running.profile = profile_of(other)
            await running.queue.pool.renew(running.profile)
            (second,) = await running.add_pictures("b")
            saved = await running.until(second, TaskState.SAVED)
            assert (saved.service, running.store.tasks.get(first.id).service) == (
                "Studio",
                "Atelier",
            )
        assert (len(provider.charged), len(other.charged)) == (1, 1)

    with_provider(test)
