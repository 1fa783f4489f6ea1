"""Runs the service's task store in a thread, and on a full disk uses the reserved space."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from enhance_gui.core.storage_errors import DiskFull
from enhance_gui.core.threads import StoreThread
from enhance_gui.service.store.task_store import TaskStore

P = ParamSpec("P")
T = TypeVar("T")


class TaskThread(StoreThread[TaskStore]):
    """Runs methods of the tasks' store, on a full disk too where that is wanted."""

    def __init__(self, store: TaskStore, make_room: Callable[[], None]) -> None:
        """:param make_room: gives up what is kept for changes that a full disk must not stop."""
        super().__init__(store)
        self._make_room = make_room

    async def do_even_if_full(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As :meth:`do`; where the disk is full, in the room that is kept for that."""
        try:
            return await self.do(method, *args, **kwargs)
        except DiskFull:
            self._make_room()
            return await self.do(method, *args, **kwargs)
