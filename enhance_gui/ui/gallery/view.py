"""The gallery view: the list, its layouts, its menu, and the thumbnails in sight."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QMenu, QVBoxLayout

from enhance_gui.core.clock import Clock
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.gallery import texts
from enhance_gui.ui.gallery.actions import TaskAction, offers
from enhance_gui.ui.gallery.cells.grid import GridDelegate
from enhance_gui.ui.gallery.cells.rows import RowDelegate
from enhance_gui.ui.gallery.empty_page import EmptyPage
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.list_view import ItemList
from enhance_gui.ui.gallery.model import GalleryModel
from enhance_gui.ui.gallery.proxy import ShownItems
from enhance_gui.ui.gallery.sorting import Sort
from enhance_gui.ui.widgets.basics import single_shot
from enhance_gui.ui.widgets.thumbnails import Thumbnails

MARGIN_LINES: Final = 2
"""Lines above and below what is in sight whose thumbnails are made as well."""

COUNTDOWN_MS: Final = 1000

REPAINT_MS: Final = 40
"""New thumbnails are painted together, at most this often."""


class GalleryLayout(Enum):
    """The layouts in which entries are shown."""

    ROWS = "rows"
    GRID = "grid"


class GalleryView(QFrame):
    """Shows what of a model passes the filter and the search."""

    selection_changed = Signal(list)
    """Ids of the selected tasks, in the order shown."""
    activated = Signal(int)
    """A task was opened: double-clicked, or Enter."""
    action_wanted = Signal(object, list)
    """An :class:`TaskAction`, and the ids of the tasks it is for."""
    shown_changed = Signal()
    """More, fewer or other tasks pass the filter and the search."""
    sight_changed = Signal()
    """Other tasks may be in sight, or those that are stand elsewhere; a moment after the last."""

    def __init__(self, model: GalleryModel, *, clock: Clock | None = None) -> None:
        super().__init__()
        self.model = model
        clock = Clock() if clock is None else clock
        self.shown = ShownItems(model, self)
        """What passes the filter and the search, in order."""
        self.submenus: dict[TaskAction, Callable[[QMenu, list[int]], None]] = {}
        """What fills the menus that stand in the place of actions which ask with one."""
        self._thumbnails = Thumbnails(self)
        self._delegates = {
            GalleryLayout.ROWS: RowDelegate(self._thumbnails, clock, self),
            GalleryLayout.GRID: GridDelegate(self._thumbnails, clock, self),
        }
        self.shown_layout = GalleryLayout.ROWS
        self.list = ItemList(self.shown, self._delegates[self.shown_layout])
        self._empty = EmptyPage(self.list)
        self._search = ""
        self._ids: list[int] = []
        self._kept: tuple[list[int], int | None] = ([], None)
        self._from_top = False
        self._countdown = QTimer(self)
        self._countdown.setTimerType(Qt.TimerType.CoarseTimer)
        self._countdown.setInterval(COUNTDOWN_MS)
        self._repaint = single_shot(self, REPAINT_MS, self.list.viewport().update)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName(tr("Pictures"))
        layout = QVBoxLayout(self)
        self.setProperty("kind", "list")
        # So much that the round corners stay clear of the list's own square ones.
        layout.setContentsMargins(3, 3, 3, 3)
        layout.addWidget(self.list)
        self.setFocusProxy(self.list)
        self._connect()
        self._announce_emptiness()

    def _connect(self) -> None:
        self.list.opened.connect(self.activated)
        self.list.delete_pressed.connect(self._take_back)
        self.list.menu_wanted.connect(self._show_menu)
        self.list.sight_changed.connect(self._sight_changed)
        self.list.selectionModel().selectionChanged.connect(self._selection_changed)
        self.shown.about_to_rebuild.connect(self._before_rebuild)
        self.shown.rebuilt.connect(self._after_rebuild)
        self.shown.rowsInserted.connect(self._announce_emptiness)
        self.shown.rowsRemoved.connect(self._announce_emptiness)
        self._thumbnails.ready.connect(self._tile_ready)
        self._countdown.timeout.connect(self._count_down)

    # -- what is shown ----------------------------------------------------------------------------

    def set_layout(self, layout: GalleryLayout) -> None:
        self.shown_layout = layout
        self.list.set_layout(self._delegates[layout])

    def set_filter(self, group: Group | None) -> None:
        """Show one group; ``None``: all."""
        self._from_top = True
        self.shown.set_filter(group)
        self._from_top = False
        self._announce_emptiness()

    def set_search(self, text: str) -> None:
        """Show what holds every word of ``text``; empty: all."""
        self._search = text.strip()
        self._from_top = True
        self.shown.set_search(text)
        self._from_top = False
        self._announce_emptiness()

    def set_sort(self, sort: Sort) -> None:
        self._from_top = True
        self.shown.set_sort(sort)
        self._from_top = False

    def show_first_of(self, task_ids: list[int]) -> None:
        """Bring the topmost of these into sight; what is selected stays so."""
        rows = self.shown.rows_of(task_ids)
        if rows:
            self.list.scrollTo(self.shown.index(min(rows)))

    @property
    def busy(self) -> bool:
        """Whether thumbnails are being made."""
        return self._thumbnails.busy

    # -- selection --------------------------------------------------------------------------------

    def selected(self) -> list[int]:
        """Return the ids of the selected tasks, in the order shown; of a closed stack, all."""
        return self.list.selected_tasks()

    @property
    def selected_count(self) -> int:
        selection = self.list.selectionModel().selection()
        return sum(selection.at(number).height() for number in range(selection.count()))

    def selected_items(self) -> list[Item]:
        return self.shown.items_behind(self.list.selected_rows())

    def current(self) -> int | None:
        """Return the id of the task that the keyboard is on."""
        index = self.list.currentIndex()
        return self.shown.id_at(index.row()) if index.isValid() else None

    def select(self, task_ids: list[int]) -> None:
        """Select these, as far as they are shown, and bring the first into sight."""
        rows = self.shown.rows_of(task_ids)
        self.list.select_rows(rows, rows[0] if rows else None)
        if rows:
            self.list.scrollTo(self.shown.index(rows[0]))

    @contextmanager
    def keeping_place(self) -> Iterator[None]:
        """Keep the keyboard at its place while its entry may be removed."""
        before = self.list.currentIndex().row()
        yield
        if before >= 0 and self.current() is None and self.shown.rowCount():
            row = min(before, self.shown.rowCount() - 1)
            self.list.select_rows(self.list.selected_rows(), row)

    def running_in_sight(self) -> list[int]:
        """Return the ids of the tasks in sight that run on the service."""
        if not self.isVisible():
            return []
        return [item.task.id for item in self._items_in_sight() if item.group is Group.RUNNING]

    # -- the end ----------------------------------------------------------------------------------

    def stop(self) -> None:
        """Make no more thumbnails; to be called before the program ends."""
        self._countdown.stop()
        self._thumbnails.stop()

    # -- inside -----------------------------------------------------------------------------------

    def _selection_changed(self) -> None:
        ids = self.selected()
        if ids != self._ids:
            self._ids = ids
            self.selection_changed.emit(ids)

    def _before_rebuild(self) -> None:
        self._kept = (self.selected(), self.current())
        if not self._from_top:
            self.list.keep_place()

    def _after_rebuild(self) -> None:
        rows = self.list.select_tasks(*self._kept)
        if self._from_top:
            self.list.scrollToTop()
            if rows:
                self.list.scrollTo(self.shown.index(rows[0]))
        self._selection_changed()
        self._announce_emptiness()
        self.list.look_again()

    def _announce_emptiness(self) -> None:
        text = None
        if self.shown.rowCount() == 0:
            if self._search:
                text = texts.nothing_found(self._search)
            elif self.shown.group is not None:
                text = texts.empty_text(self.shown.group)
        self._empty.show_text(text)
        self.shown_changed.emit()

    def _items_in_sight(self, margin: int = 0) -> list[Item]:
        return self.shown.items_at(self.list.rows_in_sight(margin))

    def _sight_changed(self) -> None:
        self.sight_changed.emit()
        if not self.isVisible():
            return
        delegate, ratio = self._delegates[self.shown_layout], self.devicePixelRatioF()
        seen = self._items_in_sight()
        near = self._items_in_sight(MARGIN_LINES)
        self._thumbnails.want(
            spec for item in [*seen, *near] for spec in delegate.wants(item, ratio)
        )
        if any(_counts_down(item) for item in seen):
            if not self._countdown.isActive():
                self._countdown.start()
        else:
            self._countdown.stop()

    def _count_down(self) -> None:
        for row in self.list.rows_in_sight():
            if _counts_down(self.shown.item_at(row)):
                self.list.update(self.shown.index(row))

    def _tile_ready(self) -> None:
        if not self._repaint.isActive():
            self._repaint.start()

    def _take_back(self) -> None:
        """Cancel the selected tasks; if none can be cancelled, remove them from the list."""
        fitting = offers(self.selected_items())
        wanted = {TaskAction.CANCEL, TaskAction.REMOVE_DRAFT} & fitting.keys() or {
            TaskAction.REMOVE
        }
        for action, ids in fitting.items():
            if action in wanted:
                self.action_wanted.emit(action, ids)

    def _show_menu(self, place: QPoint) -> None:
        items = self.selected_items()
        if items:
            self._menu(items).popup(place)

    def _menu(self, items: list[Item]) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for action, ids in offers(items).items():
            if action.value.begins_part and not menu.isEmpty():
                menu.addSeparator()
            text = action.label(len(ids), action.countable(items))
            if (fill := self.submenus.get(action)) is not None:
                fill(menu.addMenu(text.removesuffix("…")), ids)
                continue
            entry = menu.addAction(text)
            entry.setToolTip(tr(action.value.tip))
            entry.triggered.connect(
                lambda _checked=False, action=action, ids=ids: self.action_wanted.emit(action, ids)
            )
        row = self.list.currentIndex().row()
        mark = self.shown.mark_at(row) if row >= 0 else None
        if mark is not None:
            menu.addSeparator()
            text = tr("Collapse stack") if mark.is_open else tr("Expand stack")
            menu.addAction(text).triggered.connect(self.list.fold_current)
        return menu

    # -- Qt's events ------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.list.look_again()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._countdown.stop()
        self._thumbnails.want(())


def _counts_down(item: Item) -> bool:
    if item.waits_for:
        return True
    return item.task.state is TaskState.ACCEPTED and item.expected_s is not None
