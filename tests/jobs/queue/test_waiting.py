"""What is said of a limit before pictures are started is what it then does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.tasks.spending import LimitAhead
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.queue.budgets import Budget
from enhance_gui.jobs.queue.waiting import limit_ahead, move, set_type
from tests.jobs.queue.test_budgets import costing, until_held
from tests.scenarios.running import Running, at_work, with_provider
from tests.support.provider import Provider


async def checked(running: Running, names: str) -> list[Task]:
    new = [running.new(picture) for picture in running.provider.pictures(names)]
    drafts = await running.queue.draft(running.profile, new, Budget())
    await running.queue.pool.work_on(running.profile, drafts)
    return [await running.until_suspended(draft) for draft in drafts]


def limit_day(running: Running, maximum: float) -> None:
    running.queue.spending.limit_day("Studio", maximum)


def limit_batch(running: Running, maximum: float) -> None:
    running.queue.spending.batch_limit = maximum


@pytest.mark.parametrize(
    ("limit", "cost", "maximum", "ahead"),
    [
        (limit_day, 2, 5, LimitAhead(1, 5, of_batch=False)),  # 2 are charged already
        (limit_day, 2, 2, LimitAhead(0, 2, of_batch=False)),
        (limit_day, 2, 8, None),
        (limit_day, 0, 5, LimitAhead(0, 5, of_batch=False, unpriced="Enhance")),
        (limit_batch, 2, 5, LimitAhead(2, 5, of_batch=True)),
        (limit_batch, 2, 6, None),
    ],
)
def test_as_many_are_sent_as_was_said(
    tmp_path: Path,
    limit: Callable[[Running, float], None],
    cost: float,
    maximum: float,
    ahead: LimitAhead | None,
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, costing(provider, cost)) as running:
            (before,) = await running.add_pictures("a")
            await running.until(before, TaskState.SAVED)
            limit(running, maximum)
            drafts = await checked(running, "bcd")
            cost_of = running.profile.cost_of
            said = await limit_ahead(running.queue, drafts, lambda _, type_id: cost_of(type_id))
            assert said == ahead
            for draft in drafts:
                await running.queue.start_unless_repeated(draft.id)
            passing = len(drafts) if said is None else said.passing
            for draft in drafts[:passing]:
                await running.until(draft, TaskState.SAVED)
            if passing < len(drafts):
                await until_held(running, *drafts[passing:])
        assert len(provider.charged) == 1 + passing

    with_provider(test)


def test_what_waits_already_counts_and_what_is_moved_before_it_is_sent_first(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, costing(provider, 2)) as running:
            running.queue.spending.limit_day("Studio", 6)
            await running.queue.pool.pause()
            await running.add_pictures("ab")
            drafts = await checked(running, "cd")

            async def said() -> LimitAhead | None:
                return await limit_ahead(running.queue, drafts, lambda *_: 2)

            assert await said() == LimitAhead(1, 6, of_batch=False)
            await set_type(running.queue, [drafts[0].id], EnhanceType(2, "Portrait", cost=3))
            assert await said() == LimitAhead(0, 6, of_batch=False)
            await move(running.queue, [drafts[1].id], to_front=True)
            assert await said() == LimitAhead(1, 6, of_batch=False)

    with_provider(test)
