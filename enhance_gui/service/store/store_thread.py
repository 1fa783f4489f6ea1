"""The task store, asked from coroutines: one thread does all its work, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from enhance_gui.core.storage_errors import DiskFull
from enhance_gui.service.store.task_store import TaskStore

_P = ParamSpec("_P")
_T = TypeVar("_T")


class StoreThread:
    """Runs methods of :class:`TaskStore` off the event loop: a commit waits for the disk."""

    def __init__(self, store: TaskStore, make_room: Callable[[], None]) -> None:
        """:param make_room: gives up what is kept for changes that a full disk must not stop."""
        self._store = store
        self._make_room = make_room
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tasks")

    async def run(
        self,
        method: Callable[Concatenate[TaskStore, _P], _T],
        *arguments: _P.args,
        **named: _P.kwargs,
    ) -> _T:
        """Call a method: ``await tasks.run(TaskStore.find, task_id)``."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._thread, lambda: method(self._store, *arguments, **named)
        )

    async def run_even_if_full(
        self,
        method: Callable[Concatenate[TaskStore, _P], _T],
        *arguments: _P.args,
        **named: _P.kwargs,
    ) -> _T:
        """As :meth:`run`; where the disk is full, in the room that is kept for that."""
        try:
            return await self.run(method, *arguments, **named)
        except DiskFull:
            self._make_room()
            return await self.run(method, *arguments, **named)

    def close(self) -> None:
        """Finish what was begun, then close the store."""
        self._thread.shutdown(wait=True)
        self._store.close()
