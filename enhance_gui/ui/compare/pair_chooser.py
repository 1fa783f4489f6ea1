"""Chooses which two pictures of one source the comparison shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.core.text.joining import titled
from enhance_gui.ui.widgets.basics import DropDown, holder, plain_tip, row
from enhance_gui.ui.widgets.fitting import text_px

_NARROWEST_PX: Final = 76
_WIDEST_PX: Final = 300


class PairChooser(QWidget):
    """Two lists: the original or a result on the left, a result on the right.

    There is something to choose as soon as there are two results.
    """

    chosen = Signal(int, object)
    """Id of the task on the right, and of that on the left; ``None``: its original."""

    def __init__(self) -> None:
        super().__init__()
        self._right_id = 0
        self._left_id: int | None = None
        self._left = _list_of(tr("Picture on the left"))
        self._right = _list_of(tr("Picture on the right"))
        self._left.activated.connect(self._left_chosen)
        self._right.activated.connect(self._right_chosen)
        self.setAccessibleName(tr("Which pictures to compare"))
        self._lists = holder(row(self._left, self._right))
        # They stand as the pictures do, which no language mirrors; their texts as any others.
        self._lists.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        for each in (self._left, self._right):
            each.setLayoutDirection(QGuiApplication.layoutDirection())
        self.setLayout(row(self._lists))
        self._lists.hide()

    def show_choice(self, results: Mapping[int, str], right: int, left: int | None) -> None:
        """Offer results by their names; ``left`` is ``None`` for the original."""
        self._right_id, self._left_id = right, left
        can_choose = len(results) > 1 and right in results
        self._lists.setVisible(can_choose)
        if can_choose:
            others = [(id_, name) for id_, name in results.items() if id_ != right]
            _fill(self._left, [(None, tr("Original")), *others], left)
            _fill(self._right, list(results.items()), right)

    def _left_chosen(self, number: int) -> None:
        self.chosen.emit(self._right_id, self._left.itemData(number))

    def _right_chosen(self, number: int) -> None:
        right = self._right.itemData(number)
        # The picture of the other side changes places with it.
        self.chosen.emit(right, self._right_id if right == self._left_id else self._left_id)


def _list_of(name: str) -> QComboBox:
    made = DropDown()
    made.setAccessibleName(name)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    made.setMinimumWidth(_NARROWEST_PX)
    made.setMaximumWidth(text_px(_WIDEST_PX))
    return made


def _fill(shown: QComboBox, names: Sequence[tuple[int | None, str]], chosen: int | None) -> None:
    there = [(shown.itemData(place), shown.itemText(place)) for place in range(shown.count())]
    if there != names:
        # Not while it is open for a choice, unless there is another one to make.
        shown.clear()
        for key, name in names:
            shown.addItem(name, key)
    shown.setCurrentIndex([key for key, _ in names].index(chosen))
    shown.setToolTip(plain_tip(titled(shown.accessibleName(), shown.currentText())))
