"""Rows that are kept in the order of their keys, one id each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from PySide6.QtCore import QModelIndex, QObject, QStringListModel

from enhance_gui.ui.gallery.stacks import RowKey


class KeyedRows(QStringListModel):
    """The ids of tasks in the order of their keys.

    A list of strings, all of them empty, so that Qt counts the rows by itself: to lay out 10,000
    of them it asks 10,000 times how many there are, which in Python takes longer than a frame.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._keys: list[RowKey] = []
        self._ids: list[int] = []
        self._key_of: dict[int, RowKey] = {}
        self._change: Callable[[], None] | None = None
        # Before anyone else learns of a row, what is known of the rows has to follow.
        self.rowsInserted.connect(self._follow)
        self.rowsRemoved.connect(self._follow)
        self.rowsMoved.connect(self._follow)

    def ids(self) -> list[int]:
        """Return the ids that have a row, in the order shown."""
        return list(self._ids)

    def id_at(self, row: int) -> int:
        return self._ids[row]

    def key_of(self, task_id: int) -> RowKey | None:
        """Return the key of a task's row; ``None`` where it has none."""
        return self._key_of.get(task_id)

    def own_row(self, task_id: int) -> int | None:
        """Return the row of a task; ``None`` where it has none."""
        key = self._key_of.get(task_id)
        return None if key is None else bisect_left(self._keys, key)

    def set_rows(self, rows: Sequence[tuple[int, RowKey]]) -> None:
        """Show these rows, which are in order, and no others."""
        self._ids = [task_id for task_id, _ in rows]
        self._keys = [key for _, key in rows]
        self._key_of = dict(rows)
        self.setStringList([""] * len(rows))

    def place(self, task_id: int, key: RowKey | None) -> None:
        """Insert, move or (without a key) take away one row."""
        row = self.own_row(task_id)
        if row is not None and key is not None:
            self._move(row, task_id, key)
        elif row is not None:
            self._change = partial(self._cut, row)
            self.removeRows(row, 1)
        elif key is not None:
            to = bisect_left(self._keys, key)
            self._change = partial(self._paste, to, task_id, key)
            self.insertRows(to, 1)

    def hand_over(self, task_id: int, heir: int, key: RowKey) -> None:
        """Make the row of a task that of another one, and move it: it stays selected if it is."""
        row = self.own_row(task_id)
        if row is not None:
            self._move(row, heir, key)

    def repaint_rows(self, rows: Iterable[int]) -> None:
        """Report that what is shown in these rows has changed."""
        if numbers := list(rows):
            self.dataChanged.emit(self.index(min(numbers)), self.index(max(numbers)))

    def _move(self, row: int, task_id: int, key: RowKey) -> None:
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

    def _carry(self, row: int, to: int, task_id: int, key: RowKey) -> None:
        self._cut(row)
        self._paste(to, task_id, key)

    def _cut(self, row: int) -> None:
        del self._keys[row]
        del self._key_of[self._ids.pop(row)]

    def _paste(self, row: int, task_id: int, key: RowKey) -> None:
        self._keys.insert(row, key)
        self._ids.insert(row, task_id)
        self._key_of[task_id] = key
