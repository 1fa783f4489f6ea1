"""Connects the window to the queue: new pictures down, events up.

Events of the queue become items and Qt signals; commands of the user run as supervised tasks. The
window exists before the queue does: commands given meanwhile wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import CallbacksNotReceived
from enhance_gui.core.images.inputs.drop_data import CUT, Dropped
from enhance_gui.core.images.inputs.input_files import expand, problems_text
from enhance_gui.core.services.enhance_types import EnhanceType, colourises
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.saving import Saving
from enhance_gui.core.storage_errors import TransitionRefused
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task, new_task
from enhance_gui.core.text.explanations import PAUSED
from enhance_gui.core.text.i18n import tr
from enhance_gui.jobs.events import (
    CallbacksMended,
    Event,
    NextTry,
    ServiceStatus,
    ServiceStatusChanged,
    TaskChanged,
)
from enhance_gui.jobs.queue.budgets import Budget
from enhance_gui.ui.bridges.async_bridge import command
from enhance_gui.ui.bridges.review_bridge import ReviewBridge
from enhance_gui.ui.gallery.texts import namesake_text

if TYPE_CHECKING:
    from enhance_gui.jobs.queue.task_queue import TaskQueue

__all__ = ["Bridge", "NextTry", "ServiceStatus", "ServiceStatusChanged", "SubmitOptions"]
# The three in the middle are values that pass through here to the rest of the window.

SHOWN_AT_ONCE: Final = 250
"""Of many tasks; between these the window has its turn, every 10 ms or so."""

STORE_GRACE_S: Final = 1.0
"""How long the end of the program waits for pictures that are being stored."""

MANY_AT_ONCE: Final = 10
"""So many pictures that begin without a question may be a folder chosen by mistake."""


@dataclass(frozen=True, slots=True)
class SubmitOptions:
    """The options for new inputs: service, enhance type, start."""

    profile: ServiceProfile
    enhance_type: EnhanceType
    saving: Saving
    """Names the save folder."""
    at_once: bool
    """Whether those that pass are sent without asking, unless they were given before."""


class Bridge(ReviewBridge):
    """Adds new pictures, and reports events as items."""

    adding = Signal(bool)
    """Whether pictures are being added to the list."""
    added = Signal(list)
    """Ids of the tasks of one addition, in order."""
    many_begun = Signal(list, str)
    """The same of so many at once, without a question, that they may not all have been meant; and
    what could not be added."""

    def __init__(self, clock: Clock, pasted: Path) -> None:
        """:param pasted: folder for pictures that come without a file."""
        super().__init__(clock)
        self._clock = clock
        self._pasted = pasted
        self._mentioned: set[str] = set()
        self._additions = 0
        self._reading = asyncio.Lock()
        """One text after the other: many at once would leave the window no turn."""
        self._storing: set[asyncio.Future[bool]] = set()
        self.is_attached = False
        """Whether the history is known: what changes from now on happens in this run."""

    def attach(self, queue: TaskQueue, unfinished: Iterable[Task] = ()) -> None:
        """Connect to the queue, and to the tasks that earlier runs left unfinished."""
        queue.listen(self._on_event)
        for task in unfinished:
            self.tasks.put(task, suspended=True)
            if task.state is TaskState.DRAFT:
                self._drafts.add(task.id, at_once=False)
                if colourises(task.type_name):
                    self._look(task)
        self.tasks.notify()
        queue.pool.set_visible(self._visible)
        super().attach(queue)

    async def remember(self, ended: Sequence[Task]) -> None:
        """Show the history too: what comes after this happens in this run."""
        async for some in _in_turns(ended):
            self.tasks.add(some, suspended=True)
        self.is_attached = True

    async def close(self) -> None:
        """Accept no more commands; cancel and await those that run."""
        self.tasks.stop()
        self._closed = True
        if self._storing and self._queue.done():
            # A picture that was given is in the list, or the user is informed that it is not.
            await asyncio.wait(self._storing, timeout=STORE_GRACE_S)
        await super().close()
        for stored in self._storing:
            if not stored.done():
                stored.set_result(False)
        if self._queue.done() and not self._queue.cancelled():
            self._queue.result().unlisten(self._on_event)

    # -- new pictures -----------------------------------------------------------------------------

    def add(self, found: Dropped, options: SubmitOptions, stem: str = "") -> asyncio.Future[bool]:
        """Add addresses, files, folders and lists, or a picture that has no file.

        :param stem: what the file of that picture is to be called; empty: after the moment.
        :returns: whether they are in the list, and will be whatever becomes of the program.
        """
        stored = self._to_store()
        self._add(found, options, stored, stem)
        return stored

    def add_read(self, read: Callable[[], Dropped], options: SubmitOptions) -> None:
        """Add what is read in a thread; the rest as of :meth:`add`."""
        self._add(read, options, self._to_store())

    def _to_store(self) -> asyncio.Future[bool]:
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if self._closed:
            stored.set_result(False)
        else:
            self._storing.add(stored)
            stored.add_done_callback(self._storing.discard)
        return stored

    @command
    async def _add(
        self,
        entered: Dropped | Callable[[], Dropped],
        options: SubmitOptions,
        stored: asyncio.Future[bool],
        stem: str = "",
    ) -> None:
        with self._taking_in(stored):
            found = entered if isinstance(entered, Dropped) else await self._read(entered)
            if found.is_empty or found.is_cut:
                self.message.emit(found.problem or tr(CUT))
            await self._keep_carried(found)
            drafts = await self._take_in(await self._opened_up(found, stem), options, stored)
        # Shown before: to reach the service may take long.
        if drafts:
            await (await self._queue).pool.work_on(options.profile, drafts)

    async def _read(self, read: Callable[[], Dropped]) -> Dropped:
        async with self._reading:
            return await asyncio.to_thread(read)

    async def _opened_up(self, found: Dropped, stem: str) -> Dropped:
        if found.picture is None:
            return await asyncio.to_thread(expand, found.inputs, from_text=found.from_text)
        from enhance_gui.jobs.support.saving import keep_picture

        now = self._clock.wall()
        path = await asyncio.to_thread(keep_picture, found.picture, self._pasted, now, stem)
        return Dropped((str(path),))

    async def _keep_carried(self, found: Dropped) -> None:
        """Keep the picture that came beside its address: its host may refuse the program."""
        if found.carried is None:
            return
        from enhance_gui.jobs.support.stand_bys import StandBys

        keep, now = StandBys(self._pasted).keep, self._clock.wall()
        await asyncio.to_thread(keep, found.inputs[0], found.carried, now)

    @contextmanager
    def _taking_in(self, stored: asyncio.Future[bool]) -> Iterator[None]:
        self._additions += 1
        self.adding.emit(True)
        try:
            yield
        finally:
            if not stored.done():
                stored.set_result(False)
            self._additions -= 1
            self.adding.emit(self._additions > 0)

    async def _take_in(
        self, expanded: Dropped, options: SubmitOptions, stored: asyncio.Future[bool]
    ) -> list[Task]:
        """Store what is given as drafts, and show them.

        :param stored: gets its result in between: what is stored need not be shown to be safe.
        """
        problems = problems_text(expanded.unusable) if expanded.unusable else ""
        many = options.at_once and len(expanded.inputs) >= MANY_AT_ONCE
        if problems and not many:
            self.message.emit(problems)
        if not expanded.inputs:
            stored.set_result(True)
            return []
        kind, now = options.enhance_type, self._clock.wall()
        new = [
            new_task(input_, options.profile, kind, options.saving, now)
            for input_ in expanded.inputs
        ]
        queue = await self._queue
        self._drafts.remove_decided(self._task, if_all=True)
        tasks = await queue.draft(options.profile, new, Budget())
        stored.set_result(True)
        async for some in _in_turns(tasks):
            left = [task.id for task in some if not self.tasks.is_removed(task.id)]
            for id_ in left:
                self._drafts.add(id_, at_once=options.at_once)
            self.tasks.add(some)
            for id_ in left:
                self._look(self._task(id_))  # it may have passed its checks already
        # The user may have removed some of the first parts already.
        ids = [task.id for task in tasks if task.id in self.items]
        self.added.emit(ids)
        if many and ids:
            self.many_begun.emit(ids, problems)
        elif many and problems:
            self.message.emit(problems)
        self._report_namesakes(options.profile)
        return tasks

    @command
    async def _report_namesakes(self, profile: ServiceProfile) -> None:
        """Report once that a service has other names under which pictures were sent there."""
        if profile.name in self._mentioned or profile.name == LOCAL_SERVICE_NAME:
            return
        self._mentioned.add(profile.name)
        db = (await self._queue).db
        if others := await db.do(db.store.services.namesakes, profile):
            self.message.emit(namesake_text(profile.name, others))

    @command
    async def bring_elsewhere(self, ids: Sequence[int], options: SubmitOptions) -> None:
        """Cancel tasks that are not sent, and add their pictures with other options.

        What has gone on meanwhile goes on where it is.
        """
        queue, inputs = await self._queue, []
        for id_ in ids:
            with suppress(TransitionRefused):
                inputs.append((await queue.take_back(id_)).input)
        if inputs:
            self.add(Dropped(tuple(inputs)), options)

    # -- events -----------------------------------------------------------------------------------

    def _on_event(self, event: Event) -> None:
        if isinstance(event, ServiceStatusChanged):
            wanted_token = self._wants_token(event.service)
            self.lines[event.service] = event
            if event.failure is not None and event.failure.kind == CallbacksNotReceived.kind:
                self.callback_problems[event.service] = event.failure
            self.service_status_changed.emit(event)
            if wanted_token and (event.failure is None or event.failure.kind == PAUSED):
                # What had stopped before would stand still: others were sent with a new token.
                self.unpause_service(event.service)
        elif isinstance(event, NextTry):
            self.next_try_changed.emit(event)
        elif isinstance(event, CallbacksMended):
            self.callback_problems.pop(event.service, None)
        else:
            self.tasks.on_event(event)
            if isinstance(event, TaskChanged):
                self._look(event.task)
                if event.task.state is TaskState.SENDING:
                    self._look_again(event.task)


async def _in_turns(tasks: Sequence[Task]) -> AsyncIterator[Sequence[Task]]:
    """Yield many tasks in parts, between which the window has its turn."""
    for start in range(0, len(tasks), SHOWN_AT_ONCE):
        if start:
            await asyncio.sleep(0)
        yield tasks[start : start + SHOWN_AT_ONCE]
