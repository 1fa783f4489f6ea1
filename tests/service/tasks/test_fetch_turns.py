"""Turns of fetching: a slow host keeps its own pictures waiting, not those of others."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.service.tasks.intake import FetchTurns
from tests.service.serving import UPSCALE, serving, until
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes
from tests.support.scriptable_service import Reply, ScriptableService, Talk


def test_a_host_has_only_so_many_turns_and_others_pass_those_who_wait() -> None:
    async def go() -> None:
        turns = FetchTurns(at_once=3, of_one_host=2)
        order: list[str] = []
        gates = {name: asyncio.Event() for name in ("a1", "a2", "a3", "b1", "c1")}

        async def fetch(name: str) -> None:
            async with turns.turn(name[0], HUNG_S):
                order.append(name)
                await gates[name].wait()

        async with asyncio.TaskGroup() as group:
            for name in gates:
                group.create_task(fetch(name))
            await until(lambda: len(order) == 3)
            assert order == ["a1", "a2", "b1"]
            gates["b1"].set()
            await until(lambda: len(order) == 4)
            assert order[3] == "c1"
            for name in ("c1", "a1", "a2", "a3"):
                gates[name].set()
        assert order[4] == "a3"

    asyncio.run(go())


def test_no_turn_in_time_is_no_fault_of_the_picture_and_leaves_no_trace() -> None:
    async def go() -> None:
        turns = FetchTurns(at_once=1, of_one_host=1)
        with pytest.raises(RequestRefused) as refused:
            async with turns.turn("a", HUNG_S), turns.turn("b", 0.01):
                pass
        assert refused.value.code == 9_000_429
        with contextlib.suppress(ZeroDivisionError):
            async with turns.turn("a", HUNG_S):
                raise ZeroDivisionError
        async with turns.turn("a", 0.01):
            pass

    asyncio.run(go())


def test_slow_pictures_of_one_host_do_not_hold_up_those_of_another(tmp_path: Path) -> None:
    async def go() -> None:
        release = asyncio.Event()

        async def slow(talk: Talk) -> None:
            await release.wait()
            await talk.reply(Reply(body=picture_bytes()))

        async with ScriptableService() as host, serving(tmp_path) as asker:
            host.on("/slow.png", slow)
            host.on("/a.png", Reply(body=picture_bytes()))
            async with asyncio.TaskGroup() as group:
                for _ in range(20):
                    group.create_task(
                        asker.data("createtask", picurl=host.url("/slow.png"), type=UPSCALE)
                    )
                await until(lambda: len(host.requests) == 8)
                # Another name, which is what tells hosts apart.
                other = host.url("/a.png").replace("127.0.0.1", "localhost")
                await asker.data("createtask", picurl=other, type=UPSCALE)
                assert len(host.seen("/slow.png")) == 8
                release.set()

    asyncio.run(go())
