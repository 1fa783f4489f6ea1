"""The type of what waits is changed while the queue works: what is charged is what is known."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.spending import day_of
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.threads import StoreThread
from enhance_gui.jobs.queue.waiting import set_type
from enhance_gui.storage.task_db.store import TaskStore
from tests.jobs.queue.test_budgets import until_held
from tests.scenarios.running import HurriedClock, Running, at_work, profile_of, with_provider
from tests.scenarios.test_races import GatedThread
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply

ENHANCE = EnhanceType(1, "Enhance", cost=2)
PORTRAIT = EnhanceType(2, "Portrait", cost=3)
COLORIZE = EnhanceType(3, "Colorize", cost=4)

P = ParamSpec("P")
T = TypeVar("T")


def of_three_types(provider: Provider) -> ServiceProfile:
    return profile_of(provider, enhance_types=(ENHANCE, PORTRAIT, COLORIZE))


def types_sent(provider: Provider) -> list[int]:
    return [request.json()["type"] for request in provider.seen("/createtask")]


def charges(running: Running) -> list[tuple[str, float]]:
    since = day_of(HurriedClock().wall())
    return [(each.type_name, each.cost) for each in running.store.charges.ledger(since)]


def sidecar_type(task: Task) -> object:
    assert task.sidecar is not None
    return json.loads(task.sidecar.read_text("utf-8"))["type"]


class InterruptedThread(StoreThread[TaskStore]):
    """Lets somebody be faster, once, than the step that makes the intent durable."""

    def __init__(self, store: TaskStore) -> None:
        super().__init__(store)
        self.first: Callable[[], Awaitable[object]] | None = None

    async def do(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if method == self.store.attempts.begin and self.first is not None:
            first, self.first = self.first, None
            await first()
        return await super().do(method, *args, **kwargs)


@pytest.mark.parametrize("is_followed", [True, False])
def test_a_type_that_is_chosen_as_the_request_is_about_to_leave_is_sent_and_charged(
    tmp_path: Path, *, is_followed: bool
) -> None:
    async def test(provider: Provider) -> None:
        threads: list[InterruptedThread] = []

        def thread_of(store: TaskStore) -> InterruptedThread:
            threads.append(InterruptedThread(store))
            return threads[0]

        profile = of_three_types(provider)
        async with at_work(tmp_path, provider, profile, thread_of=thread_of) as running:
            queue = running.queue

            async def choose() -> None:
                if is_followed:
                    assert await set_type(queue, [1], PORTRAIT)
                else:  # the queue has not heard of it yet
                    assert await queue.db.do(running.store.changes.set_type, [1], PORTRAIT)

            threads[0].first = choose
            (task,) = await running.add_pictures("a")
            saved = await running.until(task, TaskState.SAVED)
            assert (saved.type_id, saved.type_name, saved.cost) == (2, "Portrait", 3)
            assert sidecar_type(saved) == {"id": 2, "name": "Portrait"}
            assert charges(running) == [("Portrait", 3)]
        assert types_sent(provider) == [2]
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_type_that_is_chosen_once_the_request_is_on_its_way_is_refused(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        threads: list[GatedThread] = []

        def thread_of(store: TaskStore) -> GatedThread:
            threads.append(GatedThread(store))
            return threads[0]

        profile = of_three_types(provider)
        async with at_work(tmp_path, provider, profile, thread_of=thread_of) as running:
            threads[0].arm(running.store.attempts.begin)
            (task,) = await running.add_pictures("a")
            await threads[0].asked.wait()
            choosing = asyncio.ensure_future(set_type(running.queue, [task.id], PORTRAIT))
            await asyncio.sleep(0)
            threads[0].may_go_on.set()
            assert await choosing == []
            saved = await running.until(task, TaskState.SAVED)
            assert sidecar_type(saved) == {"id": 1, "name": "Enhance"}
            assert charges(running) == [("Enhance", 2)]
        assert types_sent(provider) == [1]

    with_provider(test)


def test_whatever_is_chosen_while_pictures_are_sent_what_is_charged_is_what_is_known(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, of_three_types(provider)) as running:
            tasks = await running.add_pictures("abcdefgh")
            ids, turn = [task.id for task in tasks], 0
            while any(running.last(task).state is not TaskState.SAVED for task in tasks):
                turn += 1
                await set_type(running.queue, ids, (ENHANCE, PORTRAIT)[turn % 2])
                await asyncio.sleep(0.001 * (turn % 7))
            known = {task.private_id: task for task in running.store.tasks.of(ids)}
            sent = [request.json() for request in provider.seen("/createtask")]
            assert {each["chtaskid"]: each["type"] for each in sent} == {
                private_id: task.type_id for private_id, task in known.items()
            }
            names = {1: ("Enhance", 2), 2: ("Portrait", 3)}
            assert charges(running) == [names[each["type"]] for each in sent]
        assert len(provider.charged) == 8

    with_provider(test)


def test_what_waits_for_a_limit_goes_on_with_a_type_that_fits_in(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, of_three_types(provider)) as running:
            running.queue.spending.limit_day("Studio", 2)
            (address,) = provider.pictures("a")
            new = [running.new(address)]
            (draft,) = await running.queue.draft(running.profile, new)
            assert await set_type(running.queue, [draft.id], PORTRAIT)
            await running.until_suspended(draft)
            await running.queue.start_unless_repeated(draft.id)
            await until_held(running, draft)
            assert provider.charged == []
            (changed,) = await set_type(running.queue, [draft.id], ENHANCE)
            assert (changed.failure, changed.cost) == (None, 2)
            await running.until(draft, TaskState.SAVED)
        assert types_sent(provider) == [1]

    with_provider(test)


def test_what_was_started_is_asked_about_where_it_was_ordered_with_the_new_type_before(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, of_three_types(provider)) as running:
            (before,) = await running.add_pictures("a")
            await set_type(running.queue, [before.id], PORTRAIT)
            await running.until(before, TaskState.SAVED)
            await running.queue.pool.pause()
            task, other = await running.add_pictures("ab")
            await set_type(running.queue, [task.id, other.id], PORTRAIT)
            await running.queue.pool.unpause()
            await running.until(other, TaskState.SAVED)
            held = await running.until_suspended(task)
            assert held.state is TaskState.DRAFT
            assert await running.queue.start_unless_repeated(task.id)
            await running.queue.start_unless_repeated(task.id, [before.id])
            await running.until(task, TaskState.SAVED)
        assert types_sent(provider) == [2, 2, 2]

    with_provider(test)


def test_a_photograph_that_may_have_colours_is_asked_about_before_it_is_colourised(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 1000  # nothing makes room for a further picture
        profile = of_three_types(provider)
        async with at_work(tmp_path, provider, profile) as running:
            running.queue.pool.set_visible([])
            tasks = await running.add_pictures("abcdefgh")
            await running.until(tasks[0], TaskState.ACCEPTED)
            waiting = (await running.queue.stored())[-1]
            assert waiting.state is TaskState.QUEUED
            (changed,) = await set_type(running.queue, [waiting.id], COLORIZE)
            assert changed.state is TaskState.DRAFT
            held = await running.until_suspended(waiting)
            assert (held.state, held.type_id) == (TaskState.DRAFT, 3)
        assert 3 not in types_sent(provider)

    with_provider(test)


def test_what_may_have_been_sent_keeps_its_type_and_what_surely_was_not_can_change_it(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.say_nothing, Reply(429, headers={"Retry-After": "40"}))
        async with at_work(tmp_path, provider, of_three_types(provider)) as running:
            (doubt,) = await running.add_pictures("a")
            await running.until_suspended(doubt)
            assert await set_type(running.queue, [doubt.id], PORTRAIT) == []
            await running.queue.pool.pause()
            await running.queue.send_again(doubt.id)
            assert await set_type(running.queue, [doubt.id], PORTRAIT) == []
            await running.queue.give_up((await running.queue.cancel(doubt.id)).id)
            await running.queue.pool.unpause()
            (busy,) = await running.add_pictures("b")
            await running.until_true(
                lambda: running.last(busy).failure, "it was not put off for a moment"
            )
            await set_type(running.queue, [busy.id], PORTRAIT)
            saved = await running.until(busy, TaskState.SAVED)
            assert [attempt.outcome.value for attempt in saved.attempts] == ["unsent", "accepted"]
        assert types_sent(provider) == [1, 1, 2]

    with_provider(test)
