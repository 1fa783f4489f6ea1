"""The list of the services: the name and, in a few words, the status of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFocusEvent, QFont, QPainter, QPalette
from PySide6.QtWidgets import (
    QListWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from enhance_gui.core.services.entry import ServiceEntry
from enhance_gui.core.text.i18n import tr
from enhance_gui.core.text.joining import listed
from enhance_gui.ui.adding.service_picker import STATE_COLOURS, brief_text
from enhance_gui.ui.bridges.task_bridge import ServiceStatusChanged
from enhance_gui.ui.gallery.texts import service_name

_STATE_ROLE: Final = int(Qt.ItemDataRole.UserRole)
_COLOUR_ROLE: Final = _STATE_ROLE + 1
_WRONG: Final = "#d64545"
_PADDING_PX: Final = 10
_DOT_PX: Final = 9

AnyIndex = QModelIndex | QPersistentModelIndex


class ServiceList(QListWidget):
    """One line a service, in the order of the entries."""

    chosen = Signal(object)
    """The :class:`ServiceEntry` that the user goes to."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Services"))
        self.setProperty("kind", "bare-list")
        self.setItemDelegate(_Delegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.entries: list[ServiceEntry] = []
        """The entries that are listed."""
        self.currentRowChanged.connect(self._went_to)

    def show_entries(
        self, entries: Sequence[ServiceEntry], lines: Mapping[str, ServiceStatusChanged]
    ) -> None:
        """List services; the one that was current stays so, where it is still there."""
        current = self.current
        with QSignalBlocker(self):
            self.entries = list(entries)
            self.clear()
            self.addItems([service_name(entry.name) for entry in entries])
        self.show_states(lines)
        self.go_to(current)

    def show_states(self, lines: Mapping[str, ServiceStatusChanged]) -> None:
        """Show the status of each service."""
        for row, entry in enumerate(self.entries):
            event = lines.get(entry.name)
            text = brief_text(entry.name, event)
            colour = STATE_COLOURS[event.state if event else None]
            if entry.profile is None:
                text, colour = tr("Cannot be used yet"), _WRONG
            item = self.item(row)
            item.setData(_STATE_ROLE, text)
            item.setData(_COLOUR_ROLE, colour)
            spoken = listed((service_name(entry.name), text))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)

    @property
    def current(self) -> ServiceEntry | None:
        """The service that is current; ``None``: none of them."""
        row = self.currentRow()
        return self.entries[row] if 0 <= row < len(self.entries) else None

    def go_to(self, entry: ServiceEntry | None) -> None:
        """Make a service current without a signal; ``None``: none of them."""
        rows = [n for n, each in enumerate(self.entries) if entry and is_same(each, entry)]
        with QSignalBlocker(self):
            self.setCurrentRow(rows[0] if rows else -1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        # Qt would go to the first line where there is no current one.
        row = self.currentRow()
        with QSignalBlocker(self):
            super().focusInEvent(event)
            self.setCurrentRow(row)

    def _went_to(self) -> None:
        if (entry := self.current) is not None:
            self.chosen.emit(entry)


def is_same(entry: ServiceEntry, other: ServiceEntry) -> bool:
    """Return whether two entries are of one service, before and after a change."""
    return (entry.file, entry.is_local_service) == (other.file, other.is_local_service)


class _Delegate(QStyledItemDelegate):
    """Paints dot, name and state."""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(120, 2 * option.fontMetrics.height() + 2 * _PADDING_PX + 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        palette, role = option.palette, QPalette.ColorRole
        box = option.rect.adjusted(4, 2, -4, -2)
        if chosen:
            back = palette.color(role.Highlight)
            back.setAlphaF(1.0 if focused else 0.18)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(back)
            painter.drawRoundedRect(box, 8, 8)
        bright = chosen and focused
        text = box.adjusted(_PADDING_PX + _DOT_PX + 9, _PADDING_PX - 2, -_PADDING_PX, 0)
        height = option.fontMetrics.height()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(index.data(_COLOUR_ROLE)))
        place = QPoint(box.left() + _PADDING_PX, text.top() + (height - _DOT_PX) // 2 + 1)
        dot = QRect(place, QSize(_DOT_PX, _DOT_PX))
        painter.drawEllipse(QStyle.visualRect(option.direction, box, dot))
        text = QStyle.visualRect(option.direction, box, text)
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(palette.color(role.HighlightedText if bright else role.Text))
        name = painter.fontMetrics().elidedText(
            index.data(Qt.ItemDataRole.DisplayRole), Qt.TextElideMode.ElideRight, text.width()
        )
        painter.drawText(text, int(Qt.AlignmentFlag.AlignTop), name)
        painter.setFont(option.font)
        # On the ground of a chosen entry, what is quiet elsewhere could not be read well.
        quiet = role.Text if chosen else role.PlaceholderText
        painter.setPen(palette.color(role.HighlightedText if bright else quiet))
        message = option.fontMetrics.elidedText(
            index.data(_STATE_ROLE) or "", Qt.TextElideMode.ElideRight, text.width()
        )
        text.setTop(text.top() + height + 2)
        painter.drawText(text, int(Qt.AlignmentFlag.AlignTop), message)
        painter.restore()
