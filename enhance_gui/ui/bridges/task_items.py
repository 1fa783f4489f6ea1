"""Turns the tasks of the queue into the items of the list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from enhance_gui.core.clock import Clock
from enhance_gui.core.tasks.states import ENDED
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.events import PreviewMade, TaskChanged, TaskProgress, TaskWaits
from enhance_gui.ui.gallery.item import Item

COLLECT_MS: Final = 50
"""How long changes are collected before they are reported to the window."""


class TaskItems(QObject):
    """Holds an item for every task of the list, and reports changes a few times a second."""

    changed = Signal(list)
    """Those :class:`Item` that are new or have changed."""
    removed = Signal(list)
    """Ids of tasks that are no longer in the list."""
    collected = Signal()
    """All changes noted so far have been reported."""

    def __init__(self, clock: Clock, parent: QObject) -> None:
        super().__init__(parent)
        self._clock = clock
        self._changed: set[int] = set()
        self._hidden: set[int] = set()
        self._unlisted: dict[int, TaskChanged] = {}
        """The last of each ended task that is not in the list."""
        self._timer = QTimer(self, singleShot=True, interval=COLLECT_MS)
        self._timer.timeout.connect(self.notify)
        self.items: dict[int, Item] = {}
        """By the id of the task."""

    def stop(self) -> None:
        """Stop reporting changes by itself."""
        self._timer.stop()

    def on_event(self, event: TaskChanged | TaskProgress | TaskWaits | PreviewMade) -> None:
        """Update the item of the task that an event is about."""
        if isinstance(event, TaskChanged):
            # One that is not known was hidden, in an earlier run perhaps, or is in a part of a long
            # list that is still to be shown.
            if event.task.id in self.items or event.task.state not in ENDED:
                self.put(event.task, suspended=event.suspended)
            else:
                self._unlisted[event.task.id] = event
        elif (item := self.items.get(event.task_id)) is not None:
            if isinstance(event, TaskProgress):
                item = self._with_progress(item, event)
            elif isinstance(event, PreviewMade):
                item = replace(item, preview=event.file)
            else:
                item = replace(item, waits_for=event.host, next_try_s=event.next_try_s)
            self.items[event.task_id] = item
            self.note(event.task_id)

    def put(self, task: Task, *, suspended: bool) -> None:
        """Add or update a task's item; a removed task stays removed once it has ended."""
        if task.id in self._hidden and task.state in ENDED:
            return
        self._hidden.discard(task.id)
        known = self.items.get(task.id, Item(task))
        if known.task.state is task.state:
            self.items[task.id] = replace(known, task=task, suspended=suspended, waits_for="")
        else:
            self.items[task.id] = Item(task, suspended=suspended, preview=known.preview)
        self.note(task.id)

    def add(self, tasks: Iterable[Task], *, suspended: bool = False) -> None:
        """Show tasks at once, as they were read; what events have told of one is newer."""
        for task in tasks:
            if task.id in self.items or self.is_removed(task.id):
                continue
            if (newer := self._unlisted.pop(task.id, None)) is not None:
                self.put(newer.task, suspended=newer.suspended)
            else:
                self.put(task, suspended=suspended)
        self.notify()

    def remove(self, tasks: Iterable[Task]) -> None:
        """Remove tasks at once."""
        ids = [task.id for task in tasks if task.id in self.items]
        for task_id in ids:
            del self.items[task_id]
        self._hidden.update(ids)
        self._changed.difference_update(ids)
        if ids:
            self.removed.emit(ids)
            self.notify()

    def is_removed(self, task_id: int) -> bool:
        """Return whether a task was removed in this run, and has not been brought back."""
        return task_id in self._hidden

    def bring_back(self, tasks: Iterable[Task]) -> None:
        """Show tasks again that were removed, at once."""
        for task in tasks:
            self._hidden.discard(task.id)
            self.put(task, suspended=True)
        self.notify()

    def note(self, task_id: int) -> None:
        """Schedule a report that something about a task has changed."""
        if task_id in self.items:
            self._changed.add(task_id)
        if not self._timer.isActive():
            self._timer.start()

    def notify(self) -> None:
        """Report now what has changed since the last report."""
        changed = [self.items[each] for each in sorted(self._changed)]
        self._changed.clear()
        if changed:
            self.changed.emit(changed)
        self.collected.emit()

    def _with_progress(self, item: Item, event: TaskProgress) -> Item:
        return replace(
            item,
            phase=event.phase,
            queue_position=event.queue_position,
            expected_s=event.expected_s,
            percent=event.percent,
            reported_at_s=self._clock.now_s(),
        )
