"""The one way between the window and the work.

Events of the queue become Qt signals, collected so that a thousand of them repaint once; wishes
of the user become coroutines that have an owner. The window exists before the queue does: wishes
made meanwhile wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import CallbacksNotReceived, EnhanceError, TokenMissing
from enhance_gui.core.images.addresses import host_of
from enhance_gui.core.images.drop_data import CUT, Dropped
from enhance_gui.core.images.input_files import Expanded, expand
from enhance_gui.core.service_errors import TokenRefused
from enhance_gui.core.services.enhance_types import EnhanceType, colourises
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.storage_errors import (
    KeyringChanged,
    KeyringLocked,
    KeyringMissing,
    KeyringProblem,
    KeyringSilent,
    TransitionRefused,
)
from enhance_gui.core.tasks.task import ENDED, Failure, NewTask, Task, TaskState
from enhance_gui.core.text.explanations import sentence
from enhance_gui.core.text.i18n import tr
from enhance_gui.jobs.events import (
    CallbacksMended,
    Event,
    ServiceStatus,
    ServiceStatusChanged,
    TaskChanged,
    TaskProgress,
    TaskWaits,
)
from enhance_gui.jobs.queue.budgets import Budget
from enhance_gui.ui.bridges.async_bridge import AsyncBridge
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.gallery.review import review_of
from enhance_gui.ui.gallery.texts import deleted_text, namesake_text
from enhance_gui.ui.widgets.decoding import decoding, is_set_aside

if TYPE_CHECKING:
    from enhance_gui.jobs.queue.task_queue import TaskQueue

__all__ = ["Bridge", "ServiceStatus", "ServiceStatusChanged", "SubmitOptions"]
# The two in the middle are values that pass through here to the rest of the window.

_GOES_ON: Final = frozenset(
    {TaskState.QUEUED, TaskState.ACCEPTED, TaskState.FINISHED, TaskState.CANCELLING}
)
"""What waits for a service without a decision on the task itself."""

_WANT_TOKEN: Final = frozenset(
    {
        TokenMissing.kind,
        TokenRefused.kind,
        KeyringProblem.kind,
        KeyringMissing.kind,
        KeyringLocked.kind,
        KeyringSilent.kind,
        KeyringChanged.kind,
    }
)
"""Failures that a new token mends."""

STORE_GRACE_S: Final = 1.0
"""What pictures that are being stored get to be stored when the program ends."""

COLLECT_MS: Final = 50
"""How long events are collected before the window is told."""


@dataclass(frozen=True, slots=True)
class SubmitOptions:
    """What is to be done with new inputs."""

    profile: ServiceProfile
    enhance_type: EnhanceType
    save_folder: Path
    at_once: bool
    """Whether those that pass are sent without asking, unless they were given before."""


class Bridge(AsyncBridge):
    """Tells the window what happens, and the queue what the user wants."""

    items_changed = Signal(list)
    """Those :class:`Item` that are new or have changed."""
    adding = Signal(bool)
    """Whether pictures that were given are on their way into the list."""
    added = Signal(list)
    """Ids of the tasks of one addition, in order."""
    review_changed = Signal(object)
    """The :class:`Review` of all drafts."""
    service_status_changed = Signal(object)
    """A :class:`ServiceStatusChanged`."""
    removed = Signal(list)
    """Ids of tasks that are no longer in the list."""
    taken_off = Signal(list)
    """Of those the ids of the ones that :meth:`bring_back` brings back."""
    log_read = Signal(int, list)
    """Id of a task, and its log as :class:`~enhance_gui.core.tasks.task.TaskEvent`, oldest
    first."""

    def __init__(self, clock: Clock, pasted: Path) -> None:
        """:param pasted: folder for pictures that come without a file."""
        super().__init__()
        self._clock = clock
        self._pasted = pasted
        self._queue: asyncio.Future[TaskQueue] = asyncio.get_running_loop().create_future()
        self._changed: set[int] = set()
        self._review: dict[int, bool] = {}
        self._duplicates: dict[int, list[Task]] = {}
        self._looked: set[int] = set()
        self._colours: dict[int, bool | None] = {}
        self._hidden: set[int] = set()
        self._mentioned: set[str] = set()
        self._additions = 0
        self._reading = asyncio.Lock()
        """One text after the other: many at once would leave the window no turn."""
        self._storing: set[asyncio.Future[bool]] = set()
        self._visible: frozenset[int] = frozenset()
        self._knows_history = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(COLLECT_MS)
        self._timer.timeout.connect(self._notify)
        self.items: dict[int, Item] = {}
        """Every task, by its id."""
        self.callback_problems: dict[str, Failure] = {}
        """Why callbacks are not received in this run, by service."""
        self.lines: dict[str, ServiceStatusChanged] = {}
        """What was last heard of each service."""

    def attach(self, queue: TaskQueue, unfinished: Iterable[Task]) -> None:
        """Begin to work with the queue, and with what earlier runs have left to do."""
        queue.listen(self._on_event)
        for task in unfinished:
            self._take(TaskChanged(task, suspended=True))
            if task.state is TaskState.DRAFT:
                self._review[task.id] = False
                if colourises(task.type_name):
                    self._look(task)
        self._notify()
        queue.set_visible(self._visible)
        self._queue.set_result(queue)

    def remember(self, ended: Iterable[Task]) -> None:
        """Show the history too: what comes after this happens in this run."""
        for task in ended:
            if task.id not in self.items:
                self._take(TaskChanged(task, suspended=True))
        self._notify()
        self._knows_history = True

    @property
    def is_attached(self) -> bool:
        """Whether the history is known: what changes from now on happens in this run."""
        return self._knows_history

    async def close(self) -> None:
        """Take no more wishes; cancel and await what is on its way."""
        self._timer.stop()
        self._closed = True
        if self._storing and self._queue.done():
            # A picture that was given is in the list, or whoever gave it is told that it is not.
            await asyncio.wait(self._storing, timeout=STORE_GRACE_S)
        await super().close()
        for stored in self._storing:
            if not stored.done():
                stored.set_result(False)
        if self._queue.done() and not self._queue.cancelled():
            self._queue.result().unlisten(self._on_event)
        self._queue.cancel()

    # -- new pictures -----------------------------------------------------------------------------

    def add(self, found: Dropped, order: SubmitOptions, stem: str = "") -> asyncio.Future[bool]:
        """Add addresses, files, folders and lists, or a picture that has no file.

        :param stem: what the file of that picture is to be called; empty: after the moment.
        :returns: whether they are in the list, and will be whatever becomes of the program.
        """
        stored = self._to_store()
        self._spawn("add", self._add, found, order, stored, stem)
        return stored

    def add_read(self, read: Callable[[], Dropped], order: SubmitOptions) -> None:
        """Add what is read in a thread; the rest as of :meth:`add`."""
        self._spawn("add", self._add, read, order, self._to_store())

    def _to_store(self) -> asyncio.Future[bool]:
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if self._closed:
            stored.set_result(False)
        else:
            self._storing.add(stored)
            stored.add_done_callback(self._storing.discard)
        return stored

    async def _add(
        self,
        given: Dropped | Callable[[], Dropped],
        order: SubmitOptions,
        stored: asyncio.Future[bool],
        stem: str = "",
    ) -> None:
        with self._taking_in(stored):
            found = given if isinstance(given, Dropped) else await self._read(given)
            if found.is_empty or found.is_cut:
                self.message.emit(found.problem or tr(CUT))
            drafts = await self._take_in(await self._opened_up(found, stem), order)
            stored.set_result(True)
        await self._check(order, drafts)

    async def _read(self, read: Callable[[], Dropped]) -> Dropped:
        async with self._reading:
            return await asyncio.to_thread(read)

    async def _opened_up(self, found: Dropped, stem: str) -> Expanded:
        if found.picture is None:
            return await asyncio.to_thread(expand, found.inputs, from_text=found.from_text)
        from enhance_gui.jobs.support.pasted import keep_picture

        now = self._clock.wall()
        path = await asyncio.to_thread(keep_picture, found.picture, self._pasted, now, stem)
        return Expanded((str(path),), ())

    async def _check(self, order: SubmitOptions, drafts: Sequence[Task]) -> None:
        """Have drafts checked: shown before, since to reach the service may take long."""
        if drafts:
            await (await self._queue).check_drafts(order.profile, drafts)

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

    async def _take_in(self, expanded: Expanded, order: SubmitOptions) -> list[Task]:
        """Store what is given as drafts, and show them."""
        if expanded.unusable:
            self.message.emit(expanded.unusable[0])
        if not expanded.inputs:
            return []
        kind = order.enhance_type
        new = [
            NewTask(input_, order.profile.name, kind.id, kind.name, order.save_folder)
            for input_ in expanded.inputs
        ]
        queue = await self._queue
        if not any(self.items[each].task.state is TaskState.DRAFT for each in self._review):
            self._review.clear()
        tasks = await queue.draft(order.profile, new, Budget())
        for task in tasks:
            self._review[task.id] = order.at_once
            self.items[task.id] = Item(task)
        self._changed.update(task.id for task in tasks)
        self._notify()
        self.added.emit([task.id for task in tasks])
        self._spawn(f"{order.profile.name}: other names", self._report_namesakes, order.profile)
        return tasks

    async def _report_namesakes(self, profile: ServiceProfile) -> None:
        """Say once that a service has other names under which pictures were sent there."""
        if profile.name in self._mentioned or profile.name == LOCAL_SERVICE_NAME:
            return
        self._mentioned.add(profile.name)
        if others := await (await self._queue).namesakes(profile):
            self.message.emit(namesake_text(profile.name, others))

    def _look(self, task: Task) -> None:
        """Where a draft has passed its checks: what else speaks against sending it?"""
        ready = task.state is TaskState.DRAFT and task.checked is not None
        if ready and task.id in self._review and task.id not in self._looked:
            self._looked.add(task.id)
            if colourises(task.type_name):
                self._colours[task.id] = None
            self._spawn(f"task {task.id}: second look", self._look_closer, task)

    async def _look_closer(self, task: Task) -> None:
        """Was the same picture given before? Has it colours that would be replaced?"""
        if task.id in self._colours:
            await self._look_at_colours(task)
        if self._review.get(task.id) and not self._colours.get(task.id):
            queue = await self._queue
            self._speaks_against(task, await queue.start_unless_repeated(task.id))
        else:
            await self._find_duplicates(task)

    async def _look_at_colours(self, task: Task) -> None:
        coloured = await asyncio.to_thread(_has_colours, task)
        if task.id in self._colours:
            self._colours[task.id] = coloured
            self._note(task.id)

    async def _find_duplicates(self, draft: Task) -> None:
        queue = await self._queue
        self._speaks_against(draft, await queue.duplicates(draft))

    def _speaks_against(self, draft: Task, duplicates: list[Task]) -> None:
        if duplicates:
            self._duplicates[draft.id] = duplicates
            self._note(draft.id)

    def _look_again(self, sent: Task) -> None:
        """A picture is being sent: find the drafts for the same one."""
        for task_id in self._review:
            draft = self.items[task_id].task
            if draft.state is TaskState.DRAFT and _may_be_duplicates(draft, sent):
                self._spawn(f"task {task_id}: twins", self._find_duplicates, draft)

    def remove_drafts(self, ids: Sequence[int]) -> None:
        """Take drafts back, and from the list: nothing was sent, there is nothing to tell."""
        self._spawn("remove drafts", self._remove_drafts, list(ids))

    async def _remove_drafts(self, ids: Sequence[int]) -> None:
        queue = await self._queue
        try:
            await self._one_by_one(ids, lambda queue: queue.cancel)
        finally:
            self._forget(await queue.hide(ids))

    def dismiss_review(self) -> None:
        """Forget about inputs that were started or refused; drafts stay."""
        for task_id in list(self._review):
            if self.items[task_id].task.state is not TaskState.DRAFT:
                del self._review[task_id]
        self._notify()

    # -- wishes about tasks -----------------------------------------------------------------------

    def start(self, ids: Sequence[int]) -> None:
        """Start drafts, but one whose picture was ordered elsewhere since it was looked at."""
        self._each(ids, lambda queue: partial(self._start, queue))

    async def _start(self, queue: TaskQueue, task_id: int) -> None:
        known = [task.id for task in self._duplicates.get(task_id, ())]
        if against := await queue.start_unless_repeated(task_id, known):
            self._duplicates[task_id] = [*self._duplicates.get(task_id, ()), *against]
            self._review.setdefault(task_id, False)
            self._note(task_id)

    def cancel(self, ids: Sequence[int]) -> None:
        """Take tasks back."""
        self._each(ids, lambda queue: queue.cancel)

    def retry(self, ids: Sequence[int]) -> None:
        """Begin new attempts of ended tasks; together they are a batch of their own."""
        budget = Budget()
        self._each(ids, lambda queue: partial(queue.retry, budget=budget))

    def ask_again(self, ids: Sequence[int]) -> None:
        """Ask the service once more about failed tasks."""
        self._each(ids, lambda queue: queue.ask_again)

    def send_again(self, ids: Sequence[int]) -> None:
        """Approve another attempt of tasks in doubt; together they are a batch of their own."""
        budget = Budget()
        self._each(ids, lambda queue: partial(queue.send_again, budget=budget))

    def give_up(self, ids: Sequence[int]) -> None:
        """Write tasks in doubt off."""
        self._each(ids, lambda queue: queue.give_up)

    def go_on_with(self, ids: Sequence[int]) -> None:
        """Go on with tasks that wait: fetch what is finished, send to services that had paused."""
        tasks = [self.items[id_].task for id_ in ids]
        finished = [task.id for task in tasks if task.state is TaskState.FINISHED]
        self._each(finished, lambda queue: queue.fetch_now)
        others = (task.service for task in tasks if task.state is not TaskState.FINISHED)
        for service in dict.fromkeys(others):
            self.go_on(service)

    def go_on(self, service: str) -> None:
        """Send again to a service that had paused."""
        self._spawn(f"{service}: go on", self._go_on, service)

    async def _go_on(self, service: str) -> None:
        queue = await self._queue
        await queue.go_on(service)
        profile = await queue.service_profile(service)
        waiting = [
            item.task
            for item in self.items.values()
            if item.task.service == service and item.suspended and item.task.state in _GOES_ON
        ]
        if profile is not None and waiting:
            await queue.resume(profile, waiting)

    def token_set(self, service: str) -> None:
        """A service has another token: what had stopped for want of it goes on."""
        event = self.lines.get(service)
        if event is not None and event.failure is not None and event.failure.kind in _WANT_TOKEN:
            self.go_on(service)

    def pause(self, wanted: bool) -> None:
        """Stop or resume sending; what is accepted is followed in any case."""
        self._spawn("pause", self._pause, wanted)

    async def _pause(self, wanted: bool) -> None:
        queue = await self._queue
        if wanted:
            await queue.pause()
        else:
            await queue.unpause()

    def name_results(self, template: str, *, strip_signatures: bool) -> None:
        """Name the results to come by another template, and write their sidecars as wanted."""
        self._spawn("names of results", self._name_results, template, strip_signatures)

    async def _name_results(self, template: str, strip_signatures: bool) -> None:
        naming = (await self._queue).naming
        naming.template, naming.strip_signatures = template, strip_signatures

    def save_copy(self, source: Path, target: Path) -> None:
        """Copy a result to a place of the user's choice; never over another file."""
        self._spawn("save a copy", self._save_copy, source, target)

    async def _save_copy(self, source: Path, target: Path) -> None:
        from enhance_gui.jobs.support.copies import save_copy

        final = await asyncio.to_thread(save_copy, source, target)
        self.message.emit(tr("Saved as “{name}”.").format(name=final.name))

    # -- the list ---------------------------------------------------------------------------------

    def remove(self, ids: Sequence[int]) -> None:
        """Take ended tasks from the list; files, and what they cost, stay."""
        self._spawn("remove from the list", self._remove, list(ids))

    async def _remove(self, ids: Sequence[int]) -> None:
        hidden = await (await self._queue).hide(ids)
        self._forget(hidden)
        if hidden:
            self.taken_off.emit([task.id for task in hidden])

    def bring_back(self, ids: Sequence[int]) -> None:
        """Have tasks in the list again that were taken from it."""
        self._spawn("bring back", self._bring_back, list(ids))

    async def _bring_back(self, ids: Sequence[int]) -> None:
        for task in await (await self._queue).bring_back(ids):
            self._hidden.discard(task.id)
            self._take(TaskChanged(task, suspended=True))
        self._notify()

    def delete_on_service(self, ids: Sequence[int]) -> None:
        """Have services delete what they keep of ended tasks."""
        self._spawn("delete on the service", self._delete_on_service, list(ids))

    async def _delete_on_service(self, ids: Sequence[int]) -> None:
        queue = await self._queue
        deleted, problem = 0, ""
        # Kept first, all of them: neither the end of the program nor a problem loses a wish.
        await queue.want_deleted(ids)
        for task_id in ids:
            try:
                task = await queue.delete_on_service(task_id)
            except TransitionRefused:
                continue  # it has gone on meanwhile
            except EnhanceError as error:
                # The next would meet the same; what is done is done.
                later = tr("The wish is kept and carried out when the service is used next.")
                problem = f" {sentence(error)}. {later}"
                break
            deleted += not task.on_service
        self.message.emit(f"{deleted_text(deleted, len(ids))}{problem}")

    def read_log(self, task_id: int) -> None:
        """Read what has happened to a task; :attr:`log_read` brings it."""
        self._spawn(f"task {task_id}: log", self._read_log, task_id)

    async def _read_log(self, task_id: int) -> None:
        self.log_read.emit(task_id, await (await self._queue).events(task_id))

    def look_at(self, ids: Iterable[int]) -> None:
        """Have the services asked first about tasks that the user is looking at."""
        visible = frozenset(ids)
        if visible != self._visible:
            self._visible = visible
            if self._queue.done() and not self._queue.cancelled():
                self._queue.result().set_visible(visible)

    def _forget(self, tasks: Iterable[Task]) -> None:
        ids = [task.id for task in tasks if task.id in self.items]
        for task_id in ids:
            del self.items[task_id]
            self._review.pop(task_id, None)
            self._duplicates.pop(task_id, None)
            self._colours.pop(task_id, None)
        self._hidden.update(ids)
        self._changed.difference_update(ids)
        if ids:
            self.removed.emit(ids)
            self._notify()

    def _each(
        self,
        ids: Sequence[int],
        method: Callable[[TaskQueue], Callable[[int], Awaitable[object]]],
    ) -> None:
        if ids:
            self._spawn("wish", self._one_by_one, list(ids), method)

    async def _one_by_one(
        self,
        ids: Sequence[int],
        method: Callable[[TaskQueue], Callable[[int], Awaitable[object]]],
    ) -> None:
        queue = await self._queue
        problem = None
        for task_id in ids:
            try:
                await method(queue)(task_id)
            except TransitionRefused:
                continue  # it has gone on meanwhile
            except EnhanceError as error:
                # One that it cannot be done with must not hold up the others.
                problem = error
        if problem is not None:
            raise problem

    # -- inside -----------------------------------------------------------------------------------

    def _on_event(self, event: Event) -> None:
        if isinstance(event, TaskChanged):
            if event.task.state in ENDED and event.task.id not in self.items:
                return  # hidden, in an earlier run perhaps, or of the history that is still read
            self._take(event)
            self._look(event.task)
            if event.task.state is TaskState.SENDING:
                self._look_again(event.task)
        elif isinstance(event, TaskProgress):
            self._progress(event)
        elif isinstance(event, TaskWaits):
            self._waits(event)
        elif isinstance(event, ServiceStatusChanged):
            self.lines[event.service] = event
            if event.failure is not None and event.failure.kind == CallbacksNotReceived.kind:
                self.callback_problems[event.service] = event.failure
            self.service_status_changed.emit(event)
        elif isinstance(event, CallbacksMended):
            self.callback_problems.pop(event.service, None)

    def _take(self, event: TaskChanged) -> None:
        task = event.task
        if task.id in self._hidden and task.state in ENDED:
            return
        self._hidden.discard(task.id)
        known = self.items.get(task.id, Item(task))
        if known.task.state is task.state:
            self.items[task.id] = replace(known, task=task, suspended=event.suspended, waits_for="")
        else:
            self.items[task.id] = Item(task, suspended=event.suspended)
        self._note(task.id)

    def _progress(self, event: TaskProgress) -> None:
        if (item := self.items.get(event.task_id)) is not None:
            self.items[event.task_id] = replace(
                item,
                phase=event.phase,
                queue_position=event.queue_position,
                expected_s=event.expected_s,
                percent=event.percent,
                reported_at_s=self._clock.now_s(),
            )
            self._note(event.task_id)

    def _waits(self, event: TaskWaits) -> None:
        if (item := self.items.get(event.task_id)) is not None:
            self.items[event.task_id] = replace(
                item, waits_for=event.host, next_try_s=event.next_try_s
            )
            self._note(event.task_id)

    def _note(self, task_id: int) -> None:
        if task_id in self.items:
            self._changed.add(task_id)
        if not self._timer.isActive():
            self._timer.start()

    def _notify(self) -> None:
        changed = [self.items[each] for each in sorted(self._changed)]
        self._changed.clear()
        if changed:
            self.items_changed.emit(changed)
        self.review_changed.emit(
            review_of(self._review, self.items, self._duplicates, self._colours)
        )


def _has_colours(draft: Task) -> bool:
    """Tell whether a picture is a file of this computer that has colours. For a thread."""
    from enhance_gui.jobs.support.colours import coloured_files

    path, picture = Path(draft.input), draft.checked
    if picture is None or host_of(draft.input) or is_set_aside(path):
        return False
    pixels = picture.header.width_px * picture.header.height_px
    with decoding(path, pixels, is_jpeg=picture.header.format == "jpg"):
        return bool(coloured_files([draft.input]))


def _may_be_duplicates(draft: Task, other: Task) -> bool:
    """Tell whether a task may be for the picture of a draft: the list itself has the word."""
    if draft.id == other.id or draft.type_id != other.type_id:
        return False
    is_same_content = draft.input_sha256 is not None and draft.input_sha256 == other.input_sha256
    return is_same_content or not _places(draft).isdisjoint(_places(other))


def _places(task: Task) -> set[str]:
    return {task.input} if task.checked is None else {task.input, task.checked.location}
