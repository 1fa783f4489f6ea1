"""What becomes of a further attempt does not make an earlier one forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from tests.scenarios.running import Running, at_work, profile_of, until, with_provider
from tests.support.provider import INPUT, Provider
from tests.support.scriptable_service import Reply, envelope

REFUSED = envelope(None, 1001001, "no")


async def _in_doubt(running: Running) -> Task:
    (task,) = await running.add_pictures("a")
    return await running.until_suspended(task)


def test_a_refused_further_attempt_leaves_the_first_in_doubt(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.create_and_say_nothing, REFUSED)
        async with at_work(tmp_path, provider) as running:
            doubt = await _in_doubt(running)
            await running.queue.send_again(doubt.id)
            await running.until(doubt, TaskState.SENDING)
            again = await running.until(doubt, TaskState.IN_DOUBT, TaskState.FAILED)
            assert (again.state, again.private_id) == (TaskState.IN_DOUBT, doubt.private_id)
            # The first is still the one that a proof is about.
            await running.called_back("task-1", str(doubt.private_id))
            assert (await running.until(doubt, TaskState.SAVED)).service_task_id == "task-1"
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_picture_that_is_gone_by_then_leaves_the_first_attempt_in_doubt(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.create_and_say_nothing)
        async with at_work(tmp_path, provider) as running:
            doubt = await _in_doubt(running)
            provider.on("/a.jpg", Reply(404))
            await running.queue.send_again(doubt.id)
            await running.until(doubt, TaskState.QUEUED)
            again = await running.until(doubt, TaskState.IN_DOUBT, TaskState.FAILED)
            assert again.state is TaskState.IN_DOUBT
            assert again.failure is not None
            assert "came to nothing" in again.failure.detail

    with_provider(test)


def test_a_further_attempt_taken_back_leaves_the_first_in_doubt(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.create_and_say_nothing)
        async with at_work(tmp_path, provider) as running:
            doubt = await _in_doubt(running)
            await running.queue.pool.pause()
            await running.queue.send_again(doubt.id)
            assert (await running.queue.cancel(doubt.id)).state is TaskState.IN_DOUBT
            assert (await running.until_suspended(doubt)).state is TaskState.IN_DOUBT

    with_provider(test)


def test_a_service_that_knows_private_ids_is_sent_that_of_the_attempt_in_doubt(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.create_and_say_nothing, REFUSED)
        provider.idempotent = True
        async with at_work(tmp_path, provider) as running:  # not known to be idempotent yet
            doubt = await _in_doubt(running)
            await running.queue.send_again(doubt.id)
            await running.until(doubt, TaskState.SENDING)
            await running.until(doubt, TaskState.IN_DOUBT)
        profile = profile_of(provider, private_id_is_idempotent=True)
        async with at_work(tmp_path, provider, profile) as running:
            await running.queue.resume(profile, await running.queue.stored())
            assert (await running.until(doubt, TaskState.SAVED)).private_id == doubt.private_id
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_proof_brings_the_result_of_what_had_failed_meanwhile(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        failed_there = {"errorcode": 4711, "errormsg": "no face", "outputurl": ""}
        provider.record_of_new = lambda task: failed_there if task.task_id == "task-1" else {}
        provider.creating(provider.create, provider.create_and_say_nothing, REFUSED)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.FAILED)
            await running.queue.retry(task.id)
            doubt = await running.until(task, TaskState.IN_DOUBT)
            await running.queue.send_again(task.id)
            await running.until(task, TaskState.QUEUED)
            assert (await running.until(task, TaskState.FAILED)).charges_possible == 2
            await running.called_back("task-2", str(doubt.private_id))
            saved = await running.until(task, TaskState.SAVED)
            assert saved.service_task_id == "task-2"
        assert len(provider.charged) == 2

    with_provider(test)


# -- a service that does not know a task any more --------------------------------------------------


def test_a_task_that_is_not_known_is_kept_and_asked_about(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/gettask", envelope(None, 1002001))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            unknown = await running.until_suspended(task)
            assert unknown.state is TaskState.ACCEPTED
            assert unknown.failure is not None
            assert unknown.failure.kind == "task_unknown"
            provider.on("/gettask", provider.get)
            # One that the user wants an answer about is asked about now.
            await running.queue.resume(running.profile, [unknown])
            saved = await running.until(task, TaskState.SAVED)
            assert saved.failure is None
        assert len(provider.charged) == 1

    with_provider(test)


@pytest.mark.parametrize(("pictures", "paused"), [("ab", True), ("a", False)])
def test_where_no_task_is_known_any_more_nothing_is_sent_before_the_user_has_looked(
    tmp_path: Path, pictures: str, paused: bool
) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/gettask", envelope(None, 1002001))
        async with at_work(tmp_path, provider) as running:
            for task in await running.add_pictures(pictures):
                await running.until_suspended(task)
            await until(lambda: paused is (running.worker.context.paused is not None))
            if paused:
                assert running.worker.context.paused is not None
                assert running.worker.context.paused.kind == "all_tasks_unknown"
                sent = len(provider.charged)
                (waiting,) = await running.add_pictures("c")
                assert (await running.until_suspended(waiting)).state is TaskState.QUEUED
                assert len(provider.charged) == sent

    with_provider(test)


def test_one_unknown_task_among_known_ones_stops_nothing(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 10_000
        async with at_work(tmp_path, provider) as running:
            lost, _known = await running.add_pictures("ab")
            await until(lambda: len(provider.tasks) == 2)
            lost_id = next(t.task_id for t in provider.tasks.values() if "/a.jpg" in t.picurl)
            del provider.tasks[lost_id]
            assert (await running.until_suspended(lost)).state is TaskState.ACCEPTED
            assert running.worker.context.paused is None

    with_provider(test)


# -- drafts ---------------------------------------------------------------------------------------


def test_a_draft_is_not_started_for_what_was_paid_meanwhile_before_the_user_knows(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            new = [running.new(picture) for picture in provider.pictures("a")]
            (draft,) = await running.queue.draft(running.profile, new)
            await running.queue.pool.work_on(running.profile, [draft])
            await running.until_suspended(draft)
            (paid,) = await running.add_pictures("a")
            assert paid.id != draft.id
            await running.until(paid, TaskState.SAVED)
            (against,) = await running.queue.start_unless_repeated(draft.id)
            assert against.id == paid.id
            assert len(provider.charged) == 1
            assert await running.queue.start_unless_repeated(draft.id, [paid.id]) == []
            await running.until(draft, TaskState.SAVED)
        assert len(provider.charged) == 2

    with_provider(test)


def test_what_is_found_under_another_name_is_worked_on_under_its_own(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 10_000
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.ACCEPTED)
            other = profile_of(provider, name="Another name")
            request = running.new(provider.url("/a.jpg"))
            request = type(request)(request.input, other.name, 1, "Enhance", running.results)
            (found,) = await running.queue.add(other, [request])
            assert (found.id, found.service) == (task.id, "Studio")
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_file_that_was_given_up_under_another_name_is_not_sent_again(tmp_path: Path) -> None:
    """Only its content tells that it is the same picture."""
    from enhance_gui.jobs.queue.batch import Batch
    from enhance_gui.jobs.queue.reports import Report, ReportState

    async def test(provider: Provider) -> None:
        first, copy = tmp_path / "first.jpg", tmp_path / "copy.jpg"
        for file in (first, copy):
            file.write_bytes(INPUT)
        provider.on("/upload", envelope({"picurl": provider.url("/a.jpg")}))
        provider.creating(provider.say_nothing)
        profile = profile_of(provider, upload_path="/upload")
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add(str(first))
            assert (await running.until_suspended(task)).state is TaskState.IN_DOUBT
            await running.queue.give_up(task.id)
            reported: list[Report] = []
            batch = Batch(running.queue, reported.append)
            kind = profile.enhance_types[0]
            await batch.enhance([str(copy)], profile, kind, running.saving, tmp_path)
            batch.expect_no_more()
            assert [each.state for each in reported] == [ReportState.CANCELLED]
            assert reported[0].fields["charges_possible"] == 1
        assert len(provider.seen("/createtask")) == 1

    with_provider(test)
