"""The gallery with its controls: filters, search, order, layouts, actions."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from enhance_gui.core.clock import Clock
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.gallery import texts
from enhance_gui.ui.gallery.filter_bar import FilterBar
from enhance_gui.ui.gallery.model import GalleryModel
from enhance_gui.ui.gallery.selection_bar import SelectionBar
from enhance_gui.ui.gallery.sorting import Sort
from enhance_gui.ui.gallery.view import GalleryLayout, GalleryView
from enhance_gui.ui.widgets.basics import DropDown, single_shot
from enhance_gui.ui.widgets.fitting import text_px
from enhance_gui.ui.widgets.icons import StateIcon
from enhance_gui.ui.widgets.pill import Pill

MANY_SELECTED: Final = 500
MANY_MS: Final = 150
"""With more selected, the actions are updated less often: each update reads them all."""

_MIN_LIST_PX: Final = 72
"""Height of the list at least, with text of the usual size: one picture is seen."""

SEARCH_MS: Final = 120
"""A search starts after this long without typing."""


class GalleryPanel(QWidget):
    """Places the parts and connects them with each other."""

    action_wanted = Signal(object, list)
    """An :class:`TaskAction`, and the ids of the tasks it is for; from the menu, a key or the
    bar."""

    def __init__(self, model: GalleryModel, *, clock: Clock | None = None) -> None:
        super().__init__()
        self.view = GalleryView(model, clock=clock)
        self.view.setMinimumHeight(text_px(_MIN_LIST_PX))
        self.filters = FilterBar(model)
        self.selection = SelectionBar()
        self.search = _SearchField()
        self.order = DropDown()
        self._layouts = QButtonGroup(self)
        self._refresh = single_shot(self, 0, self._offer)
        self._fill_order()
        self._place()
        self._connect(model)

    def minimumSizeHint(self) -> QSize:
        further_lines = self.filters.heightForWidth(self.filters.width())
        further_lines -= self.filters.minimumSizeHint().height()
        return super().minimumSizeHint() + QSize(0, max(0, further_lines))

    def set_layout(self, layout: GalleryLayout) -> None:
        """Show rows or the grid, as if its button had been pressed."""
        self._layouts.button(list(GalleryLayout).index(layout)).setChecked(True)

    def show_all(self) -> None:
        """Take away the filter and the search."""
        self.search.empty()
        self.filters.choose(None)

    def _fill_order(self) -> None:
        self.order.setAccessibleName(tr("Order"))
        self.order.setToolTip(tr("Order"))
        for sort in Sort:
            self.order.addItem(tr(texts.SORT_NAMES[sort]), sort)

    def _place(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(8)
        tools.addWidget(self.search, 1)
        tools.addWidget(self.order)
        icons = ((tr("Rows"), StateIcon.ROWS), (tr("Grid"), StateIcon.GRID))
        for number, (name, icon) in enumerate(icons):
            pill = Pill(name, icon, shows_name=False)
            pill.setChecked(number == 0)
            self._layouts.addButton(pill, number)
            tools.addWidget(pill)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 10, 20, 10)
        layout.setSpacing(8)
        layout.addWidget(self.filters)
        layout.addLayout(tools)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.selection)

    def _connect(self, model: GalleryModel) -> None:
        self.filters.filter_chosen.connect(self.view.set_filter)
        self.search.searched.connect(self.view.set_search)
        self.search.left.connect(self.view.setFocus)
        self.order.currentIndexChanged.connect(self._sort)
        self._layouts.idToggled.connect(self._layout_toggled)
        self.view.action_wanted.connect(self.action_wanted)
        self.selection.action_wanted.connect(self.action_wanted)
        self.view.selection_changed.connect(self._offer_soon)
        self.view.shown_changed.connect(self._offer_soon)
        model.entries_put.connect(self._offer_soon)

    def _sort(self, number: int) -> None:
        self.view.set_sort(list(Sort)[number])

    def _layout_toggled(self, number: int, down: bool) -> None:
        if down:
            self.view.set_layout(list(GalleryLayout)[number])

    def _offer_soon(self) -> None:
        # Changes of the tasks and of the selection come in bursts.
        if not self._refresh.isActive():
            many = self.view.selected_count > MANY_SELECTED
            self._refresh.start(MANY_MS if many else 0)

    def _offer(self) -> None:
        shown = texts.shown_text(self.view.shown.count, self.view.model.count)
        self.selection.set_items(self.view.selected_items(), shown)


class _SearchField(QLineEdit):
    """Emits the search text after a pause in typing; Escape empties it, then leaves it."""

    searched = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(tr("Search names, types, services"))
        self.setAccessibleName(self.placeholderText())
        self.setClearButtonEnabled(True)
        for clear in self.findChildren(QAbstractButton):
            clear.setAccessibleName(tr("Empty the search"))
        self._rest = single_shot(self, SEARCH_MS, self._notify)
        self.textChanged.connect(self._rest.start)
        self.returnPressed.connect(self._finish)

    def event(self, event: QEvent) -> bool:
        # Else a field with nothing of its own to undo would keep that from the window.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Undo)
            and not self.isUndoAvailable()
        ):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.empty()
            else:
                self.left.emit()
        elif event.key() == Qt.Key.Key_Down:
            self._finish()
        else:
            super().keyPressEvent(event)

    def empty(self) -> None:
        """Clear the search, at once."""
        if self.text():
            self.clear()
            self._notify()

    def _notify(self) -> None:
        self._rest.stop()
        self.searched.emit(self.text())

    def _finish(self) -> None:
        self._notify()
        self.left.emit()
