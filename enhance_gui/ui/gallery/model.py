"""What the gallery knows: all entries, in the order in which they came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import QObject, Signal

from enhance_gui.core.clock import Clock
from enhance_gui.core.tasks.states import ENDED, TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.ui.gallery import texts
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.sorting import Entry
from enhance_gui.ui.gallery.stacks import SourceKeys

_WAITING: Final = frozenset(TaskState) - ENDED - {TaskState.DRAFT, TaskState.IN_DOUBT}

REMOVED_ONE_BY_ONE: Final = 64
"""With more entries that go at once, everything is set up anew."""


class GalleryModel(QObject):
    """The entries by task id, and how many there are of each group.

    Changes that come thick and fast are best collected for a moment and given to
    :meth:`put_many`.
    """

    counts_changed = Signal()
    entries_put = Signal(list)
    """Ids of entries that were changed or added, in one signal for one call."""
    entry_going = Signal(int)
    """Id of an entry that is still there, and is not after this."""
    renewed = Signal()
    """Any entries may have come and gone."""

    def __init__(self, parent: QObject | None = None, *, clock: Clock | None = None) -> None:
        """
        :param clock: the clock by which items count down their remaining time; by default the
            system's.
        """
        super().__init__(parent)
        self.now_s = (Clock() if clock is None else clock).now_s
        self._entries: dict[int, Entry] = {}
        self._counts = dict.fromkeys(Group, 0)
        self._sources = SourceKeys()
        self._stacks: dict[str, set[int]] = {}
        """The ids of each stack."""

    @property
    def counts(self) -> dict[Group, int]:
        """How many entries each group has."""
        return dict(self._counts)

    @property
    def count(self) -> int:
        """How many entries there are."""
        return len(self._entries)

    def entries(self) -> Iterable[Entry]:
        """Go through all entries, in the order in which they came."""
        return self._entries.values()

    def entry(self, task_id: int) -> Entry | None:
        return self._entries.get(task_id)

    def item_of(self, task_id: int) -> Item | None:
        entry = self._entries.get(task_id)
        return None if entry is None else entry.item

    def items_of(self, task_ids: Iterable[int]) -> list[Item]:
        """Return the items of tasks that are all there."""
        entries = self._entries
        return [entries[task_id].item for task_id in task_ids]

    def beside(self, task_id: int) -> list[Item]:
        """Return the items of a task's source, its own among them, the newest first."""
        entry = self._entries.get(task_id)
        return [] if entry is None else self.items_of(sorted(self._stacks[entry.stack])[::-1])

    def waiting_for(self, service: str) -> tuple[int, int]:
        """Return how many tasks wait for a service, and how many of these were not sent."""
        tasks = [entry.item.task for entry in self._entries.values()]
        waiting = [task for task in tasks if task.service == service and task.state in _WAITING]
        return len(waiting), len(self.unsent_to(service))

    def unsent_to(self, service: str) -> list[Task]:
        """Return the tasks that were started and have not been sent to their service."""
        tasks = (entry.item.task for entry in self._entries.values())
        return [
            task
            for task in tasks
            if task.service == service and task.state is TaskState.QUEUED and not task.attempts
        ]

    def set_items(self, items: Iterable[Item]) -> None:
        """Show these and nothing else."""
        self._entries = {}
        self._stacks = {}
        self._counts = dict.fromkeys(Group, 0)
        for item in items:
            self._put(item)
        self.renewed.emit()
        self.counts_changed.emit()

    def put_many(self, items: Sequence[Item]) -> None:
        """Add or replace several, with one change of the counts."""
        counts_before = self.counts
        for item in items:
            self._put(item)
        if items:
            self.entries_put.emit(list(dict.fromkeys(item.task.id for item in items)))
        if self._counts != counts_before:
            self.counts_changed.emit()

    def remove_many(self, task_ids: Iterable[int]) -> None:
        """Forget several tasks; nothing happens for those that are not there."""
        gone = self._entries.keys() & set(task_ids)
        at_once = len(gone) > REMOVED_ONE_BY_ONE
        for task_id in gone:
            if not at_once:
                self.entry_going.emit(task_id)
            entry = self._entries.pop(task_id)
            self._counts[entry.group] -= 1
            self._stacks[entry.stack].discard(task_id)
        if at_once:
            self.renewed.emit()
        if gone:
            self.counts_changed.emit()

    def _put(self, item: Item) -> None:
        task = item.task
        entry = self._entries.get(task.id)
        stack = self._sources.key_of(task)
        if entry is None:
            name = item.name
            haystack = _haystack(name, task)
            entry = self._entries[task.id] = Entry(task.id, item, item.group, name, haystack, stack)
        else:
            # Of what a task was given nothing but its type changes; its name does not either.
            self._counts[entry.group] -= 1
            if entry.item.task.type_id != task.type_id:
                entry.haystack = _haystack(entry.name, task)
            self._stacks[entry.stack].discard(task.id)
            entry.item, entry.group, entry.stack = item, item.group, stack
        self._counts[entry.group] += 1
        self._stacks.setdefault(stack, set()).add(task.id)


def _haystack(name: str, task: Task) -> str:
    """Return what is searched of a task."""
    types = (task.type_name, texts.type_name(task))
    return "\n".join((name, task.input, *types, task.service)).casefold()
