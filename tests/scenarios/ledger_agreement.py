"""Holds the ledger against what a provider has charged, over many mixed tasks and restarts.

Each round opens the list anew, adds pictures in batches with limits of their own, says a word on
some of what waits, and ends in the middle of the work. A provider that refuses, falls silent and
loses answers keeps the book. After every round: an accepted attempt was charged, one that was
refused or not sent was not, nothing was charged that the list does not know, and no batch and no
day beyond its limit. Run it longer, with rounds that are killed::

    python -m tests.scenarios.ledger_agreement 2000 --killed
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, cast

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.states import ENDED, Outcome, TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.events import TaskChanged
from enhance_gui.jobs.queue.budgets import Budget
from enhance_gui.storage.task_db.store import TaskStore
from tests.scenarios.running import Running, at_work, profile_of
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply, Talk, envelope

KINDS: Final = (EnhanceType(1, "Enhance", cost=1), EnhanceType(2, "Relight", cost=2.5))
COST: Final = {kind.id: kind.cost for kind in KINDS}

_BATCH: Final = 8
_ADDED_A_ROUND: Final = 5 * _BATCH
_DAY_LIMIT: Final = 60.0
"""Credits a day; every fifth round raises it by as much."""

_REST_S: Final = 60.0
_REST_A_PICTURE_S: Final = 0.3
"""How long a round may take until nothing goes on: the last one has all that was held back."""

_LIMITS: Final = (0, 2, 5, 7.5, 12, math.inf, None)


class Bookkeeper(Provider):
    """A provider of all moods that writes down what it charges."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = random.Random(seed)
        self.credits: dict[str, float] = {}
        """What was charged, by private id."""
        self.is_kind = False
        """Whether it only accepts."""
        self.on("/createtask", self._by_mood)

    async def _by_mood(self, talk: Talk) -> None:
        if not talk.request.body:
            return  # cut off by a program that ends
        mood = 1.0 if self.is_kind else self._random.random()
        if mood < 0.06:
            await talk.reply(envelope(None, 1001004, "no such kind"))
        elif mood < 0.09:
            await talk.reply(Reply(502, b"<html>"))
        elif mood < 0.12:
            await self.say_nothing(talk)
        elif mood < 0.16:
            self._write_down(talk)
            await self.create_and_say_nothing(talk)
        elif mood < 0.18:
            await talk.reply(envelope(None, 1003002, "the balance is 0"))
        else:
            self._write_down(talk)
            await self.create(talk)

    def _write_down(self, talk: Talk) -> None:
        fields = talk.request.json()
        key = fields["chtaskid"]
        self.credits[key] = self.credits.get(key, 0) + COST[fields["type"]]

    def round_ends_after(self, rounds: int) -> int:
        """Return the number of creates after which a round is to end."""
        return len(self.seen("/createtask")) + self._random.randint(rounds, 3 * _BATCH)


@dataclass(frozen=True, slots=True)
class Round:
    """What one run of the program does."""

    number: int
    first: int
    last: int
    """The pictures that it adds."""
    seed: int
    ends_well: bool = False
    """Whether it works until nothing is left to do, with a yes to everything."""

    @property
    def day_limit(self) -> float:
        return _DAY_LIMIT * (1 + self.number // 5)


async def work(folder: Path, base_url: str, this: Round) -> None:
    """Do one round's work, until nothing goes on by itself."""
    choice = random.Random(this.seed)
    provider = cast(Provider, _Address(base_url))
    profile = profile_of(provider, requests_per_s=1000.0, enhance_types=KINDS)
    async with at_work(folder, provider, profile) as running:
        running.queue.spending.limit_day("Studio", math.inf if this.ends_well else this.day_limit)
        running.queue.spending.batch_limit = choice.choice((4, 20, None))
        await _words_on_stored(running, profile, choice, this)
        for start in range(this.first, this.last, _BATCH):
            await _add(running, profile, choice, range(start, min(start + _BATCH, this.last)))
        await running.until_true(
            _Rest(running), "it does not come to rest", _REST_S + _REST_A_PICTURE_S * this.last
        )


async def _add(
    running: Running, profile: ServiceProfile, choice: random.Random, numbers: range
) -> None:
    kinds = [choice.choice(KINDS) for _ in numbers]
    new = [
        replace(
            running.new(running.provider.url(f"/a.jpg?{number}")),
            type_id=kind.id,
            type_name=kind.name,
        )
        for number, kind in zip(numbers, kinds, strict=True)
    ]
    await running.queue.add(profile, new, Budget(choice.choice(_LIMITS)))


async def _words_on_stored(
    running: Running, profile: ServiceProfile, choice: random.Random, this: Round
) -> None:
    """Go on with what earlier rounds have left; say yes to some of what waits for a word."""
    queue = running.queue
    stored = await queue.stored()
    again = [task for task in stored if task.state is TaskState.IN_DOUBT]
    failed = [
        task
        for task in await queue.db.do(queue.db.store.tasks.history)
        if task.state is TaskState.FAILED
    ]
    await queue.resume(profile, [task for task in stored if task not in again])
    budget = Budget(math.inf if this.ends_well else choice.choice(_LIMITS))
    for task in (*again, *failed):
        if choice.random() < 0.3 and not this.ends_well:
            await (queue.send_again if task in again else queue.retry)(task.id, budget)
    if this.ends_well:
        await queue.spend_on("Studio")
    elif choice.random() < 0.3:
        held = [task for task in stored if task.state is TaskState.QUEUED]
        await queue.resume(profile, held, Budget(choice.choice(_LIMITS)))


class _Rest:
    """Whether nothing goes on by itself; each event is read once, since many thousands come."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._read = 0
        self._at_work: set[int] = set()

    def __call__(self) -> bool:
        events = self._running.events
        for event in events[self._read :]:
            if isinstance(event, TaskChanged):
                (self._at_work.discard if event.suspended else self._at_work.add)(event.task.id)
        self._read = len(events)
        return not self._at_work


class _Address:
    """Where the provider is: all that a round in a process of its own knows of it."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def url(self, path: str) -> str:
        return f"{self.base_url}{path}"


# -- the rounds, and what has to hold after each ---------------------------------------------------


async def agree(folder: Path, count: int, seed: int, *, killed: bool = False) -> str:
    """Work on ``count`` tasks in rounds; return what came of them, in a line.

    :param killed: whether rounds run in processes of their own, which are killed.
    :raises AssertionError: the list and the provider's book differ, or a limit did not hold.
    """
    choice = random.Random(seed)
    async with Bookkeeper(seed) as provider:
        starts = range(0, count, _ADDED_A_ROUND)
        for number, first in enumerate(starts):
            this = Round(number, first, min(first + _ADDED_A_ROUND, count), choice.getrandbits(32))
            await _one_round(folder, provider, this, killed=killed)
            _compare(folder, provider, this.day_limit)
        provider.is_kind = True
        await work(folder, provider.base_url, replace(this, first=this.last, ends_well=True))
        return _compare(folder, provider, math.inf, is_over=True)


async def _one_round(folder: Path, provider: Bookkeeper, this: Round, *, killed: bool) -> None:
    ends_after = provider.round_ends_after(_BATCH)

    async def sent() -> None:
        while len(provider.seen("/createtask")) < ends_after:  # noqa: ASYNC110  no event tells it
            await asyncio.sleep(0.005)

    child = None
    if killed:
        arguments = [str(folder), provider.base_url, *map(str, (this.number, this.first))]
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.scenarios.ledger_agreement", "--round", *arguments),
            *map(str, (this.last, this.seed)),
        )
        working = asyncio.create_task(child.wait())
    else:
        working = asyncio.create_task(_worked(folder, provider.base_url, this))
    watching = asyncio.create_task(sent())
    await asyncio.wait([working, watching], return_when=asyncio.FIRST_COMPLETED)
    watching.cancel()
    ended_by_itself = working.done()
    if child is not None and not ended_by_itself:
        child.kill()
    elif not ended_by_itself:
        working.cancel()
    await asyncio.wait([working, watching])
    if ended_by_itself:
        assert working.result() == 0, "the round has failed"


