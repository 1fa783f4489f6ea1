"""The list widget: keys, mouse, dragging out, and which rows are visible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QPoint,
    QRect,
    Qt,
    QUrl,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QKeyEvent,
    QMouseEvent,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle

from enhance_gui.core.images.inputs.input_files import is_file
from enhance_gui.ui.gallery.cells.delegate import ItemDelegate
from enhance_gui.ui.gallery.proxy import AnyIndex, ShownItems
from enhance_gui.ui.widgets.basics import single_shot

SETTLE_MS: Final = 30
"""Rows that scroll by faster than this do not load their pictures."""

WHOLE_REPAINT: Final = 200
"""A selection that changes by more rows is painted anew as a whole."""

_ENTER: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_DELETE: Final = frozenset({Qt.Key.Key_Delete, Qt.Key.Key_Backspace})


class ItemList(QListView):
    """Shows entries in rows or in a grid."""

    opened = Signal(int)
    """Id of the task that was double-clicked, or current when Enter was pressed."""
    delete_pressed = Signal()
    menu_wanted = Signal(QPoint)
    """Where on the screen."""
    sight_changed = Signal()
    """Other rows may be in sight; a moment after the last scrolling."""

    def __init__(self, shown: ShownItems, delegate: ItemDelegate) -> None:
        super().__init__()
        self._shown = shown
        self._delegate = delegate
        self._anchor: tuple[int, int] | None = None
        self._settled = single_shot(self, SETTLE_MS, self.sight_changed)
        self.setModel(shown)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        shown.rowsAboutToBeInserted.connect(self.keep_place)
        shown.rowsAboutToBeRemoved.connect(self.keep_place)
        shown.rowsAboutToBeMoved.connect(self.keep_place)
        shown.rowsInserted.connect(self.look_again)
        shown.rowsRemoved.connect(self.look_again)
        shown.rowsMoved.connect(self.look_again)
        shown.dataChanged.connect(self.look_again)
        self.set_layout(delegate)

    def set_layout(self, delegate: ItemDelegate) -> None:
        """Show the entries as ``delegate`` paints them."""
        top = self._top_id()
        self._delegate = delegate
        self.setItemDelegate(delegate)
        # Not Qt's icon mode: it keeps a free place for every icon, which takes it long.
        flow = QListView.Flow
        self.setFlow(flow.LeftToRight if delegate.IS_GRID else flow.TopToBottom)
        self.setWrapping(delegate.IS_GRID)
        self._fit()
        if top is not None:
            self._anchor = (top, 0)
        self.scheduleDelayedItemsLayout()
        self.look_again()

    # -- selection --------------------------------------------------------------------------------

    def selected_rows(self) -> list[int]:
        """Return the selected rows, in order."""
        # Ranges, not indexes: all of 10,000 rows are one range.
        selection = self.selectionModel().selection()
        spans = (selection.at(number) for number in range(selection.count()))
        return sorted(row for span in spans for row in range(span.top(), span.bottom() + 1))

    def select_rows(self, rows: list[int], current: int | None) -> None:
        """Select these rows and no others; nothing is scrolled."""
        selection = QItemSelection()
        first = last = -2
        for row in [*sorted(rows), -1]:
            if row == last + 1:
                last = row
                continue
            if first >= 0:
                selection.select(self._shown.index(first), self._shown.index(last))
            first = last = row
        flag = QItemSelectionModel.SelectionFlag
        self.setAutoScroll(False)
        if current is not None:
            self.selectionModel().setCurrentIndex(self._shown.index(current), flag.NoUpdate)
        self.selectionModel().select(selection, flag.ClearAndSelect)
        self.setAutoScroll(True)

    def selected_tasks(self) -> list[int]:
        """Return the ids of the selected tasks, in the order shown; of a closed stack, all."""
        return self._shown.ids_behind(self.selected_rows())

    def select_tasks(self, task_ids: list[int], current: int | None) -> list[int]:
        """Select these and no others, as far as they are shown; return their rows."""
        rows = self._shown.rows_of(task_ids)
        self.select_rows(rows, None if current is None else self._shown.row_of(current))
        return rows

    # -- stacks -----------------------------------------------------------------------------------

    def fold_current(self) -> None:
        """Open the stack that the keyboard is on, or close it; what is selected stays so."""
        row = self.currentIndex().row()
        mark = self._shown.mark_at(row) if row >= 0 else None
        if mark is not None:
            self._fold(row, is_open=not mark.is_open)

    def _fold(self, row: int, *, is_open: bool) -> None:
        selected, current = self.selected_tasks(), self.currentIndex().row()
        current_id = self._shown.id_at(current) if current >= 0 else None
        self._shown.fold(self._shown.id_at(row), is_open=is_open)
        self.select_tasks(selected, current_id)

    # -- sight ------------------------------------------------------------------------------------

    def rows_in_sight(self, margin: int = 0) -> range:
        """Return the rows that the viewport shows.

        :param margin: how many lines above and below are counted too.
        """
        cell = self._delegate.cell
        across = self._across()
        top = self.verticalScrollBar().value()
        first = max(0, top // cell.height() - margin)
        last = (top + self.viewport().height() - 1) // cell.height() + margin
        return range(first * across, min(self._shown.rowCount(), (last + 1) * across))

    def look_again(self) -> None:
        """Emit :attr:`sight_changed` soon."""
        if not self._settled.isActive():
            self._settled.start()

    def _across(self) -> int:
        if not self._delegate.IS_GRID:
            return 1
        return max(1, self._line_width() // self._delegate.cell.width())

    def _line_width(self) -> int:
        """Return what a line of entries may take.

        Of the grid, Qt keeps the scroll bar's room free even where there is none, a frame beside
        it where the style wants one, and the last pixel.
        """
        if not self._delegate.IS_GRID:
            return self.viewport().width()
        style, bar = self.style(), self.verticalScrollBar()
        taken = style.pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, bar)
        if style.styleHint(QStyle.StyleHint.SH_ScrollView_FrameOnlyAroundContents):
            taken += 2 * style.pixelMetric(QStyle.PixelMetric.PM_DefaultFrameWidth, None, self)
        return max(1, self.maximumViewportSize().width() - taken - 1)

    def _top_id(self) -> int | None:
        if self.verticalScrollBar().value() <= 0:
            return None
        rows = self.rows_in_sight()
        return self._shown.id_at(rows.start) if rows else None

    def keep_place(self) -> None:
        """Keep the entry at the top there through the next layout, unless it is the first."""
        if self._anchor is None and (top := self._top_id()) is not None:
            row = self._shown.row_of(top)
            if row is not None:
                offset = self.visualRect(self._shown.index(row)).top()
                self._anchor = (top, offset)

    def _fit(self) -> None:
        cell = self._delegate.cell_for(self._line_width(), self.fontMetrics())
        if cell != self._delegate.cell or cell != self.gridSize():
            self._delegate.cell = cell
            self.setGridSize(cell)
            self.verticalScrollBar().setSingleStep(max(1, cell.height() // 2))

    # -- Qt's questions ---------------------------------------------------------------------------

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        # Qt would look for the place of each of 10,000 rows to paint the twenty in sight.
        size = sum(selection.at(number).height() for number in range(selection.count()))
        if size > WHOLE_REPAINT:
            return QRegion(self.viewport().rect())
        return super().visualRegionForSelection(selection)

    def dataChanged(
        self, top_left: AnyIndex, bottom_right: AnyIndex, roles: Sequence[int] = ()
    ) -> None:
        # Not QListView's own, which would lay out all of 10,000 rows anew for one that has
        # changed: here all have the same size, whatever they hold.
        QAbstractItemView.dataChanged(self, top_left, bottom_right, list(roles))

    def selectAll(self) -> None:
        self.select_rows(list(range(self._shown.rowCount())), None)

    # -- Qt's events ------------------------------------------------------------------------------

    def doItemsLayout(self) -> None:
        super().doItemsLayout()
        if self._anchor is not None:
            task_id, offset = self._anchor
            self._anchor = None
            row = self._shown.row_of(task_id)
            if row is not None:
                top = row // self._across() * self._delegate.cell.height()
                self.verticalScrollBar().setValue(top - offset)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)
        self.look_again()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look_again()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._settled.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if not plain and event.key() in _ENTER and self.currentIndex().isValid():
            self.opened.emit(self._shown.id_at(self.currentIndex().row()))
        elif not plain and event.key() in _DELETE:
            self.delete_pressed.emit()
        elif plain or not self._fold_by_arrow(event.key()):
            super().keyPressEvent(event)

    def _fold_by_arrow(self, key: int) -> bool:
        """Open or close the stack at the keyboard as in a tree; in the grid arrows go sideways."""
        row = self.currentIndex().row()
        mark = self._shown.mark_at(row) if row >= 0 and not self._delegate.IS_GRID else None
        opens = {Qt.Key.Key_Right: True, Qt.Key.Key_Left: False}.get(Qt.Key(key))
        if mark is None or opens is None:
            return False
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            opens = not opens
        if mark.is_open is not opens:
            self._fold(row, is_open=opens)
        return True

    def _fold_by_mouse(self, event: QMouseEvent) -> bool:
        """Open or close the stack whose sign is clicked; the selection stays as it is."""
        place = event.position().toPoint()
        row = self.indexAt(place).row()
        mark = self._shown.mark_at(row) if row >= 0 else None
        if event.button() != Qt.MouseButton.LeftButton or mark is None or not mark.is_top:
            return False
        cell = self.visualRect(self._shown.index(row))
        if not self._delegate.fold_box(cell, mark, self.fontMetrics()).contains(place):
            return False
        self._fold(row, is_open=not mark.is_open)
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._fold_by_mouse(event):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if self._fold_by_mouse(event):
            return
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self.opened.emit(self._shown.id_at(index.row()))
        else:
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self._current_box().center())
        self.menu_wanted.emit(place)

    def startDrag(self, _actions: Qt.DropAction) -> None:
        items = self._shown.items_behind(self.selected_rows())
        results = (item.after_file for item in items)
        # One that the user has moved away since is left out: a file manager would fail at it.
        files = [file for file in results if file is not None and is_file(file)]
        if not files:
            return
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(self.viewport().grab(self._current_box()))
        # A loop of Qt's own, but begun by Qt's mouse event: no coroutine is under way here.
        drag.exec(Qt.DropAction.CopyAction)

    def _current_box(self) -> QRect:
        return self.visualRect(self.currentIndex()).intersected(self.viewport().rect())
