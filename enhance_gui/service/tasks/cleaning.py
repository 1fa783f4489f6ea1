"""Removes what was kept long enough, and what there is no room for. The guide has the rule."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import EnhanceError
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.store.file_store import FileStore
from enhance_gui.service.store.task_store import TaskThread
from enhance_gui.service.tasks.calls import Calls
from enhance_gui.service.tasks.room import StorageRoom

_LOG = logging.getLogger(__name__)

_INTERVAL_S: Final = 600.0
_DAY_S: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Cleaner:
    """Looks every ten minutes at what may go: by its age first, then by what all takes."""

    tasks: TaskThread
    files: FileStore
    room: StorageRoom
    calls: Calls
    settings: ServiceSettings
    clock: Clock

    async def run(self) -> None:
        """Clean up until cancelled."""
        while True:
            try:
                await self.clean_up(self.clock.wall().timestamp())
            except EnhanceError as error:
                _LOG.error("what is old was not removed: %s", error.detail)
            await asyncio.sleep(_INTERVAL_S)

    async def clean_up(self, now_s: float) -> None:
        """Remove uploads and tasks that are too old, then those tasks that ended first.

        :param now_s: the civil time.
        :raises EnhanceError: the data folder cannot be used.
        """
        settings = self.settings
        self.room.remove_old_uploads(now_s)
        if settings.keep_days is not None:
            await self.calls.delete_ended_before(now_s - settings.keep_days * _DAY_S)
        if settings.keep_bytes is not None:
            taken = await asyncio.to_thread(self.files.pictures_bytes)
            excess_bytes = taken - settings.keep_bytes
            await self.calls.delete_oldest(excess_bytes, now_s - settings.min_kept_s)
        await self.tasks.do(self.tasks.store.forget_deleted)
