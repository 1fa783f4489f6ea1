"""Qt's loop does for asynchronous generators what asyncio's own loops do."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncGenerator

from PySide6.QtWidgets import QApplication

from enhance_gui.ui.event_loop import WindowLoop


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
