"""Connects the review to the queue: what waits to be started or sent, and what the user changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer, Signal

from enhance_gui.core.clock import Clock
from enhance_gui.core.images.addresses import host_of
from enhance_gui.core.images.left_out import notes_on
from enhance_gui.core.images.picture import CheckedPicture
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.tasks.spending import LimitAhead
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.joining import ended
from enhance_gui.jobs.queue import waiting
from enhance_gui.jobs.queue.start_policy import DraftPolicy
from enhance_gui.ui.bridges.async_bridge import command
from enhance_gui.ui.bridges.list_bridge import ListBridge
from enhance_gui.ui.gallery.review import review_of
from enhance_gui.ui.gallery.texts import keeps_type_text
from enhance_gui.ui.widgets.decoding import decoding, is_set_aside

NOTES_MS: Final = 700
"""How long no further picture is sent before notes on all of them are shown, in one message."""


class ReviewBridge(ListBridge):
    """Reviews drafts before they are sent, and changes what waits."""

    review_changed = Signal(object)
    """The :class:`Review` of all drafts."""
    limit_ahead = Signal(object)
    """The :class:`LimitAhead` of what was looked at last, where that has changed; ``None``: no
    limit will stop it."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._drafts = DraftPolicy(_has_colours, self.tasks.note)
        self._limit_ahead: LimitAhead | None = None
        self._sent_at_once: list[CheckedPicture] = []
        self._notes_timer = QTimer(self, singleShot=True, interval=NOTES_MS)
        self._notes_timer.timeout.connect(self._report_notes)
        self.tasks.removed.connect(self._drafts.remove)
        self.tasks.collected.connect(self._emit_review)

    # -- what speaks against them ------------------------------------------------------------------

    def _look(self, task: Task) -> None:
        """Look up what else speaks against sending a draft that has passed its checks."""
        if self._drafts.takes_up(task):
            self._look_closer(task)

    @command
    async def _look_closer(self, task: Task) -> None:
        if await self._drafts.examine(await self._queue, task) and task.checked is not None:
            self._sent_at_once.append(task.checked)
            self._notes_timer.start()

    def _report_notes(self) -> None:
        """Report what the review would have said of pictures that were sent without one."""
        notes = notes_on(self._sent_at_once)
        self._sent_at_once.clear()
        if notes:
            text = " · ".join(notes)
            self.message.emit(ended(f"{text[:1].upper()}{text[1:]}"))

    def _look_again(self, sent: Task) -> None:
        """Look for duplicates again among the drafts of a picture that is being sent."""
        for draft in self._drafts.may_repeat(sent, self._task):
            self._find_duplicates(draft)

    @command
    async def _find_duplicates(self, draft: Task) -> None:
        await self._drafts.find_duplicates(await self._queue, draft)

    # -- the user's choices ------------------------------------------------------------------------

    def dismiss_review(self) -> None:
        """Forget about inputs that were started or refused; drafts stay."""
        self._drafts.remove_decided(self._task)
        self.tasks.notify()

    @command
    async def start(self, ids: Sequence[int]) -> None:
        """Start drafts, except one whose picture was sent by another task since its check."""
        await self._each(ids, partial(self._drafts.start, await self._queue))

    @command
    async def remove_drafts(self, ids: Sequence[int]) -> None:
        """Cancel drafts and remove them from the list: nothing was sent."""
        queue = await self._queue
        try:
            await self._each(ids, queue.cancel)
        finally:
            self.tasks.remove(await queue.db.do(queue.db.store.tasks.hide, ids))

    @command
    async def set_type(self, ids: Sequence[int], kind: EnhanceType) -> None:
        """Give pictures that wait another enhance type of their service.

        What has been sent, or is being sent at this moment, keeps its type, and the user is told.
        """
        known = [id_ for id_ in ids if id_ in self.items]
        started = {id_ for id_ in known if self._task(id_).state is TaskState.QUEUED}
        changed = await waiting.set_type(await self._queue, known, kind)
        self._show(changed)
        for id_ in self._drafts.retyped(changed, started):
            self._look(self._task(id_))
        for task in changed:
            self._look_again(task)
        ids_changed = {task.id for task in changed}
        kept = [
            self.items[id_]
            for id_ in known
            if id_ not in ids_changed and self._task(id_).type_id != kind.id
        ]
        if kept:
            self.message.emit(keeps_type_text(kept))

    @command
    async def move_first(self, ids: Sequence[int]) -> None:
        """Have pictures that wait sent before all others of their service."""
        await self._move(ids, to_front=True)

    @command
    async def move_last(self, ids: Sequence[int]) -> None:
        """Have pictures that wait sent after all others of their service."""
        await self._move(ids, to_front=False)

    async def _move(self, ids: Sequence[int], *, to_front: bool) -> None:
        self._show(await waiting.move(await self._queue, ids, to_front=to_front))

    def _show(self, tasks: Iterable[Task]) -> None:
        """Show tasks that have been changed, unless they have gone on meanwhile."""
        for task in tasks:
            item = self.items.get(task.id)
            if item is not None and item.task.state is task.state:
                self.tasks.put(task, suspended=item.suspended)

    @command
    async def look_ahead(self, ids: Sequence[int], cost_of: Callable[[str, int], float]) -> None:
        """Look whether a limit will stop drafts; :attr:`limit_ahead` carries it.

        :param cost_of: returns what a service takes for an enhance type by its number.
        """
        tasks = [self._task(id_) for id_ in ids if id_ in self.items]
        found = await waiting.limit_ahead(await self._queue, tasks, cost_of)
        if found != self._limit_ahead:
            self._limit_ahead = found
            self.limit_ahead.emit(found)

    # -- inside ------------------------------------------------------------------------------------

    def _emit_review(self) -> None:
        self.review_changed.emit(review_of(self._drafts.decisions(self._task), self._task))

    def _task(self, task_id: int) -> Task:
        return self.items[task_id].task


def _has_colours(draft: Task) -> bool:
    """Return whether a picture is a file of this computer that has colours. For a thread."""
    from enhance_gui.jobs.support.colours import coloured_files

    path, picture = Path(draft.input), draft.checked
    if picture is None or host_of(draft.input) or is_set_aside(path):
        return False
    pixels = picture.header.width_px * picture.header.height_px
    with decoding(path, pixels, is_jpeg=picture.header.format == "jpg"):
        return bool(coloured_files([draft.input]))
