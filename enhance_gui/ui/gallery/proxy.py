"""The item model of the gallery: the shown entries, filtered, searched, sorted and stacked.

Not a :class:`~PySide6.QtCore.QSortFilterProxyModel`, which would ask Python two questions for
every comparison: a sort of 10,000 entries takes it seconds, and the sorted keys kept here
milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, count
from typing import Final

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from enhance_gui.core.text.joining import sentences
from enhance_gui.ui.gallery import texts
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.keyed_rows import KeyedRows
from enhance_gui.ui.gallery.model import GalleryModel
from enhance_gui.ui.gallery.sorting import Entry, Sort, key_of
from enhance_gui.ui.gallery.stacks import Folding, RowIds, StackMark, Stacks
from enhance_gui.ui.widgets.basics import plain_tip

AnyIndex = QModelIndex | QPersistentModelIndex

ITEM_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1
"""The :class:`~enhance_gui.ui.gallery.item.Item` itself."""

MARK_ROLE: Final = ITEM_ROLE + 1
"""The :class:`~enhance_gui.ui.gallery.stacks.StackMark`; ``None`` where an entry stands alone."""

MOVES_AT_ONCE: Final = 64
"""With more entries that come, go or move in one change, all rows are set up anew."""


class ShownItems(KeyedRows):
    """The rows of the entries that pass the filter and the search; of a closed stack, its top's."""

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
        self._stacks = Stacks()
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

    @property
    def count(self) -> int:
        """How many entries pass, those in closed stacks among them."""
        return len(self._stacks)

    def item_at(self, row: int) -> Item:
        return self._entry_at(row).item

    def items_at(self, rows: Iterable[int]) -> list[Item]:
        """Return the items of several rows: thousands of them in a few milliseconds."""
        return self._source.items_of(self._ids[row] for row in rows)

    def ids_behind(self, rows: Iterable[int]) -> list[int]:
        """Return what rows stand for: a closed stack stands for all of its pictures."""
        return list(chain.from_iterable(self._stacks.behind(self._ids[row]) for row in rows))

    def items_behind(self, rows: Iterable[int]) -> list[Item]:
        """Return the items of what rows stand for."""
        return self._source.items_of(self.ids_behind(rows))

    def row_of(self, task_id: int) -> int | None:
        """Return where an entry is shown, be it in a closed stack; ``None`` where it is not."""
        top = self._stacks.top_of(task_id)
        return None if top is None else self.own_row(top)

    def rows_of(self, task_ids: Iterable[int]) -> list[int]:
        """Return where entries are shown, without those that are not; each row once."""
        tops = dict.fromkeys(map(self._stacks.top_of, task_ids))
        # To look each of thousands up by bisection takes ten times as long as this.
        many = len(tops) > MOVES_AT_ONCE
        row_of = dict(zip(self._ids, count())).get if many else self.own_row
        return [row for top in tops if top is not None and (row := row_of(top)) is not None]

    # -- stacks -----------------------------------------------------------------------------------

    @property
    def folding(self) -> Folding:
        """Which stacks are open; changed by this class alone."""
        return self._stacks.folding

    def set_folding(self, all_open: bool, apart: Iterable[str] = ()) -> None:
        """Open all stacks or close all, but for some."""
        self._stacks.folding = Folding(all_open, apart)
        self._rebuild()

    def mark_at(self, row: int) -> StackMark | None:
        """Return what marks a row as a part of a stack."""
        return self._stacks.mark(self._ids[row])

    def is_hidden(self, task_id: int) -> bool:
        """Return whether an entry lies in a closed stack below its top."""
        return self._stacks.top_of(task_id) not in (None, task_id)

    def fold(self, task_id: int, *, is_open: bool) -> None:
        """Open or close the stack of an entry."""
        stack = self._stacks.stack_of(task_id)
        if stack is not None:
            before = {stack: self._stacks.row_ids(stack)}
            self._stacks.folding.fold(stack, is_open=is_open)
            self._show(before)

    # -- Qt's questions ---------------------------------------------------------------------------

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self._entry_at(index.row())
        item = entry.item
        if role == ITEM_ROLE:
            return item
        if role == MARK_ROLE:
            return self.mark_at(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return texts.spoken(item, self._source.now_s(), self.mark_at(index.row()))
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
        if any(item.after_file for item in self.items_behind([index.row()])):
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
        self._stacks.fill(self._passing(), key_of(self._sort))
        self._renew_rows()

    def _renew_rows(self) -> None:
        self.set_rows(self._stacks.all_rows())
        self.rebuilt.emit()

    def _entries_put(self, task_ids: list[int]) -> None:
        before: RowIds = {}
        stayed: list[int] = []
        place = key_of(self._sort)
        for task_id in task_ids:
            entry = self._source.entry(task_id)
            passing = entry if entry is not None and self._passes(entry) else None
            if not self._stacks.put(task_id, passing, place, before):
                stayed.append(task_id)
        self._show(before)
        self.repaint_rows(self.rows_of(stayed))

    def _drop(self, task_id: int) -> None:
        before: RowIds = {}
        self._stacks.put(task_id, None, key_of(self._sort), before)
        self._show(before)

    def _show(self, before: RowIds) -> None:
        """Bring the rows of some stacks to where they belong, one by one where they are few.

        :param before: the rows that these stacks have had.
        """
        rows = {stack: self._stacks.rows(stack) for stack in before}
        wanted = dict(chain.from_iterable(rows.values()))
        gone = {
            task_id: stack
            for stack, ids in before.items()
            for task_id in ids
            if task_id not in wanted
        }
        placed = [task_id for task_id, key in wanted.items() if self.key_of(task_id) != key]
        if len(gone) + len(placed) > MOVES_AT_ONCE:
            self.about_to_rebuild.emit()
            self._renew_rows()
            return
        for task_id, stack in gone.items():
            heir = rows[stack][0][0] if rows[stack] else None
            if heir is not None and self.key_of(heir) is None:
                self.hand_over(task_id, heir, wanted[heir])
            else:
                self.place(task_id, None)
        for task_id in placed:
            if self.key_of(task_id) != wanted[task_id]:
                self.place(task_id, wanted[task_id])
        self.repaint_rows(self.rows_of(wanted))
