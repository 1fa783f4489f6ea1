"""Questions beside the polls: in order, and in turn with what is polled. No real time passes."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from enhance_gui.core.clock import Clock
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.threads import StoreThread
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.polling.settings import PollerSettings
from enhance_gui.jobs.worker.context import ServiceContext, Shared
from enhance_gui.jobs.worker.results import ASK_WITHIN_S, FETCHES_AT_ONCE
from enhance_gui.storage.task_db.store import TaskStore

REQUESTS_PER_S = 0.2
ASKERS = 8


class NextClock(Clock):
    """Shows the moment for which somebody waits next; of those who wait for one, the last to come
    is woken first.
    """

    def __init__(self) -> None:
        self.at_s = 1000.0
        self._waiting: dict[asyncio.Future[None], float] = {}

    def now_s(self) -> float:
        return self.at_s

    async def sleep(self, delay_s: float) -> None:
        await self.wait(asyncio.Event(), delay_s)

    async def wait(self, event: asyncio.Event, delay_s: float) -> None:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        happened: asyncio.Future[Any] = asyncio.ensure_future(event.wait())
        self._waiting[over] = self.at_s + delay_s
        try:
            await asyncio.wait([over, happened], return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._waiting[over]
            happened.cancel()

    async def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Let time pass until some work is done."""
        task = asyncio.ensure_future(work)
        while not task.done():
            for _ in range(50):  # until everybody waits
                await asyncio.sleep(0)
            next_s = min(self._waiting.values(), default=math.inf)
            self.at_s = self.at_s if math.isinf(next_s) else next_s
            for over, due_s in reversed(self._waiting.items()):
                if due_s <= self.at_s and not over.done():
                    over.set_result(None)
        await task


@asynccontextmanager
async def a_context(folder: Path, clock: Clock, poller: Poller) -> AsyncIterator[ServiceContext]:
    db = StoreThread(TaskStore.open(folder / "tasks.sqlite3", clock.wall))
    nothing: Any = None
    shared = Shared(db, clock, nothing, nothing, folder, spending=nothing, marks=nothing)
    profile = ServiceProfile("Studio", "https://studio.test")
    try:
        yield ServiceContext(shared, profile, nothing, nothing, poller, nothing)
    finally:
        await db.close()


async def poll_all(context: ServiceContext, sent: list[str]) -> None:
    """Poll, as the loop of a worker does; each answer comes after a second."""
    clock, poller = context.clock, context.poller

    async def answered(key: int) -> None:
        await clock.sleep(1.0)
        poller.forget(key)
        poller.probe_answered(clock.now_s())
        context.notifier.notify_all()

    polls = []
    while (following := poller.next_poll(clock.now_s())) is not None:
        due_s, key = following
        if due_s > clock.now_s():
            await context.notifier.wait(due_s)
            continue
        poller.poll_sent(key, clock.now_s())
        sent.append("poll")
        polls.append(asyncio.ensure_future(answered(key)))
    await asyncio.gather(*polls)


@pytest.mark.parametrize("polls", [0, 40])
def test_who_waits_to_ask_is_served_in_order_and_in_turn_with_the_polls(
    tmp_path: Path, polls: int
) -> None:
    clock, sent = NextClock(), list[str]()

    async def test() -> None:
        poller = Poller(PollerSettings(REQUESTS_PER_S), DurationModel(), Random(1))
        for key in range(polls):
            poller.resume_polling(key, clock.now_s(), type_id=1, megapixels=1.0, age_s=9.0)
        places = asyncio.Semaphore(FETCHES_AT_ONCE)
        async with a_context(tmp_path, clock, poller) as context:

            async def ask(number: int) -> None:
                async with places:
                    with context.queued_to_ask() as place:
                        assert await context.turn_to_ask(place, ASK_WITHIN_S), number
                    with context.asking():
                        sent.append(str(number))
                        await clock.sleep(1.0)
                    await clock.sleep(1.0)

            polling = asyncio.ensure_future(poll_all(context, sent))
            await asyncio.gather(*(ask(number) for number in range(ASKERS)))
            asked = list(sent)
            await polling
        assert [each for each in sent if each != "poll"] == [str(each) for each in range(ASKERS)]
        assert sent.count("poll") == polls
        if polls:
            pairs = pairwise(asked)
            assert all((first == "poll") is not (then == "poll") for first, then in pairs)

    asyncio.run(clock.run(test()))


def test_who_gives_up_or_is_cancelled_leaves_the_queue(tmp_path: Path) -> None:
    clock = NextClock()

    async def test() -> None:
        poller = Poller(PollerSettings(REQUESTS_PER_S), DurationModel(), Random(1))
        async with a_context(tmp_path, clock, poller) as context:
            began_s = clock.now_s()
            with context.asking():
                pass

            async def asked_s(within_s: float) -> float | None:
                with context.queued_to_ask() as place:
                    if not await context.turn_to_ask(place, within_s):
                        return None
                with context.asking():
                    return round(clock.now_s() - began_s, 3)

            cancelled, *others = [
                asyncio.ensure_future(asked_s(within_s)) for within_s in (math.inf, 7, 4, 11, 14)
            ]
            await clock.sleep(1.0)
            cancelled.cancel()
            assert await asyncio.gather(*others) == [5.0, None, 10.0, None]
            assert not poller.turns.askers

    asyncio.run(clock.run(test()))


def test_polls_that_are_not_answered_keep_no_question_waiting_and_the_other_way_round() -> None:
    poller = Poller(PollerSettings(REQUESTS_PER_S), DurationModel(), Random(1))
    for key in range(2):
        poller.resume_polling(key, 0.0, type_id=1, megapixels=1.0, age_s=9.0)
    poller.probe_sent(0.0)
    assert poller.probe_due_s(7.0) == 10.0
    assert (poller.next_poll(7.0) or (0.0,))[0] == 7.0
    assert poller.probe_due_s(10.0) == 10.0
    poller.poll_sent(0, 10.0)
    poller.turns.askers.append("somebody")
    assert (poller.next_poll(17.0) or (0.0,))[0] == 20.0
    poller.turns.askers.clear()
    assert (poller.next_poll(17.0) or (0.0,))[0] == 17.0
    poller.turns.askers.append("somebody")
    assert (poller.next_poll(20.0) or (0.0,))[0] == 20.0
