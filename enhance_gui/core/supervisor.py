"""Starts asyncio tasks, each under a supervisor that cancels and awaits it.

The only module that starts any: one that nobody holds can vanish in the middle of its work, and
one that nobody awaits loses its error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class TaskSupervisor:
    """Holds asyncio tasks until they end; cancels and awaits them when it closes."""

    def __init__(self, on_crash: Callable[[BaseException], None]) -> None:
        """:param on_crash: called with every error that a supervised task did not handle: a bug."""
        self._on_crash = on_crash
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    def start(self, coroutine: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run a coroutine until it ends or the supervisor closes."""
        if self._closed:
            coroutine.close()
            raise RuntimeError(f"{name} was started after its owner closed")
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self) -> None:
        """Cancel what still runs and wait until it has ended."""
        self._closed = True
        while self._tasks:
            running = list(self._tasks)
            for task in running:
                task.cancel()
            await asyncio.wait(running)
            # Callbacks of ended tasks run one round later; they empty the set.
            await asyncio.sleep(0)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            error.add_note(f"in the asyncio task “{task.get_name()}”")
            self._on_crash(error)
