"""The thread that the store lives in: its commits wait for the disk, the event loop does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from enhance_gui.storage.task_db.store import TaskStore

P = ParamSpec("P")
R = TypeVar("R")


class StoreThread:
    """Runs the store's methods one after another, in the order in which they were asked for."""

    def __init__(self, store: TaskStore) -> None:
        self.store = store
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="task-store")

    async def do(self, method: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a method of the store and return what it returns.

        A step that has begun is carried out even if the caller is cancelled meanwhile.
        """
        future = self._executor.submit(method, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(future))

    async def close(self) -> None:
        """Wait for the last step, then close the database."""
        await self.do(self.store.close)
        self._executor.shutdown()
