"""Implements the calls of the API, apart from HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, Final

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.model_files import is_offered
from enhance_gui.core.services.own_models import usable_model, usable_models
from enhance_gui.service.engine import (
    ENHANCE_TYPES,
    PictureFile,
    factor_of,
    output_pixels_allowed,
)
from enhance_gui.service.http.gate import Caller
from enhance_gui.service.http.hosts import OwnHosts
from enhance_gui.service.http.pieces import Piece
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.store.file_store import FileStore
from enhance_gui.service.store.task_store import NewTask, StoredTask, TaskLimits, TaskThread
from enhance_gui.service.tasks.intake import InputReceiver
from enhance_gui.service.tasks.partial_uploads import PartialUploads
from enhance_gui.service.tasks.records import record_of
from enhance_gui.service.tasks.refusals import OwnCode, refusal_of
from enhance_gui.service.tasks.status import Status
from enhance_gui.service.users import User
from enhance_gui.service.work.runner import TaskRunner
from enhance_gui.wire.codes import Code
from enhance_gui.wire.records import write_task_record
from enhance_gui.wire.requests import (
    CreateTaskRequest,
    PicurlError,
    RequestError,
    read_create_task,
    read_delete_task,
    read_get_task,
)

_LOG = logging.getLogger(__name__)

MAX_PRIVATE_ID_CHARS: Final = 256


@dataclass(frozen=True, slots=True)
class Calls:
    """createtask, gettask, deletetask and the upload: from a request's body to a reply's data."""

    tasks: TaskThread
    files: FileStore
    intake: InputReceiver
    partial: PartialUploads
    runner: TaskRunner
    hosts: OwnHosts
    settings: ServiceSettings
    clock: Clock

    async def upload(self, chunks: AsyncIterator[bytes], caller: Caller) -> dict[str, Any]:
        """Receive a picture; return the address by which createtask takes it.

        :raises RequestRefused: it is not taken.
        """
        try:
            name = await self.intake.receive_upload(chunks, caller.user.name)
        except EnhanceError as error:
            raise refusal_of(error) from error
        return {"picurl": self._upload_address(name, caller)}

    async def find_upload(self, digest: str, caller: Caller) -> dict[str, Any]:
        """Return how much of an upload in pieces has arrived; once it is whole its address too.

        :raises RequestRefused: the disk cannot be read.
        """
        try:
            return self._partial_data(self.partial.find(self._stem_of(digest, caller)), caller)
        except EnhanceError as error:
            raise refusal_of(error) from error

    async def append_to_upload(
        self, piece: Piece, chunks: AsyncIterator[bytes], caller: Caller
    ) -> dict[str, Any]:
        """Receive a piece of an upload; return as :meth:`find_upload`.

        :raises RequestRefused: it is not taken.
        """
        try:
            found = await self.partial.append(self._stem_of(piece.digest, caller), piece, chunks)
        except EnhanceError as error:
            raise refusal_of(error) from error
        return self._partial_data(found, caller)

    def _stem_of(self, digest: str, caller: Caller) -> str:
        return self.files.stem_of(caller.user.name, digest)

    def _partial_data(self, found: tuple[int, str], caller: Caller) -> dict[str, Any]:
        size_bytes, name = found
        address = {"picurl": self._upload_address(name, caller)} if name else {}
        return {"x_upload_offset": size_bytes, **address}

    def _upload_address(self, name: str, caller: Caller) -> str:
        return f"{self.hosts.base_url_for(caller.host)}/uploads/{name}"

    async def create(self, body: bytes, caller: Caller) -> dict[str, Any]:
        """Make a task; return the one an equal ``chtaskid`` made before, where there is one.

        Equal means: the same user, ``chtaskid`` and type, and the same address where the picture is
        a remote one. The same local picture uploaded again has another address.

        ``queuenum`` is the place in the queue: 1 is the next, 0 is no longer waiting. It counts the
        starts as things are: what other users make later may still come before.

        :raises RequestRefused: with a documented code.
        """
        try:
            request = read_create_task(body)
        except PicurlError as error:
            raise RequestRefused(str(error), code=Code.ADDRESS_REFUSED) from error
        except RequestError as error:
            raise RequestRefused(str(error), code=Code.CREATE_FAILED) from error
        private_id = request.chtaskid or ""
        if len(private_id) > MAX_PRIVATE_ID_CHARS:
            raise RequestRefused(
                f"chtaskid is longer than {MAX_PRIVATE_ID_CHARS} characters",
                code=Code.CREATE_FAILED,
            )
        if all(each.id != request.type for each in self._offered()):
            known = ", ".join(f"{each.id} {each.name}" for each in self._offered())
            raise RequestRefused(
                f"type {request.type} is not an enhance type of this service (there are: {known})",
                code=Code.CREATE_FAILED,
            )
        upload = self.hosts.upload_name(request.picurl)
        source_key = "" if upload is not None else _key_of(request.picurl)
        try:
            user = caller.user
            limits = TaskLimits(self.settings.max_unfinished_tasks, user.tasks_a_day)
            day = self._today()

            def find_earlier() -> StoredTask | None:
                store = self.tasks.store
                earlier = store.find_earlier(user.name, private_id, request.type, source_key)
                if earlier is None:
                    store.check_limits(user.name, day, limits)
                return earlier

            # Asked before the picture is fetched; what counts is what is found when it is stored.
            task = await self.tasks.do(find_earlier)
            if task is None:
                picture = await self._take_picture(request, upload, caller)
                new = NewTask(
                    task_id=str(uuid.uuid4()),
                    private_id=private_id,
                    type_id=request.type,
                    source_key=source_key,
                    host=caller.host,
                    user=user.name,
                    day=day,
                    picture=picture,
                )
                task = await self._store(new, limits)
            position = await self._queue_position(task)
        except EnhanceError as error:
            raise refusal_of(error) from error
        return {"taskid": task.task_id, "status": int(task.status), "queuenum": position}

    async def get(self, body: bytes, caller: Caller) -> dict[str, Any]:
        """Return a task's record.

        :raises RequestRefused: no such task of this user and type, or deleted.
        """
        try:
            request = read_get_task(body)
        except RequestError as error:
            raise RequestRefused(str(error), code=OwnCode.BAD_REQUEST) from error
        task = await self._find(request.taskid, caller.user)
        if task.type_id != request.type:
            raise RequestRefused("there is no such task of this type", code=Code.TASK_UNKNOWN)
        return await self.record_data(task, caller.host)

    async def delete(self, body: bytes, caller: Caller) -> dict[str, Any]:
        """Forget a task and remove its pictures.

        :raises RequestRefused: no such task of this user, or deleted before.
        """
        try:
            request = read_delete_task(body)
        except RequestError as error:
            raise RequestRefused(str(error), code=OwnCode.BAD_REQUEST) from error
        await self._find(request.taskid, caller.user)
        if await self._delete(request.taskid) is None:
            raise _deleted()
        return {"success": True}

    async def delete_ended_before(self, ended_s: float) -> None:
        """Delete the tasks that ended before this civil time, with their pictures."""
        while task_ids := await self.tasks.do(self.tasks.store.ended_before, ended_s):
            for task_id in task_ids:
                await self._delete(task_id)

    async def delete_oldest(self, excess_bytes: int, ended_s: float) -> None:
        """Delete those tasks that ended first, until so much is free.

        :param ended_s: only tasks that ended before this civil time.
        """
        while excess_bytes > 0:
            task_ids = await self.tasks.do(self.tasks.store.ended_before, ended_s)
            if not task_ids:
                return
            for task_id in task_ids:
                if excess_bytes > 0 and (task := await self._delete(task_id)) is not None:
                    excess_bytes -= task.pictures_bytes

    async def record_data(self, task: StoredTask, host: str) -> dict[str, Any]:
        """Return a record's fields, with addresses for callers that use this ``Host``."""
        position = await self._queue_position(task)
        is_worked_on = task.status is Status.PROCESSING
        percent = self.runner.percent(task.task_id) if is_worked_on else None
        base_url = self.hosts.base_url_for(host)
        return write_task_record(record_of(task, position, base_url, percent))

    async def _queue_position(self, task: StoredTask) -> int:
        """Return a task's place in the queue; 0 where a worker is about to begin it."""
        position = await self.tasks.do(self.tasks.store.queue_position, task)
        return max(0, position - self.runner.begins_at_once)

    async def _delete(self, task_id: str) -> StoredTask | None:
        """Delete a task; return it as it was, or ``None`` where there is none."""
        # Who makes room on a full disk has to be able to.
        task = await self.tasks.do_even_if_full(self.tasks.store.delete, task_id)
        if task is None:
            return None
        # A worker may have the pictures of a running task open: its runner removes them.
        if task.status is Status.PROCESSING:
            await self.runner.withdraw(task_id)
        else:
            await asyncio.to_thread(self.files.remove_pictures, task.picture, task.result)
        _LOG.info("task %s was deleted", task_id, extra={"task": task_id})
        return task

    async def _find(self, task_id: str, user: User) -> StoredTask:
        task = await self.tasks.do(self.tasks.store.find, task_id)
        # Whether somebody else has such a task is nobody's business.
        if task is None or task.user != user.name:
            raise RequestRefused("there is no such task", code=Code.TASK_UNKNOWN)
        if task.is_deleted:
            raise _deleted()
        return task

    async def _take_picture(
        self, request: CreateTaskRequest, upload: str | None, caller: Caller
    ) -> PictureFile:
        if upload is not None:
            picture = await self.intake.take_upload(upload)
        else:
            picture = await self.intake.fetch(
                request.picurl, came_directly=caller.sender.came_directly
            )
        factor = factor_of(request.type, usable_model(self.settings.data_folder, request.type))
        too_large = output_pixels_allowed(factor, picture.width_px, picture.height_px)
        if too_large is not None:
            self.files.remove_pictures(picture)
            raise RequestRefused(too_large, code=Code.TOO_LARGE)
        return picture

    def _offered(self) -> Iterator[EnhanceType]:
        """Yield the enhance types, each looked for on the disk only when its turn comes."""
        yield from (each for each in ENHANCE_TYPES if is_offered(each.id))
        yield from (each.enhance_type for each in usable_models(self.settings.data_folder))

    def _today(self) -> str:
        """Return the day, by the calendar of the computer that the service runs on."""
        return f"{self.clock.wall().astimezone():%Y-%m-%d}"

    async def _store(self, new: NewTask, limits: TaskLimits) -> StoredTask:
        """Make the task durable; its picture is so already."""
        try:
            task, is_new = await self.tasks.do(self.tasks.store.create, new, limits)
        except EnhanceError:
            self.files.remove_pictures(new.picture)
            raise
        if is_new:
            _LOG.info(
                "task %s was created, of type %d",
                task.task_id,
                task.type_id,
                extra={"task": task.task_id, "type": task.type_id},
            )
            self.runner.announce_arrival()
        else:
            self.files.remove_pictures(new.picture)
        return task


def _deleted() -> RequestRefused:
    return RequestRefused("the task was deleted", code=Code.TASK_DELETED)


def _key_of(address: str) -> str:
    """Return a hash that distinguishes addresses; an address itself may carry a secret."""
    return hashlib.sha256(address.encode()).hexdigest()
