"""Picks the enhance type; shows each with a sentence and an example."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.text.i18n import tr
from enhance_gui.core.text.joining import ended, sentences
from enhance_gui.ui.adding.examples import SIZE, example_of
from enhance_gui.ui.gallery.texts import credits_text, shown_type
from enhance_gui.ui.widgets.basics import DropDown, plain_tip
from enhance_gui.ui.widgets.fitting import text_px

_TYPE_ROLE: Final = int(Qt.ItemDataRole.UserRole)
_DESCRIPTION_ROLE: Final = _TYPE_ROLE + 1
_PADDING_PX: Final = 12
_LIST_WIDTH_PX: Final = 460
_FLAGS: Final = int(Qt.TextFlag.TextWordWrap)

AnyIndex = QModelIndex | QPersistentModelIndex


class TypePicker(DropDown):
    """The enhance types of one service."""

    picked = Signal(int)
    """The number of the type that the user picked."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Enhance type"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMinimumWidth(text_px(190))
        self.setItemDelegate(_TypeDelegate(self))
        self.view().setMinimumWidth(text_px(_LIST_WIDTH_PX))
        self.activated.connect(self._activated)

    def show_types(self, service: ServiceProfile, chosen: EnhanceType | None) -> None:
        """Offer the types of a service, one of them picked."""
        types = service.enhance_types
        if [self.itemData(row) for row in range(self.count())] != list(types):
            self.clear()
            for kind in types:
                self._offer(kind, service.name)
        self.setCurrentIndex(types.index(chosen) if chosen in types else -1)
        self.setEnabled(bool(types))
        text = shown_type(chosen.description, service.name) if chosen else ""
        self.setToolTip(plain_tip(text))
        self.setAccessibleDescription(text)

    def _offer(self, kind: EnhanceType, service: str) -> None:
        name = shown_type(kind.name, service)
        description = shown_type(kind.description, service)
        self.addItem(name, kind)
        row = self.count() - 1
        self.setItemData(row, description, _DESCRIPTION_ROLE)
        spoken = sentences(ended(name), description)
        self.setItemData(row, spoken, Qt.ItemDataRole.AccessibleTextRole)

    def _activated(self, row: int) -> None:
        kind = self.itemData(row)
        self.picked.emit(kind.id)


class _TypeDelegate(QStyledItemDelegate):
    """Paints name, cost, sentence and example of one type."""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        text = option.fontMetrics.boundingRect(
            QRect(0, 0, text_px(_LIST_WIDTH_PX) - SIZE.width() - 4 * _PADDING_PX, 400),
            _FLAGS,
            index.data(_DESCRIPTION_ROLE),
        )
        height = option.fontMetrics.height() + 4 + text.height()
        return QSize(text_px(_LIST_WIDTH_PX), max(height, SIZE.height()) + 2 * _PADDING_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        kind: EnhanceType = index.data(_TYPE_ROLE)
        painter.save()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        palette = option.palette
        if chosen:
            painter.fillRect(option.rect, palette.brush(QPalette.ColorRole.Highlight))
        box = option.rect.adjusted(_PADDING_PX, _PADDING_PX, -_PADDING_PX, -_PADDING_PX)
        widget = option.widget if isinstance(option.widget, QWidget) else self.parent()
        ratio = widget.devicePixelRatioF() if isinstance(widget, QWidget) else 1.0
        example = QStyle.visualRect(option.direction, box, QRect(box.topLeft(), SIZE))
        painter.drawPixmap(example.topLeft(), example_of(kind, ratio))
        text = box.adjusted(SIZE.width() + _PADDING_PX, 0, 0, 0)
        text = QStyle.visualRect(option.direction, box, text)
        _write(painter, option, text, index, chosen=chosen)
        painter.restore()


def _write(
    painter: QPainter, option: QStyleOptionViewItem, box: QRect, index: AnyIndex, *, chosen: bool
) -> None:
    palette, role = option.palette, QPalette.ColorRole
    cost = index.data(_TYPE_ROLE).cost
    painter.setPen(palette.color(role.HighlightedText if chosen else role.Text))
    bold = QFont(option.font)
    bold.setBold(True)
    painter.setFont(bold)
    painter.drawText(box, int(Qt.AlignmentFlag.AlignTop), index.data(Qt.ItemDataRole.DisplayRole))
    painter.setFont(option.font)
    if cost:
        at_right = int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        painter.drawText(box, at_right, credits_text(cost))
    if not chosen:
        painter.setPen(palette.color(role.PlaceholderText))
    box.setTop(box.top() + option.fontMetrics.height() + 4)
    painter.drawText(box, _FLAGS, index.data(_DESCRIPTION_ROLE))
