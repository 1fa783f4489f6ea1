"""The middle of the window: the start page, the list, or one picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget

from enhance_gui.core.clock import Clock
from enhance_gui.ui.adding.start_page import StartPage
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.model import GalleryModel
from enhance_gui.ui.gallery.panel import GalleryPanel
from enhance_gui.ui.window.outputs_panel import CropLocator
from enhance_gui.ui.window.result_page import ResultPage


class Pages(QStackedWidget):
    """Shows one of the three pages, and keeps them up to date."""

    looked_at = Signal(list)
    """Ids of the tasks on the service that the user can see now."""

    def __init__(self, clock: Clock, crops: CropLocator) -> None:
        super().__init__()
        self.model = GalleryModel(self, clock=clock)
        self.start = StartPage()
        self.gallery = GalleryPanel(self.model, clock=clock)
        self.result_page = ResultPage(clock, crops)
        for page in (self.start, self.gallery, self.result_page):
            self.addWidget(page)
        self.gallery.view.activated.connect(self.open)
        self.result_page.back_wanted.connect(self.show_list)
        self.result_page.step_wanted.connect(self.step)
        self.result_page.chooser.chosen.connect(self._choose_pair)
        self.gallery.view.sight_changed.connect(self._look)
        self.gallery.view.shown_changed.connect(self._show_place)
        self.currentChanged.connect(self._look)
        self.currentChanged.connect(self.updateGeometry)

    def hasHeightForWidth(self) -> bool:
        # Else each page would be as high as the highest of them.
        return False

    def minimumSizeHint(self) -> QSize:
        shown = self.currentWidget() or self.start
        return QSize(super().minimumSizeHint().width(), shown.minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # What flows into lines needs another height in another width.
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def on_items(self, items: Sequence[Item]) -> None:
        """Update the pages after changes of items."""
        self.model.put_many(items)
        if self.currentWidget() is self.start:
            self.show_list()
        shown = self.result_page.task_id
        if shown is not None and self.currentWidget() is self.result_page:
            beside = self.model.beside(shown)
            changed = {item.task.id for item in items}
            if not changed.isdisjoint(item.task.id for item in beside):
                self._show(shown, beside)

    def forget(self, ids: Sequence[int]) -> None:
        """Remove what was taken from the list; the keyboard stays at its place there."""
        view = self.gallery.view
        with view.keeping_place():
            self.model.remove_many(ids)
        shows_it = self.currentWidget() is self.result_page and self.result_page.task_id in set(ids)
        if shows_it or (self.currentWidget() is self.gallery and not self.model.count):
            self.show_list()
        elif self.currentWidget() is self.result_page and self.result_page.task_id is not None:
            self._show(self.result_page.task_id, self.model.beside(self.result_page.task_id))

    def added(self, ids: Sequence[int]) -> None:
        """Show what was added: one picture by itself, many in the list."""
        if len(ids) == 1:
            self.open(ids[0])
        elif ids:
            self.show_list()
            self.gallery.show_all()
            self.gallery.view.show_first_of(list(ids))

    def open(self, task_id: int, against: int | None = None) -> None:
        """Show one picture.

        :param against: the task whose result it is compared with; ``None``: with the original.
        """
        if self.model.item_of(task_id) is not None:
            self._show_pair(task_id, against)
            self.setCurrentWidget(self.result_page)
            self.result_page.setFocus()
            self._look()

    def _show_pair(self, task_id: int, against: int | None) -> None:
        self.result_page.against = against
        self._show(task_id, self.model.beside(task_id))

    def _choose_pair(self, task_id: int, against: int | None) -> None:
        """Show another pair; what is said beside the picture is about that one from now on."""
        self._show_pair(task_id, against)
        self._look()

    def _show(self, task_id: int, beside: Sequence[Item]) -> None:
        (item,) = self.model.items_of([task_id])
        self.result_page.show_item(item, beside)
        self._show_place()

    def open_current(self) -> None:
        """Show the picture that the list's keyboard is on, or its first one."""
        view = self.gallery.view
        current = view.current()
        shown = [current] if current is not None else view.shown.ids()[:1]
        for task_id in shown:
            self.open(task_id)

    def show_list(self) -> None:
        """Show the list, with the picture that was shown selected; nothing to list: the start."""
        if not self.model.count:
            self.setCurrentWidget(self.start)
            return
        came_from = self.result_page.task_id if self.currentWidget() is self.result_page else None
        self.setCurrentWidget(self.gallery)
        if came_from is not None:
            self.gallery.view.select([came_from])
        self.gallery.view.setFocus()

    def show_group(self, group: Group) -> None:
        """Show the list with only the pictures of a group."""
        self.show_list()
        self.gallery.filters.choose(group)

    def step(self, by: int) -> None:
        """Show the picture before or after this one, in the order of the list."""
        shown, task_id = self.gallery.view.shown, self.result_page.task_id
        row = None if task_id is None else shown.row_of(task_id)
        if self.currentWidget() is self.result_page and row is not None:
            place = row + by
            if 0 <= place < shown.rowCount():
                self.open(shown.id_at(place))

    def _show_place(self) -> None:
        if self.result_page.task_id is not None:
            view = self.gallery.view
            self.result_page.show_place(
                view.shown.row_of(self.result_page.task_id), view.shown.rowCount()
            )

    def _look(self) -> None:
        if self.currentWidget() is self.result_page and self.result_page.task_id is not None:
            self.looked_at.emit([self.result_page.task_id])
        elif self.currentWidget() is self.gallery:
            self.looked_at.emit(self.gallery.view.running_in_sight())
        else:
            self.looked_at.emit([])

    def hidden(self, ids: Sequence[int]) -> list[int]:
        """Return those of some tasks that nobody sees now: the list has them in closed stacks."""
        if self.currentWidget() is not self.gallery:
            return []
        return list(filter(self.gallery.view.shown.is_hidden, ids))

    def compare(self, ids: Sequence[int]) -> None:
        """Show the results of two tasks of one source beside each other."""
        earlier, later = sorted(ids)
        self.open(later, earlier)

    def chosen(self) -> list[int]:
        """Return the tasks that a command is for: those selected, or the one that is shown."""
        if self.currentWidget() is self.result_page and self.result_page.task_id is not None:
            return [self.result_page.task_id]
        return self.gallery.view.selected()
