"""Whether pictures are sent without asking: the rule itself, and on the real list of tasks."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from enhance_gui.core.storage_errors import TASK_RECOVERED
from enhance_gui.core.tasks.start_decision import Objection, StartDecision, Verdict
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Attempt, Failure, Task
from enhance_gui.jobs.queue.start_policy import (
    DraftFacts,
    DraftPolicy,
    Saved,
    decide,
    saved_for,
    start_stored,
)
from tests.scenarios.running import Running, at_work, with_provider
from tests.support.provider import Provider
from tests.support.stored import PICTURE

NOW = datetime(2030, 1, 2, tzinfo=UTC)
DRAFT = Task(
    1, "http://a.test/a.jpg", "Studio", 1, "Enhance", Path("/r"), TaskState.DRAFT, NOW, PICTURE
)
RECOVERED = replace(DRAFT, failure=Failure(TASK_RECOVERED, ""))
CHARGED = replace(DRAFT, attempts=(Attempt(1, "p", Outcome.IN_DOUBT, None, approved=False),))


def asking(*objections: Objection) -> StartDecision:
    return StartDecision(Verdict.ASK, frozenset(objections))


@pytest.mark.parametrize(
    ("draft", "has_duplicates", "has_colours", "by_itself", "by_hand"),
    [
        (DRAFT, False, False, StartDecision(Verdict.SEND), asking()),
        (DRAFT, True, False, asking(Objection.DUPLICATE), asking(Objection.DUPLICATE)),
        (DRAFT, False, True, asking(Objection.COLOURED), asking(Objection.COLOURED)),
        (DRAFT, True, True, *[asking(Objection.DUPLICATE, Objection.COLOURED)] * 2),
        (RECOVERED, False, False, asking(Objection.RECOVERED), asking(Objection.RECOVERED)),
        (CHARGED, False, False, asking(Objection.RECOVERED), asking(Objection.RECOVERED)),
        (DRAFT, True, None, StartDecision(Verdict.CHECK), StartDecision(Verdict.CHECK)),
        (
            replace(DRAFT, checked=None),
            False,
            False,
            StartDecision(Verdict.SEND),
            StartDecision(Verdict.CHECK),
        ),
        (replace(DRAFT, state=TaskState.QUEUED), True, True, *[StartDecision(Verdict.NOTHING)] * 2),
    ],
)
def test_only_that_against_which_nothing_speaks_is_sent_without_asking(
    draft: Task,
    has_duplicates: bool,
    has_colours: bool | None,
    by_itself: StartDecision,
    by_hand: StartDecision,
) -> None:
    for at_once, wanted in ((True, by_itself), (False, by_hand)):
        duplicates = [replace(draft, id=2)] if has_duplicates else []
        assert decide(draft, DraftFacts(at_once, has_colours, duplicates)) == wanted


async def checked_draft(running: Running, name: str = "a") -> Task:
    new = [running.new(picture) for picture in running.provider.pictures(name)]
    (draft,) = await running.queue.draft(running.profile, new)
    await running.queue.pool.work_on(running.profile, [draft])
    return await running.until_suspended(draft)


def no_colours(_: Task) -> bool:
    return False


def test_a_picture_that_goes_at_once_waits_for_a_word_where_it_was_paid_for_before(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            changed: list[int] = []
            policy = DraftPolicy(no_colours, changed.append)
            first = await checked_draft(running)
            policy.add(first.id, at_once=True)
            assert policy.takes_up(first)
            assert not policy.takes_up(first), "once is enough"
            await policy.examine(running.queue, first)
            await running.until(first, TaskState.SAVED)
            second = await checked_draft(running)
            policy.add(second.id, at_once=True)
            await policy.examine(running.queue, second)
            assert changed == [second.id]
            assert policy.decisions(running.store.tasks.get) == {
                first.id: StartDecision(Verdict.NOTHING),
                second.id: asking(Objection.DUPLICATE),
            }
            assert len(provider.charged) == 1
            await policy.start(running.queue, second.id)  # the user knows, and wants it
            await running.until(second, TaskState.SAVED)
            assert len(provider.charged) == 2
            policy.remove_decided(running.store.tasks.get, if_all=True)
            assert policy.decisions(running.store.tasks.get) == {}

    with_provider(test)


def test_a_click_on_start_sends_nothing_that_was_ordered_elsewhere_meanwhile(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 10_000
        async with at_work(tmp_path, provider) as running:
            policy = DraftPolicy(no_colours, lambda _: None)
            draft = await checked_draft(running)
            policy.add(draft.id, at_once=False)
            await policy.examine(running.queue, draft)
            assert policy.decisions(running.store.tasks.get) == {draft.id: asking()}
            (other,) = await running.add_pictures("a")
            sent = await running.until(other, TaskState.ACCEPTED)
            assert policy.may_repeat(sent, running.store.tasks.get) == [draft]
            await policy.start(running.queue, draft.id)
            decisions = policy.decisions(running.store.tasks.get)
            assert decisions == {draft.id: asking(Objection.DUPLICATE)}
            assert len(provider.charged) == 1

    with_provider(test)


def test_a_word_on_all_stored_drafts_sends_a_picture_once_and_one_on_a_draft_holds(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 10_000
        async with at_work(tmp_path, provider) as running:
            await running.queue.pool.pause()
            first, second = [await checked_draft(running) for _ in range(2)]
            assert await start_stored(running.queue, first, None, is_named=False) == []
            (against,) = await start_stored(running.queue, second, None, is_named=False)
            assert against.id == first.id
            assert await start_stored(running.queue, second, None, is_named=True) == []
            await running.queue.pool.unpause()
            await running.until(first, TaskState.ACCEPTED)
            third = await checked_draft(running)
            against_it = await start_stored(running.queue, third, None, is_named=True)
            assert first.id in [each.id for each in against_it]

    with_provider(test)


def test_what_was_saved_stands_for_an_input_where_it_is_resumed_or_still_waited_for(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            tasks = [
                await running.until(t, TaskState.SAVED) for t in await running.add_pictures("ab")
            ]
            there, moved = (task.id for task in tasks)
            tasks[1].files[0].unlink()
            new = [running.new(task.input) for task in tasks]
            queue = running.queue
            assert await saved_for(queue, new, [9], is_resumed=False) == Saved(frozenset({9}))
            resumed = await saved_for(queue, new, [9], is_resumed=True)
            assert resumed == Saved(frozenset({there, 9}), frozenset({moved}))
            assert resumed.as_it_is(tasks[0]) == tasks[0]
            gone = resumed.as_it_is(tasks[1])
            assert (gone.state, gone.charges_possible) == (TaskState.FAILED, 0)

    with_provider(test)


def test_what_was_found_of_one_type_starts_nothing_that_has_another_by_then(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            draft = replace(await checked_draft(running), type_name="Colorize")
            looked = threading.Event()

            def is_grey(_: Task) -> bool:
                looked.wait()
                return False

            policy = DraftPolicy(is_grey, lambda _: None)
            policy.add(draft.id, at_once=True)
            assert policy.takes_up(draft)
            examining = asyncio.ensure_future(policy.examine(running.queue, draft))
            await asyncio.sleep(0)
            assert policy.retyped([replace(draft, type_id=2)], set()) == {draft.id}
            looked.set()
            assert not await examining
            assert running.store.tasks.get(draft.id).state is TaskState.DRAFT

    with_provider(test)
