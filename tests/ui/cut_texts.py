"""Finds texts that have too little room, and parts of a window that lie over each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QHeaderView,
    QLabel,
    QLayout,
    QLineEdit,
    QListWidget,
    QMenuBar,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QWidget,
)

from enhance_gui.ui.widgets.basics import ElidedLabel


def cut_texts(top: QWidget) -> list[str]:
    """Return each text that is shown in a window, or in one that belongs to it, and does not fit.

    A label that elides its text does so on purpose, and has all of it as its tool tip.
    """
    found = []
    for widget in (top, *top.findChildren(QWidget)):
        if widget.isVisible() and not isinstance(widget, ElidedLabel):
            for text, needed, given in _rooms(widget):
                if needed.width() > given.width() or needed.height() > given.height():
                    sizes = f"{_size(needed)} needed, {_size(given)} given"
                    found.append(f"{type(widget).__name__} {text!r}: {sizes}")
    return sorted(set(found))


def _size(size: QSize) -> str:
    return f"{size.width()} x {size.height()}"


_SIDE_PADDING_PX: Final = 24
"""Of an entry in the style sheet, both sides together."""

_ICON_GAP_PX: Final = 4
_LIST_MARGINS_PX: Final = 2
"""Between icon and text of a list that drops down, and beside its text; Qt's own."""

_Room = tuple[str, QSize, QSize]
"""A text, what it needs and what it has."""


def _rooms(widget: QWidget) -> Iterator[_Room]:
    if isinstance(widget, QLabel) and widget.text():
        yield widget.text(), _label_needs(widget), widget.size()
    elif isinstance(widget, QAbstractButton) and widget.text():
        yield widget.text(), widget.sizeHint(), widget.size()
    elif isinstance(widget, QComboBox | QLineEdit):
        yield from _rooms_of_field(widget)
    elif isinstance(widget, QMenuBar | QTabBar | QHeaderView | QListWidget):
        yield from _rooms_of_many(widget)


def _rooms_of_field(field: QComboBox | QLineEdit) -> Iterator[_Room]:
    if isinstance(field, QComboBox):
        option = QStyleOptionComboBox()
        field.initStyleOption(option)
        control, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        place = field.style().subControlRect(control, option, part, field)
        icon = 0 if field.itemIcon(field.currentIndex()).isNull() else field.iconSize().width()
        beside = _LIST_MARGINS_PX + (icon + _ICON_GAP_PX if icon else 0)
        needed = _line(field, field.currentText()) + QSize(beside, 0)
        yield field.currentText(), needed, place.size()
    elif not field.text():
        # Without its frame, as the style sheet has it, and the pixels that Qt leaves beside it.
        given = field.size() - QSize(20, 0)
        yield field.placeholderText(), _line(field, field.placeholderText()), given


def _rooms_of_many(widget: QMenuBar | QTabBar | QHeaderView | QListWidget) -> Iterator[_Room]:
    if isinstance(widget, QMenuBar):
        for action in widget.actions():
            given = widget.actionGeometry(action).intersected(widget.rect()).size()
            yield action.text(), _line(widget, action.text()), given
    elif isinstance(widget, QTabBar):
        for tab in range(widget.count()):
            text = widget.tabText(tab)
            yield text, _line(widget, text), widget.tabRect(tab).size()
    elif isinstance(widget, QListWidget):
        for row in range(widget.count() if widget.property("kind") == "side-list" else 0):
            text = widget.item(row).text()
            needed = _line(widget, text) + QSize(_SIDE_PADDING_PX, 0)
            yield text, needed, QSize(widget.viewport().width(), needed.height())
    elif widget.orientation() is Qt.Orientation.Horizontal:
        for section in range(widget.count()):
            text = str(widget.model().headerData(section, widget.orientation()) or "")
            yield text, _line(widget, text), QSize(widget.sectionSize(section), widget.height())


def _line(widget: QWidget, text: str) -> QSize:
    metrics = widget.fontMetrics()
    return QSize(metrics.horizontalAdvance(text.replace("&", "")), metrics.height())


def _label_needs(widget: QLabel) -> QSize:
    if not widget.wordWrap():
        return widget.minimumSizeHint()
    longest = max(widget.text().split(), key=len, default="")
    width = widget.fontMetrics().horizontalAdvance(longest)
    if any(map(_breaks_anywhere, longest)):
        width = 0
    return QSize(width, widget.heightForWidth(widget.width()))


def _breaks_anywhere(sign: str) -> bool:
    """Tell whether a line may end behind such a sign: Chinese and Japanese have no gaps."""
    return sign > "\u2e80" or sign in "/-"


def overlaps(top: QWidget) -> list[str]:
    """Return which parts of one layout lie over each other, and which stick out of their parent."""
    found = []
    for widget in (top, *top.findChildren(QWidget)):
        layout = widget.layout()
        if layout is None or not widget.isVisible():
            continue
        parts = [each for each in _laid_out(layout) if each.isVisible() and not each.isWindow()]
        found += [
            f"{_named(one)} over {_named(other)}"
            for one, other in combinations(parts, 2)
            if one.geometry().intersects(other.geometry())
        ]
        if not isinstance(widget.parentWidget(), QAbstractScrollArea):
            found += [
                f"{_named(each)} sticks out of {_named(widget)}"
                for each in parts
                if not widget.rect().contains(each.geometry())
            ]
    return sorted(set(found))


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    for number in range(layout.count()):
        item = layout.itemAt(number)
        if item is None:
            continue
        if (widget := item.widget()) is not None:
            yield widget
        elif (inner := item.layout()) is not None:
            yield from _laid_out(inner)


def _named(widget: QWidget) -> str:
    box: QRect = widget.geometry()
    text = getattr(widget, "text", str)()
    name = text if isinstance(text, str) and text else widget.accessibleName()
    place = f"{box.x()},{box.y()} {box.width()} x {box.height()}"
    return f"{type(widget).__name__} {name!r} ({place})"
