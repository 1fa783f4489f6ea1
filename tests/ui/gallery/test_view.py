"""The gallery under keys, mouse and a stream of changes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QAccessible, QAction, QContextMenuEvent, QDrag, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.gallery import list_view, texts, view
from enhance_gui.ui.gallery.actions import TaskAction
from enhance_gui.ui.gallery.empty_page import EmptyPage
from enhance_gui.ui.gallery.item import Group
from enhance_gui.ui.gallery.list_view import ItemList
from enhance_gui.ui.gallery.model import GalleryModel
from enhance_gui.ui.gallery.sorting import Sort
from enhance_gui.ui.gallery.view import GalleryLayout, GalleryView
from enhance_gui.ui.widgets.thumbnails import Thumbnails
from enhance_gui.ui.widgets.tiles import TileSpec
from tests.ui.gallery.parts import (
    StillClock,
    enhancing,
    failed,
    in_doubt,
    item,
    pause,
    saved,
    until,
    write_picture,
)

MANY = 400


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def model(qapp: QApplication, clock: StillClock) -> GalleryModel:
    return GalleryModel(clock=clock)


@pytest.fixture
def gallery(model: GalleryModel, clock: StillClock) -> Iterator[GalleryView]:
    made = GalleryView(model, clock=clock)
    made.resize(700, 500)
    made.show()
    yield made
    made.stop()
    made.hide()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class Received:
    """What the view tells."""

    def __init__(self, gallery: GalleryView) -> None:
        self.selections: list[list[int]] = []
        self.opened: list[int] = []
        self.wanted: list[tuple[TaskAction, list[int]]] = []
        gallery.selection_changed.connect(self.selections.append)
        gallery.activated.connect(self.opened.append)
        gallery.action_wanted.connect(lambda action, ids: self.wanted.append((action, ids)))


def press(gallery: GalleryView, key: Qt.Key, **how: Any) -> None:
    QTest.keyClick(gallery.list, key, **how)


# -- keys -----------------------------------------------------------------------------------------


def test_arrows_move_and_enter_opens(gallery: GalleryView, model: GalleryModel) -> None:
    model.set_items([item(1), saved(2), failed(3)])
    received = Received(gallery)
    gallery.select([3])
    press(gallery, Qt.Key.Key_Down)
    assert gallery.current() == 2
    press(gallery, Qt.Key.Key_Return)
    press(gallery, Qt.Key.Key_End)
    press(gallery, Qt.Key.Key_Enter)
    assert received.opened == [2, 1]
    assert received.selections == [[3], [2], [1]]


def test_in_the_grid_arrows_go_in_both_directions(
    gallery: GalleryView, model: GalleryModel
) -> None:
    model.set_items([item(number) for number in range(1, 31)])
    gallery.set_sort(Sort.OLDEST)
    gallery.set_layout(GalleryLayout.GRID)
    pause(10)
    across = len(gallery.list.rows_in_sight()) // -(-500 // gallery.list.gridSize().height())
    gallery.select([1])
    press(gallery, Qt.Key.Key_Right)
    assert gallery.current() == 2
    press(gallery, Qt.Key.Key_Down)
    assert gallery.current() == 2 + across
    press(gallery, Qt.Key.Key_Left)
    assert gallery.current() == 1 + across


def test_delete_takes_back_what_can_be_and_leaves_the_rest(
    gallery: GalleryView, model: GalleryModel
) -> None:
    model.set_items([item(1), item(2, TaskState.DRAFT), saved(3), enhancing(4)])
    received = Received(gallery)
    gallery.list.selectAll()
    press(gallery, Qt.Key.Key_Delete)
    assert received.wanted == [(TaskAction.CANCEL, [4, 1]), (TaskAction.REMOVE_DRAFT, [2])]


def test_control_a_selects_all_that_is_shown(gallery: GalleryView, model: GalleryModel) -> None:
    model.set_items([item(number) for number in range(1, MANY + 1)])
    received = Received(gallery)
    press(gallery, Qt.Key.Key_A, modifier=Qt.KeyboardModifier.ControlModifier)
    assert received.selections == [list(range(MANY, 0, -1))]
    gallery.list.clearSelection()
    assert received.selections[-1] == []


def test_typing_goes_to_the_name(gallery: GalleryView, model: GalleryModel) -> None:
    names = ["alps", "beach", "boat", "castle"]
    model.set_items([item(n, input=f"/pictures/{name}.jpg") for n, name in enumerate(names)])
    gallery.set_sort(Sort.NAME)
    QTest.keyClicks(gallery.list, "bo")
    assert gallery.current() == 2


# -- filters, search ------------------------------------------------------------------------------


def test_every_filter_has_its_own_empty_page(gallery: GalleryView, model: GalleryModel) -> None:
    page = gallery.findChild(EmptyPage)
    assert isinstance(page, EmptyPage)
    assert not page.isVisible()
    titles = set()
    for group in Group:
        gallery.set_filter(group)
        assert page.isVisible()
        assert texts.EMPTY_TEXTS[group].title in page.accessibleName()
        titles.add(page.accessibleName())
    assert len(titles) == len(Group)
    gallery.set_search("<b>cat")
    assert "<b>cat" in page.accessibleName()
    gallery.set_search("")
    gallery.set_filter(None)
    assert not page.isVisible()


def test_the_empty_page_goes_when_something_comes(
    gallery: GalleryView, model: GalleryModel
) -> None:
    page = gallery.findChild(EmptyPage)
    assert isinstance(page, EmptyPage)
    gallery.set_filter(Group.DONE)
    assert page.isVisible()
    model.put_many([saved(1)])
    assert not page.isVisible()
    model.remove_many([1])
    assert page.isVisible()


def test_a_selection_survives_filters_and_changes_as_far_as_it_is_shown(
    gallery: GalleryView, model: GalleryModel
) -> None:
    model.set_items([item(1), saved(2), failed(3), saved(4)])
    gallery.select([2, 3])
    received = Received(gallery)
    gallery.set_filter(Group.DONE)
    assert gallery.selected() == [2]
    assert received.selections == [[2]]
    model.put_many([failed(2)])
    assert gallery.selected() == []
    gallery.set_filter(None)
    gallery.select([2])
    gallery.set_filter(Group.RUNNING)
    assert received.selections[-1] == []
    gallery.set_filter(None)
    gallery.select([2])
    model.put_many([item(number) for number in range(5, MANY)])
    assert gallery.selected() == [2]
    assert gallery.current() == 2


def test_a_selected_entry_that_moves_stays_selected(
    gallery: GalleryView, model: GalleryModel
) -> None:
    model.set_items([saved(1), saved(2), saved(3)])
    gallery.set_sort(Sort.STATE)
    gallery.select([1])
    model.put_many([in_doubt(1)])
    assert gallery.shown.ids() == [1, 3, 2]
    assert gallery.selected() == [1]


# -- scrolling ------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", list(GalleryLayout))
def test_the_rows_in_sight_are_those_that_qt_shows(
    gallery: GalleryView, model: GalleryModel, look: GalleryLayout
) -> None:
    model.set_items([item(number) for number in range(1, MANY)])
    gallery.set_layout(look)
    pause(10)
    bar = gallery.list.verticalScrollBar()
    for place in (0, 1, 333, bar.maximum() // 2, bar.maximum()):
        bar.setValue(place)
        port = gallery.list.viewport().rect()
        seen = [
            row
            for row in range(MANY - 1)
            if gallery.list.visualRect(gallery.list.model().index(row, 0)).intersects(port)
        ]
        assert list(gallery.list.rows_in_sight()) == seen


@pytest.mark.parametrize("added", [1, 30, 200])
def test_what_is_looked_at_stays_where_it_is_while_new_tasks_come(
    gallery: GalleryView, model: GalleryModel, added: int
) -> None:
    model.set_items([item(number) for number in range(1, MANY)])
    pause(10)
    bar = gallery.list.verticalScrollBar()
    bar.setValue(1234)
    before = places(gallery)
    model.put_many([item(number) for number in range(MANY, MANY + added)])
    pause(10)
    assert places(gallery) == before


def test_at_the_top_new_tasks_are_seen_at_once(gallery: GalleryView, model: GalleryModel) -> None:
    model.set_items([item(number) for number in range(1, MANY)])
    pause(10)
    model.put_many([item(MANY)])
    pause(10)
    assert gallery.list.verticalScrollBar().value() == 0
    assert MANY in places(gallery)


def test_another_look_shows_the_same_entries(gallery: GalleryView, model: GalleryModel) -> None:
    model.set_items([item(number) for number in range(1, MANY)])
    pause(10)
    gallery.list.verticalScrollBar().setValue(9000)
    first = min(places(gallery).items(), key=lambda place: place[1])[0]
    gallery.set_layout(GalleryLayout.GRID)
    pause(10)
    assert first in places(gallery)


def places(gallery: GalleryView) -> dict[int, int]:
    """Return the ids in sight and where they are."""
    found = {}
    for row in gallery.list.rows_in_sight():
        index = gallery.list.model().index(row, 0)
        found[gallery.shown.ids()[row]] = gallery.list.visualRect(index).top()
    return found


# -- thumbnails, time -----------------------------------------------------------------------------


def test_only_what_is_near_is_read(
    model: GalleryModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = write_picture(tmp_path / "a.png")
    read: set[int] = set()
    files = {n: tmp_path / f"{n}.png" for n in range(1, MANY)}
    for file in files.values():
        file.write_bytes(picture.read_bytes())

    class PolledTask(Thumbnails):
        def want(self, specs: Iterable[TileSpec]) -> None:
            specs = list(specs)
            read.update(int(spec.path.stem) for spec in specs)
            super().want(specs)

    monkeypatch.setattr(view, "Thumbnails", PolledTask)
    gallery = GalleryView(model)
    gallery.resize(700, 500)
    gallery.show()
    model.set_items([item(n, input=str(file)) for n, file in files.items()])
    gallery.set_sort(Sort.OLDEST)
    until(lambda: read)
    pause(60)
    rows = gallery.list.rows_in_sight()
    assert set(range(1, len(rows) + 1)) <= read
    assert max(read) <= len(rows) + view.MARGIN_LINES
    gallery.stop()
    gallery.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_thumbnail_is_painted_when_it_is_there(
    gallery: GalleryView, model: GalleryModel, tmp_path: Path
) -> None:
    model.set_items([item(1, input=str(write_picture(tmp_path / "a.png")))])

    def left_of_the_tile_is_red() -> bool:
        image = gallery.list.viewport().grab().toImage()
        colour = image.pixelColor(int(25 * image.devicePixelRatio()), image.height() // 500 + 40)
        return colour.red() > 150 and colour.green() < 60

    assert not left_of_the_tile_is_red()
    until(left_of_the_tile_is_red)


def test_the_time_is_counted_down_only_while_it_is_seen(
    model: GalleryModel, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "COUNTDOWN_MS", 10)
    painted: list[QRect] = []

    class PolledTask(ItemList):
        def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  Qt's own
            painted.append(event.rect())
            super().paintEvent(event)

    monkeypatch.setattr(view, "ItemList", PolledTask)
    gallery = GalleryView(model, clock=clock)
    gallery.resize(600, 400)
    model.set_items([saved(number) for number in range(1, 50)] + [enhancing(50)])
    gallery.show()

    def ticks() -> int:
        # A thumbnail that comes late has the whole list painted; the time only its row.
        return sum(each.height() < 120 for each in painted)

    def assert_it_ticks() -> None:
        until(lambda: clock_runs(gallery))
        painted.clear()
        until(lambda: ticks() > 2)

    def assert_it_rests() -> None:
        until(lambda: not clock_runs(gallery))
        pause(60)
        painted.clear()
        pause(100)
        assert ticks() == 0

    assert_it_ticks()
    gallery.list.verticalScrollBar().setValue(3000)
    assert_it_rests()
    gallery.list.verticalScrollBar().setValue(0)
    assert_it_ticks()
    model.put_many([saved(50)])
    assert_it_rests()
    model.put_many([enhancing(50)])
    assert_it_ticks()
    gallery.hide()
    assert_it_rests()
    gallery.stop()
    gallery.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def clock_runs(gallery: GalleryView) -> bool:
    return any(
        timer.isActive() and not timer.isSingleShot() for timer in gallery.findChildren(QTimer)
    )


# -- menu, dragging, accessibility ----------------------------------------------------------------


def test_the_menu_offers_what_fits_and_tells_what_was_chosen(
    gallery: GalleryView, model: GalleryModel
) -> None:
    model.set_items([failed(1), failed(2), saved(3)])
    gallery.list.selectAll()
    received = Received(gallery)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(gallery.list, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    named = {action.text(): action for action in menu.actions() if not action.isSeparator()}
    assert next(iter(named)) == "Retry 2"
    retry: QAction = named["Retry 2"]
    retry.trigger()
    menu.close()
    assert received.wanted == [(TaskAction.RETRY, [2, 1])]


def test_there_is_no_menu_for_nothing(gallery: GalleryView, model: GalleryModel) -> None:
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(gallery.list, event)
    assert QApplication.activePopupWidget() is None


def test_a_finished_picture_is_dragged_out_as_a_copy_of_its_file(
    gallery: GalleryView, model: GalleryModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # With characters that an address has to escape, and one that was moved away since.
    names = ["picture 2 100 % schön.jpg", "picture 3#1.jpg", "picture 4.jpg"]
    files = {number: (tmp_path / name,) for number, name in enumerate(names, start=2)}
    for number in (2, 3):
        files[number][0].write_bytes(b"enhanced")
    dragged: list[tuple[QMimeData, Any]] = []

    class Drag(QDrag):
        def exec(self, *actions: Any) -> Qt.DropAction:
            dragged.append((self.mimeData(), actions))
            return Qt.DropAction.CopyAction

    monkeypatch.setattr(list_view, "QDrag", Drag)
    model.set_items([item(1), *(saved(number, files=files[number]) for number in files)])
    pause(10)
    gallery.select([1])
    move_mouse_from_row(gallery, 3)
    gallery.select([4])
    move_mouse_from_row(gallery, 0)
    assert not dragged
    gallery.select([4, 3, 2, 1])
    move_mouse_from_row(gallery, 1)
    assert len(dragged) == 1
    data, actions = dragged[0]
    assert data.formats() == ["text/uri-list"]
    assert [Path(url.toLocalFile()) for url in data.urls()] == [files[3][0], files[2][0]]
    lines = bytes(data.data("text/uri-list").data()).decode("ascii").split("\r\n")
    assert lines == [files[3][0].as_uri(), files[2][0].as_uri(), ""]
    assert actions == (Qt.DropAction.CopyAction,)


def move_mouse_from_row(gallery: GalleryView, row: int) -> None:
    port = gallery.list.viewport()
    start = gallery.list.visualRect(gallery.list.model().index(row, 0)).center()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    for step in (8, 16, 24):
        QTest.mouseMove(port, start + QPoint(step, 2))
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=start + QPoint(24, 2))


def test_a_screen_reader_finds_a_list_of_named_entries(
    gallery: GalleryView, model: GalleryModel
) -> None:
    model.set_items([enhancing(1)])
    pause(10)
    found = QAccessible.queryAccessibleInterface(gallery.list)
    assert found is not None
    assert found.role() is QAccessible.Role.List
    assert found.text(QAccessible.Text.Name) == "Pictures"
    entry = found.child(0)
    assert entry is not None
    assert entry.role() is QAccessible.Role.ListItem
    said = entry.text(QAccessible.Text.Name)
    assert said == "picture 1.jpg, Enhancing, about 8 s left, Enhance, Studio, in folder “pictures”"


@pytest.mark.parametrize("count", [5, 300])
@pytest.mark.parametrize("styled", [False, True])
def test_a_line_of_the_grid_holds_as_many_cells_as_have_room(
    gallery: GalleryView, model: GalleryModel, qapp: QApplication, count: int, styled: bool
) -> None:
    before = qapp.styleSheet()
    bar = "QScrollBar:vertical { width: 12px; margin: 2px; }"
    qapp.setStyleSheet(bar if styled else "")
    model.set_items([item(number) for number in range(1, count + 1)])
    gallery.set_layout(GalleryLayout.GRID)
    for width in range(420, 1500, 67):
        gallery.resize(width, 500)
        pause(1)
        places = [gallery.list.visualRect(gallery.list.model().index(n, 0)) for n in range(count)]
        in_line = sum(place.top() == places[0].top() for place in places)
        rest = width - in_line * places[0].width()
        assert in_line == count or rest < 30 + in_line
        assert gallery.list.rows_in_sight().start == 0
        assert gallery.list.rows_in_sight().stop == min(count, in_line * 3)
    qapp.setStyleSheet(before)


def test_an_entry_that_changes_is_painted_anew_and_nothing_laid_out(
    gallery: GalleryView, model: GalleryModel
) -> None:
    model.set_items([item(number) for number in range(1, 5000)])
    pause(20)
    before = gallery.grab().toImage()
    assert "doItemsLayout" not in called(lambda: model.put_many([saved(4999)]))
    some = [failed(number) for number in range(4990, 4998)]
    assert "doItemsLayout" not in called(lambda: model.put_many(some))
    assert gallery.grab().toImage() != before
    assert "doItemsLayout" in called(lambda: model.remove_many([4999]))


def called(work: Callable[[], None]) -> set[str]:
    """Return the names of the functions that some work, and what follows from it, calls."""
    names: set[str] = set()

    def note(frame: FrameType, event: str, _what: object) -> None:
        if event == "call":
            names.add(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        work()
        pause(20)
    finally:
        sys.setprofile(None)
    return names
