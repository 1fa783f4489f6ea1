"""Tells whether the service takes tasks, for those who watch over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from enhance_gui.core.errors import EnhanceError
from enhance_gui.service.tasks.room import StorageRoom


@dataclass(eq=False)
class Readiness:
    """What keeps the service from taking tasks. It names nothing that is secret."""

    room: StorageRoom
    worker_count: Callable[[], int]
    is_draining: bool = False
    """Whether the service takes nothing more and ends when what it works on is done."""

    def reasons(self) -> list[str]:
        """Return why no tasks are taken at present; none: they are."""
        found = []
        if self.is_draining:
            found.append("the service is about to end")
        if not self._has_room():
            found.append("the disk is nearly full or cannot be used")
        if not self.worker_count():
            found.append("there is no worker")
        return found

    def _has_room(self) -> bool:
        try:
            self.room.check_disk()
        except EnhanceError:
            return False
        return True
