"""Nothing that a hostile host sends is saved, holds up others, or takes much memory."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from enhance_gui.client.download import download
from enhance_gui.client.preflight import check_address
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.imaging.header import read_header
from enhance_gui.jobs.worker.checking import CHECKS_AT_ONCE
from enhance_gui.jobs.worker.input_copies import COPIES_AT_ONCE
from enhance_gui.jobs.worker.result_fetch import BESIDE_AT_ONCE
from enhance_gui.jobs.worker.results import FETCHES_AT_ONCE
from enhance_gui.jobs.worker.verifying import DECODING_LIMIT_S
from enhance_gui.transport.clients import PICTURE_CONNECTIONS, picture_client
from enhance_gui.transport.host_lookup import AddressPolicy
from enhance_gui.transport.timeouts import Timeouts
from tests.scenarios.hostile import bombs
from tests.scenarios.hostile.behaviours import NOTHING_PROMISED, PICTURE, behaviours, silence
from tests.scenarios.hostile.host import Case, HostileProvider, Role, foreign_files
from tests.scenarios.hostile.memory import MIB, MemoryWatch
from tests.scenarios.running import Running, at_work
from tests.support.processes import family
from tests.support.scriptable_service import Reply, ScriptableService
from tests.support.waiting import eventually

GONE_PORT = 1
HUNG_S = 100.0
MAX_GROWTH_BYTES = 64 * MIB
HONEST = 6
QUICK = Timeouts(connect_s=0.4, read_s=0.3, overall_s=0.6, slow_window_s=0.5)
"""Longer than the pauses of what trickles."""
ALL = behaviours(GONE_PORT, small=True)
FAST = {name: each for name, each in ALL.items() if not each.slow}
SLOW = {name: each for name, each in ALL.items() if each.slow}


@pytest.mark.long
@pytest.mark.parametrize("role", list(Role))
def test_a_batch_full_of_hostile_bodies_ends_with_nothing_of_them_saved(
    tmp_path: Path, role: Role
) -> None:
    async def test() -> None:
        async with asyncio.timeout(HUNG_S), HostileProvider() as provider:
            cases = [case for case in provider.set_up(FAST) if case.role is role]
            honest = [f"/honest/honest-{number}.png" for number in range(HONEST)]
            for path in honest:
                provider.on(path, Reply(200, PICTURE))
            urls = [case.url for case in cases] + [provider.base_url + path for path in honest]
            async with at_work(tmp_path, provider) as running:
                gc.collect()
                with MemoryWatch(os.getpid()) as memory:
                    tasks = await running.add(*urls)
                    ends = [await _outcome(running, task) for task in tasks]
                assert ends[len(cases) :] == [TaskState.SAVED] * HONEST, running.story()
                wrong = _wrongly_saved(cases, ends)
                assert not wrong, running.story()
            assert foreign_files(running.results, cases) == []
            if sys.platform == "linux":
                assert memory.growth_bytes <= MAX_GROWTH_BYTES

    asyncio.run(test())


async def _outcome(running: Running, task: Task) -> TaskState:
    """Wait until a task is saved, or has met its hostile body once; later tries are alike."""

    def outcome() -> TaskState | None:
        now = running.last(task)
        ended = now.state is TaskState.SAVED or now.failure is not None
        return now.state if ended else None

    return await running.until_true(outcome, f"task {task.id} is not at its end")


def _wrongly_saved(cases: list[Case], ends: list[TaskState]) -> list[str]:
    return [
        case.name
        for case, end in zip(cases, ends, strict=False)
        if end is TaskState.SAVED and not case.may_save
    ]


@pytest.mark.parametrize("name", SLOW)
def test_what_only_patience_ends_ends_with_it(name: str) -> None:
    """As input and as result, at once."""

    async def test() -> None:
        async with (
            asyncio.timeout(HUNG_S / 2),
            ScriptableService() as host,
            picture_client(AddressPolicy.ANY) as client,
        ):
            host.on("/a", SLOW[name].step)
            checked, fetched = await asyncio.gather(
                check_address(
                    host.url("/a"),
                    PictureLimits(),
                    client=client,
                    read_header=read_header,
                    timeouts=QUICK,
                ),
                download(host.url("/a"), len, max_bytes=2**29, client=client, timeouts=QUICK),
                return_exceptions=True,
            )
            assert isinstance(fetched, EnhanceError)
            assert isinstance(checked, EnhanceError) or "proper head" in name or "head," in name

    asyncio.run(test())


def test_downloads_that_hang_do_not_keep_pictures_from_being_checked(tmp_path: Path) -> None:
    """Results and copies of inputs share the connections to picture hosts with the checks."""

    async def test() -> None:
        async with asyncio.timeout(HUNG_S), HostileProvider() as provider:
            provider.on("/result.png", silence)
            for number in range(40):
                provider.on(f"/{number}.png", Reply(200, PICTURE), silence)
            async with at_work(tmp_path, provider) as running:
                tasks = await running.add(*(provider.url(f"/{n}.png") for n in range(40)))
                for task in tasks:
                    await running.until(task, TaskState.ACCEPTED, TaskState.FETCHING)
                await eventually(
                    lambda: len(provider.seen("/result.png")) >= FETCHES_AT_ONCE,
                    "the first results are being fetched",
                )
                assert len(provider.seen("/result.png")) == FETCHES_AT_ONCE

    fetched_at_once = FETCHES_AT_ONCE + BESIDE_AT_ONCE
    assert CHECKS_AT_ONCE + COPIES_AT_ONCE + fetched_at_once <= PICTURE_CONNECTIONS
    asyncio.run(test())


def _decoder() -> int:
    """Return the number of the process that decodes; 0 where there is none yet."""
    for number in family(os.getpid())[1:]:
        with suppress(OSError):
            if b"\0decode\0" in Path(f"/proc/{number}/cmdline").read_bytes():
                return number
    return 0


@pytest.mark.skipif(sys.platform != "linux", reason="finds the decoder in Linux' list")
def test_a_program_that_ends_does_not_wait_for_a_bomb_to_be_decoded(tmp_path: Path) -> None:
    async def test() -> None:
        async with asyncio.timeout(HUNG_S), HostileProvider() as provider:
            provider.on("/result.png", Reply(200, bombs.webp_of_one_colour()))
            provider.record_of_new = lambda _: NOTHING_PROMISED
            with MemoryWatch(os.getpid()) as memory:
                async with at_work(tmp_path, provider) as running:
                    (task,) = await running.add_pictures("a")
                    await running.until(task, TaskState.FETCHING)
                    # Stopped, it would be waited for as long as decoding may take at the most.
                    decoder = await eventually(_decoder, "the decoder is at work")
                    os.kill(decoder, signal.SIGSTOP)
                    before_s = time.monotonic()
                assert time.monotonic() - before_s < DECODING_LIMIT_S / 2
            assert list(running.results.iterdir()) == []
            assert memory.growth_bytes <= MAX_GROWTH_BYTES

    asyncio.run(test())
