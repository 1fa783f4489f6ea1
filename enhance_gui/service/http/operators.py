"""Answers those who operate the service: whether it lives, takes tasks, and what it has done.

| address | token | answer |
|---|---|---|
| ``GET /healthz`` | | the process answers |
| ``GET /readyz`` | | whether tasks are taken; 503 with the reasons where not |
| ``GET /metrics`` | yes | figures for Prometheus |
| ``GET /openapi.json`` | yes | the service's own description |

Figures need the token although many collect them from loopback: behind a reverse proxy on the same
computer every request comes from loopback, those of the whole network too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from enhance_gui.core.resources import resource
from enhance_gui.service.http.gate import (
    DOCUMENT_PATH,
    HEALTH_PATH,
    METRICS_PATH,
    READINESS_PATH,
)
from enhance_gui.service.http.metrics import Gauges, Tally, expose
from enhance_gui.service.http.readiness import Readiness
from enhance_gui.service.http.responses import Reply, plain
from enhance_gui.service.store.task_store import TaskThread
from enhance_gui.service.tasks.room import StorageRoom
from enhance_gui.service.tasks.status import Status
from enhance_gui.service.work.runner import TaskRunner

DOCUMENT: Final = "openapi/service.json"
"""In ``resources``."""


class OperatorPages:
    """What is read with GET, apart from pictures."""

    def __init__(
        self,
        readiness: Readiness,
        tally: Tally,
        tasks: TaskThread,
        runner: TaskRunner,
        room: StorageRoom,
    ) -> None:
        self._ready = readiness
        self._tally = tally
        self._tasks = tasks
        self._runner = runner
        self._room = room
        self._by_path: dict[str, Callable[[], Awaitable[Response]]] = {
            HEALTH_PATH: self._health,
            READINESS_PATH: self._readiness,
            METRICS_PATH: self._metrics,
            DOCUMENT_PATH: self._document,
        }

    async def answer(self, path: str) -> Response:
        """Return one of the answers.

        :raises EnhanceError: the data folder cannot be used.
        """
        return await self._by_path[path]()

    async def _health(self) -> Response:
        return plain({"status": "alive"})

    async def _readiness(self) -> Response:
        reasons = self._ready.reasons()
        if not reasons:
            return plain({"status": "ready", "reasons": []})
        not_ready = {"status": "not ready", "reasons": reasons}
        return plain(not_ready, HTTPStatus.SERVICE_UNAVAILABLE)

    async def _metrics(self) -> Response:
        unfinished = await self._tasks.do(self._tasks.store.count_unfinished)
        idle = self._runner.idle_slots
        gauges = Gauges(
            queued=unfinished[Status.QUEUED],
            processing=unfinished[Status.PROCESSING],
            busy_workers=self._runner.slots.room - idle,
            idle_workers=idle,
            free_bytes=self._room.free_bytes(),
            uploads_bytes=self._room.uploads_bytes,
            is_ready=not self._ready.reasons(),
        )
        exposition = await asyncio.to_thread(expose, self._tally, gauges)
        return Reply(exposition.text, media_type=exposition.media_type)

    async def _document(self) -> Response:
        return Reply(await asyncio.to_thread(resource(DOCUMENT).read_bytes))
