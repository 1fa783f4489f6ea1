"""Whatever a service answers: nothing is charged twice, nothing is lost, memory stays small."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import pytest

from enhance_gui.core.service_errors import CreateInDoubt, ServiceError, ServiceUnreachable
from enhance_gui.core.tasks.states import TaskState
from tests.client.speaking import REQUEST, at_once, client_of
from tests.scenarios.hostile.memory import MIB, MemoryWatch
from tests.scenarios.hostile.replies import (
    fast_replies,
    harmless_records,
    hostile_records,
    slow_replies,
)
from tests.scenarios.running import at_work
from tests.support.patience import HUNG_S, QUICK, undisturbed
from tests.support.provider import INPUT, Provider
from tests.support.scriptable_service import Reply, ScriptableService

MAX_GROWTH_BYTES = 64 * MIB
REPLIES = fast_replies()
SLOW = slow_replies()
REFUSED = {"text of a megabyte"}
"""Answers that say clearly that nothing was created."""
LIKE_NONE = {"address of 500 kB"}
"""An address that long is none: the task is asked for again, as one that is still worked on."""


def run(test: Callable[[Provider], Coroutine[Any, Any, None]]) -> None:
    async def watched() -> None:
        async with asyncio.timeout(100), Provider() as provider:
            with MemoryWatch(os.getpid()) as memory:
                await test(provider)
            if sys.platform == "linux":
                assert memory.growth_bytes <= MAX_GROWTH_BYTES

    asyncio.run(watched())


def test_a_record_that_cannot_be_read_is_asked_for_again(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        honest = provider.get
        provider.on("/gettask", *REPLIES.values(), honest)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
        assert len(provider.seen("/gettask")) > len(REPLIES)
        assert len(provider.charged) == 1

    run(test)


def test_no_answer_to_createtask_is_followed_by_another_create_of_the_same(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(*REPLIES.values())
        paths = [f"/{number}.jpg" for number in range(len(REPLIES) + 1)]
        for path in paths:
            provider.on(path, Reply(200, INPUT))
        async with at_work(tmp_path, provider) as running:
            *tasks, other = await running.add(*map(provider.url, paths))
            ends = [(await running.until_suspended(task)).state for task in tasks]
            await running.until(other, TaskState.SAVED)
        for name, end in zip(REPLIES, ends, strict=True):
            assert end is (TaskState.FAILED if name in REFUSED else TaskState.IN_DOUBT), name
        assert len(provider.seen("/createtask")) == len(paths)

    run(test)


@pytest.mark.parametrize("name", SLOW)
def test_an_answer_without_end_ends_with_patience(name: str) -> None:
    async def test() -> None:
        async with ScriptableService() as service:
            service.on("/createtask", SLOW[name])
            service.on("/gettask", SLOW[name])
            async with (
                asyncio.timeout(HUNG_S / 2),
                client_of(service.base_url, create_timeouts=QUICK, call_timeouts=QUICK) as client,
            ):
                created, asked = await asyncio.gather(
                    # Unreachable is right where the time ran out before anything was sent.
                    undisturbed(lambda: client.create_task(REQUEST, at_once), ServiceUnreachable),
                    client.get_task("task", 1),
                    return_exceptions=True,
                )
            assert isinstance(created, CreateInDoubt)
            assert isinstance(asked, ServiceError)

    asyncio.run(test())


def test_records_full_of_traps_lead_nowhere(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        traps = [*hostile_records().values(), *harmless_records().values()]
        for letter in ascii_lowercase[: len(traps)]:
            provider.on(f"/{letter}.jpg", Reply(200, INPUT))
        # By picture: which one is created first is not known.
        provider.record_of_new = lambda task: traps[ascii_lowercase.index(Path(task.picurl).stem)]
        async with at_work(tmp_path, provider) as running:
            tasks = await running.add_pictures(ascii_lowercase[: len(traps)])
            bad = len(hostile_records())
            for task in tasks[bad:]:
                saved = await running.until(task, TaskState.SAVED)
                assert [path.parent for path in saved.files] == [running.results]
            for name, task in zip(hostile_records(), tasks, strict=False):
                if name not in LIKE_NONE:
                    await running.until_suspended(task)
                assert running.last(task).state is not TaskState.SAVED
            names = {path.suffix for path in running.results.iterdir()}
        assert names == {".png", ".json"}

    run(test)
