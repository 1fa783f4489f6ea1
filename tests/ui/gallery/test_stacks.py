"""Results of one source stand together, under keys, mouse and a stream of changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, Qt
from PySide6.QtGui import QDrag
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.gallery.actions import TaskAction, offers
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.model import GalleryModel
from enhance_gui.ui.gallery.panel import GalleryPanel
from enhance_gui.ui.gallery.proxy import ShownItems
from enhance_gui.ui.gallery.sorting import Sort
from enhance_gui.ui.gallery.stacks import Folding
from enhance_gui.ui.gallery.view import GalleryLayout, GalleryView
from tests.ui.gallery.parts import (
    StillClock,
    enhancing,
    in_doubt,
    item,
    pause,
    saved,
    write_picture,
)

ADDRESS = "https://example.org/a.jpg"
CAT, DOG = "cat's content", "dog's content"


@pytest.fixture
def model(qapp: QApplication) -> GalleryModel:
    return GalleryModel(clock=StillClock())


@pytest.fixture
def panel(model: GalleryModel) -> Iterator[GalleryPanel]:
    made = GalleryPanel(model, clock=StillClock())
    made.resize(760, 620)
    made.show()
    yield made
    made.view.stop()
    made.hide()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def gallery(panel: GalleryPanel) -> GalleryView:
    return panel.view


def cat(number: int, **changes: object) -> Item:
    return saved(number, input_sha256=CAT, **changes)


def dog(number: int, **changes: object) -> Item:
    return saved(number, input_sha256=DOG, **changes)


def rows(gallery: GalleryView) -> list[list[int]]:
    """Return what each row stands for."""
    shown = gallery.shown
    return [shown.ids_behind([row]) for row in range(shown.rowCount())]


def fold(gallery: GalleryView, task_id: int, *, is_open: bool) -> None:
    """Open or close the stack of a task, as a click on its sign does."""
    row = gallery.shown.row_of(task_id)
    assert row is not None
    gallery.list._fold(row, is_open=is_open)


def press(gallery: GalleryView, key: Qt.Key) -> None:
    QTest.keyClick(gallery.list, key)


# -- what is one source ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ({"input": ADDRESS}, {"input": ADDRESS, "input_sha256": CAT}, True),
        ({"input": ADDRESS}, {"input": f"{ADDRESS}?large"}, False),
        # Kept in place of an address whose host refuses the program.
        ({"input": ADDRESS}, {"input": "/kept/b.jpg", "given": ADDRESS}, True),
        ({"input_sha256": CAT}, {"input_sha256": CAT}, True),
        # One path, and the file has been changed between.
        (
            {"input": "/p/a.jpg", "input_sha256": CAT},
            {"input": "/p/a.jpg", "input_sha256": DOG},
            False,
        ),
        # Not checked yet, and most likely what it was.
        ({"input": "/p/a.jpg", "input_sha256": CAT}, {"input": "/p/a.jpg"}, True),
        ({"input": "/p/a.jpg"}, {"input": "/p/b.jpg"}, False),
    ],
)
def test_one_source_is_one_address_or_one_content(
    model: GalleryModel, one: dict[str, str], other: dict[str, str], together: bool
) -> None:
    model.put_many([saved(1, **one), item(2, TaskState.QUEUED, **other)])
    assert [each.task.id for each in model.beside(2)] == ([2, 1] if together else [2])
    assert ShownItems(model).rowCount() == (1 if together else 2)


def test_a_checked_file_goes_to_the_stack_of_its_content(model: GalleryModel) -> None:
    shown = ShownItems(model)
    fresh = item(3, TaskState.DRAFT, checked=None)
    model.put_many([cat(1), dog(2), fresh])
    assert shown.ids() == [3, 2, 1]
    model.put_many([replace(fresh, task=replace(fresh.task, input_sha256=CAT))])
    assert [shown.ids_behind([row]) for row in (0, 1)] == [[3, 1], [2]]


# -- open and closed ------------------------------------------------------------------------------


def test_a_closed_stack_is_one_row_with_the_newest_on_top(gallery: GalleryView) -> None:
    gallery.model.put_many([cat(1), dog(2), cat(3), cat(4)])
    assert rows(gallery) == [[4, 3, 1], [2]]
    fold(gallery, 4, is_open=True)
    assert rows(gallery) == [[4], [3], [1], [2]]
    marks = [gallery.shown.mark_at(row) for row in range(4)]
    assert [mark and (mark.count, mark.is_top) for mark in marks] == [
        (3, True),
        (3, False),
        (3, False),
        None,
    ]
    fold(gallery, 1, is_open=False)
    assert rows(gallery) == [[4, 3, 1], [2]]


@pytest.mark.parametrize("sort", list(Sort))
def test_what_needs_the_user_is_on_top(gallery: GalleryView, sort: Sort) -> None:
    gallery.set_sort(sort)
    doubt = replace(in_doubt(1), task=replace(in_doubt(1).task, input_sha256=CAT))
    gallery.model.put_many([doubt, cat(2), cat(3)])
    assert rows(gallery) == [[1, 3, 2]]


def test_arrows_open_and_close_a_stack_in_rows(gallery: GalleryView) -> None:
    gallery.model.put_many([cat(1), dog(2), cat(3)])
    gallery.select([2])
    press(gallery, Qt.Key.Key_Right)
    assert rows(gallery) == [[3, 1], [2]], "there is no stack here"
    gallery.select([3])
    press(gallery, Qt.Key.Key_Right)
    assert rows(gallery) == [[3], [1], [2]]
    press(gallery, Qt.Key.Key_Right)
    press(gallery, Qt.Key.Key_Down)
    assert gallery.current() == 1
    press(gallery, Qt.Key.Key_Left)
    assert rows(gallery) == [[3, 1], [2]]
    assert gallery.current() == 3, "the keyboard is on the stack that it was in"


def test_where_people_read_from_right_to_left_the_arrows_are_mirrored(
    gallery: GalleryView,
) -> None:
    gallery.model.put_many([cat(1), cat(2)])
    gallery.list.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    gallery.select([2])
    press(gallery, Qt.Key.Key_Left)
    assert rows(gallery) == [[2], [1]]
    press(gallery, Qt.Key.Key_Right)
    assert rows(gallery) == [[2, 1]]


def test_in_the_grid_arrows_go_sideways(gallery: GalleryView) -> None:
    gallery.set_layout(GalleryLayout.GRID)
    gallery.model.put_many([cat(1), dog(2), cat(3)])
    pause(10)
    gallery.select([3])
    press(gallery, Qt.Key.Key_Right)
    assert gallery.current() == 2
    gallery.select([3])
    gallery.list.fold_current()
    assert rows(gallery) == [[3], [1], [2]]


@pytest.mark.parametrize("layout", list(GalleryLayout))
def test_a_click_on_its_sign_opens_a_stack_and_selects_nothing(
    gallery: GalleryView, layout: GalleryLayout
) -> None:
    gallery.set_layout(layout)
    gallery.model.put_many([dog(2), cat(3), cat(4)])
    gallery.select([2])
    pause(10)
    for number in (2, 1):
        index = gallery.shown.index(0)
        mark = gallery.shown.mark_at(0)
        assert mark is not None
        delegate = gallery.list.itemDelegate()
        cell, metrics = gallery.list.visualRect(index), gallery.list.fontMetrics()
        box = delegate.fold_box(cell, mark, metrics)  # type: ignore[attr-defined]
        assert min(box.width(), box.height()) >= 24, "easily hit"
        assert cell.contains(box)
        click = QTest.mouseClick if number == 2 else QTest.mouseDClick
        click(gallery.list.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
        assert gallery.shown.rowCount() == (3 if number == 2 else 2)
        assert gallery.selected() == [2]
        pause(10)


def test_all_are_opened_and_closed_and_it_is_remembered(model: GalleryModel) -> None:
    shown = ShownItems(model)
    model.put_many([cat(1), cat(2), dog(3), dog(4)])
    shown.set_folding(True)
    shown.fold(1, is_open=False)
    assert shown.ids() == [4, 3, 2]
    folding = shown.folding
    assert len(folding.apart) == 1
    assert CAT not in "".join(folding.apart), "what is stored gives nothing away"
    later = ShownItems(model)
    later.set_folding(folding.all_open, folding.apart)
    assert later.ids() == [4, 3, 2]
    later.set_folding(False)
    assert later.ids() == [4, 2]


def test_of_very_many_stacks_apart_the_last_are_remembered() -> None:
    folding = Folding()
    for number in range(2000):
        folding.fold(str(number), is_open=True)
    kept = Folding(folding.all_open, folding.apart)
    assert len(kept.apart) < 1000
    assert kept.is_open("1999")
    assert not kept.is_open("0")


# -- filter, search, counts, selection ------------------------------------------------------------


def test_only_what_passes_stands_in_a_stack_and_is_counted(panel: GalleryPanel) -> None:
    gallery = panel.view
    running = replace(enhancing(3), task=replace(enhancing(3).task, input_sha256=CAT))
    gallery.model.put_many([cat(1), cat(2), running, dog(4)])
    assert gallery.shown.count == 4
    gallery.set_filter(Group.DONE)
    assert rows(gallery) == [[4], [2, 1]]
    assert gallery.shown.count == 3
    gallery.set_filter(Group.RUNNING)
    assert rows(gallery) == [[3]]
    assert gallery.shown.mark_at(0) is None, "here it stands alone"
    gallery.set_filter(None)
    gallery.set_search("picture 2")
    assert rows(gallery) == [[2]]


def test_a_closed_stack_is_selected_as_a_whole_and_stays_so(gallery: GalleryView) -> None:
    gallery.model.put_many([cat(1), dog(2), cat(3)])
    gallery.select([1])
    assert gallery.current() == 3
    assert gallery.selected() == [3, 1]
    fold(gallery, 3, is_open=True)
    assert gallery.selected() == [3, 1]
    gallery.select([1])
    gallery.set_sort(Sort.OLDEST)
    assert gallery.selected() == [1]
    fold(gallery, 3, is_open=False)
    assert gallery.selected() == [3, 1]
    gallery.list.selectAll()
    assert sorted(gallery.selected()) == [1, 2, 3]


def test_a_selected_stack_stays_selected_when_another_result_comes(gallery: GalleryView) -> None:
    gallery.model.put_many([cat(1), cat(2), dog(3)])
    gallery.select([2])
    gallery.model.put_many([item(4, TaskState.DRAFT, input_sha256=CAT)])
    assert rows(gallery) == [[4, 2, 1], [3]]
    assert gallery.selected() == [4, 2, 1]
    assert gallery.current() == 4
    gallery.model.remove_many([4])
    assert rows(gallery) == [[3], [2, 1]]
    assert gallery.selected() == [2, 1]


@pytest.mark.parametrize("is_open", [False, True])
def test_the_list_does_not_jump_while_stacks_finish(gallery: GalleryView, is_open: bool) -> None:
    many = 60
    old = [saved(n, input_sha256=f"content {n}") for n in range(1, many + 1)]
    new = [item(many + n, TaskState.QUEUED, input_sha256=f"content {n}") for n in range(1, many)]
    gallery.model.put_many([*old, *new])
    gallery.shown.set_folding(is_open)
    pause(10)
    gallery.list.verticalScrollBar().setValue(700)
    before = rows(gallery)
    top = gallery.list.verticalScrollBar().value()
    for number in range(many + 1, 2 * many):
        for state in (TaskState.SENDING, TaskState.ACCEPTED, TaskState.SAVED):
            files = (Path(f"/results/{number}.png"),) if state is TaskState.SAVED else ()
            content = f"content {number - many}"
            gallery.model.put_many([item(number, state, input_sha256=content, files=files)])
    pause(10)
    assert rows(gallery) == before
    assert gallery.list.verticalScrollBar().value() == top


def test_what_is_added_leaves_the_rows_in_sight_where_they_are(gallery: GalleryView) -> None:
    gallery.model.put_many([saved(n, input_sha256=f"content {n}") for n in range(1, 61)])
    pause(10)
    gallery.list.verticalScrollBar().setValue(1500)
    index = gallery.list.rows_in_sight().start + 1
    watched = gallery.shown.id_at(index)
    place = gallery.list.visualRect(gallery.shown.index(index)).top()
    # Again with the picture at the very bottom: its stack goes to the top of the list.
    gallery.model.put_many([item(100, TaskState.QUEUED, input_sha256="content 2")])
    pause(10)
    assert rows(gallery)[0] == [100, 2]
    row = gallery.shown.row_of(watched)
    assert row is not None
    assert gallery.list.visualRect(gallery.shown.index(row)).top() == place


# -- actions --------------------------------------------------------------------------------------


def test_the_actions_name_how_many_a_closed_stack_has(panel: GalleryPanel) -> None:
    panel.view.model.put_many([cat(1), cat(2), cat(3), dog(4)])
    panel.view.select([3])
    found = offers(panel.view.selected_items())
    assert found[TaskAction.REMOVE] == [3, 2, 1]
    assert TaskAction.REMOVE.label(3, 3) == "Remove 3 from the list"
    assert found[TaskAction.ENHANCE_AGAIN] == [3], "the same picture once more is one task"


def test_two_results_of_one_source_can_be_compared_and_nothing_else_can() -> None:
    compare = TaskAction.COMPARE
    assert offers([cat(1), cat(2)])[compare] == [1, 2]
    assert compare not in offers([cat(1), dog(2)])
    assert compare not in offers([cat(1)])
    assert compare not in offers([cat(1), cat(2), cat(3)])
    assert compare not in offers([cat(1), item(2, input_sha256=CAT)])
    # What else is selected has no result.
    assert offers([cat(1), cat(2), item(3)])[compare] == [1, 2]


def test_a_closed_stack_is_dragged_out_with_all_its_results(
    gallery: GalleryView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [write_picture(tmp_path / f"{number}.png") for number in range(2)]
    dragged: list[list[str]] = []
    monkeypatch.setattr(QDrag, "setMimeData", lambda _drag, data: dragged.append(_names(data)))
    monkeypatch.setattr(QDrag, "exec", lambda *_: Qt.DropAction.CopyAction)
    running = replace(enhancing(3), task=replace(enhancing(3).task, input_sha256=CAT))
    gallery.model.put_many([cat(n + 1, files=(files[n],)) for n in range(2)] + [running])
    assert gallery.shown.flags(gallery.shown.index(0)) & Qt.ItemFlag.ItemIsDragEnabled
    gallery.select([3])
    gallery.list.startDrag(Qt.DropAction.CopyAction)
    assert dragged == [["1.png", "0.png"]]
    fold(gallery, 3, is_open=True)
    gallery.select([1])
    gallery.list.startDrag(Qt.DropAction.CopyAction)
    assert dragged[1:] == [["0.png"]]


def _names(data: QMimeData) -> list[str]:
    return [url.fileName() for url in data.urls()]


# -- how it is told -------------------------------------------------------------------------------


def test_a_screen_reader_gets_the_stack(gallery: GalleryView) -> None:
    gallery.model.put_many([cat(1), cat(2), dog(3)])

    def said(row: int) -> str:
        return str(gallery.shown.index(row).data(Qt.ItemDataRole.AccessibleTextRole))

    assert said(0).endswith("Enhance, Studio, in folder “pictures”")
    assert said(1).endswith(", collapsed stack of 2")
    fold(gallery, 1, is_open=True)
    assert said(1).endswith(", expanded stack of 2")
    assert said(2).endswith(", in a stack of 2")


@pytest.mark.parametrize("layout", list(GalleryLayout))
def test_a_stack_is_seen_to_be_one(gallery: GalleryView, layout: GalleryLayout) -> None:
    gallery.set_layout(layout)

    def look(*items: Item) -> bytes:
        gallery.model.set_items(items)
        pause(10)
        box = gallery.list.visualRect(gallery.shown.index(0))
        picture = gallery.list.viewport().grab(box).toImage()
        return bytes(picture.constBits())

    alone, two, three = look(cat(9)), look(cat(9), cat(8)), look(cat(9), cat(8), cat(7))
    assert len({alone, two, three}) == 3
    fold(gallery, 9, is_open=True)
    assert look(cat(9), cat(8), cat(7)) != three


# -- ten thousand ---------------------------------------------------------------------------------


@pytest.mark.parametrize("sources", [10_000, 3_000, 1])
def test_a_change_among_ten_thousand_looks_at_few(model: GalleryModel, sources: int) -> None:
    items = [saved(n, input_sha256=f"content {n % sources}") for n in range(10_000)]
    model.set_items(items)
    shown = ShownItems(model)
    looked: list[int] = []
    entry = model.entry

    def counted(task_id: int) -> object:
        looked.append(task_id)
        return entry(task_id)

    model.entry = counted  # type: ignore[method-assign, assignment]
    resets: list[int] = []
    shown.modelReset.connect(lambda: resets.append(1))
    model.put_many([replace(items[5], queue_position=3), saved(20_000, input_sha256="content 7")])
    model.remove_many([77, 78])
    assert not resets
    assert len(looked) < 20


def test_many_go_at_once_and_the_rest_keeps_its_order(model: GalleryModel) -> None:
    model.set_items([saved(n, input_sha256=f"content {n % 500}") for n in range(1, 1001)])
    shown = ShownItems(model)
    model.remove_many(range(501, 1001))
    assert shown.ids() == list(range(500, 0, -1))
    assert model.counts[Group.DONE] == model.count == 500
    assert [each.task.id for each in model.beside(7)] == [7]


def test_a_task_that_is_gone_has_nothing_beside_it(model: GalleryModel) -> None:
    model.put_many([cat(1)])
    model.remove_many([1])
    assert model.beside(1) == []
