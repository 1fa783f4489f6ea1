"""Qt's loop does what asyncio's own loops do and qasync's does not."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import socket
import sys
from collections.abc import AsyncGenerator, Callable

import pytest
from PySide6.QtWidgets import QApplication

from enhance_gui.ui.startup.event_loop import WindowLoop


def test_a_generator_left_half_way_is_ended_properly(qapp: QApplication) -> None:
    ended: list[str] = []

    async def pieces(name: str) -> AsyncGenerator[int, None]:
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(0)
            ended.append(name)

    async def read_one(name: str) -> None:
        async for _ in pieces(name):
            return

    async def job() -> AsyncGenerator[int, None]:
        await read_one("dropped")
        gc.collect()
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert ended == ["dropped"]
        kept = pieces("kept")
        await anext(kept)
        return kept

    hooks = sys.get_asyncgen_hooks()
    with asyncio.Runner(loop_factory=lambda: WindowLoop(qapp)) as runner:
        kept = runner.run(job())
    assert ended == ["dropped", "kept"]
    assert sys.get_asyncgen_hooks() == hooks
    del kept


WHERE = contextvars.ContextVar("where", default="elsewhere")


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("direction", ["reader", "writer"])
def test_what_waits_for_a_socket_runs_in_the_context_that_was_named(
    qapp: QApplication, direction: str, given: bool
) -> None:
    context = contextvars.copy_context()
    context.run(WHERE.set, "there")

    async def job() -> tuple[object, ...]:
        loop = asyncio.get_running_loop()
        add: Callable[..., None] = getattr(loop, f"_add_{direction}")
        remove: Callable[[int], None] = getattr(loop, f"_remove_{direction}")
        called: asyncio.Future[tuple[object, ...]] = loop.create_future()

        def callback(*args: object) -> None:
            remove(ours.fileno())
            called.set_result((WHERE.get(), *args))

        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.send(b"1")
            add(ours.fileno(), callback, "a", 2, **({"context": context} if given else {}))
            return await asyncio.wait_for(called, 5)

    with asyncio.Runner(loop_factory=lambda: WindowLoop(qapp)) as runner:
        assert runner.run(job()) == ("there" if given else "elsewhere", "a", 2)


def test_what_is_due_at_the_end_finds_the_loop_also_in_debug_mode(qapp: QApplication) -> None:
    found = set()

    def go_on(times: int) -> None:
        found.add(asyncio.get_event_loop())
        if times:
            asyncio.get_event_loop().call_soon(go_on, times - 1)

    async def job() -> None:
        asyncio.get_running_loop().call_soon(go_on, 20)

    with asyncio.Runner(debug=True, loop_factory=lambda: WindowLoop(qapp)) as runner:
        runner.run(job())
        assert found == {runner.get_loop()}
