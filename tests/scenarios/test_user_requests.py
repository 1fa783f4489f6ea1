"""What the user wants of tasks beside sending them: fetched now, deleted there, off the list."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from enhance_gui.core.backoff import Backoff, Waits
from enhance_gui.core.service_errors import ServiceBusy, ServiceError, TokenRefused
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.storage_errors import KEYRING_LOCKED, KeyringProblem, TransitionRefused
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.events import TaskChanged
from enhance_gui.jobs.worker import deleting, result_retry
from enhance_gui.jobs.worker.deleting import BUSY_TRIES
from tests.scenarios.running import Running, at_work, profile_of, until, with_provider
from tests.support.provider import RESULT, Provider
from tests.support.scriptable_service import Reply, Talk, envelope


def deletes(provider: Provider) -> list[str]:
    return [
        request.json()["taskid"] for request in provider.requests if request.path == "/deletetask"
    ]


# -- delete on the service ------------------------------------------------------------------------


def test_what_a_saved_task_left_on_the_service_is_deleted_and_the_files_stay(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            saved = await running.until(task, TaskState.SAVED)
            deleted = await running.queue.delete_on_service(task.id)
            assert provider.tasks["task-1"].deleted
            assert deleted.on_service == ()
            assert deleted.state is TaskState.SAVED
            assert saved.files[0].is_file()
            assert saved.sidecar is not None
            assert saved.sidecar.is_file()
            reported = [event for event in running.events if isinstance(event, TaskChanged)][-1]
            assert reported == TaskChanged(deleted, suspended=True)
            again = await running.queue.delete_on_service(task.id)
            assert again == deleted
        assert deletes(provider) == ["task-1"]
        assert len(provider.charged) == 1

    with_provider(test)


def test_it_is_remembered_in_the_next_run(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
            await running.queue.delete_on_service(task.id)
        async with at_work(tmp_path, provider) as running:
            (known,) = await running.queue.db.do(running.store.tasks.history)
            assert known.on_service == ()
            assert [
                each.step for each in await running.queue.db.do(running.store.tasks.events, task.id)
            ][-1] == "delete"

    with_provider(test)


def test_what_the_service_no_longer_has_counts_as_deleted(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
            provider.tasks.clear()
            deleted = await running.queue.delete_on_service(task.id)
            assert deleted.on_service == ()

    with_provider(test)


@pytest.mark.parametrize(
    "answer", [envelope({"success": False}), envelope(None, 1009999, "not allowed")]
)
def test_what_the_service_would_not_delete_is_still_there(tmp_path: Path, answer: Reply) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/deletetask", answer)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
            kept = await running.queue.delete_on_service(task.id)
            assert [each.service_task_id for each in kept.on_service] == ["task-1"]

    with_provider(test)


def test_a_service_that_is_busy_is_asked_a_few_times_and_one_that_is_gone_once(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
            provider.on("/deletetask", Reply(503, headers={"Retry-After": "2"}))
            with pytest.raises(ServiceBusy):
                await running.queue.delete_on_service(task.id)
            assert len(deletes(provider)) == BUSY_TRIES

            async def nothing(talk: Talk) -> None:
                await talk.reset()

            provider.on("/deletetask", nothing)
            with pytest.raises(ServiceError):
                await running.queue.delete_on_service(task.id)
            assert len(deletes(provider)) == BUSY_TRIES + 1

    with_provider(test)


def test_a_running_task_is_cancelled_and_not_deleted_behind_its_back(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 1000
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.ACCEPTED)
            with pytest.raises(TransitionRefused):
                await running.queue.delete_on_service(task.id)
            await running.queue.cancel(task.id)
            cancelled = await running.until(task, TaskState.CANCELLED)
            assert cancelled.on_service == ()

    with_provider(test)


def test_a_task_that_is_asked_about_again_is_not_deleted_by_an_earlier_wish(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        refused = asyncio.Event()

        async def busy(talk: Talk) -> None:
            refused.set()
            await talk.reply(Reply(503, headers={"Retry-After": "20"}))

        provider.on("/result.png", Reply(404))
        provider.on("/deletetask", busy, provider._delete)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.FAILED)
            provider.tasks["task-1"].polls_left = 1000
            deleting = asyncio.create_task(running.queue.delete_on_service(task.id))
            await refused.wait()
            await running.queue.ask_again(task.id)
            with pytest.raises(TransitionRefused):
                await deleting
            assert not provider.tasks["task-1"].deleted
        assert deletes(provider) == ["task-1"]

    with_provider(test)


def test_where_a_service_has_moved_nothing_is_asked_about_tasks_that_were_elsewhere(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        async with Provider() as other:
            provider.on("/result.png", Reply(404))
            async with at_work(tmp_path, provider) as running:
                (failed,) = await running.add_pictures("a")
                await running.until(failed, TaskState.FAILED)
                await running.queue.pool.renew(replace(running.profile, base_url=other.base_url))
                moved = await running.queue.delete_on_service(failed.id)
                assert moved.on_service == ()
                with pytest.raises(TransitionRefused):
                    await running.queue.ask_again(failed.id)
                await running.queue.pool.renew(running.profile)
                await running.queue.delete_on_service(failed.id)
            assert other.requests == []
        assert provider.tasks["task-1"].deleted

    with_provider(test)


async def cut_off(talk: Talk) -> None:
    await talk.reset()


async def _refused_request(tmp_path: Path, provider: Provider) -> None:
    """Have a run end whose request to delete met a service that could not be asked."""
    provider.on("/deletetask", cut_off)
    async with at_work(tmp_path, provider) as running:
        (task,) = await running.add_pictures("a")
        await running.until(task, TaskState.SAVED)
        with pytest.raises(ServiceError):
            await running.queue.delete_on_service(task.id)
        assert running.store.tasks.get(task.id).to_delete
    provider.on("/deletetask", provider._delete)


def test_a_wish_to_delete_is_carried_out_in_the_next_run_once_the_service_is_in_use(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        await _refused_request(tmp_path, provider)
        asked = len(provider.requests)
        async with at_work(tmp_path, provider) as running:
            # No service is opened for that alone: it may need the password manager.
            assert await running.queue.stored() == []
            assert len(provider.requests) == asked
            (other,) = await running.add_pictures("b")
            await running.until(other, TaskState.SAVED)
            await until(lambda: provider.tasks["task-1"].deleted)
            await until(lambda: not running.store.deletions.wanted())
            task = running.store.tasks.get(1)
            assert task.state is TaskState.SAVED
            assert task.on_service == ()
            assert not provider.tasks["task-2"].deleted
        assert len(provider.charged) == 2

    with_provider(test)


@pytest.mark.parametrize(
    "answer",
    [envelope(None, 1002001, "unknown"), envelope(None, 1009999, "not allowed")],
    ids=["gone", "refused"],
)
def test_a_wish_is_over_where_the_service_has_no_record_or_refuses(
    tmp_path: Path, answer: Reply
) -> None:
    async def test(provider: Provider) -> None:
        await _refused_request(tmp_path, provider)
        asked = len(deletes(provider))
        provider.on("/deletetask", answer)
        async with at_work(tmp_path, provider) as running:
            await running.add_pictures("b")
            await until(lambda: not running.store.deletions.wanted())
        async with at_work(tmp_path, provider) as running:
            (other,) = await running.add_pictures("c")
            await running.until(other, TaskState.SAVED)
        assert len(deletes(provider)) == asked + 1

    with_provider(test)


def test_a_service_that_could_not_be_asked_is_asked_again_in_the_same_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "BACKOFF", Backoff(4.0, 3600.0))

    async def test(provider: Provider) -> None:
        provider.on("/deletetask", cut_off, cut_off, provider._delete)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
            with pytest.raises(ServiceError):
                await running.queue.delete_on_service(task.id)
            await running.until_true(
                lambda: not running.last(task).on_service, "its record is still there"
            )
        assert len(deletes(provider)) == 3

    with_provider(test)


def test_a_task_that_the_user_wants_tried_again_is_not_deleted_by_a_wish_of_an_earlier_run(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/result.png", Reply(404))
        provider.on("/deletetask", cut_off)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.FAILED)
            with pytest.raises(ServiceError):
                await running.queue.delete_on_service(task.id)
        asked = len(deletes(provider))
        provider.on("/result.png", Reply(body=RESULT))
        provider.on("/deletetask", provider._delete)
        async with at_work(tmp_path, provider) as running:
            await running.queue.ask_again(task.id)
            await running.until(task, TaskState.SAVED)
            (other,) = await running.add_pictures("b")
            await running.until(other, TaskState.SAVED)
            assert running.store.tasks.get(task.id).to_delete == ()
        assert len(deletes(provider)) == asked

    with_provider(test)


def test_a_wish_that_is_made_again_while_it_is_carried_out_is_one_request(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        await _refused_request(tmp_path, provider)
        asked = len(deletes(provider))
        async with at_work(tmp_path, provider) as running:
            # It opens the worker, which takes up the earlier request.
            first, second = await asyncio.gather(
                running.queue.delete_on_service(1), running.queue.delete_on_service(1)
            )
            assert first.on_service == second.on_service == ()
        assert len(deletes(provider)) == asked + 1

    with_provider(test)


def test_a_wish_for_which_there_is_no_token_is_kept_and_carried_out_with_one(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/deletetask", Reply(401), provider._delete)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
            with pytest.raises(TokenRefused):
                await running.queue.delete_on_service(task.id)
            await asyncio.sleep(0.1)
            assert len(deletes(provider)) == 1
            await running.queue.pool.renew(running.profile)
            await until(lambda: provider.tasks["task-1"].deleted)

    with_provider(test)


def test_wishes_are_kept_before_the_first_service_is_asked_and_only_of_ended_tasks(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            ended, running_one = await running.add_pictures("ab")
            await running.until(ended, TaskState.SAVED)
            await running.until(running_one, TaskState.SAVED)
            provider.polls_needed = 1000
            (going,) = await running.add_pictures("c")
            await running.until(going, TaskState.ACCEPTED)
            await running.queue.want_deleted([ended.id, going.id, running_one.id])
            wanted = running.store.deletions.wanted("Studio")
            assert [task.id for task in wanted] == [ended.id, running_one.id]
        assert deletes(provider) == []

    with_provider(test)


# -- off the list ---------------------------------------------------------------------------------


def test_ended_tasks_leave_the_list_and_come_back_and_their_files_stay(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            first, second = await running.add_pictures("ab")
            saved = await running.until(first, TaskState.SAVED)
            await running.until(second, TaskState.SAVED)
            hidden = await running.queue.db.do(running.store.tasks.hide, [first.id])
            assert [task.id for task in hidden] == [first.id]
            assert [task.id for task in await running.queue.db.do(running.store.tasks.history)] == [
                second.id
            ]
            assert saved.files[0].is_file()
        async with at_work(tmp_path, provider) as running:
            assert [task.id for task in await running.queue.db.do(running.store.tasks.history)] == [
                second.id
            ]
            back = await running.queue.db.do(running.store.tasks.bring_back, [first.id])
            assert [task.files for task in back] == [saved.files]
            assert len(await running.queue.db.do(running.store.tasks.history)) == 2

    with_provider(test)


# -- fetched now ----------------------------------------------------------------------------------


async def _waiting_for_its_folder(running: Running) -> int:
    running.results.write_text("in the way")
    (task,) = await running.add_pictures("a")
    waiting = await running.until_suspended(task)
    assert waiting.state is TaskState.FINISHED
    running.results.unlink()
    return task.id


def test_a_result_that_waits_for_its_folder_is_fetched_when_the_user_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By itself it would be tried long after the end of the test.
    monkeypatch.setattr(result_retry, "STORAGE_RETRY_S", 40_000)

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            task_id = await _waiting_for_its_folder(running)
            await running.queue.fetch_now(task_id)
            task = await running.queue.db.do(running.store.tasks.history)
            assert task == []
            await running.until_true(
                lambda: any(
                    isinstance(event, TaskChanged) and event.task.state is TaskState.SAVED
                    for event in running.events
                ),
                "it is not saved",
            )
            kinds = [
                event.suspended
                for event in running.events
                if isinstance(event, TaskChanged) and event.task.state is TaskState.FINISHED
            ]
            assert kinds[-1] is False  # no longer said to wait for the user
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_result_of_an_earlier_run_is_fetched_when_the_user_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_retry, "STORAGE_RETRY_S", 40_000)

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            task_id = await _waiting_for_its_folder(running)
        async with at_work(tmp_path, provider) as running:
            await running.queue.fetch_now(task_id)
            (task,) = await running.queue.db.do(running.store.tasks.bring_back, [task_id])
            await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_result_that_the_user_wants_fetched_gets_all_its_tries_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without that, the one try after the user's word would be the last, and the result lost.
    monkeypatch.setattr(result_retry, "DELAYS_S", Waits())
    monkeypatch.setattr(result_retry, "SUSPENDED_RETRY_S", 40_000)

    async def test(provider: Provider) -> None:
        provider.on("/result.png", Reply(500))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until_suspended(task)
            monkeypatch.setattr(result_retry, "DELAYS_S", Waits((1.0, 1.0, 1.0)))
            provider.on("/result.png", Reply(404))
            await running.queue.fetch_now(task.id)
            await running.until(task, TaskState.FAILED)
        asked = sum(request.path == "/result.png" for request in provider.requests)
        assert asked == 1 + 4

    with_provider(test)


# -- in sight -------------------------------------------------------------------------------------


@pytest.mark.parametrize("worker_is_open", [False, True])
def test_what_is_in_sight_is_asked_about_first_where_requests_are_short(
    tmp_path: Path, worker_is_open: bool
) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 1000
        slow = profile_of(provider, requests_per_s=1.0, max_in_flight=8)
        async with at_work(tmp_path, provider, profile_of(provider, max_in_flight=8)) as running:
            tasks = await running.add_pictures("abcdefgh")
            for task in tasks:
                await running.until(task, TaskState.ACCEPTED)
        await asyncio.sleep(0.1)  # what was cut off at the end of that run arrives in pieces
        seen = len(provider.requests)
        async with at_work(tmp_path, provider, slow) as running:
            if not worker_is_open:
                running.queue.pool.set_visible([tasks[-1].id])
            await running.queue.resume(slow, await running.queue.stored())
            if worker_is_open:
                running.queue.pool.set_visible([tasks[-1].id])
            await until(lambda: len(polls(provider, seen)) >= 6)
        place = polls(provider, seen).index("task-8")
        assert place == 0 if not worker_is_open else place <= 4

    with_provider(test)


def polls(provider: Provider, after: int) -> list[str]:
    return [
        request.json()["taskid"]
        for request in provider.requests[after:]
        if request.path == "/gettask" and request.body
    ]


def test_what_is_taken_back_before_its_service_could_be_opened_is_told_to_be(
    tmp_path: Path,
) -> None:
    async def locked(_: NetworkSettings) -> NetworkSettings:
        raise KeyringProblem("the proxy's login is in it", kind=KEYRING_LOCKED)

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, login_of=locked) as running:
            (task,) = await running.add_pictures("a")
            assert (await running.until_suspended(task)).state is TaskState.QUEUED
            await running.queue.cancel(task.id)
            assert running.last(task).state is TaskState.CANCELLED
        assert provider.requests == []

    with_provider(test)
