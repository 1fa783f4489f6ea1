"""A method of a bridge that is a command runs as a task of its own."""

from __future__ import annotations

import asyncio

from enhance_gui.core.storage_errors import DiskFull, TransitionRefused
from enhance_gui.ui.bridges.async_bridge import AsyncBridge, command
from tests.ui.conftest import Run


class Kitchen(AsyncBridge):
    def __init__(self) -> None:
        super().__init__()
        self.served: list[str] = []
        self.names: list[str] = []

    @command
    async def serve(self, dish: str, *, error: Exception | None = None) -> None:
        """Put a dish on the table."""
        task = asyncio.current_task()
        self.names.append("" if task is None else task.get_name())
        await asyncio.sleep(0)
        if error is not None:
            raise error
        self.served.append(dish)


def test_a_command_runs_under_its_name_and_says_what_went_wrong(arun: Run) -> None:
    async def job() -> None:
        kitchen, reported = Kitchen(), list[str]()
        kitchen.message.connect(reported.append)
        kitchen.serve("soup")
        kitchen.serve("bread", error=DiskFull("no room"))
        kitchen.serve("wine", error=TransitionRefused("too late"))
        assert kitchen.served == []
        for _ in range(4):
            await asyncio.sleep(0)
        assert kitchen.served == ["soup"]
        assert kitchen.names == ["Kitchen.serve"] * 3
        assert reported == ["The disk is full: no room."]
        await kitchen.close()

    arun(job())


def test_a_closed_bridge_takes_no_command_and_ends_those_on_their_way(arun: Run) -> None:
    async def job() -> None:
        kitchen = Kitchen()
        kitchen.serve("soup")
        await kitchen.close()
        kitchen.serve("bread")
        await asyncio.sleep(0)
        assert kitchen.served == []

    arun(job())
