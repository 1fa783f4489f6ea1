"""A service that has moved counts its tasks anew: equal numbers at two addresses are two tasks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from tests.scenarios.running import Running, at_work, with_provider
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply


@asynccontextmanager
async def moved(folder: Path, provider: Provider, other: Provider) -> AsyncIterator[Running]:
    """Work on a service whose first picture was saved before it moved to another address."""
    async with at_work(folder, provider) as running:
        (first,) = await running.add_pictures("a")
        saved = await running.until(first, TaskState.SAVED)
        assert saved.service_task_id == "task-1"
        running.profile = replace(running.profile, base_url=other.base_url)
        await running.queue.pool.renew(running.profile)
        yield running


def known(task: Task) -> list[tuple[str | None, bool]]:
    """Return the numbers that a task has had, and which of them belong to another address."""
    return [(attempt.service_task_id, attempt.elsewhere) for attempt in task.attempts]


def test_a_number_that_the_earlier_address_gave_out_is_taken_from_the_new_one(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        async with Provider() as other, moved(tmp_path, provider, other) as running:
            (second,) = await running.add_pictures("b")
            saved = await running.until(second, TaskState.SAVED)
            assert known(saved) == [("task-1", False)]
            assert known(running.store.tasks.get(1)) == [("task-1", True)]
            await running.queue.delete_on_service(saved.id)
            assert other.tasks["task-1"].deleted
            assert len(other.charged) == 1
        assert not provider.tasks["task-1"].deleted
        assert len(provider.charged) == 1

    with_provider(test)


def test_the_same_picture_sent_again_after_the_move_keeps_both_numbers(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/result.png", Reply(404))
        async with Provider() as other, at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.FAILED)
            await running.queue.pool.renew(replace(running.profile, base_url=other.base_url))
            await running.queue.retry(task.id)
            saved = await running.until(task, TaskState.SAVED)
            assert known(saved) == [("task-1", True), ("task-1", False)]
            assert saved.charges_possible == 2
            assert len(other.charged) == 1

    with_provider(test)


def test_a_doubt_at_the_new_address_is_settled_by_a_number_the_earlier_one_gave_out(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        async with Provider() as other, moved(tmp_path, provider, other) as running:
            other.creating(other.create_and_say_nothing)
            (second,) = await running.add_pictures("b")
            doubt = await running.until(second, TaskState.IN_DOUBT)
            await running.called_back("task-1", doubt.private_id or "")
            saved = await running.until(second, TaskState.SAVED)
            assert known(saved) == [("task-1", False)]
            assert len(other.charged) == 1

    with_provider(test)


def test_a_callback_is_about_the_task_of_the_present_address(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with Provider() as other, moved(tmp_path, provider, other) as running:
            store = running.store
            assert store.hints.note("Studio", "task-1", "not ours") is None
            other.polls_needed = 10**6
            (second,) = await running.add_pictures("b")
            await running.until(second, TaskState.ACCEPTED)
            hint = store.hints.note("Studio", "task-1", "not ours")
            assert hint is not None
            assert hint.task_id == second.id
            assert hint.private_id == other.tasks["task-1"].private_id

    with_provider(test)


def test_what_the_new_address_proves_to_have_is_followed_and_deleted_there(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.create_and_say_nothing)
        async with Provider() as other, at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            doubt = await running.until(task, TaskState.IN_DOUBT)
            await running.queue.give_up(task.id)
            await running.queue.pool.renew(replace(running.profile, base_url=other.base_url))
            # The provider has only changed its name in the network: its tasks are there too.
            other.tasks.update(provider.tasks)
            await running.called_back("task-1", doubt.private_id or "")
            saved = await running.until(task, TaskState.SAVED)
            assert known(saved) == [("task-1", False)]
            assert len(saved.on_service) == 1

    with_provider(test)


def forget_everything(provider: Provider) -> None:
    """Let the service lose its data: its numbers begin at 1 again."""
    provider.tasks.clear()
    provider.count_anew()


def test_a_service_that_has_lost_its_data_may_count_anew(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            for name in "abc":
                (task,) = await running.add_pictures(name)
                saved = await running.until(task, TaskState.SAVED)
                assert known(saved) == [("task-1", False)]
                assert len(provider.charged) == 1
                forget_everything(provider)
            assert known(running.store.tasks.get(1)) == [("task-1", True)]
            assert known(running.store.tasks.get(2)) == [("task-1", True)]
            assert running.store.tasks.get(2).on_service == ()

    with_provider(test)


def test_a_number_that_a_task_under_way_has_is_not_taken_from_it(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 10**6
        async with at_work(tmp_path, provider) as running:
            (first,) = await running.add_pictures("a")
            await running.until(first, TaskState.ACCEPTED)
            provider.count_anew()
            (second,) = await running.add_pictures("b")
            doubt = await running.until(second, TaskState.IN_DOUBT)
            assert known(doubt) == [(None, False)]
            assert known(running.store.tasks.get(first.id)) == [("task-1", False)]

    with_provider(test)
