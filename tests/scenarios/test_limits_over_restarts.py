"""Limits and Pause hold over the end of the program, and each batch's limit holds it alone."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.services.enhance_types import EnhanceType, Outputs
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.tasks.spending import SpendingLimits, is_held
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.queue.batch import Batch
from enhance_gui.jobs.queue.budgets import Budget, Spending
from enhance_gui.jobs.queue.reports import Report, ReportState
from enhance_gui.jobs.single_instance.requests import EnhanceRequest, RemoteRequests
from tests.jobs.queue.test_budgets import costing, until_held
from tests.scenarios.running import TOKEN, HurriedClock, Running, at_work, profile_of, with_provider
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply, envelope


async def a_batch(
    running: Running, inputs: Sequence[str], max_cost: float | None = None
) -> list[Report]:
    """Give inputs as a command does; return how they ended."""
    reports: list[Report] = []
    batch = Batch(running.queue, reports.append, max_cost)
    kind = running.profile.enhance_types[0]
    await batch.enhance(inputs, running.profile, kind, running.saving, running.results)
    batch.expect_no_more()
    await batch.done.wait()
    return reports


async def begin_again(running: Running) -> list[Task]:
    """Go on with stored work as a window does at its start; return what waits for a word."""
    stored = await running.queue.stored()
    await running.queue.resume(running.profile, [task for task in stored if not is_held(task)])
    return [task for task in stored if is_held(task)]


def test_what_a_limit_has_kept_waits_in_the_next_runs_until_somebody_says_a_word(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        profile = costing(provider, 1)
        async with at_work(tmp_path, provider, profile) as running:
            reports = await a_batch(running, provider.pictures("abcde"), max_cost=3)
            reported = [
                report.fields["error"]["kind"] for report in reports if report.fields["error"]
            ]
            assert reported == ["spending_limit"] * 2
        for _ in range(2):
            async with at_work(tmp_path, provider, profile) as running:
                held = await begin_again(running)
                assert len(held) == 2
                # Even taken up by mistake: the limit is judged where the attempt is recorded.
                await running.queue.resume(profile, held)
                await until_held(running, *held)
                since = len(running.events)
                await running.queue.unpause_service("Studio")
                await until_held(running, *held, since=since)
            assert len(provider.charged) == 3
        async with at_work(tmp_path, provider, profile) as running:
            held = await begin_again(running)
            await running.queue.spend_on("Studio")
            for task in held:
                await running.until(task, TaskState.SAVED)

    with_provider(test)


def test_what_is_left_of_a_limit_is_what_the_next_run_may_spend(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        profile = costing(provider, 1)
        async with at_work(tmp_path, provider, profile) as running:
            provider.creating(provider.create, Reply(401))
            reports = await a_batch(running, provider.pictures("abcde"), max_cost=3)
            assert sorted(report.state for report in reports) == ["saved", *["waiting"] * 4]
        async with at_work(tmp_path, provider, profile) as running:
            assert await begin_again(running) == []
            await until_held(running, *(await running.queue.stored())[2:])
        assert len(provider.charged) == 3

    with_provider(test)


def test_the_limit_of_each_batch_holds_over_a_restart_and_so_does_a_yes(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        profile = costing(provider, 2)
        async with at_work(tmp_path, provider, profile) as running:
            running.queue.spending.batch_limit = 4
            new = [running.new(picture) for picture in provider.pictures("abcd")]
            tasks = await running.queue.add(profile, new, Budget())
            await until_held(running, *tasks[2:])
            provider.creating(Reply(401))
            await running.queue.spend_on("Studio")
            await running.until_true(lambda: "paused" in running.line_states(), "not paused")
        async with at_work(tmp_path, provider, profile) as running:
            running.queue.spending.batch_limit = 4
            assert await begin_again(running) == []
            for task in tasks[2:]:
                await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 4

    with_provider(test)


def test_whoever_resumes_without_a_limit_has_said_the_word(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        profile = costing(provider, 1)
        async with at_work(tmp_path, provider, profile) as running:
            await a_batch(running, provider.pictures("abc"), max_cost=1)
        async with at_work(tmp_path, provider, profile) as running:
            batch = Batch(running.queue, lambda _: None)
            await batch.resume(profile, await running.queue.stored())
            batch.expect_no_more()
            await batch.done.wait()
        assert len(provider.charged) == 3

    with_provider(test)


def test_what_a_run_never_got_to_is_kept_under_its_limit(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        profile = costing(provider, 1)
        async with at_work(tmp_path, provider, profile) as running:
            batch = Batch(running.queue, lambda _: None, max_cost=1)
            kind, inputs = profile.enhance_types[0], provider.pictures("abc")
            await batch.enhance(inputs, profile, kind, running.saving, tmp_path, keep_only=True)
        async with at_work(tmp_path, provider, profile) as running:
            await begin_again(running)
            await until_held(running, *(await running.queue.stored())[1:])
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_pause_holds_over_a_restart_until_it_is_taken_back(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            await running.queue.pool.pause()
            await running.add_pictures("a")
        async with at_work(tmp_path, provider) as running:
            assert await running.queue.pool.pause_as_before()
            (task,) = await running.queue.stored()
            await running.queue.resume(running.profile, [task])
            await running.until_suspended(task)
            assert provider.charged == []
            await running.queue.pool.unpause()
            await running.until(task, TaskState.SAVED)
        async with at_work(tmp_path, provider) as running:
            assert not await running.queue.pool.pause_as_before()

    with_provider(test)


def test_the_limit_of_one_batch_holds_up_no_other_work_of_the_service(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, costing(provider, 1)) as running:
            reports = await a_batch(running, provider.pictures("abcdefg"), max_cost=2)
            kept = [
                report.fields["error"] for report in reports if report.state is ReportState.WAITING
            ]
            assert [each["kind"] for each in kept] == ["spending_limit"] * 5
            assert all(each["next_step"] for each in kept)
            (other,) = await a_batch(running, provider.pictures("h"), max_cost=3)
            assert other.state is ReportState.SAVED
            assert "paused" not in running.line_states()
        assert len(provider.charged) == 3

    with_provider(test)


def test_of_two_batches_that_wait_together_the_limit_of_one_holds_that_one(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, costing(provider, 1)) as running:
            limited, other = await asyncio.gather(
                a_batch(running, provider.pictures("abcd"), max_cost=1),
                a_batch(running, provider.pictures("efgh"), max_cost=4),
            )
            assert [each.state for each in limited].count(ReportState.WAITING) == 3
            assert {each.state for each in other} == {ReportState.SAVED}

    with_provider(test)


def test_whoever_comes_to_a_paused_service_is_told_why_it_waits(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, costing(provider, 1)) as running:
            provider.on("/createtask", envelope(None, 1003002, "no credit"))
            await a_batch(running, provider.pictures("a"))
            (late,) = await a_batch(running, provider.pictures("b"))
            assert late.fields["error"]["kind"] == "balance_too_low"
            await running.queue.pool.pause()
            await running.queue.unpause_service("Studio")
            (paused,) = await a_batch(running, provider.pictures("c"))
            assert paused.fields["error"]["kind"] == "paused"
            assert paused.fields["error"]["next_step"]

    with_provider(test)


# -- costs that nobody knows -----------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["day", "batch", "command"])
def test_under_any_limit_an_unknown_cost_is_a_question(tmp_path: Path, limit: str) -> None:
    async def test(provider: Provider) -> None:
        kinds = (EnhanceType(1, "Enhance"), EnhanceType(2, "Relight", cost=1))
        profile = profile_of(provider, enhance_types=kinds)
        async with at_work(tmp_path, provider, profile) as running:
            if limit == "day":
                running.queue.spending.limit_day("Studio", 100)
            if limit == "batch":
                running.queue.spending.batch_limit = 100
            budget = Budget(100 if limit == "command" else None)
            new = [running.new(picture) for picture in provider.pictures("abc")]
            known = replace(new[1], type_id=2, type_name="Relight")
            first, second, third = await running.queue.add(profile, [new[0], known, new[2]], budget)
            failure = await until_held(running, first, third)
            assert failure.kind == "cost_unknown"
            assert "what “Enhance” costs" in failure.detail
            await running.until(second, TaskState.SAVED)
            assert len(provider.charged) == 1
            await running.queue.spend_on("Studio")
            await running.until(first, TaskState.SAVED)
            await running.until(third, TaskState.SAVED)

    with_provider(test)


def test_where_the_profile_has_lost_a_cost_the_one_known_before_counts(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, costing(provider, 4)) as running:
            await running.queue.pool.pause()
            tasks = await running.add_pictures("abc")
            await running.queue.pool.renew(replace(running.profile, enhance_types=()))
            running.queue.spending.limit_day("Studio", 9)
            await running.queue.pool.unpause()
            failure = await until_held(running, tasks[2])
            assert failure.kind == "spending_limit"
            assert (await running.spent("Studio")).today.credits == 8
        assert len(provider.charged) == 2

    with_provider(test)


def test_what_is_asked_for_again_costs_what_it_costs_by_then(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, costing(provider, 1)) as running:
            await running.queue.pool.pause()
            (task,) = await running.add_pictures("a")
            (again,) = await running.queue.add(costing(provider, 6), [running.new(task.input)])
            assert (again.id, again.cost) == (task.id, 6)
            (again,) = await running.queue.add(costing(provider, 2), [running.new(task.input)])
            assert again.cost == 6

    with_provider(test)


def test_the_service_of_this_computer_never_charges_and_is_held_to_no_limit() -> None:
    spending = Spending(HurriedClock().wall)
    spending.batch_limit = 0
    spending.limit_day(LOCAL_SERVICE_NAME, 0)
    assert spending.limits_on(LOCAL_SERVICE_NAME) is None
    assert spending.limits_on("Studio") == SpendingLimits(None, 0)


# -- the profile of a later start ------------------------------------------------------------------


async def forward(running: Running, profile: ServiceProfile, names: str, max_cost: float) -> None:
    """Have the running program do what a later start asks for."""

    async def token_of(_: ServiceProfile) -> Any:
        return TOKEN

    async def send(_: dict[str, Any]) -> None:
        return

    kind = profile.enhance_types[-1]
    inputs = tuple(running.provider.pictures(names))
    request = EnhanceRequest(inputs, profile, kind, running.saving, running.results, max_cost)
    await RemoteRequests(running.queue, token_of).handle(request.to_mapping(), send)


@pytest.mark.parametrize("new_type", [True, False])
def test_a_later_start_is_held_to_the_costs_of_its_own_profile(
    tmp_path: Path, *, new_type: bool
) -> None:
    async def test(provider: Provider) -> None:
        before = costing(provider, 1)
        expensive = EnhanceType(9 if new_type else 1, "Big", cost=5, outputs=Outputs.VARIANTS)
        kinds = (*before.enhance_types, expensive) if new_type else (expensive,)
        async with at_work(tmp_path, provider, before) as running:
            (first,) = await running.add_pictures("h")
            await running.until(first, TaskState.SAVED)
            await forward(running, replace(before, enhance_types=kinds), "abcde", 10)
            assert len(provider.charged) == 1 + 2
            assert (await running.spent("Studio")).today.credits == 1 + 2 * 5
            assert running.worker.context.profile.enhance_types == kinds

    with_provider(test)


# -- lists of earlier versions ---------------------------------------------------------------------


def test_a_damaged_list_loses_no_task_for_want_of_its_batch(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        profile = costing(provider, 1)
        async with at_work(tmp_path, provider, profile) as running:
            await a_batch(running, provider.pictures("ab"), max_cost=1)
        with closing(sqlite3.connect(tmp_path / "tasks.sqlite3")) as other:
            other.execute("DELETE FROM batch")
            other.commit()
        async with at_work(tmp_path, provider, profile) as running:
            (held,) = await begin_again(running)
            assert held.batch is not None
            running.queue.spending.batch_limit = 1
            await running.queue.unpause_service("Studio")
            await until_held(running, held)
        assert len(provider.charged) == 1

    with_provider(test)
