"""Errors that nobody foresaw: each ends the work on one task, or one loop, and nothing else."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.client.api import ApiClient
from enhance_gui.client.download import download
from enhance_gui.core.images.inputs.source import ImageSource
from enhance_gui.core.storage_errors import DatabaseDamaged
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.barrier import LOOP_DELAYS_S, TASK_DELAYS_S
from enhance_gui.jobs.events import Event, ServiceStatus, TaskChanged
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.worker import checking, input_copies, result_fetch
from enhance_gui.jobs.worker.polling_loop import Follower
from enhance_gui.jobs.worker.sending import Sender
from tests.scenarios.running import Running, at_work, with_provider
from tests.support.provider import Provider

SECRET = "what an unforeseen error says stands in the log alone"


class Unforeseen(Exception):
    """Nobody knows it."""


def fails(
    method: Callable[..., Any], is_meant: Callable[..., bool], times: int = 10**6
) -> Callable[..., Any]:
    """Return a method that fails so often where it is meant to."""
    left = [times]

    def failing(*args: Any, **kwargs: Any) -> Any:
        if left[0] and is_meant(*args):
            left[0] -= 1
            raise Unforeseen(SECRET)
        return method(*args, **kwargs)

    return failing


def of_b(*args: Any) -> bool:
    """Tell whether a call is about the picture b.jpg."""
    texts = [arg.input if isinstance(arg, Task) else str(arg) for arg in args]
    return any("/b.jpg" in text for text in texts)


async def others_are_saved(running: Running, tasks: list[Task]) -> None:
    for task in tasks:
        if "/b.jpg" not in task.input:
            await running.until(task, TaskState.SAVED)


def words_of(task: Task) -> tuple[str, str]:
    assert task.failure is not None
    return task.failure.kind, task.failure.detail


@pytest.mark.parametrize("error", [Unforeseen, SystemExit])
@pytest.mark.parametrize("draft", [False, True])
def test_a_picture_whose_check_meets_a_fault_has_failed_and_cost_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], draft: bool
) -> None:
    prepare = checking.prepare

    async def failing(source: ImageSource, *args: Any) -> Any:
        if "/b.jpg" in source.key:
            raise error
        return await prepare(source, *args)

    monkeypatch.setattr(checking, "prepare", failing)

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, with_faults=True) as running:
            if draft:
                new = [running.new(picture) for picture in provider.pictures("ab")]
                tasks = await running.queue.draft(running.profile, new)
                await running.queue.pool.work_on(running.profile, tasks)
            else:
                tasks = await running.add_pictures("abc")
            failed = await running.until(tasks[1], TaskState.FAILED)
            reported = f"an unforeseen error ({error.__name__}); nothing was charged for it"
            assert words_of(failed) == ("fault", reported)
            if not draft:
                await others_are_saved(running, tasks)
            # Tried again it is checked again.
            monkeypatch.setattr(checking, "prepare", prepare)
            await running.queue.retry(tasks[1].id)
            await running.until(tasks[1], TaskState.SAVED)
        assert len(provider.charged) == (1 if draft else 3)

    with_provider(test)


def test_a_fault_before_the_request_leaves_fails_the_task_and_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sender, "_picurl", fails(Sender._picurl, of_b))

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, with_faults=True) as running:
            tasks = await running.add_pictures("abc")
            failed = await running.until(tasks[1], TaskState.FAILED)
            assert words_of(failed)[1].endswith("; nothing was charged for it")
            await others_are_saved(running, tasks)
        assert len(provider.charged) == 2

    with_provider(test)


@pytest.mark.parametrize("request_started", [False, True])
def test_a_fault_after_the_intent_is_a_doubt_and_nothing_is_sent_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request_started: bool
) -> None:
    create = ApiClient.create_task

    async def failing(api: ApiClient, request: Any, before: Callable[[], Awaitable[None]]) -> Any:
        if "/b.jpg" not in request.picurl:
            return await create(api, request, before)
        if request_started:
            await create(api, request, before)
        else:
            await before()
        raise Unforeseen(SECRET)

    monkeypatch.setattr(ApiClient, "create_task", failing)

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, with_faults=True) as running:
            tasks = await running.add_pictures("abc")
            doubt = await running.until_suspended(tasks[1])
            assert doubt.state is TaskState.IN_DOUBT
            reported = "an unforeseen error (Unforeseen); it may have been charged"
            assert words_of(doubt) == ("fault", reported)
            await others_are_saved(running, tasks)
        assert len(provider.charged) == (3 if request_started else 2)

    with_provider(test)


FAULTS = {
    "look": (Follower, "_look_at", of_b),
    "plan": (result_fetch, "plan_outputs", of_b),
    "take up": (Follower, "resume_polling", of_b),
}


@pytest.mark.parametrize("where", ["look", "plan"])
def test_what_the_service_has_is_tried_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    place, name, is_meant = FAULTS[where]
    tries = len(TASK_DELAYS_S)
    monkeypatch.setattr(place, name, fails(getattr(place, name), is_meant, tries))

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, with_faults=True) as running:
            tasks = await running.add_pictures("abc")
            for task in tasks:
                await running.until(task, TaskState.SAVED)
            reported = [
                event.task.failure
                for event in running.events
                if isinstance(event, TaskChanged)
                and event.task.id == tasks[1].id
                and event.task.failure is not None
            ]
            assert reported[0] is not None
            assert (
                reported[0].detail == "an unforeseen error (Unforeseen); it may have been charged"
            )
        assert len(provider.charged) == 3

    with_provider(test)


@pytest.mark.parametrize("where", ["look", "plan"])
def test_after_some_tries_it_rests_until_the_user_wants_it_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    place, name, is_meant = FAULTS[where]
    whole = getattr(place, name)
    monkeypatch.setattr(place, name, fails(whole, is_meant))

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, with_faults=True) as running:
            tasks = await running.add_pictures("abc")
            await others_are_saved(running, tasks)
            await running.until_true(
                lambda: tasks[1].id not in running.worker.context.tasks or None,
                "it is tried for ever",
            )
            rests = running.last(tasks[1])
            assert rests.state in (TaskState.ACCEPTED, TaskState.FINISHED)
            assert words_of(rests)[0] == "fault"
            assert [task.id for task in await running.queue.stored()] == [tasks[1].id]
            monkeypatch.setattr(place, name, whole)
            await running.queue.resume(running.profile, await running.queue.stored())
            await running.until(tasks[1], TaskState.SAVED)
        assert len(provider.charged) == 3

    with_provider(test)


def test_a_stored_task_that_cannot_be_taken_up_keeps_no_other_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 1000
        async with at_work(tmp_path, provider) as running:
            tasks = await running.add_pictures("abc")
            for task in tasks:
                await running.until(task, TaskState.ACCEPTED)
        provider.polls_needed = 0
        for each in provider.tasks.values():
            each.polls_left = 0
        place, name, is_meant = FAULTS["take up"]
        monkeypatch.setattr(place, name, fails(getattr(place, name), is_meant, 1))
        async with at_work(tmp_path, provider, with_faults=True) as running:
            await running.queue.resume(running.profile, await running.queue.stored())
            for task in tasks:
                await running.until(task, TaskState.SAVED)

    with_provider(test)


def test_a_copy_of_the_input_that_meets_a_fault_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(input_copies, "download", fails(download, of_b))

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, with_faults=True) as running:
            for task in await running.add_pictures("ab"):
                await running.until(task, TaskState.SAVED)

    with_provider(test)


def test_a_cancellation_that_meets_a_fault_is_carried_out_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = fails(ApiClient.delete_task, lambda *_: True, 1)
    monkeypatch.setattr(ApiClient, "delete_task", once)

    async def test(provider: Provider) -> None:
        provider.polls_needed = 1000
        async with at_work(tmp_path, provider, with_faults=True) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.ACCEPTED)
            await running.queue.cancel(task.id)
            await running.until(task, TaskState.CANCELLED)

    with_provider(test)


def test_a_loop_that_meets_a_fault_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = fails(Poller.next_poll, lambda *_: True, len(LOOP_DELAYS_S))
    monkeypatch.setattr(Poller, "next_poll", some)

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, with_faults=True) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
            assert ServiceStatus.PAUSED not in running.line_states()

    with_provider(test)


def test_a_loop_that_meets_nothing_but_faults_pauses_its_service_until_the_user_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Poller.next_poll
    monkeypatch.setattr(Poller, "next_poll", fails(whole, lambda *_: True))

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, with_faults=True) as running:
            (task,) = await running.add_pictures("a")
            paused = await running.until_true(
                lambda: running.worker.context.paused, "it does not pause"
            )
            assert (paused.kind, paused.detail) == ("fault", "an unforeseen error (Unforeseen)")
            assert (await running.until_suspended(task)).state is TaskState.ACCEPTED
            monkeypatch.setattr(Poller, "next_poll", whole)
            await running.queue.unpause_service(running.profile.name)
            await running.until(task, TaskState.SAVED)

    with_provider(test)


def test_a_service_that_cannot_be_opened_keeps_its_tasks_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, with_faults=True) as running:
            opened = running.queue.pool.worker_for
            monkeypatch.setattr(running.queue.pool, "worker_for", fails(opened, lambda *_: True, 1))
            (task,) = await running.add_pictures("a")
            waits = await running.until_suspended(task)
            assert waits.state is TaskState.QUEUED
            assert words_of(waits)[0] == "fault"
            await running.queue.resume(running.profile, await running.queue.stored())
            await running.until(task, TaskState.SAVED)

    with_provider(test)


def test_whoever_hears_of_the_work_cannot_break_it_off(tmp_path: Path) -> None:
    def on_event(_: Event) -> None:
        raise Unforeseen(SECRET)

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, with_faults=True) as running:
            running.queue.listen(on_event)
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_list_that_is_found_to_be_damaged_ends_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def damaged(*_: Any) -> Any:
        raise DatabaseDamaged("rows are missing")

    monkeypatch.setattr(checking, "prepare", damaged)

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, with_faults=True) as running:
            await running.add_pictures("a")
            with pytest.raises(DatabaseDamaged):
                await asyncio.wait_for(asyncio.shield(running.queue.crashed), 20)

    with pytest.raises(DatabaseDamaged):
        with_provider(test)


CRASHES = """
import asyncio, os, sys
from pathlib import Path
from enhance_gui.jobs.worker import verifying
from tests.scenarios.running import at_work, profile_of
from tests.support.provider import Provider

