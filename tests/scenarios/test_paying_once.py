"""Never two charges for one task without the user's yes, and never a task lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from enhance_gui.client.api import PROBE_TASK_ID
from enhance_gui.core.storage_errors import TransitionRefused
from enhance_gui.core.tasks.states import Outcome, TaskState
from tests.scenarios.running import at_work, profile_of, until, with_provider
from tests.support.provider import INPUT, Provider, ProviderTask
from tests.support.scriptable_service import Reply, Talk, envelope

LOST = ("create_and_say_nothing", "say_nothing")


def test_a_batch_is_saved_and_each_picture_charged_once(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            tasks = await running.add_pictures("abcd")
            saved = [await running.until(task, TaskState.SAVED) for task in tasks]
            assert len(provider.charged) == 4
            assert sorted(provider.charged) == sorted(str(task.private_id) for task in saved)
            names = sorted(path.name for path in running.results.iterdir())
            assert names == [f"{n}-enhance.{e}" for n in "abcd" for e in ("json", "png")]

    with_provider(test)


@pytest.mark.parametrize("way", LOST)
def test_a_lost_answer_leaves_the_task_in_doubt_and_it_is_never_sent_again(
    tmp_path: Path, way: str
) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(getattr(provider, way))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            doubt = await running.until(task, TaskState.IN_DOUBT)
            assert doubt.failure is not None
            assert doubt.failure.kind == "in_doubt"
            other, *_ = await running.add_pictures("b")
            await running.until(other, TaskState.SAVED)
            assert running.last(task).state is TaskState.IN_DOUBT
        # The same again after a restart, and when the same picture is asked for once more.
        async with at_work(tmp_path, provider) as running:
            await running.queue.resume(running.profile, await running.queue.stored())
            (again,) = await running.add_pictures("a")
            assert again.id == task.id
            assert (await running.until_suspended(task)).state is TaskState.IN_DOUBT
        assert len(provider.seen("/createtask")) == 2

    with_provider(test)


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (envelope(None, 1001001, "no"), "create_failed", 1001001),
        (envelope(None, 1001002, "no"), "address_refused", 1001002),
        (envelope(None, 1001003, "no"), "too_large_for_service", 1001003),
        (envelope(None, 1001004, "no"), "kind_refused", 1001004),
    ],
)
def test_a_refusal_fails_its_task_and_not_the_next(
    tmp_path: Path, reply: Reply, kind: str, code: int
) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(reply)
        async with at_work(tmp_path, provider) as running:
            first, second = await running.add_pictures("ab")
            tasks = [await running.until_suspended(task) for task in (first, second)]
            failed = next(task for task in tasks if task.state is TaskState.FAILED)
            assert failed.failure is not None
            assert (failed.failure.kind, failed.failure.code) == (kind, code)
            assert failed.charges_possible == 0
            assert {task.state for task in tasks} == {TaskState.FAILED, TaskState.SAVED}

    with_provider(test)


@pytest.mark.parametrize(
    "reply",
    [
        envelope({"status": 0}),
        envelope(None, 4711, "what is this"),
        Reply(500, b"<html>Internal Server Error</html>"),
        Reply(200, b'{"code": 0, "data": {"taskid": '),
        Reply(204),
    ],
    ids=["no task id", "unknown code", "server error", "cut", "empty"],
)
def test_an_answer_that_does_not_rule_out_a_charge_is_a_doubt(tmp_path: Path, reply: Reply) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(reply)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            doubt = await running.until(task, TaskState.IN_DOUBT)
            assert doubt.charges_possible == 1

    with_provider(test)


def test_a_busy_service_gets_the_task_later_with_a_new_private_id(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(Reply(429, headers={"Retry-After": "3"}))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            saved = await running.until(task, TaskState.SAVED)
            assert [attempt.outcome for attempt in saved.attempts] == [
                Outcome.UNSENT,
                Outcome.ACCEPTED,
            ]
            assert len(provider.charged) == 1
            assert saved.charges_possible == 1

    with_provider(test)


def test_a_service_that_is_not_there_leaves_no_attempt_and_gets_the_task_when_it_comes(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        refusals = 0

        async def refuse(talk: Talk) -> None:
            # The picture's preflight comes first; then nobody listens for a while.
            nonlocal refusals
            refusals += 1
            if 1 < refusals < 5:
                await talk.reset()

        provider.on_connect(refuse)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            done = await running.until(task, TaskState.SAVED, TaskState.IN_DOUBT)
            assert len(provider.charged) <= done.charges_possible

    with_provider(test)


def test_an_empty_balance_costs_one_refusal_and_stops_until_the_user_goes_on(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.create, envelope(None, 1003002, "insufficient balance"))
        async with at_work(tmp_path, provider) as running:
            tasks = await running.add_pictures("abcdefgh")
            suspended = [await running.until_suspended(task) for task in tasks]
            assert [task.state for task in suspended].count(TaskState.SAVED) == 1
            assert [task.state for task in suspended].count(TaskState.QUEUED) == 7
            assert len(provider.seen("/createtask")) == 2
            told = [task.failure.code for task in suspended if task.failure is not None]
            assert told == [1003002] * 7  # each that waits says why
            await running.queue.unpause_service("Studio")
            for task in tasks:
                await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 8

    with_provider(test)


def test_a_picture_that_is_checked_only_after_the_pause_waits_for_the_user_too(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        paused = asyncio.Event()

        async def late(talk: Talk) -> None:
            await paused.wait()
            await talk.reply(Reply(body=INPUT))

        provider.on("/b.jpg", late)
        provider.creating(envelope(None, 1003002, "insufficient balance"))
        async with at_work(tmp_path, provider) as running:
            _first, second = await running.add_pictures("ab")
            await running.until_true(lambda: "paused" in running.line_states(), "no pause")
            paused.set()
            checked = await running.until_true(
                lambda: running.last(second) if running.last(second).checked else None,
                "not checked",
            )
            assert checked.state is TaskState.QUEUED
            await running.until_suspended(second)

    with_provider(test)


def test_a_wrong_token_stops_all_sending(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(Reply(401))
        async with at_work(tmp_path, provider) as running:
            tasks = await running.add_pictures("abc")
            for task in tasks:
                assert (await running.until_suspended(task)).state is TaskState.QUEUED
            assert len(provider.seen("/createtask")) == 1

    with_provider(test)


def test_after_a_doubt_somebody_must_be_there_before_the_next_create(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.say_nothing)
        async with at_work(tmp_path, provider) as running:
            tasks = await running.add_pictures("ab")
            ended = [await running.until_suspended(task) for task in tasks]
            assert {task.state for task in ended} == {TaskState.IN_DOUBT, TaskState.SAVED}
            calls = [r for r in provider.requests if r.path in ("/createtask", "/gettask")]
            assert [call.path for call in calls[:3]] == ["/createtask", "/gettask", "/createtask"]
            assert calls[1].json()["taskid"] == PROBE_TASK_ID

    with_provider(test)


# -- settled --------------------------------------------------------------------------------------


def test_a_callback_that_gettask_confirms_settles_a_doubt(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.create_and_say_nothing)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            doubt = await running.until(task, TaskState.IN_DOUBT)
            await running.called_back("task-1", str(doubt.private_id))
            saved = await running.until(task, TaskState.SAVED)
            assert saved.service_task_id == "task-1"
        assert len(provider.charged) == 1

    with_provider(test)


@pytest.mark.parametrize(
    "lie", ["unknown task", "another's task", "a stranger's task", "unknown private id"]
)
def test_a_callback_that_gettask_does_not_confirm_settles_nothing(tmp_path: Path, lie: str) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.say_nothing)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            doubt = await running.until(task, TaskState.IN_DOUBT)
            other, *_ = await running.add_pictures("b")
            await running.until(other, TaskState.SAVED)
            provider.tasks["task-50"] = ProviderTask("task-50", "a stranger's", "", 0)
            task_ids = {"unknown task": "task-99", "a stranger's task": "task-50"}
            task_id = task_ids.get(lie, "task-1")
            private_id = "nobody" if lie == "unknown private id" else str(doubt.private_id)
            asked_before = len(provider.seen("/gettask"))
            await running.called_back(task_id, private_id)
            if lie != "unknown private id":
                await until(lambda: len(provider.seen("/gettask")) > asked_before)
            await until(lambda: not running.store.hints.of("Studio"))
            assert running.store.tasks.get(task.id).state is TaskState.IN_DOUBT

    with_provider(test)


def test_the_users_yes_sends_again_and_a_late_proof_shows_that_it_was_paid_twice(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.create_and_say_nothing)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            doubt = await running.until(task, TaskState.IN_DOUBT)
            await running.queue.send_again(task.id)
            saved = await running.until(task, TaskState.SAVED)
            assert saved.charges_possible == 2
            await running.called_back("task-1", str(doubt.private_id))
            await until(lambda: running.store.tasks.get(task.id).accepted_twice)
            assert running.store.tasks.get(task.id).state is TaskState.SAVED
        assert len(provider.charged) == 2

    with_provider(test)


def test_what_is_given_up_stays_so_and_cannot_be_given_up_twice(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.say_nothing)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.IN_DOUBT)
            assert (await running.queue.give_up(task.id)).state is TaskState.WRITTEN_OFF
            with pytest.raises(TransitionRefused):
                await running.queue.give_up(task.id)

    with_provider(test)


@pytest.mark.parametrize("way", LOST)
def test_a_service_that_knows_our_private_ids_gets_the_same_request_again(
    tmp_path: Path, way: str
) -> None:
    async def test(provider: Provider) -> None:
        provider.idempotent = True
        provider.creating(getattr(provider, way))
        profile = profile_of(provider, private_id_is_idempotent=True)
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add_pictures("a")
            saved = await running.until(task, TaskState.SAVED)
            assert len(saved.attempts) == 1
        sent = {request.json()["chtaskid"] for request in provider.seen("/createtask")}
        assert sent == {saved.private_id}
        assert len(provider.seen("/createtask")) == 2
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_doubt_of_an_earlier_run_is_settled_by_the_same_request_too(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.idempotent = True
        provider.creating(provider.create_and_say_nothing)
        async with at_work(tmp_path, provider) as running:  # not known to be idempotent yet
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.IN_DOUBT)
        profile = profile_of(provider, private_id_is_idempotent=True)
        async with at_work(tmp_path, provider, profile) as running:
            await running.queue.resume(profile, await running.queue.stored())
            await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)


def test_the_end_of_the_program_in_the_middle_of_a_create_leaves_a_doubt(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        arrived = asyncio.Event()

        async def never(talk: Talk) -> None:
            arrived.set()
            await talk.until_closed_by_peer()

        provider.creating(never)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await arrived.wait()
        async with at_work(tmp_path, provider) as running:
            found = running.store.tasks.get(task.id)
            assert found.state is TaskState.IN_DOUBT
            assert running.store.recovery.in_doubt == 0  # recorded at the end, not found at start

    with_provider(test)


def test_the_intent_is_on_disk_when_the_request_arrives(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        found: list[TaskState] = []

        async def look(talk: Talk) -> None:
            found.append(running.store.tasks.get(1).state)
            await provider.create(talk)

        provider.creating(look)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
        assert found == [TaskState.SENDING]

    with_provider(test)


def test_inputs_are_looked_at_before_anything_is_sent(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/page.jpg", Reply(body=b"<!doctype html><title>no picture</title>"))
        provider.on("/cut.jpg", Reply(body=INPUT[:20]))
        async with at_work(tmp_path, provider) as running:
            inputs = [provider.url(path) for path in ("/page.jpg", "/cut.jpg", "/gone.jpg")]
            for task in await running.add(*inputs, "ftp://pictures.test/a.jpg", "/no/such.jpg"):
                failed = await running.until(task, TaskState.FAILED)
                assert failed.attempts == ()
        assert provider.seen("/createtask") == []

    with_provider(test)


def test_a_draft_is_checked_and_sent_only_when_it_is_started(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            new = [running.new(picture) for picture in provider.pictures("a")]
            (task,) = await running.queue.draft(running.profile, new)
            await running.queue.pool.work_on(running.profile, [task])
            checked = await running.until_suspended(task)
            assert checked.state is TaskState.DRAFT
            assert checked.checked is not None
            assert provider.seen("/createtask") == []
            looked = len(provider.seen("/a.jpg"))
            await running.queue.start_unless_repeated(task.id)
            await running.until(task, TaskState.SAVED)
            # Checked once, fetched once for keeps.
            assert len(provider.seen("/a.jpg")) == looked + 1

    with_provider(test)
