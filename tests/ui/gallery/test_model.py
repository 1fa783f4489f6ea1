"""The entries and what is shown of them, held against a plain reckoning."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random
from types import FrameType

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QListView

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.model import GalleryModel
from enhance_gui.ui.gallery.proxy import ITEM_ROLE, MOVES_AT_ONCE, ShownItems
from enhance_gui.ui.gallery.sorting import Sort, natural_key
from tests.ui.gallery.parts import StillClock, failed, item, saved

_STRICT = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture(autouse=True)
def _application(qapp: QApplication) -> None:
    """Models tell what they do through the application."""


@pytest.fixture
def model() -> GalleryModel:
    return GalleryModel(clock=StillClock())


def plainly(
    items: dict[int, Item], group: Group | None, search: str, sort: Sort, opened: set[str]
) -> list[list[int]]:
    """Work out which rows there are and what each stands for, the slow and simple way."""
    found = [
        each
        for each in items.values()
        if (group is None or each.group is group)
        and all(word in f"{each.name} {each.task.type_name}".casefold() for word in search.split())
    ]
    found.sort(key=lambda each: each.task.id, reverse=sort is not Sort.OLDEST)
    if sort is Sort.NAME:
        found.sort(key=lambda each: natural_key(each.name))
    elif sort is Sort.TYPE:
        found.sort(key=lambda each: each.task.type_name.casefold())
    elif sort is Sort.STATE:
        order = [Group.NEEDS_YOU, Group.FAILED, Group.RUNNING, Group.CHECKING, Group.WAITING]
        found.sort(key=lambda each: [*order, Group.DONE, Group.CANCELLED].index(each.group))
    elif sort is Sort.RUNNING:
        order = [Group.RUNNING, Group.NEEDS_YOU, Group.WAITING, Group.CHECKING]
        going_on = [each for each in found if each.group in order]
        going_on.sort(key=lambda each: (order.index(each.group), each.task.id))
        found = going_on + [each for each in found if each.group not in order]
    rows: list[list[int]] = []
    for each in found:
        stack = [other for other in found if other.task.input == each.task.input]
        stack.sort(key=lambda other: (other.group is not Group.NEEDS_YOU, -other.task.id))
        if each is stack[0]:
            ids = [other.task.id for other in stack]
            rows += [[id_] for id_ in ids] if each.task.input in opened else [ids]
    return rows


def random_item(random: Random, number: int) -> Item:
    return item(
        number,
        random.choice(list(TaskState)),
        input=f"/pictures/{'abc'[number % 3]}{number % 13}.jpg",
        type_name=["Enhance", "Restore", "tint"][number % 4 % 3],
        suspended=random.random() < 0.3,
    )


@pytest.mark.parametrize("seed", range(3))
def test_after_any_changes_counts_and_rows_are_those_of_a_plain_reckoning(
    model: GalleryModel, seed: int
) -> None:
    random = Random(seed)
    shown = ShownItems(model)
    tester = QAbstractItemModelTester(shown, _STRICT)
    there: dict[int, Item] = {}
    group, search, sort = None, "", Sort.NEWEST
    opened: set[str] = set()
    for _ in range(80):
        change = random.randrange(11)
        if change == 0:
            group = random.choice([*[None] * 6, *Group])
            shown.set_filter(group)
        elif change == 1:
            search = random.choice(["", "", "", "a", "tint 2", "nowhere"])
            shown.set_search(search.upper())
        elif change == 2:
            sort = random.choice([*Sort, Sort.STATE, Sort.STATE])
            shown.set_sort(sort)
        elif change == 10 and there:
            task = there[random.choice(list(there))].task
            is_shown = shown.row_of(task.id) is not None
            is_open = random.random() < 0.7
            shown.fold(task.id, is_open=is_open)
            if is_shown:
                (opened.add if is_open else opened.discard)(task.input)
        elif change == 3:
            gone = random.choice([*there, 999])
            there.pop(gone, None)
            model.remove_many([gone])
        elif change == 4 and random.random() < 0.2:
            there = {n: random_item(random, n) for n in random.sample(range(1, 81), 20)}
            model.set_items(there.values())
        else:
            many = 1 if random.random() < 0.5 else random.randrange(2, 3 * MOVES_AT_ONCE)
            batch = [random_item(random, random.randrange(1, 81)) for _ in range(many)]
            there.update({each.task.id: each for each in batch})
            model.put_many(batch)
        wanted = plainly(there, group, search, sort, opened)
        assert [shown.ids_behind([row]) for row in range(shown.rowCount())] == wanted
        assert shown.ids() == [row[0] for row in wanted]
        for row, ids in enumerate(wanted):
            assert {shown.row_of(each) for each in ids} == {row}
            assert [shown.is_hidden(each) for each in ids] == [False] + [True] * (len(ids) - 1)
        assert shown.count == sum(map(len, wanted))
        counted = Counter(each.group for each in there.values())
        assert model.counts == {each: counted[each] for each in Group}
    assert tester


def test_a_row_is_followed_when_its_entry_moves(model: GalleryModel) -> None:
    model.set_items([saved(1), failed(2), item(3)])
    shown = ShownItems(model)
    shown.set_sort(Sort.STATE)
    assert shown.ids() == [2, 3, 1]
    held = QPersistentModelIndex(shown.index(2))
    model.put_many([failed(1)])
    assert shown.ids() == [2, 1, 3]
    assert held.row() == 1


def test_a_change_that_moves_nothing_repaints_its_row_only(model: GalleryModel) -> None:
    model.set_items([item(number) for number in range(1, 6)])
    shown = ShownItems(model)
    changed: list[tuple[int, int]] = []
    shown.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    resets: list[int] = []
    shown.modelReset.connect(lambda: resets.append(1))
    model.put_many([item(2, queue_position=4)])
    assert changed == [(3, 3)]
    assert not resets


def test_the_counts_are_told_once_for_a_batch_and_only_if_they_changed(
    model: GalleryModel,
) -> None:
    reported: list[dict[Group, int]] = []
    model.counts_changed.connect(lambda: reported.append(model.counts))
    model.put_many([item(1), saved(2), failed(3)])
    model.put_many([replace(item(1), queue_position=2)])
    assert len(reported) == 1
    assert reported[0][Group.WAITING] == reported[0][Group.DONE] == reported[0][Group.FAILED] == 1


def test_of_one_task_in_a_batch_the_last_word_counts(model: GalleryModel) -> None:
    model.put_many([item(1), item(1, TaskState.SENDING), saved(1)])
    assert [entry.item.task.state for entry in model.entries()] == [TaskState.SAVED]
    assert sum(model.counts.values()) == 1


def test_a_search_looks_at_name_address_type_and_service(model: GalleryModel) -> None:
    model.set_items(
        [
            item(1, input="https://example.org/holiday/Zürich.jpg"),
            item(2, type_name="Upscale ×2"),
            item(3, service="Archive"),
        ]
    )
    shown = ShownItems(model)
    for search, found in (
        ("zürich", [1]),
        ("HOLIDAY zür", [1]),
        ("×2", [2]),
        ("archive", [3]),
        ("archive ×2", []),
        ("", [3, 2, 1]),
    ):
        shown.set_search(search)
        assert shown.ids() == found


def test_names_are_ordered_as_people_count(model: GalleryModel) -> None:
    names = ["b10.jpg", "B2.jpg", "a.jpg", "b02x.jpg"]
    model.set_items([item(n, input=f"/pictures/{name}") for n, name in enumerate(names)])
    shown = ShownItems(model)
    shown.set_sort(Sort.NAME)
    assert [shown.item_at(row).name for row in range(4)] == [
        "a.jpg",
        "B2.jpg",
        "b02x.jpg",
        "b10.jpg",
    ]


def test_a_screen_reader_gets_name_state_and_type(model: GalleryModel) -> None:
    model.set_items([failed(1)])
    shown = ShownItems(model)
    index = shown.index(0)
    said = index.data(Qt.ItemDataRole.AccessibleTextRole)
    state = "The picture is too large for the service"
    assert said == f"picture 1.jpg, {state}, Enhance, Studio, in folder “pictures”"
    assert "it has 23 MB" in index.data(Qt.ItemDataRole.AccessibleDescriptionRole)


def test_a_foreign_name_is_no_markup_in_a_tool_tip(model: GalleryModel) -> None:
    model.set_items([item(1, input="/pictures/<img src=x>&.jpg")])
    shown = ShownItems(model)
    tip = shown.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.splitlines()[0] == "/pictures/‹img src=x>&.jpg"


def test_only_what_has_a_result_can_be_dragged(model: GalleryModel) -> None:
    model.set_items([saved(2), item(1)])
    shown = ShownItems(model)
    draggable = [
        bool(shown.flags(shown.index(row)) & Qt.ItemFlag.ItemIsDragEnabled) for row in (0, 1)
    ]
    assert draggable == [True, False]


def test_an_index_of_nothing_has_no_data(model: GalleryModel) -> None:
    shown = ShownItems(model)
    assert shown.data(QModelIndex()) is None
    model.put_many([item(1)])
    assert shown.index(0).data(ITEM_ROLE) == item(1)


def test_ten_thousand_entries_are_filtered_and_searched_in_a_moment(model: GalleryModel) -> None:
    model.set_items(
        [item(n) if n % 3 else saved(n) for n in range(1, 10_001)],
    )
    shown = ShownItems(model)
    best_s = min(_took_s(shown, group) for group in (Group.DONE, None, Group.DONE, None))
    assert shown.rowCount() == 10_000
    # A busy computer's processor may take several times as long as the 20 ms of an idle one.
    assert best_s < 0.15


def test_ten_thousand_rows_are_laid_out_without_asking_python_for_each(
    model: GalleryModel,
) -> None:
    model.set_items([item(n) for n in range(1, 10_001)])
    view = QListView()
    view.setUniformItemSizes(True)
    view.setModel(ShownItems(model, view))
    view.doItemsLayout()
    assert _calls(view.doItemsLayout) < 100


def _calls(job: Callable[[], object]) -> int:
    """Return how many functions of Python run in a call."""
    count = 0

    def received(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(received)
    try:
        job()
    finally:
        sys.setprofile(None)
    return count


def _took_s(shown: ShownItems, group: Group | None) -> float:
    started_s = time.thread_time()
    shown.set_filter(group)
    shown.set_search("picture" if group else "")
    return time.thread_time() - started_s
