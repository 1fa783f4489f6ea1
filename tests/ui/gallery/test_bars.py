"""The bars around the gallery: filters, actions, search."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QWidget

from enhance_gui.ui.gallery.actions import TaskAction
from enhance_gui.ui.gallery.filter_bar import FilterBar
from enhance_gui.ui.gallery.item import Group
from enhance_gui.ui.gallery.model import GalleryModel
from enhance_gui.ui.gallery.panel import GalleryPanel
from enhance_gui.ui.gallery.selection_bar import SelectionBar
from enhance_gui.ui.gallery.sorting import Sort
from enhance_gui.ui.gallery.view import GalleryLayout
from enhance_gui.ui.widgets.pill import Pill
from tests.ui.gallery.parts import StillClock, failed, in_doubt, item, pause, saved, until


@pytest.fixture
def model(qapp: QApplication) -> GalleryModel:
    return GalleryModel(clock=StillClock())


@pytest.fixture
def panel(model: GalleryModel) -> Iterator[GalleryPanel]:
    made = GalleryPanel(model, clock=StillClock())
    made.resize(900, 600)
    made.show()
    yield made
    made.view.stop()
    made.hide()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def names(widget: QWidget) -> list[str]:
    return [child.accessibleName() for child in widget.findChildren(Pill)]


def shown_verbs(bar: SelectionBar) -> list[str]:
    return [child.text() for child in bar.findChildren(QPushButton) if not child.isHidden()]


def test_every_filter_is_there_with_its_count_whatever_it_is(model: GalleryModel) -> None:
    bar = FilterBar(model)
    model.set_items([item(1), saved(2), saved(3), failed(4), in_doubt(5)])
    assert names(bar) == [
        "All, 5",
        "Checking, 0",
        "Waiting, 1",
        "Running, 0",
        "Done, 2",
        "Needs attention, 1",
        "Failed, 1",
        "Cancelled, 0",
    ]
    model.remove_many([2])
    assert "Done, 1" in names(bar)
    assert "All, 4" in names(bar)


def test_arrow_keys_go_through_the_filters(panel: GalleryPanel, model: GalleryModel) -> None:
    model.set_items([item(1), saved(2)])
    chosen: list[Group | None] = []
    panel.filters.filter_chosen.connect(chosen.append)
    panel.activateWindow()
    until(panel.isActiveWindow)
    panel.filters.setFocus()
    for _ in range(2):
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, Qt.Key.Key_Right)
    assert chosen == [Group.CHECKING, Group.WAITING]
    assert panel.view.shown.ids() == [1]


def test_a_filter_is_chosen_by_name(panel: GalleryPanel, model: GalleryModel) -> None:
    model.set_items([item(1), saved(2)])
    panel.filters.choose(Group.DONE)
    assert panel.filters.chosen is Group.DONE
    assert panel.view.shown.ids() == [2]


def test_where_there_is_no_room_the_filters_go_on_in_the_next_line(model: GalleryModel) -> None:
    bar = FilterBar(model)
    assert bar.heightForWidth(2000) < bar.heightForWidth(300)
    assert bar.minimumSizeHint().width() < 200


def test_the_verbs_follow_the_states_with_their_counts(qapp: QApplication) -> None:
    bar = SelectionBar()
    bar.resize(1800, 40)
    bar.set_items([failed(1), failed(2), saved(3)])
    assert shown_verbs(bar) == [
        "Retry 2",
        "Enhance 1 again…",
        "Save 1 copy…",
        "Show in folder",
        "Open in viewer",
        "History",
        "Copy picture",
        "Copy details of 3",
        "Remove 3 from the list",
    ]
    bar.set_items([in_doubt(1)])
    assert shown_verbs(bar) == ["Retry", "Give up", "History", "Copy details"]
    bar.set_items([])
    assert shown_verbs(bar) == []


def test_a_verb_is_told_with_the_tasks_it_is_for(qapp: QApplication) -> None:
    bar = SelectionBar()
    bar.resize(1600, 40)
    wanted: list[tuple[TaskAction, list[int]]] = []
    bar.action_wanted.connect(lambda action, ids: wanted.append((action, ids)))
    bar.set_items([failed(1), saved(3), failed(2)])
    retry = next(child for child in bar.findChildren(QPushButton) if child.text() == "Retry 2")
    retry.click()
    assert wanted == [(TaskAction.RETRY, [1, 2])]


def test_verbs_without_room_are_in_the_menu(qapp: QApplication) -> None:
    bar = SelectionBar()
    items = [failed(1), saved(2), in_doubt(3), item(4)]
    bar.resize(3000, 40)
    bar.set_items(items)
    bar.show()
    everything = shown_verbs(bar)
    assert "More" not in everything
    bar.resize(420, 40)
    pause(10)
    some = shown_verbs(bar)
    assert some[-1] == "More"
    more = next(child for child in bar.findChildren(QPushButton) if child.text() == "More")
    more.click()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert some[:-1] + [action.text() for action in menu.actions()] == everything
    menu.close()
    bar.hide()


def test_the_bar_follows_selection_and_changes(panel: GalleryPanel, model: GalleryModel) -> None:
    model.set_items([item(1), item(2)])
    panel.view.list.selectAll()
    until(lambda: "Cancel 2" in shown_verbs(panel.selection))
    model.put_many([saved(1)])
    until(lambda: "Cancel 1" in shown_verbs(panel.selection))
    panel.view.list.clearSelection()
    until(lambda: not shown_verbs(panel.selection))


def test_a_search_begins_when_the_typing_rests(panel: GalleryPanel, model: GalleryModel) -> None:
    model.set_items([item(1), item(2)])
    searched: list[str] = []
    panel.search.searched.connect(searched.append)
    QTest.keyClicks(panel.search, "picture 2")
    assert searched == []
    until(lambda: searched == ["picture 2"])
    assert panel.view.shown.ids() == [2]
    QTest.keyClick(panel.search, Qt.Key.Key_Escape)
    assert panel.view.shown.ids() == [2, 1]


def test_enter_in_the_search_goes_to_the_list_with_what_was_found(
    panel: GalleryPanel, model: GalleryModel
) -> None:
    model.set_items([item(1), item(2)])
    left: list[bool] = []
    panel.search.left.connect(lambda: left.append(True))
    QTest.keyClicks(panel.search, "picture 1")
    QTest.keyClick(panel.search, Qt.Key.Key_Return)
    assert panel.view.shown.ids() == [1]
    assert left == [True]


def test_order_and_look_are_chosen_in_the_panel(panel: GalleryPanel, model: GalleryModel) -> None:
    model.set_items([item(1), item(2)])
    panel.order.setCurrentIndex(list(Sort).index(Sort.OLDEST))
    assert panel.view.shown.ids() == [1, 2]
    panel.set_layout(GalleryLayout.GRID)
    assert panel.view.shown_layout is GalleryLayout.GRID


def test_all_that_takes_keys_has_a_name(panel: GalleryPanel) -> None:
    takers = [
        child
        for child in panel.findChildren(QWidget)
        if child.focusPolicy() != Qt.FocusPolicy.NoFocus and child.focusProxy() is None
    ]
    assert len(takers) > 10
    unnamed = [taker for taker in takers if not taker.accessibleName() and taker.isVisibleTo(panel)]
    assert unnamed == []


def test_where_nothing_is_selected_the_bar_says_how_many_are_shown(
    panel: GalleryPanel, model: GalleryModel
) -> None:
    def said() -> str:
        return panel.selection.findChildren(QLabel)[0].text()

    model.set_items([item(1), saved(2), saved(3)])
    until(lambda: said() == "3 pictures")
    height = panel.view.height()
    panel.filters.choose(Group.DONE)
    until(lambda: said() == "2 of 3 pictures")
    panel.view.select([2])
    until(lambda: said() == "1 selected")
    assert panel.view.height() == height
    panel.view.list.clearSelection()
    model.remove_many([2])
    until(lambda: said() == "1 of 2 pictures")
