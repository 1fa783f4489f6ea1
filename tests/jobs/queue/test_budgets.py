"""Money: what may have been charged is counted, and no limit is ever gone beyond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from enhance_gui.core.backoff import Waits
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.spending import (
    LedgerEntry,
    Spent,
    day_of,
    is_held,
    month_of,
    totals,
)
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.i18n import plain_number
from enhance_gui.jobs.events import TaskChanged
from enhance_gui.jobs.queue.batch import Batch
from enhance_gui.jobs.queue.budgets import Budget
from enhance_gui.jobs.queue.reports import ExitCode, Report, ReportState, exit_code
from enhance_gui.jobs.worker import result_retry
from tests.scenarios.running import Running, at_work, profile_of, with_provider
from tests.support.provider import RESULT, Provider
from tests.support.scriptable_service import Reply, envelope


def costing(provider: Provider, cost: float) -> ServiceProfile:
    return profile_of(provider, enhance_types=(EnhanceType(1, "Enhance", cost=cost),))


async def until_held(running: Running, *tasks: Task, since: int = 0) -> Failure:
    """Wait until tasks wait for the user's word on a limit; return why the last does.

    :param since: the number of events that are not looked at.
    """

    def held(task: Task) -> Task | None:
        reported = [event for event in running.events[since:] if isinstance(event, TaskChanged)]
        own = [event for event in reported if event.task.id == task.id]
        return own[-1].task if own and own[-1].suspended and is_held(own[-1].task) else None

    for task in tasks:
        failure = (
            await running.until_true(partial(held, task), f"task {task.id} is not held")
        ).failure
    assert failure is not None
    return failure


@pytest.mark.parametrize(
    ("cost", "maximum", "sent"), [(2, 6, 3), (2, 5.9, 2), (0.1, 0.3, 3), (1, 0, 0)]
)
def test_a_day_s_limit_stops_exactly_and_a_higher_one_goes_on(
    tmp_path: Path, cost: float, maximum: float, sent: int
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, costing(provider, cost)) as running:
            running.queue.spending.limit_day("Studio", maximum)
            tasks = await running.add_pictures("abcde")
            failure = await until_held(running, *tasks[sent:])
            assert failure.kind == "spending_limit"
            assert len(provider.seen("/createtask")) == sent
            since = len(running.events)
            await running.queue.unpause_service("Studio")
            await until_held(running, *tasks[sent:], since=since)
            assert len(provider.seen("/createtask")) == sent
            running.queue.spending.limit_day("Studio", maximum + cost)
            since = len(running.events)
            await running.queue.try_limits("Studio")
            await until_held(running, *tasks[sent + 1 :], since=since)
            assert len(provider.seen("/createtask")) == sent + 1
            await running.queue.spend_on("Studio")
            for task in tasks:
                await running.until(task, TaskState.SAVED)
            today = (await running.spent("Studio")).today
            assert today.credits == pytest.approx(5 * cost)
            assert (today.attempts, today.of_unknown_cost) == (5, 0)

    with_provider(test)


def test_a_doubt_counts_as_spent_and_a_refusal_does_not(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(envelope(None, 1001004, "no"), provider.say_nothing)
        async with at_work(tmp_path, provider, costing(provider, 5)) as running:
            running.queue.spending.limit_day("Studio", 10)
            tasks = await running.add_pictures("abcd")
            await until_held(running, tasks[-1])
            states = {task.state for task in running.store.tasks.in_states(TaskState)}
            assert {TaskState.FAILED, TaskState.IN_DOUBT, TaskState.QUEUED} <= states
            ledger = await running.queue.db.do(
                running.store.charges.ledger, day_of(datetime.now(UTC))
            )
            assert {each.outcome for each in ledger} == {Outcome.IN_DOUBT, Outcome.ACCEPTED}
            assert [each.cost for each in ledger] == [5, 5]
            assert len(provider.seen("/createtask")) == 3
            assert (await running.spent("Studio")).this_month.credits == 10

    with_provider(test)


def test_a_limit_holds_across_restarts_and_is_one_service_s_own(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        profile = costing(provider, 4)
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
        async with at_work(tmp_path, provider, profile) as running:
            running.queue.spending.limit_day("Studio", 7)
            running.queue.spending.limit_day("Other", 0)
            await until_held(running, *await running.add_pictures("b"))
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_batch_is_charged_no_more_than_its_limit_and_the_rest_waits(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        profile = costing(provider, 3)
        reports: list[Report] = []
        async with at_work(tmp_path, provider, profile) as running:
            (before,) = await running.add_pictures("h")
            await running.until(before, TaskState.SAVED)
            batch = Batch(running.queue, reports.append, max_cost=7)
            pictures, enhance_type = provider.pictures("abcd"), profile.enhance_types[0]
            await batch.enhance(pictures, profile, enhance_type, running.saving, tmp_path)
            batch.expect_no_more()
            await batch.done.wait()
            batch.close()
            assert len(provider.charged) == 3
            assert sorted(report.state for report in reports) == [
                "saved",
                "saved",
                "waiting",
                "waiting",
            ]
            assert exit_code(report.state for report in reports) is ExitCode.SOME_WAITING
            waiting = next(report for report in reports if report.state is ReportState.WAITING)
        # The rest is sent where the user asks for it, and the same limit counts anew.
        async with at_work(tmp_path, provider, profile) as running:
            batch = Batch(running.queue, reports.append, max_cost=3)
            await batch.resume(profile, await running.queue.stored())
            batch.expect_no_more()
            await batch.done.wait()
            batch.close()
        assert len(provider.charged) == 4
        assert waiting.fields["files"] == []

    with_provider(test)


def test_drafts_share_the_budget_of_their_batch_and_a_higher_one_goes_on(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, costing(provider, 3)) as running:
            running.queue.spending.batch_limit = 7
            new = [running.new(each) for each in provider.pictures("abcd")]
            drafts = await running.queue.draft(running.profile, new, Budget())
            await running.queue.pool.work_on(running.profile, drafts)
            await running.until_true(
                lambda: all(running.last(each).checked for each in drafts), "not checked"
            )
            for draft in drafts:
                await running.queue.start_unless_repeated(draft.id)
            assert "7 for this batch" in (await until_held(running, *drafts[2:])).detail
            assert len(provider.charged) == 2
            running.queue.spending.batch_limit = None
            await running.queue.try_limits("Studio")
            for draft in drafts:
                await running.until(draft, TaskState.SAVED)

    with_provider(test)


@pytest.mark.parametrize("verb", ["retry", "send_again"])
def test_what_is_sent_once_more_together_is_a_batch_of_its_own_with_the_same_limit(
    tmp_path: Path, verb: str
) -> None:
    async def test(provider: Provider) -> None:
        profile = costing(provider, 3)
        async with at_work(tmp_path, provider, profile) as running:
            provider.creating(*[provider.say_nothing] * 4)
            tasks = await running.add_pictures("abcd")
            for task in tasks:
                await running.until(task, TaskState.IN_DOUBT)
                if verb == "retry":
                    await running.queue.give_up(task.id)
        # The next run: no batch of the earlier one holds them.
        async with at_work(tmp_path, provider, profile) as running:
            running.queue.spending.batch_limit = 7
            budget = Budget()
            again = running.queue.retry if verb == "retry" else running.queue.send_again
            for task in tasks:
                await again(task.id, budget)
            failure = await until_held(running, *tasks[2:])
            assert failure.kind == "spending_limit"
            assert "6 may have been spent, and the limit is 7 for this batch" in failure.detail
            since = len(running.events)
            await running.queue.unpause_service("Studio")
            await until_held(running, *tasks[2:], since=since)
            assert len(provider.seen("/createtask")) == 4 + 2
            await running.queue.spend_on("Studio")
            for task in tasks:
                await running.until(task, TaskState.SAVED)
            assert len(provider.seen("/createtask")) == 4 + 4

    with_provider(test)


def test_what_is_retried_leaves_its_batch_and_what_that_has_cost_stays_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_retry, "DELAYS_S", Waits())

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, costing(provider, 3)) as running:
            provider.on("/result.png", Reply(404))
            running.queue.spending.batch_limit = 7
            first = Budget()

            async def add(names: str) -> list[Task]:
                new = [running.new(picture) for picture in provider.pictures(names)]
                return await running.queue.add(running.profile, new, first)

            (failed,) = await add("a")
            await running.until(failed, TaskState.FAILED)
            # A batch of its own: it may cost what the first has no room for.
            for _ in range(2):
                await running.queue.retry(failed.id, Budget())
                await running.until(failed, TaskState.QUEUED)
                await running.until(failed, TaskState.FAILED)
            provider.on("/result.png", Reply(body=RESULT))
            b, c = await add("bc")
            assert "6 may have been spent" in (await until_held(running, c)).detail
            await running.until(b, TaskState.SAVED)
            assert running.last(c).state is TaskState.QUEUED
            assert len(provider.charged) == 1 + 2 + 1

    with_provider(test)


def test_what_a_later_start_left_beyond_its_limit_is_not_sent_when_nobody_waits_for_it(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        profile = costing(provider, 3)
        async with at_work(tmp_path, provider, profile) as running:
            batch = Batch(running.queue, lambda _: None, max_cost=4)
            pictures, enhance_type = provider.pictures("ab"), profile.enhance_types[0]
            await batch.enhance(pictures, profile, enhance_type, running.saving, tmp_path)
            batch.expect_no_more()
            await batch.done.wait()
            held = [task for task in await running.queue.stored() if is_held(task)]
            since = len(running.events)
            await running.queue.unpause_service("Studio")
            await until_held(running, *held, since=since)
            assert len(provider.charged) == 1
            # The user names it once more, with a limit of that command.
            batch = Batch(running.queue, lambda _: None, max_cost=3)
            await batch.enhance(pictures[1:], profile, enhance_type, running.saving, tmp_path)
            await running.until_true(lambda: len(provider.charged) == 2, "it is not sent")

    with_provider(test)


def entry(at: datetime, cost: float) -> LedgerEntry:
    return LedgerEntry(at, 1, "a", "Studio", 1, "Enhance", cost, Outcome.ACCEPTED)


def test_totals_are_of_the_user_s_day_and_month() -> None:
    now = datetime.now(UTC)
    today, month = day_of(now), month_of(now)
    assert today.astimezone().hour == 0
    assert month.astimezone().day == 1
    assert month <= today <= now
    entries = [entry(today, 2), entry(month, 1), entry(month - timedelta(seconds=1), 8)]
    found = totals([*entries, entry(now, 0)], now)
    expected_today = 2 if today > month else 3
    assert found.today == Spent(expected_today, 2 if today > month else 3, 1)
    assert found.this_month == Spent(3, 3, 1)


@pytest.mark.parametrize(("cost", "words"), [(3, "3"), (2.5, "2.5"), (0, "0"), (10, "10")])
def test_credits_are_written_without_needless_digits(cost: float, words: str) -> None:
    assert plain_number(cost) == words
