"""The item model of the gallery: all entries, in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from enhance_gui.core.clock import Clock
from enhance_gui.ui.gallery import texts
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.sorting import natural_key
from enhance_gui.ui.widgets.basics import plain_tip

REMOVED_ONE_BY_ONE: Final = 64
"""With more entries that go at once, all rows are set up anew."""

AnyIndex = QModelIndex | QPersistentModelIndex

ITEM_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1
"""The :class:`~enhance_gui.ui.gallery.item.Item` itself."""


@dataclass(slots=True)
class Entry:
    """An item with what would be expensive to compute again at each key of a search."""

    task_id: int
    item: Item
    row: int
    group: Group
    name: str
    haystack: str
    """What is searched, folded."""
    _name_key: str | None = None

    @property
    def name_key(self) -> str:
        if self._name_key is None:
            self._name_key = natural_key(self.name)
        return self._name_key


class GalleryModel(QAbstractListModel):
    """The entries by task id, and how many there are of each group.

    Changes that come thick and fast are best collected for a moment and given to
    :meth:`put_many`.
    """

    counts_changed = Signal()
    entries_put = Signal(list)
    """Ids of entries that were changed or added, in one signal for one call."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        clock: Clock | None = None,
    ) -> None:
        """
        :param clock: the clock by which items count down their remaining time; by default the
            system's.
        """
        super().__init__(parent)
        self.now_s = (Clock() if clock is None else clock).now_s
        self._ids: list[int] = []
        self._entries: dict[int, Entry] = {}
        self._counts = dict.fromkeys(Group, 0)

    @property
    def counts(self) -> dict[Group, int]:
        """How many entries each group has."""
        return dict(self._counts)

    def entries(self) -> Iterable[Entry]:
        """Go through all entries, in the order in which they came."""
        return self._entries.values()

    def entry(self, task_id: int) -> Entry | None:
        return self._entries.get(task_id)

    def item(self, index: AnyIndex) -> Item:
        """Return the item of a valid index of this model."""
        return self._entries[self._ids[index.row()]].item

    def id_at(self, row: int) -> int:
        return self._ids[row]

    def item_of(self, task_id: int) -> Item | None:
        entry = self._entries.get(task_id)
        return None if entry is None else entry.item

    def items_of(self, task_ids: Iterable[int]) -> list[Item]:
        """Return the items of tasks that are all there."""
        entries = self._entries
        return [entries[task_id].item for task_id in task_ids]

    # -- changes ----------------------------------------------------------------------------------

    def set_items(self, items: Iterable[Item]) -> None:
        """Show these and nothing else."""
        self.beginResetModel()
        self._entries = {}
        self._counts = dict.fromkeys(Group, 0)
        for row, item in enumerate({each.task.id: each for each in items}.values()):
            self._entries[item.task.id] = _entry(item, row)
            self._counts[item.group] += 1
        self._ids = list(self._entries)
        self.endResetModel()
        self.counts_changed.emit()

    def put(self, item: Item) -> None:
        """Add an item, or replace that of the same task."""
        self.put_many([item])

    def put_many(self, items: Sequence[Item]) -> None:
        """Add or replace several, with one change of the counts."""
        counts_before = dict(self._counts)
        latest = {each.task.id: each for each in items}
        fresh = [each for task_id, each in latest.items() if task_id not in self._entries]
        for task_id, item in latest.items():
            if (entry := self._entries.get(task_id)) is not None:
                self._replace(entry, item)
        self._append(fresh)
        if latest:
            self.entries_put.emit(list(latest))
        if self._counts != counts_before:
            self.counts_changed.emit()

    def remove(self, task_id: int) -> None:
        """Forget a task; nothing happens where it is not there."""
        entry = self._entries.get(task_id)
        if entry is None:
            return
        self.beginRemoveRows(QModelIndex(), entry.row, entry.row)
        del self._entries[task_id]
        del self._ids[entry.row]
        for later in self._ids[entry.row :]:
            self._entries[later].row -= 1
        self._counts[entry.group] -= 1
        self.endRemoveRows()
        self.counts_changed.emit()

    def remove_many(self, task_ids: Iterable[int]) -> None:
        """Forget several tasks."""
        gone = {task_id for task_id in task_ids if task_id in self._entries}
        if len(gone) <= REMOVED_ONE_BY_ONE:
            for task_id in gone:
                self.remove(task_id)
        else:
            self.set_items(
                [entry.item for entry in self._entries.values() if entry.task_id not in gone]
            )

    def _replace(self, entry: Entry, item: Item) -> None:
        group = item.group
        self._counts[entry.group] -= 1
        self._counts[group] += 1
        # What a task was given never changes, so its name and what is searched do not either.
        entry.item, entry.group = item, group
        index = self.index(entry.row)
        self.dataChanged.emit(index, index)

    def _append(self, fresh: Sequence[Item]) -> None:
        if not fresh:
            return
        first = len(self._ids)
        self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
        for row, item in enumerate(fresh, first):
            entry = _entry(item, row)
            self._entries[item.task.id] = entry
            self._ids.append(item.task.id)
            self._counts[entry.group] += 1
        self.endInsertRows()

    # -- Qt's questions ---------------------------------------------------------------------------

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  Qt's own
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        return entry_data(self._entries[self._ids[index.row()]], role, self.now_s)


def entry_data(entry: Entry, role: int, now_s: Callable[[], float]) -> object:
    """Answer Qt's question about one entry."""
    if role == ITEM_ROLE:
        return entry.item
    if role == Qt.ItemDataRole.DisplayRole:
        return entry.name
    if role == Qt.ItemDataRole.AccessibleTextRole:
        return texts.spoken(entry.item, now_s())
    if role == Qt.ItemDataRole.AccessibleDescriptionRole:
        return " ".join(texts.reason(entry.item))
    if role == Qt.ItemDataRole.ToolTipRole:
        return plain_tip(entry.item.task.input, *texts.reason(entry.item))
    return None


def _entry(item: Item, row: int) -> Entry:
    task, name = item.task, item.name
    types = (task.type_name, texts.type_name(task))
    haystack = "\n".join((name, task.input, *types, task.service)).casefold()
    return Entry(task.id, item, row, item.group, name, haystack)
