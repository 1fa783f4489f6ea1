"""Schedules the fetching of pictures: many at once, but only a few from one host.

A host that sends slowly keeps its own pictures waiting, and hardly those of others.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from enhance_gui.service.tasks.refusals import full

AT_ONCE: Final = 64
AT_ONCE_OF_ONE_HOST: Final = 8


class FetchTurns:
    """Gives turns to whoever has waited longest of those whose host has one left."""

    def __init__(self, at_once: int = AT_ONCE, of_one_host: int = AT_ONCE_OF_ONE_HOST) -> None:
        self._at_once = at_once
        self._of_one_host = of_one_host
        self._running: Counter[str] = Counter()
        self._freed = asyncio.Condition()

    @asynccontextmanager
    async def turn(self, host: str, limit_s: float) -> AsyncIterator[None]:
        """Wait for a turn, and hold it.

        :raises RequestRefused: none was free within ``limit_s``.
        """
        try:
            async with asyncio.timeout(limit_s), self._freed:
                await self._freed.wait_for(lambda: self._has_turn_for(host))
                self._running[host] += 1
        except TimeoutError as error:
            raise full("too many pictures are being fetched") from error
        try:
            yield
        finally:
            self._running[host] -= 1
            if not self._running[host]:
                del self._running[host]
            async with self._freed:
                self._freed.notify_all()

    def _has_turn_for(self, host: str) -> bool:
        return self._running.total() < self._at_once and self._running[host] < self._of_one_host
