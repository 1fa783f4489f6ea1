"""Requests that a task has overtaken: they stop nothing, and nothing is told that is not so."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from enhance_gui.core.storage_errors import ListTakenOver
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.events import ServiceStatus
from enhance_gui.storage.task_db.store import TaskStore
from tests.scenarios.running import at_work, profile_of, with_provider
from tests.support.provider import Provider
from tests.support.scriptable_service import envelope


@pytest.mark.parametrize("paused", [True, False])
def test_send_again_while_the_same_request_waits_to_be_repeated_stops_nothing(
    tmp_path: Path, paused: bool
) -> None:
    async def test(provider: Provider) -> None:
        provider.idempotent = True
        provider.creating(provider.create_and_say_nothing)
        profile = replace(profile_of(provider), private_id_is_idempotent=True)
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.IN_DOUBT)
            if paused:
                await running.queue.pool.pause()
            await running.queue.send_again(task.id)
            if paused:
                await asyncio.sleep(0.2)  # the repetition, due after a twentieth, is ready by then
                await running.queue.pool.unpause()
            await running.until(task, TaskState.SAVED)
            failures = [str(event) for event in running.events if "transition" in str(event)]
            assert failures == []
        assert len(provider.charged) == 1  # an equal private id is the same task

    with_provider(test)


def test_what_a_service_has_refused_to_be_sent_once_more_is_sent_as_another_attempt(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.idempotent = True
        refused = envelope(None, 1001003, "too large")
        provider.creating(provider.say_nothing, refused)
        profile = replace(profile_of(provider), private_id_is_idempotent=True)
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add_pictures("a")
            doubt = await running.until_suspended(task)
            assert doubt.state is TaskState.IN_DOUBT
            await running.queue.send_again(task.id)
            saved = await running.until(task, TaskState.SAVED)
            assert saved.private_id != doubt.private_id

    with_provider(test)


def test_what_another_start_has_taken_over_is_paused_and_told_as_that(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            database = tmp_path / "tasks.sqlite3"
            other = await asyncio.to_thread(TaskStore.open, database, lambda: datetime.now(UTC))
            (task,) = await running.add_pictures("a")
            assert (await running.until_suspended(task)).state is TaskState.QUEUED
            await running.until_true(
                lambda: running.line_states()[-1:] == [ServiceStatus.PAUSED.value] or None,
                "no pause",
            )
            assert running.worker.context.paused is not None
            assert running.worker.context.paused.kind == ListTakenOver.kind
            other.close()
        assert provider.charged == []

    with_provider(test)


def test_a_retry_of_what_was_accepted_and_failed_is_no_charge_by_mistake(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/gettask", envelope(None, 1002002, "deleted"), provider.get)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.FAILED)
            await running.queue.retry(task.id)
            saved = await running.until(task, TaskState.SAVED)
            assert saved.charges_possible == 2
            assert not saved.accepted_twice

    with_provider(test)


def test_an_attempt_that_a_proof_settles_is_followed_though_an_earlier_one_had_failed(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/gettask", envelope(None, 1002002, "deleted"), provider.get)
        provider.creating(provider.create, provider.create_and_say_nothing)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.FAILED)
            await running.queue.retry(task.id)
            doubt = await running.until(task, TaskState.IN_DOUBT)
            await running.called_back("task-2", str(doubt.private_id))
            await running.until(task, TaskState.SAVED)

    with_provider(test)