def crash(*_):
    os._exit(134)

async def run():
    async with Provider() as nobody:
        profile = profile_of(nobody, base_url=sys.argv[2])
        async with at_work(Path(sys.argv[1]), nobody, profile) as running:
            tasks = await running.queue.stored()
            if sys.argv[3] == "crash":
                verifying.decode_picture = crash
            await running.queue.resume(profile, tasks)
            for task in tasks:
                print((await running.until_suspended(task)).state.value)

asyncio.run(run())
"""


def test_a_picture_that_twice_brings_the_program_down_waits_for_the_user(tmp_path: Path) -> None:
    async def start(provider: Provider, what: str) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", CRASHES, str(tmp_path), provider.base_url, what),
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        return process.returncode, out.decode().strip()

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            provider.polls_needed = 10**6
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.ACCEPTED)
        for each in provider.tasks.values():
            each.polls_left = 0
        assert await start(provider, "crash") == (134, "")
        assert await start(provider, "crash") == (134, "")
        assert await start(provider, "crash") == (0, "finished")
        assert await start(provider, "well") == (0, "finished")
        async with at_work(tmp_path, provider) as running:
            await running.queue.resume(running.profile, await running.queue.stored())
            aside = await running.until_suspended(task)
            reported = "the program ended twice while it was reading this picture"
            assert words_of(aside) == ("fault", f"{reported}; it may have been charged")
            await running.queue.fetch_now(task.id)
            await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)