async def _worked(folder: Path, base_url: str, this: Round) -> int:
    await work(folder, base_url, this)
    return 0


def _compare(folder: Path, provider: Bookkeeper, day_limit: float, *, is_over: bool = False) -> str:
    """Hold the list against the provider's book.

    :param is_over: whether nothing may be left to do.
    """
    path = folder / "tasks.sqlite3"
    store = TaskStore.open(path, lambda: datetime.now(UTC))
    tasks = store.tasks.in_states(TaskState)
    known = sum(entry.cost for entry in store.charges.ledger(datetime.now(UTC) - timedelta(days=2)))
    store.close()
    assert not is_over or all(_is_over(task) for task in tasks)
    charged = sum(provider.credits.values())
    doubts = _hold_attempts_against(provider, tasks)
    assert charged <= known + 1e-6, f"{charged} were charged, the ledger says at most {known}"
    assert known - doubts <= charged + 1e-6, f"{charged} were charged, {known} less {doubts} told"
    assert known <= day_limit + 1e-6, f"{known} where {day_limit} a day are allowed"
    _hold_batches_to_limits(path)
    return (
        f"{len(tasks)} tasks, {sum(len(task.attempts) for task in tasks)} attempts: {charged:g} "
        f"credits charged, at most {known:g} by the ledger, of them {doubts:g} in doubt"
    )


def _is_over(task: Task) -> bool:
    return task.state in ENDED or task.state is TaskState.IN_DOUBT


def _hold_attempts_against(provider: Bookkeeper, tasks: list[Task]) -> float:
    """Compare each attempt with the book; return the credits of those in doubt."""
    book, doubts = dict(provider.credits), 0.0
    for task in tasks:
        cost = COST[task.type_id]
        for attempt in task.attempts:
            paid = book.pop(attempt.private_id, 0)
            if attempt.outcome is Outcome.ACCEPTED:
                assert paid == cost, f"task {task.id}: {paid} charged of what was accepted"
            elif attempt.outcome is Outcome.IN_DOUBT:
                assert paid in (0, cost), f"task {task.id}: {paid} charged"
                doubts += cost
            else:
                assert paid == 0, f"task {task.id}: charged, and {attempt.outcome.value}"
    assert not book, f"charged and not known: {book}"
    return doubts


def _hold_batches_to_limits(path: Path) -> None:
    with closing(sqlite3.connect(path)) as looked:
        for number, max_cost, spent in looked.execute(
            "SELECT batch.id, max_cost, total(cost) FROM batch "
            "JOIN attempt ON attempt.batch = batch.id "
            "WHERE outcome IN ('accepted', 'in_doubt', 'open') AND max_cost IS NOT NULL "
            "GROUP BY batch.id"
        ):
            assert spent <= max_cost + 1e-6, f"batch {number}: {spent} of {max_cost}"


def main() -> None:
    """Run it as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--killed", action="store_true")
    parser.add_argument("--round", nargs=6, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.round is not None:
        folder, base_url, *fields = arguments.round
        number, first, last, seed = map(int, fields)
        asyncio.run(work(Path(folder), base_url, Round(number, first, last, seed)))
        return
    with tempfile.TemporaryDirectory() as folder:
        reported = asyncio.run(
            agree(Path(folder), arguments.count, arguments.seed, killed=arguments.killed)
        )
    print(reported)


if __name__ == "__main__":
    main()
