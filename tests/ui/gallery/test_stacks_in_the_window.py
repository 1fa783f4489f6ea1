"""Stacks in the window: comparing any two results, and actions on what a closed stack hides."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.i18n import set_language
from enhance_gui.storage.settings.translations import translation
from enhance_gui.ui.adding.matters import Matter
from enhance_gui.ui.compare.mode import CompareMode, Side
from enhance_gui.ui.gallery.actions import TaskAction
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import CREATED, failed, saved, task, write_picture
from tests.ui.window.open_window import Opened, open_window

KINDS = ("Portrait", "Upscale ×2", "Restore")


def results_of_one_source(folder: Path) -> list[Task]:
    """Return three saved tasks of one picture, in the sizes of their types."""
    original = write_picture(folder / "holiday.png", 120, 90)
    found = []
    for number, kind in enumerate(KINDS, 1):
        scale = 2 if kind == "Upscale ×2" else 1
        result = write_picture(folder / f"result {number}.png", 120 * scale, 90 * scale)
        moment = CREATED + timedelta(minutes=number)
        found.append(
            task(
                number,
                TaskState.SAVED,
                input=str(original),
                input_sha256="content",
                files=(result,),
                type_name=kind,
                saved_at=moment,
            )
        )
    return found


def lists(opened: Opened) -> tuple[QComboBox, QComboBox]:
    left, right = opened.window.pages.result_page.chooser.findChildren(QComboBox)
    assert (left.accessibleName(), right.accessibleName()) == (
        "Picture on the left",
        "Picture on the right",
    )
    return left, right


def pick(box: QComboBox, name: str) -> None:
    """Choose an entry as a person does, whose name begins so."""
    place = next(each for each in range(box.count()) if box.itemText(each).startswith(name))
    box.setCurrentIndex(place)
    box.activated.emit(place)


def compared(opened: Opened) -> tuple[str, str]:
    """Return the names of the files that the comparison shows."""
    page = opened.window.pages.result_page
    shown = page.view._shown
    return shown[Side.BEFORE].file.path.name, shown[Side.AFTER].file.path.name


# -- any two --------------------------------------------------------------------------------------


def test_what_is_said_beside_the_picture_follows_the_pair(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=results_of_one_source(tmp_path)) as opened:
            pages, matters = opened.window.pages, opened.window.review.matters
            matters.show_matters([Matter((each,), f"This is about {each}.") for each in (1, 2, 3)])

            def shown() -> list[str]:
                return [each.text for each in matters._on_screen]

            pages.open(3)
            await until(lambda: shown() == ["This is about 3."], "that of the picture")
            pick(lists(opened)[1], "Portrait")
            assert shown() == ["This is about 1."]
            await until(lambda: opened.queue.visible[-1:] == [[1]], "it is polled first")
            pick(lists(opened)[0], "Upscale")
            assert shown() == ["This is about 1."], "the buttons are for what is on the right"

    arun(job())


def test_any_two_of_original_and_results_are_compared(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=results_of_one_source(tmp_path)) as opened:
            pages = opened.window.pages
            view = pages.result_page.view
            pages.open(3)
            await until(lambda: not view.busy, "it is read")
            left, right = lists(opened)
            assert left.isVisible()
            assert [left.itemText(each).split(" ·")[0] for each in range(left.count())] == [
                "Original",
                "Upscale ×2",
                "Portrait",
            ]
            assert [right.itemText(each).split(" ·")[0] for each in range(right.count())] == [
                "Restore",
                "Upscale ×2",
                "Portrait",
            ]
            assert compared(opened) == ("holiday.png", "result 3.png")
            assert not view.viewport.state.names
            pick(left, "Portrait")
            await until(lambda: compared(opened) == ("result 1.png", "result 3.png"), "two results")
            names = view.viewport.state.names
            assert [names[side].split(" ·")[0] for side in Side] == ["Portrait", "Restore"]
            # The one that is on the left changes places with the right one.
            pick(right, "Portrait")
            await until(lambda: compared(opened) == ("result 3.png", "result 1.png"), "swapped")
            assert pages.result_page.task_id == 1, "the buttons are for what is on the right"
            pick(right, "Upscale")
            await until(lambda: compared(opened) == ("result 3.png", "result 2.png"), "another")
            for mode in CompareMode:
                view.viewport.set_mode(mode)
                assert view.viewport.state.arrangement is mode
            pick(left, "Original")
            await until(lambda: compared(opened) == ("holiday.png", "result 2.png"), "original")
            pages.open(3)
            await until(lambda: compared(opened) == ("holiday.png", "result 3.png"), "as always")

    arun(job())


def test_a_choice_leaves_the_keyboard_where_it_is(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=results_of_one_source(tmp_path)) as opened:
            opened.window.pages.open(3)
            left, _ = lists(opened)
            left.setFocus()
            QTest.keyClick(left, Qt.Key.Key_Down)
            QTest.keyClick(left, Qt.Key.Key_Down)
            assert left.currentText().startswith("Portrait")
            assert opened.window.focusWidget() is left

    arun(job())


def test_one_result_alone_offers_no_choice_until_there_is_another(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        first, second, _ = results_of_one_source(tmp_path)
        running = replace(second, state=TaskState.QUEUED, files=(), saved_at=None)
        async with open_window(tmp_path, history=[first, running]) as opened:
            pages = opened.window.pages
            pages.open(1)
            left, right = lists(opened)
            assert not left.isVisible()
            opened.queue.put(2, TaskState.SAVED, files=second.files)
            await until(left.isVisible, "the second one is saved")
            assert left.count() == right.count() == 2
            pick(left, "Upscale")
            assert pages.result_page.against == 2
            pages.forget([2])
            assert not left.isVisible()
            await until(lambda: compared(opened) == ("holiday.png", "result 1.png"), "original")

    arun(job())


def test_two_pictures_of_a_stack_are_compared_from_the_list(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=results_of_one_source(tmp_path)) as opened:
            pages = opened.window.pages
            pages.show_list()
            view = pages.gallery.view
            assert view.shown.ids() == [3]
            view.select([3])
            press(opened, "Ctrl+G")
            assert view.shown.ids() == [3, 2, 1]
            view.select([3, 1])
            bar = pages.gallery.selection
            await until(lambda: TaskAction.COMPARE in bar._offers, "it is offered")
            press(opened, "Ctrl+K")
            await until(lambda: not pages.result_page.view.busy, "it is read")
            assert compared(opened) == ("result 1.png", "result 3.png")
            pages.show_list()
            press(opened, "Ctrl+Shift+J")
            assert view.shown.ids() == [3]
            press(opened, "Ctrl+J")
            assert view.shown.ids() == [3, 2, 1]

    arun(job())


def press(opened: Opened, keys: str) -> None:
    """Press a shortcut of the window."""
    (action,) = (
        each for each in opened.window.commands.values() if each.shortcut() == QKeySequence(keys)
    )
    action.trigger()


@pytest.mark.parametrize("language", ["en", "de"])
def test_with_a_choice_the_window_fits_a_small_screen(
    arun: Run, tmp_path: Path, language: str
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=results_of_one_source(tmp_path)) as opened:
            opened.window.pages.open(3)
            QApplication.sendPostedEvents()
            needed = opened.window.minimumSizeHint()
            assert needed.width() <= 900
            assert needed.height() <= 560

    set_language(translation(language))
    try:
        arun(job())
    finally:
        set_language(None)


# -- stepping -------------------------------------------------------------------------------------


def test_the_pictures_are_gone_through_as_the_list_has_them(arun: Run, tmp_path: Path) -> None:
    async def job() -> None:
        other = replace(saved(9).task, input_sha256="other")
        history = [*results_of_one_source(tmp_path), other]
        async with open_window(tmp_path, history=history) as opened:
            pages = opened.window.pages
            pages.open(1)  # in a closed stack, below its top
            pages.step(-1)
            assert pages.result_page.task_id == 9
            pages.step(1)
            assert pages.result_page.task_id == 3
            pages.open(1)
            pages.show_list()
            assert pages.gallery.view.selected() == [3, 2, 1], "its stack is selected"

    arun(job())


# -- money ----------------------------------------------------------------------------------------


def failures(number: int) -> list[Task]:
    return [
        replace(failed(each, "task_failed").task, input_sha256="content")
        for each in range(1, number + 1)
    ]


@pytest.mark.parametrize("agreed", [False, True])
def test_what_costs_is_asked_about_where_a_stack_hides_pictures(
    arun: Run, until: Wait, tmp_path: Path, agreed: bool
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=failures(3)) as opened:
            pages, toast = opened.window.pages, opened.window.toast
            pages.show_list()
            pages.gallery.view.list.selectAll()
            press(opened, "Ctrl+R")
            assert toast.asks
            expected = "2 of these 3 pictures are hidden in collapsed stacks. For all 3?"
            assert toast.text == expected
            (yes,) = (each for each in toast.findChildren(QPushButton) if each.isVisible())
            assert yes.text() == "Retry 3"
            assert not retried(opened)
            if agreed:
                yes.click()
                await until(lambda: len(retried(opened)) == 3, "all three")
            else:
                toast.dismiss()
                QApplication.sendPostedEvents()
                assert not retried(opened)

    arun(job())


def retried(opened: Opened) -> list[tuple[str, int | str]]:
    return [each for each in opened.queue.asked if each[0] == "retry"]


def test_nothing_is_asked_where_all_of_it_is_seen(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=failures(2)) as opened:
            pages, toast = opened.window.pages, opened.window.toast
            pages.show_list()
            # On its own page a picture is seen, whatever the list does with it.
            pages.open(1)
            press(opened, "Ctrl+R")
            await until(lambda: len(retried(opened)) == 1, "the one")
            assert not toast.asks
            pages.show_list()
            pages.gallery.view.shown.set_folding(True)
            pages.gallery.view.select([2])
            press(opened, "Ctrl+R")
            await until(lambda: len(retried(opened)) == 2, "the other one")
            assert not toast.asks

    arun(job())


def test_removing_a_closed_stack_removes_all_of_it_and_says_so(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        history = results_of_one_source(tmp_path)
        async with open_window(tmp_path, history=history) as opened:
            pages = opened.window.pages
            pages.show_list()
            pages.gallery.view.select([3])
            press(opened, "Ctrl+Delete")
            await until(lambda: pages.model.count == 0, "the stack is gone")
            assert opened.window.toast.text.startswith("3 removed from the list")
            press(opened, "Ctrl+Z")
            await until(lambda: pages.model.count == 3, "all are back")
            pages.show_list()
            assert pages.gallery.view.shown.ids() == [3]

    arun(job())
