"""Checks pictures a little ahead of need, so that sending never waits for a slow picture host."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import AbstractContextManager
from dataclasses import replace
from heapq import heapify, heappop, heappush
from itertools import count
from pathlib import Path
from typing import Final

from enhance_gui.client.preflight import check_address, check_file
from enhance_gui.core.images.addresses import host_of
from enhance_gui.core.images.inputs.source import ImageSource, LocalFile, is_web
from enhance_gui.core.images.picture import CheckedPicture
from enhance_gui.core.picture_errors import (
    KIND_AT_ADDRESS,
    LOCAL_FILE_NOT_POSSIBLE,
    InputError,
    KindNotSupported,
    PictureUnreachable,
)
from enhance_gui.core.service_errors import ADDRESS_REFUSED
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.storage_errors import StorageError
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.imaging.decoders import decoder_of
from enhance_gui.imaging.for_service import has_transparency
from enhance_gui.imaging.further_parts import header_with_parts, read_header_and_parts
from enhance_gui.imaging.header import read_header
from enhance_gui.imaging.structure import check_structure
from enhance_gui.jobs.barrier import Barrier
from enhance_gui.jobs.events import TaskWaits
from enhance_gui.jobs.worker.context import ServiceContext
from enhance_gui.jobs.worker.host_backoff import HostBackoff
from enhance_gui.jobs.worker.previews import Previews
from enhance_gui.storage.files.results import sha256_of
from enhance_gui.transport.clients import HttpClient

CHECKED_AHEAD: Final = 4
"""Pictures checked before they can be sent; more would be asked for long before they are used."""

CHECKS_AT_ONCE: Final = 3

_ACCESS_REFUSED: Final = frozenset(
    {PictureUnreachable.kind, KindNotSupported.kind, KIND_AT_ADDRESS, ADDRESS_REFUSED}
)
"""Kinds of failures after which what the user's browser has is used. A page that wants a login
comes in the place of the picture: that is another kind of file."""

_log = logging.getLogger(__name__)


class Checker:
    """Checks the pictures of tasks: the first loop of a worker."""

    def __init__(self, context: ServiceContext, barrier: Barrier) -> None:
        self._context = context
        self._barrier = barrier
        self._to_send: list[tuple[int, int, int]] = []
        """A heap of rank, number in the order of the requests, and id."""
        self._numbers = count()
        self._drafts: deque[int] = deque()
        self._passed: set[int] = set()
        self._pending: dict[int, float] = {}  # since when each is wanted
        self._running = 0
        self._hosts = HostBackoff()
        self._previews = Previews(context)

    def take_up(self, task: Task) -> None:
        """Check a task; one that has passed as a draft and was started goes on at once."""
        if task.id in self._pending:
            # Its check is on the way, and goes by the state that the task then has.
            self.follow()
            return
        self._enqueue(task, self._context.clock.now_s())

    def _enqueue(self, task: Task, wanted_s: float) -> None:
        if task.state is TaskState.DRAFT:
            self._pending[task.id] = wanted_s
            self._drafts.append(task.id)
        elif task.id in self._passed:
            self._passed.discard(task.id)
            self._context.ready[task.id] = task
        else:
            self._pending[task.id] = wanted_s
            heappush(self._to_send, (task.rank, next(self._numbers), task.id))
        self._context.notifier.notify_all()

    def follow(self) -> None:
        """Take in other ranks of waiting tasks, and that some are drafts again: these are checked
        whether or not anything can be sent.
        """
        tasks, queued = self._context.tasks, []
        for _, number, task_id in self._to_send:
            task = tasks.get(task_id)
            if task is not None and task.state is TaskState.DRAFT:
                self._drafts.append(task_id)
            else:
                queued.append((0 if task is None else task.rank, number, task_id))
        heapify(queued)
        self._to_send = queued

    def hold(self, task: Task) -> None:
        """Hold a task as a draft that has passed its check, unless it is still to be checked."""
        if task.id in self._pending:
            self._context.publish_task(task.id)
        else:
            self._passed.add(task.id)
            self._context.suspend(task)

    async def run(self) -> None:
        while True:
            task_id = self._next()
            if task_id is None:
                await self._context.notifier.wait()
            elif (task := self._context.tasks.get(task_id)) is not None:
                self._running += 1
                self._barrier.start(task_id, "check", self._check, task)
            else:
                self._pending.pop(task_id, None)

    def _next(self) -> int | None:
        if self._running >= CHECKS_AT_ONCE:
            return None
        if self._to_send and self._context.paused is None:
            rank, _, task_id = self._to_send[0]
            # What is to be sent first does not wait for what was checked before it.
            ahead = sum(task.rank <= rank for task in self._context.ready.values())
            if ahead + self._running < CHECKED_AHEAD:
                heappop(self._to_send)
                return task_id
        return self._drafts.popleft() if self._drafts else None

    async def _check(self, task: Task) -> None:
        clock, wanted_s = self._context.clock, self._pending[task.id]
        try:
            host = host_of(task.input)
            next_try_s = await self._tried(task, host, wanted_s)
        # Whatever it is, the task may be wanted checked anew.
        except BaseException:
            del self._pending[task.id]
            raise
        finally:
            self._running -= 1
            if not self._running and not self._drafts:
                self._previews.begin_review()
            self._context.notifier.notify_all()
        if next_try_s is not None and task.id in self._context.tasks:
            self._context.publish(TaskWaits(task.id, host, next_try_s))
            await clock.sleep(max(0.0, next_try_s - clock.now_s()))
        self._pending.pop(task.id, None)
        if next_try_s is not None and (current := self._context.tasks.get(task.id)) is not None:
            self._enqueue(current, wanted_s)

    async def _tried(self, task: Task, host: str, wanted_s: float) -> float | None:
        """Check a picture if it is the time; return when to try again, if that is worth it."""
        now_s = self._context.clock.now_s()
        if (next_try_s := self._hosts.next_try_s(host, now_s)) is not None:
            return next_try_s
        if (failure := self._hosts.given_up(task.id, host, wanted_s, now_s)) is not None:
            await self._refuse(task, failure)
            return None
        return await self._look_at(task, host)

    async def _look_at(self, task: Task, host: str) -> float | None:
        """Check a picture; return when to try again where its host is down for a moment."""
        context, store = self._context, self._context.store
        try:
            mark = context.shared.marks.at_work(task.id)
            whole = self._previews.buffer_for(task)
            picture, sha256 = await prepare(
                task.source, context.profile, context.pictures, mark, whole
            )
            picture = replace(picture, location=task.stands_for or picture.location)
        except InputError as error:
            now_s = context.clock.now_s()
            next_try_s = self._hosts.failed(task.id, host, error, now_s)
            if next_try_s is None:
                await self._refuse(task, Failure.of(error))
            return next_try_s
        self._hosts.answered(task.id, host)
        checked = await context.step(store.drafts.checked, task.id, picture, sha256)
        if checked is not None and task.id in context.tasks:
            self._pass(checked)
            self._previews.take(task, whole, picture.size_bytes)
        return None

    async def _refuse(self, task: Task, failure: Failure) -> None:
        context = self._context
        stood_in = await stand_in(context, task, failure)
        if stood_in is not None and task.id in context.tasks:
            self._pass(stood_in)
        elif task.id in context.tasks:
            refused = await context.step(context.store.drafts.refuse, task.id, failure)
            if refused is not None:
                context.end(refused)

    def _pass(self, task: Task) -> None:
        context = self._context
        if task.state is TaskState.FAILED:
            context.end(task)  # it was ordered before
            return
        context.changed(task)
        if task.state is TaskState.DRAFT:
            self._passed.add(task.id)
            context.suspend(task)
        elif task.state is TaskState.QUEUED:
            context.ready[task.id] = task
            if context.paused is not None:
                # It waits for the user, as those checked before the pause do.
                context.publish_task(task.id)


async def stand_in(context: ServiceContext, task: Task, failure: Failure) -> Task | None:
    """Put the picture of the user's drag in the place of its address.

    :param failure: what the address came to.
    :returns: the task after it; ``None``: there is no such picture, or it cannot be used either, as
        on a service that takes no files.
    """
    stand_bys, address = context.shared.stand_bys, task.input
    if stand_bys is None or failure.kind not in _ACCESS_REFUSED or not is_web(address):
        return None
    kept = await asyncio.to_thread(stand_bys.find, address)
    if kept is None:
        return None
    try:
        mark = context.shared.marks.at_work(task.id)
        picture, sha256 = await prepare(LocalFile(kept), context.profile, context.pictures, mark)
        path = await asyncio.to_thread(stand_bys.take_out, address, context.clock.wall())
    except (InputError, StorageError) as error:
        _log.info("task %s: the picture beside its address: %s", task.id, error.detail)
        return None
    stood_in = await context.step(context.store.drafts.stand_in, task.id, path, picture, sha256)
    if stood_in is None:
        await asyncio.to_thread(path.unlink, missing_ok=True)
    return stood_in


async def prepare(
    source: ImageSource,
    profile: ServiceProfile,
    pictures: HttpClient,
    mark: AbstractContextManager[None],
    whole: bytearray | None = None,
) -> tuple[CheckedPicture, str | None]:
    """Check, before anything is spent, that an input is a picture that a service takes.

    :param pictures: a client without credentials whose address policy is the profile's.
    :param mark: stands while a file of this computer is mapped into memory and examined.
    :param whole: gets the bytes of one on the web, as :func:`check_address` reads it.
    :returns: the picture and its SHA-256; one on the web is not read to its end here.
    :raises InputError: it cannot be used; nothing was spent.
    """
    if isinstance(source, LocalFile):
        if not profile.upload_path:
            raise InputError(
                "“{service}” does not accept files",
                service=profile.name,
                kind=LOCAL_FILE_NOT_POSSIBLE,
            )
        return await asyncio.to_thread(_prepare_file, source.path, profile, mark)
    picture = await check_address(
        source.url,
        limits=profile.limits,
        read_header=read_header_and_parts,
        client=pictures,
        takes_files=bool(profile.upload_path),
        whole=whole,
    )
    _check_decoder(picture, profile)
    return picture, None


def _prepare_file(
    path: Path, profile: ServiceProfile, mark: AbstractContextManager[None]
) -> tuple[CheckedPicture, str | None]:
    with mark:
        picture = check_file(path, profile.limits, read_header, check_structure)
        _check_decoder(picture, profile)
        picture = replace(picture, header=header_with_parts(path, picture.header))
        could_be_png = picture.sent_as == "jpg" and "png" in profile.limits.formats
        if could_be_png and has_transparency(path, picture.header.format):
            picture = replace(picture, sent_as="png")
    return picture, sha256_of(path)


def _check_decoder(picture: CheckedPicture, profile: ServiceProfile) -> None:
    """:raises KindNotSupported: it is decoded on this computer, which lacks a decoder for it."""
    if profile.name == LOCAL_SERVICE_NAME or picture.sent_as:
        decoder_of(picture.header.format)
