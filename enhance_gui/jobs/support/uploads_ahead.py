"""Uploads files ahead: while one task is created, the files of the next are on their way.

Creates stay one at a time, since each may cost something. An upload costs nothing, and over a slow
network it takes longest.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from enhance_gui.client.api import ApiClient
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.inputs.source import LocalFile
from enhance_gui.core.storage_errors import SendingPaused
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.worker.context import ServiceContext

_log = logging.getLogger(__name__)

UPLOADS_AHEAD: Final = 4
"""On their way or waiting for their task; half of the connections to a service."""

USED_WITHIN_S: Final = 60.0
"""How old an upload may be that a task is made of: a service may keep it for a short time only."""


@dataclass(slots=True)
class _Upload:
    task: Task
    path: Path
    api: ApiClient
    address: str = ""
    """Where it is, once it has arrived."""
    arrived_s: float = -math.inf
    work: asyncio.Task[None] = field(init=False)


class UploadsAhead:
    """The files that are uploaded before their tasks are created."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._uploads: dict[int, _Upload] = {}
        self._now: tuple[int, Callable[[], object]] | None = None
        """The task whose turn it is while its file is uploaded, and what breaks that off."""

    async def run(self) -> None:
        """Upload the files of the tasks that are created next: a loop of a worker."""
        while True:
            self._end_unwanted()
            self._begin()
            await self._context.notifier.wait()

    def _begin(self) -> None:
        """Begin to upload, as far as tasks may be created at all and the service has room.

        Files that have to be converted wait for their turn: that takes a process each.
        """
        context = self._context
        is_sending = context.paused is None and bool(context.profile.upload_path)
        if not is_sending or math.isinf(context.poller.create_due_s(context.clock.now_s())):
            return
        room = context.poller.window.size - context.poller.in_flight
        places = min(UPLOADS_AHEAD, room) - len(self._uploads)
        if places <= 0:
            return
        for task in heapq.nsmallest(UPLOADS_AHEAD, context.ready.values(), key=_rank):
            as_it_is = task.checked is not None and not task.checked.sent_as
            is_new = task.id not in self._uploads and places > 0
            if isinstance(task.source, LocalFile) and as_it_is and is_new:
                upload = self._uploads[task.id] = _Upload(task, task.source.path, context.api)
                upload.work = context.owner.start(self._upload(upload), f"task {task.id}: upload")
                places -= 1

    def _end_unwanted(self) -> None:
        """End the uploads of tasks that wait no longer: the user may have taken them back, or
        paused. A service of this program keeps what has arrived.
        """
        is_paused = self._context.paused is not None
        for task_id in list(self._uploads):
            task = self._context.tasks.get(task_id)
            if is_paused or task is None or task.state is not TaskState.QUEUED:
                self._uploads.pop(task_id).work.cancel()
        if self._now is not None and not self._is_wanted(self._now[0]):
            break_off = self._now[1]
            self._now = None
            break_off()

    def _is_wanted(self, task_id: int) -> bool:
        task = self._context.tasks.get(task_id)
        is_to_send = task is not None and task.state is not TaskState.DRAFT
        return is_to_send and self._context.paused is None

    async def upload(self, task: Task, file: Path, sha256: str | None) -> str:
        """Upload the file of the task whose turn it is; return its address.

        :param sha256: as :meth:`~enhance_gui.client.api.ApiClient.upload` wants it.
        :raises SendingPaused: sending was paused, or the task taken back.
        :raises InputError: the file cannot be read, or is another than was checked.
        :raises ServiceError: it could not be uploaded.
        """
        if not self._is_wanted(task.id):
            raise SendingPaused
        try:
            async with asyncio.timeout(None) as limit:
                self._now = task.id, partial(limit.reschedule, -math.inf)
                return await self._context.api.upload(file, sha256)
        except TimeoutError as error:
            raise SendingPaused from error
        finally:
            self._now = None

    async def take(self, task: Task) -> str:
        """Return the address of a file that was uploaded ahead; empty: it has to be uploaded."""
        upload = self._uploads.pop(task.id, None)
        if upload is None:
            return ""
        self._now = task.id, upload.work.cancel
        await asyncio.wait([upload.work])
        self._now = None
        is_same = _content(upload.task) == _content(task)
        is_used = self._context.clock.now_s() - upload.arrived_s < USED_WITHIN_S
        return upload.address if is_same and is_used and upload.api is self._context.api else ""

    async def _upload(self, upload: _Upload) -> None:
        try:
            upload.address = await upload.api.upload(upload.path, upload.task.input_sha256)
        except EnhanceError as error:
            # It is tried again when its task is created, which tells the user.
            _log.info("task %s: not uploaded ahead: %s", upload.task.id, error.kind)
        else:
            upload.arrived_s = self._context.clock.now_s()


def _content(task: Task) -> tuple[object, ...]:
    """Return what an upload of a task's file depends on."""
    return task.source, task.checked, task.input_sha256


def _rank(task: Task) -> int:
    return task.rank
