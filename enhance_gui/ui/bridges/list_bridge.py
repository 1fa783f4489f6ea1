"""Connects the list to the queue: commands on the tasks in it and on their services."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QFile, QMimeData, QUrl, Signal
from PySide6.QtGui import QImage, QImageReader

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import EnhanceError, TokenMissing
from enhance_gui.core.service_errors import ALL_TASKS_UNKNOWN, TokenRefused
from enhance_gui.core.settings.saving import DEFAULT_QUALITY
from enhance_gui.core.storage_errors import (
    KEYRING_KINDS,
    TransitionRefused,
)
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.detail import shown
from enhance_gui.core.text.explanations import full_sentence
from enhance_gui.core.text.i18n import tr
from enhance_gui.core.text.joining import clauses, sentences
from enhance_gui.jobs.events import ServiceStatus, ServiceStatusChanged
from enhance_gui.jobs.queue.budgets import Budget
from enhance_gui.ui.bridges.async_bridge import AsyncBridge, command
from enhance_gui.ui.bridges.task_items import TaskItems
from enhance_gui.ui.gallery.actions import TaskAction
from enhance_gui.ui.gallery.texts import deleted_text

_WANT_TOKEN: Final = frozenset(
    {TokenMissing.kind, TokenRefused.kind, ALL_TASKS_UNKNOWN, *KEYRING_KINDS}
)
"""Failures that a new token repairs."""


class ListBridge(AsyncBridge):
    """Runs the user's commands on tasks, and on the services they wait for."""

    service_status_changed = Signal(object)
    """A :class:`ServiceStatusChanged`."""
    next_try_changed = Signal(object)
    """A :class:`~enhance_gui.jobs.events.NextTry`."""
    taken_off = Signal(list)
    """Ids of tasks that were removed; :meth:`bring_back` restores them."""
    picture_read = Signal(object, list)
    """A ``QMimeData`` for the clipboard, and the files of results that it stands for."""
    log_read = Signal(int, list)
    """Id of a task, and its log as :class:`~enhance_gui.core.tasks.task.TaskEvent`, oldest
    first."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._visible: frozenset[int] = frozenset()
        self.tasks = TaskItems(clock, self)
        self.items = self.tasks.items
        """Every task, by its id."""
        self.callback_problems: dict[str, Failure] = {}
        """Why callbacks are not received in this run, by service."""
        self.lines: dict[str, ServiceStatusChanged] = {}
        """The last event of each service."""

    # -- tasks ------------------------------------------------------------------------------------

    @command
    async def cancel(self, ids: Sequence[int]) -> None:
        """Cancel tasks."""
        await self._each(ids, (await self._queue).cancel)

    @command
    async def retry(self, ids: Sequence[int]) -> None:
        """Begin new attempts of ended tasks; together they are a batch of their own."""
        await self._each(ids, partial((await self._queue).retry, budget=Budget()))

    @command
    async def ask_again(self, ids: Sequence[int]) -> None:
        """Ask the service once more about failed tasks."""
        await self._each(ids, (await self._queue).ask_again)

    @command
    async def send_again(self, ids: Sequence[int]) -> None:
        """Approve another attempt of tasks in doubt; together they are a batch of their own."""
        await self._each(ids, partial((await self._queue).send_again, budget=Budget()))

    @command
    async def give_up(self, ids: Sequence[int]) -> None:
        """Write off tasks in doubt."""
        await self._each(ids, (await self._queue).give_up)

    def continue_tasks(self, ids: Sequence[int]) -> None:
        """Resume tasks that wait: fetch what is finished, send to services that had paused."""
        tasks = [self.items[id_].task for id_ in ids]
        self._fetch_now([task.id for task in tasks if task.state is TaskState.FINISHED])
        others = (task.service for task in tasks if task.state is not TaskState.FINISHED)
        for service in dict.fromkeys(others):
            self.unpause_service(service)

    @command
    async def _fetch_now(self, ids: Sequence[int]) -> None:
        await self._each(ids, (await self._queue).fetch_now)

    @command
    async def save_copy(self, source: Path, target: Path, quality: int = DEFAULT_QUALITY) -> None:
        """Save a copy of a result where and as what the user chose; never over another file.

        :param quality: 1 to 100, where it is converted with loss.
        """
        from enhance_gui.jobs.support.saving import save_copy

        saved = await asyncio.to_thread(save_copy, source, target, quality)
        await self._note_copy(source)
        text = tr("Saved as “{name}”.").format(name=saved.path.name)
        if saved.notes:
            left_out = tr("Left out: {parts}.").format(parts=clauses(map(shown, saved.notes)))
            text = sentences(text, left_out)
        self.message.emit(text)

    async def _note_copy(self, source: Path) -> None:
        """Note that the user has saved what was kept for that."""
        kept = [item for item in self.items.values() if item.is_unsaved]
        db = (await self._queue).db
        for item in kept:
            if item.after_file == source:
                task = await db.do(db.store.outputs.copied, item.task.id)
                self.tasks.put(task, suspended=item.suspended)

    @command
    async def copy_picture(self, files: Sequence[Path]) -> None:
        """Read the first of some results for the clipboard; :attr:`picture_read` carries it."""
        content, pixels = await asyncio.to_thread(_picture_of, files[0])
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
        # Encoded: of pixels, Qt would encode it in the window's thread each time a program asks.
        data.setData("image/png", content)
        if pixels is not None:
            data.setImageData(pixels)
        self.picture_read.emit(data, list(files))

    @command
    async def read_log(self, task_id: int) -> None:
        """Read the log of a task; :attr:`log_read` carries it."""
        db = (await self._queue).db
        self.log_read.emit(task_id, await db.do(db.store.tasks.events, task_id))

    # -- services ---------------------------------------------------------------------------------

    @command
    async def unpause_service(self, service: str) -> None:
        """Send again to a service that had paused; say so where it cannot be used still."""
        queue = await self._queue
        await queue.unpause_service(service)
        profile = await queue.pool.profile(service)
        if profile is None:
            return
        # Those that wait for their service, and for no decision on the task itself.
        states = TaskAction.CONTINUE.value.states
        waiting = [
            item.task
            for item in self.items.values()
            if item.task.service == service and item.suspended and item.task.state in states
        ]
        # Also where none waits: that the service can be used again is to be known.
        await queue.resume(profile, waiting)
        event = self.lines.get(service)
        if event is not None and event.failure is not None and event.failure.kind in _WANT_TOKEN:
            self.message.emit(full_sentence(event.failure))

    def service_tested(self, service: str, *, passed: bool) -> None:
        """Show a service as ready that has passed its test, where no work has shown more yet."""
        if passed and service not in self.lines:
            event = ServiceStatusChanged(service, ServiceStatus.READY)
            self.lines[service] = event
            self.service_status_changed.emit(event)

    def token_set(self, service: str) -> None:
        """Resume what had stopped for want of a token: a service has a new one."""
        if self._wants_token(service):
            self.unpause_service(service)

    def _wants_token(self, service: str) -> bool:
        event = self.lines.get(service)
        failure = None if event is None else event.failure
        return failure is not None and failure.kind in _WANT_TOKEN

    @command
    async def pause(self, wanted: bool) -> None:
        """Stop or resume sending; accepted tasks are polled in any case."""
        queue = await self._queue
        if wanted:
            await queue.pool.pause()
        else:
            await queue.pool.unpause()

    # -- the list ---------------------------------------------------------------------------------

    @command
    async def remove(self, ids: Sequence[int]) -> None:
        """Take ended tasks from the list; files, and what they cost, stay."""
        db = (await self._queue).db
        hidden = await db.do(db.store.tasks.hide, ids)
        self.tasks.remove(hidden)
        if hidden:
            self.taken_off.emit([task.id for task in hidden])

    @command
    async def bring_back(self, ids: Sequence[int]) -> None:
        """Restore tasks to the list that were removed from it."""
        db = (await self._queue).db
        self.tasks.bring_back(await db.do(db.store.tasks.bring_back, ids))

    @command
    async def delete_on_service(self, ids: Sequence[int]) -> None:
        """Delete the records of ended tasks on their services."""
        queue = await self._queue
        deleted, problem = 0, ""
        # Kept first, all of them: neither the end of the program nor a problem loses a request.
        await queue.want_deleted(ids)
        for task_id in ids:
            try:
                task = await queue.delete_on_service(task_id)
            except TransitionRefused:
                continue  # it has gone on meanwhile
            except EnhanceError as error:
                # The next would meet the same; what is done is done.
                later = tr("The wish is kept and carried out when the service is used next.")
                problem = sentences(full_sentence(error), later)
                break
            deleted += not task.on_service
        self.message.emit(sentences(deleted_text(deleted, len(ids)), problem))

    def look_at(self, ids: Iterable[int]) -> None:
        """Poll first the tasks that the user is looking at."""
        visible = frozenset(ids)
        if visible != self._visible:
            self._visible = visible
            if self._queue.done() and not self._queue.cancelled():
                self._queue.result().pool.set_visible(visible)

    async def _each(self, ids: Sequence[int], method: Callable[[int], Awaitable[object]]) -> None:
        problem = None
        for task_id in ids:
            try:
                await method(task_id)
            except TransitionRefused:
                continue  # it has gone on meanwhile
            except EnhanceError as error:
                # One that it cannot be done with must not stop the others.
                problem = error
        if problem is not None:
            raise problem


def _picture_of(file: Path) -> tuple[QByteArray, QImage | None]:
    """Return a result as the content of a PNG, and its pixels where the clipboard holds those.

    For a thread: it may convert. What Qt reads by itself is not copied, and holds up nobody.
    """
    from enhance_gui.jobs.support.saving import as_png

    with as_png(file) as path:
        content = QFile(str(path))
        content.open(QFile.OpenModeFlag.ReadOnly)
        data = content.readAll()
        content.close()
        has_pixels = sys.platform in ("win32", "darwin")
        return data, QImageReader(str(path)).read() if has_pixels else None
