"""Every asyncio task has a name and an owner that cancels and awaits it.

The only module that starts asyncio tasks: one that nobody holds can vanish in the middle of its
work, and one that nobody awaits loses its error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class TaskSupervisor:
    """Owns asyncio tasks until they end."""

    def __init__(self, on_crash: Callable[[BaseException], None]) -> None:
        """:param on_crash: told of every error that an owned task did not handle: a bug."""
        self._on_crash = on_crash
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    def start(self, coroutine: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run a coroutine until it ends or the owner closes."""
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
            self._on_crash(error)
