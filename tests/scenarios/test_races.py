"""Things that happen at the same moment: no charge, no task and no loop is lost to them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.tasks.spending import is_held
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.threads import StoreThread
from enhance_gui.jobs.queue.batch import Batch
from enhance_gui.jobs.queue.budgets import Budget
from enhance_gui.jobs.queue.reports import Report
from enhance_gui.storage.task_db.store import TaskStore
from tests.jobs.queue.test_budgets import costing, until_held
from tests.scenarios.running import Running, at_work, profile_of, with_provider
from tests.support.pictures import shows
from tests.support.provider import INPUT, RESULT, Provider
from tests.support.scriptable_service import Reply, Talk, envelope


def test_the_same_picture_asked_for_twice_at_once_is_charged_once(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            both = await asyncio.gather(
                running.add_pictures("abcd"),
                running.add_pictures("dcba"),
                running.add_pictures("a"),
            )
            assert {task.id for tasks in both for task in tasks} == {1, 2, 3, 4}
            for task in both[0]:
                await running.until(task, TaskState.SAVED)
            # Asked for again while it is under way, and after: neither disturbs what goes on.
            await running.queue.resume(running.profile, both[0])
        assert len(provider.charged) == 4

    with_provider(test)


def test_tasks_asked_for_again_and_again_go_on_undisturbed(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            tasks = await running.add_pictures("abcdefgh")
            while any(running.last(task).state is not TaskState.SAVED for task in tasks):
                stored = await running.queue.stored()
                await running.queue.resume(running.profile, stored)
                await asyncio.sleep(0)
        assert len(provider.charged) == 8

    with_provider(test)


def test_a_draft_started_while_it_is_checked_is_checked_and_sent_once(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        looked = asyncio.Event()
        go_on = asyncio.Event()

        async def slowly(talk: Talk) -> None:
            looked.set()
            await go_on.wait()
            await talk.reply(Reply(body=INPUT))

        provider.on("/a.jpg", slowly)
        async with at_work(tmp_path, provider) as running:
            new = [running.new(picture) for picture in provider.pictures("a")]
            (task,) = await running.queue.draft(running.profile, new)
            await running.queue.pool.work_on(running.profile, [task])
            await looked.wait()
            await running.queue.start_unless_repeated(task.id)
            go_on.set()
            await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1
        assert len(provider.seen("/a.jpg")) == 2  # one look, and one copy for comparing

    with_provider(test)


@pytest.mark.parametrize("answer", ["finished", "deleted"])
def test_a_task_cancelled_while_it_is_looked_at_is_cancelled(tmp_path: Path, answer: str) -> None:
    async def test(provider: Provider) -> None:
        asked = asyncio.Event()
        go_on = asyncio.Event()

        async def slowly(talk: Talk) -> None:
            asked.set()
            await go_on.wait()
            if answer == "finished":
                await talk.reply(envelope(provider.record(provider.tasks["task-1"])))
            else:
                await talk.reply(envelope(None, 1002002, "deleted"))

        provider.polls_needed = 0
        provider.on("/gettask", slowly)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await asked.wait()
            await running.queue.cancel(task.id)
            go_on.set()
            await running.until(task, TaskState.CANCELLED)

    with_provider(test)


def test_a_task_id_that_another_picture_has_is_a_doubt(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        same = envelope({"taskid": "the-only-one", "queuenum": 0})
        provider.on("/createtask", same)
        provider.on("/gettask", envelope({"taskid": "the-only-one", "queuenum": 5}))
        async with at_work(tmp_path, provider) as running:
            first, second = await running.add_pictures("ab")
            await running.until(first, TaskState.ACCEPTED, TaskState.IN_DOUBT)
            await running.until(second, TaskState.ACCEPTED, TaskState.IN_DOUBT)
            states = {running.last(task).state for task in (first, second)}
            assert states == {TaskState.ACCEPTED, TaskState.IN_DOUBT}

    with_provider(test)


def test_a_service_that_answers_unknown_ids_with_success_is_there(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.say_nothing)
        provider.on("/gettask", envelope(None), provider.get)
        async with at_work(tmp_path, provider) as running:
            tasks = await running.add_pictures("ab")
            ended = {(await running.until_suspended(task)).state for task in tasks}
            assert ended == {TaskState.IN_DOUBT, TaskState.SAVED}

    with_provider(test)


def test_inputs_handed_to_a_line_that_is_paused_are_reported_as_waiting(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(Reply(401))
        async with at_work(tmp_path, provider) as running:
            for task in await running.add_pictures("ab"):
                await running.until_suspended(task)
            reports: list[Report] = []
            batch = Batch(running.queue, reports.append)
            await batch.enhance(
                provider.pictures("ab"),
                running.profile,
                EnhanceType(1, "Enhance"),
                running.saving,
                tmp_path,
            )
            batch.expect_no_more()
            await batch.done.wait()
            assert [report.fields["state"] for report in reports] == ["waiting", "waiting"]

    with_provider(test)


def test_results_of_an_earlier_run_are_asked_for_at_their_present_address(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        nowhere = "http://127.0.0.1:9/result.png"
        provider.record_of_new = lambda _: {"outputurl": nowhere}
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.FETCHING)
        provider.tasks["task-1"].record = {}
        async with at_work(tmp_path, provider) as running:
            await running.queue.resume(running.profile, await running.queue.stored())
            saved = await running.until(task, TaskState.SAVED)
        assert shows(saved.files[0], RESULT)

    with_provider(test)


def test_tasks_never_go_to_another_service_of_the_same_name(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 1000
        async with Provider() as other:
            impostor = profile_of(other)
            async with at_work(tmp_path, provider) as running:
                (task,) = await running.add_pictures("a")
                await running.until(task, TaskState.ACCEPTED)
                with pytest.raises(ProfileInvalid, match="are unfinished: finish them first"):
                    await running.queue.add(impostor, [running.new(other.pictures("b")[0])])
            async with at_work(tmp_path, provider) as running:
                with pytest.raises(ProfileInvalid, match="are unfinished: finish them first"):
                    await running.queue.resume(impostor, await running.queue.stored())
            assert other.requests == []

    with_provider(test)


def test_a_relative_path_means_the_folder_it_was_typed_in(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        (tmp_path / "there").mkdir()
        (tmp_path / "there" / "a.jpg").write_bytes(INPUT)
        uploads = envelope({"picurl": provider.url("/a.jpg")})
        provider.on("/upload", uploads)
        profile = replace(profile_of(provider), upload_path="/upload")
        async with at_work(tmp_path, provider, profile) as running:
            reports: list[dict[str, Any]] = []
            batch = Batch(running.queue, lambda report: reports.append(report.fields))
            kind = EnhanceType(1, "Enhance")
            await batch.enhance(["a.jpg"], profile, kind, running.saving, tmp_path / "there")
            batch.expect_no_more()
            await batch.done.wait()
        assert reports[0]["state"] == "saved"
        assert reports[0]["input"] == "a.jpg"

    with_provider(test)


P = ParamSpec("P")
T = TypeVar("T")


class GatedThread(StoreThread[TaskStore]):
    """Once it is armed, stops before a step that is asked for, until that may go on."""

    def __init__(self, store: TaskStore) -> None:
        super().__init__(store)
        self.asked = asyncio.Event()
        self.may_go_on = threading.Event()
        self._awaited: list[Callable[..., object]] = []

    def arm(self, *steps: Callable[..., object]) -> None:
        """Stop before the last of these steps, asked for in this order."""
        self._awaited = list(steps)

    async def do(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._awaited and method == self._awaited[0]:
            del self._awaited[0]
            if not self._awaited:
                self._executor.submit(self.may_go_on.wait)
                self.asked.set()
        return await super().do(method, *args, **kwargs)


async def allow_more(running: Running, _: float) -> None:
    await running.queue.spend_on("Studio")


async def limit_day(running: Running, maximum: float) -> None:
    running.queue.spending.limit_day("Studio", maximum)
    await running.queue.try_limits("Studio")


async def limit_batches(running: Running, maximum: float) -> None:
    running.queue.spending.batch_limit = maximum
    if any(is_held(task) for task in await running.queue.stored()):
        await running.queue.try_limits("Studio")


@pytest.mark.parametrize("moment", ["asked for", "refused", "held"])
@pytest.mark.parametrize(
    ("limit", "change", "maximum", "charged"),
    [
        (limit_day, allow_more, 0, 3),
        (limit_batches, allow_more, 0, 3),
        (limit_day, limit_day, 4, 2),
        (limit_batches, limit_batches, 4, 2),
        (limit_day, limit_day, 3, 1),
        (limit_batches, limit_batches, 1, 1),
    ],
)
def test_a_limit_that_is_changed_while_it_refuses_a_picture_holds_at_once(
    tmp_path: Path,
    moment: str,
    limit: Callable[[Running, float], Awaitable[None]],
    change: Callable[[Running, float], Awaitable[None]],
    maximum: float,
    charged: int,
) -> None:
    async def test(provider: Provider) -> None:
        threads: list[GatedThread] = []

        def thread_of(store: TaskStore) -> GatedThread:
            threads.append(GatedThread(store))
            return threads[0]

        async with at_work(
            tmp_path, provider, costing(provider, 2), thread_of=thread_of
        ) as running:
            (thread,) = threads
            await limit(running, 2)
            budget = Budget()

            async def add(names: str) -> list[Task]:
                new = [running.new(picture) for picture in provider.pictures(names)]
                return await running.queue.add(running.profile, new, budget)

            (first,) = await add("a")
            await running.until(first, TaskState.SAVED)
            store = running.store
            steps: list[Callable[..., object]] = [
                store.attempts.begin,
                store.tasks.get,
                store.batches.hold,
            ]
            thread.arm(*steps[: ["asked for", "refused", "held"].index(moment) + 1])
            tasks = await add("bc")
            await thread.asked.wait()
            changing = asyncio.ensure_future(change(running, maximum))
            await asyncio.sleep(0)  # its first step is asked for
            thread.may_go_on.set()
            await changing
            sent = [first, *tasks][:charged]
            await running.until_true(
                lambda: all(running.last(task).state is TaskState.SAVED for task in sent),
                "the change was lost",
                limit_s=20,
            )
            if held := [first, *tasks][charged:]:
                assert f"the limit is {maximum}" in (await until_held(running, *held)).detail
        assert len(provider.charged) == charged

    with_provider(test)
