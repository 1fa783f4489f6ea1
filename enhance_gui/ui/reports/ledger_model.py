"""The rows of the ledger as a table that can be sorted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QDateTime,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from enhance_gui.core.tasks.spending import LedgerEntry
from enhance_gui.core.tasks.states import Outcome
from enhance_gui.core.text.i18n import N_, short_number, tr
from enhance_gui.ui.gallery.item import input_name
from enhance_gui.ui.gallery.texts import service_name, shown_type
from enhance_gui.ui.widgets.basics import plain_tip

_Index = QModelIndex | QPersistentModelIndex

OUTCOMES: Final = {
    Outcome.OPEN: N_("On its way"),
    Outcome.IN_DOUBT: N_("In doubt"),
    Outcome.ACCEPTED: N_("Accepted"),
}

_HEADS: Final = (
    N_("When"),
    N_("Service"),
    N_("Picture"),
    N_("Enhance type"),
    N_("Outcome"),
    N_("Credits"),
)

CREDITS_COLUMN: Final = 5
PICTURE_COLUMN: Final = 2

_KEYS: Final[tuple[Callable[[LedgerEntry], Any], ...]] = (
    lambda entry: entry.at,
    lambda entry: entry.service.casefold(),
    lambda entry: input_name(entry.input).casefold(),
    lambda entry: entry.type_name.casefold(),
    lambda entry: tr(OUTCOMES.get(entry.outcome, "")),
    lambda entry: entry.cost,
)


class LedgerModel(QAbstractTableModel):
    """The item model of the ledger's entries, the newest first to begin with."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: list[LedgerEntry] = []
        """In the order in which they are shown."""
        self._column = 0
        self._order = Qt.SortOrder.DescendingOrder

    def show(self, entries: Sequence[LedgerEntry]) -> None:
        """Show these entries; the same ones again leave the selection alone."""
        found = self._sorted(entries)
        if found != self.entries:
            self.beginResetModel()
            self.entries = found
            self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if column < 0:
            return
        self._column, self._order = column, order
        self.layoutAboutToBeChanged.emit()
        self.entries = self._sorted(self.entries)
        self.layoutChanged.emit()

    def _sorted(self, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
        down = self._order is Qt.SortOrder.DescendingOrder
        return sorted(entries, key=_KEYS[self._column], reverse=down)

    # -- Qt's questions ---------------------------------------------------------------------------

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  likewise
        return 0 if parent.isValid() else len(_HEADS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(_HEADS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _texts(entry)[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == PICTURE_COLUMN:
            return plain_tip(entry.input)
        return None


def shown_moment(at: datetime) -> str:
    """Return a moment as a text, in local time and the format of the user's country."""
    moment = QDateTime.fromMSecsSinceEpoch(int(at.timestamp() * 1000))
    return QLocale().toString(moment, QLocale.FormatType.ShortFormat)


def _texts(entry: LedgerEntry) -> tuple[str, ...]:
    return (
        shown_moment(entry.at),
        service_name(entry.service),
        input_name(entry.input),
        shown_type(entry.type_name, entry.service),
        tr(OUTCOMES.get(entry.outcome, "")),
        short_number(entry.cost) if entry.cost else tr("not known"),
    )


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == CREDITS_COLUMN else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
