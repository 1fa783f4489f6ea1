"""The item model of the gallery: the shown entries, filtered, searched and sorted.

Not a :class:`~PySide6.QtCore.QSortFilterProxyModel`, which would ask Python two questions for
every comparison: a sort of 10,000 entries takes it seconds, and the sorted keys kept here
milliseconds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QStringListModel,
    Qt,
    Signal,
)

from enhance_gui.core.text.joining import sentences
from enhance_gui.ui.gallery import texts
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.model import GalleryModel
from enhance_gui.ui.gallery.sorting import Entry, Sort, SortKey, key_of
from enhance_gui.ui.widgets.basics import plain_tip

AnyIndex = QModelIndex | QPersistentModelIndex

ITEM_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1
"""The :class:`~enhance_gui.ui.gallery.item.Item` itself."""

MOVES_AT_ONCE: Final = 64
"""With more entries that come, go or move in one change, all rows are set up anew."""


class ShownItems(QStringListModel):
    """The entries that pass the filter and the search.

    A list of strings, all of them empty, so that Qt counts the rows by itself: to lay out 10,000
    of them it asks 10,000 times how many there are, which in Python takes longer than a frame.
    """

    about_to_rebuild = Signal()
    rebuilt = Signal()
    """All rows are new, while most entries are the same: a selection by ids still holds."""

    def __init__(self, source: GalleryModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self.group: Group | None = None
        """The group that is shown; ``None``: all."""
        self._words: tuple[str, ...] = ()
        self._sort = Sort.NEWEST
        self._keys: list[SortKey] = []
        self._ids: list[int] = []
        self._key_of: dict[int, SortKey] = {}
        self._change: Callable[[], None] | None = None
        # Before anyone else learns of a row, what is known of the rows has to follow.
        self.rowsInserted.connect(self._follow)
        self.rowsRemoved.connect(self._follow)
        self.rowsMoved.connect(self._follow)
        source.renewed.connect(self._rebuild)
        source.entries_put.connect(self._entries_put)
        source.entry_going.connect(self._drop)
        self._rebuild()

    def set_filter(self, group: Group | None) -> None:
        """Show the entries of one group; ``None``: of all."""
        if group is not self.group:
            self.group = group
            self._rebuild()

    def set_search(self, text: str) -> None:
        """Show the entries that hold every word of ``text`` in name, address, type or service."""
        wanted = tuple(text.casefold().split())
        if wanted != self._words:
            self._words = wanted
            self._rebuild()

    def set_sort(self, sort: Sort) -> None:
        if sort is not self._sort:
            self._sort = sort
            self._rebuild()

    def ids(self) -> list[int]:
        """Return the ids of the entries, in the order shown."""
        return list(self._ids)

    def id_at(self, row: int) -> int:
        return self._ids[row]

    def item_at(self, row: int) -> Item:
        return self._entry_at(row).item

    def items_at(self, rows: Iterable[int]) -> list[Item]:
        """Return the items of several rows: thousands of them in a few milliseconds."""
        return self._source.items_of(self._ids[row] for row in rows)

    def row_of(self, task_id: int) -> int | None:
        """Return where an entry is shown; ``None`` where it is not."""
        key = self._key_of.get(task_id)
        return None if key is None else bisect_left(self._keys, key)

    def rows_of(self, task_ids: Iterable[int]) -> list[int]:
        """Return where entries are shown, without those that are not."""
        return [row for task_id in task_ids if (row := self.row_of(task_id)) is not None]

    # -- Qt's questions ---------------------------------------------------------------------------

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self._entry_at(index.row())
        item = entry.item
        if role == ITEM_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return texts.spoken(item, self._source.now_s())
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return sentences(*texts.reason(item))
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(item.task.input, *texts.reason(item))
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        flags |= Qt.ItemFlag.ItemNeverHasChildren
        if self.item_at(index.row()).after_file is not None:
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    # -- inside -----------------------------------------------------------------------------------

    def _entry_at(self, row: int) -> Entry:
        entry = self._source.entry(self._ids[row])
        assert entry is not None, "the source forgets an entry only with a signal"  # noqa: S101
        return entry

    def _passes(self, entry: Entry) -> bool:
        if self.group is not None and entry.group is not self.group:
            return False
        return all(word in entry.haystack for word in self._words)

    def _passing(self) -> list[Entry]:
        """Return the entries that pass: the same as asking each, but in a fraction of the time."""
        entries = list(self._source.entries())
        if self.group is not None:
            entries = [entry for entry in entries if entry.group is self.group]
        for word in self._words:
            entries = [entry for entry in entries if word in entry.haystack]
        return entries

    def _rebuild(self) -> None:
        self.about_to_rebuild.emit()
        entries = self._passing()
        keys = list(map(key_of(self._sort), entries))
        order = sorted(range(len(entries)), key=keys.__getitem__)
        self._keys = [keys[place] for place in order]
        self._ids = [entries[place].task_id for place in order]
        self._key_of = dict(zip(self._ids, self._keys, strict=True))
        self.setStringList([""] * len(self._ids))
        self.rebuilt.emit()

    def _entries_put(self, task_ids: list[int]) -> None:
        moved: list[tuple[int, SortKey | None]] = []
        stayed: list[int] = []
        place = key_of(self._sort)
        for task_id in task_ids:
            entry = self._source.entry(task_id)
            key = place(entry) if entry is not None and self._passes(entry) else None
            if key != self._key_of.get(task_id):
                moved.append((task_id, key))
            elif key is not None:
                stayed.append(task_id)
        if len(moved) > MOVES_AT_ONCE:
            self._rebuild()
            return
        for task_id, key in moved:
            self._place(task_id, key)
        if rows := self.rows_of(stayed):
            self.dataChanged.emit(self.index(min(rows)), self.index(max(rows)))

    def _drop(self, task_id: int) -> None:
        self._place(task_id, None)

    def _place(self, task_id: int, key: SortKey | None) -> None:
        """Insert, move or (without a key) take away one row."""
        row = self.row_of(task_id)
        if row is not None and key is not None:
            self._move(row, task_id, key)
        elif row is not None:
            self._change = partial(self._cut, row)
            self.removeRows(row, 1)
        elif key is not None:
            to = bisect_left(self._keys, key)
            self._change = partial(self._paste, to, task_id, key)
            self.insertRows(to, 1)

    def _move(self, row: int, task_id: int, key: SortKey) -> None:
        to = bisect_left(self._keys, key)
        # Qt counts the place to go to with the row still in its old one.
        landed = to - 1 if to > row else to
        self._change = partial(self._carry, row, landed, task_id, key)
        if to in (row, row + 1):
            self._follow()
        else:
            self.moveRows(QModelIndex(), row, 1, QModelIndex(), to)
        self.dataChanged.emit(self.index(landed), self.index(landed))

    def _follow(self) -> None:
        """Apply the pending change to the ids and keys, once Qt has changed its rows."""
        change, self._change = self._change, None
        if change is not None:
            change()

    def _carry(self, row: int, to: int, task_id: int, key: SortKey) -> None:
        self._cut(row)
        self._paste(to, task_id, key)

    def _cut(self, row: int) -> None:
        del self._keys[row]
        del self._key_of[self._ids.pop(row)]

    def _paste(self, row: int, task_id: int, key: SortKey) -> None:
        self._keys.insert(row, key)
        self._ids.insert(row, task_id)
        self._key_of[task_id] = key
