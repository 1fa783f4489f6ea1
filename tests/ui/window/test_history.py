"""The history in the window: taken from the list, brought back, deleted there, continued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton

from enhance_gui.core.service_errors import ServiceUnreachable
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Attempt, Failure, Task
from enhance_gui.jobs.events import TaskChanged, TaskWaits
from enhance_gui.ui.gallery.item import Group
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import task
from tests.ui.running import CONTROL, press, type_in
from tests.ui.window.open_window import Opened, open_window

THERE = Attempt(1, "private", Outcome.ACCEPTED, "there", approved=False)


def saved(number: int, **changes: object) -> Task:
    fields = {"files": (Path(f"/results/{number}.png"),), "attempts": (THERE,), **changes}
    return task(number, TaskState.SAVED, **fields)


def listed(opened: Opened) -> list[int]:
    return sorted(entry.task_id for entry in opened.window.pages.model.entries())


def asked(opened: Opened, word: str) -> list[int | str]:
    return [what for said, what in opened.queue.asked if said == word]


def notice_button(opened: Opened) -> QPushButton:
    return opened.window.toast.findChildren(QPushButton)[0]


def shown(opened: Opened, ids: Sequence[int]) -> None:
    opened.window.pages.show_list()
    opened.window.pages.gallery.view.select(list(ids))


async def to_the_front(opened: Opened, until: Wait) -> None:
    opened.window.activateWindow()
    await until(opened.window.isActiveWindow, "the window is active")


def test_a_selection_is_taken_from_the_list_and_brought_back_by_keyboard(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        history = [saved(1), saved(2), saved(3), task(4, TaskState.FAILED)]
        async with open_window(tmp_path, history=history) as opened:
            await to_the_front(opened, until)
            assert not opened.window.commands["undo"].isEnabled()
            shown(opened, [1, 2, 4])
            press(Qt.Key.Key_Delete)
            await until(lambda: listed(opened) == [3], "three are gone")
            assert asked(opened, "hide") == [4, 2, 1]
            toast = opened.window.toast
            assert toast.text == "3 removed from the list. Their files are kept."
            assert notice_button(opened).text() == "Undo"
            assert opened.window.pages.gallery.view.current() == 3
            assert opened.window.pages.model.counts[Group.DONE] == 1
            press(Qt.Key.Key_Z, CONTROL)
            await until(lambda: listed(opened) == [1, 2, 3, 4], "they are back")
            assert asked(opened, "bring_back") == [4, 2, 1]
            assert toast.text == ""
            press(Qt.Key.Key_Z, CONTROL)
            assert asked(opened, "bring_back") == [4, 2, 1], "once"
            assert not opened.window.commands["undo"].isEnabled()

    arun(job())


def test_the_notice_takes_a_removal_back(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[saved(1), saved(2)]) as opened:
            opened.bridge.remove([1])
            await until(lambda: listed(opened) == [2], "one is gone")
            notice_button(opened).click()
            await until(lambda: listed(opened) == [1, 2], "it is back")

    arun(job())


def test_clear_finished_takes_what_is_done_and_leaves_what_failed(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        history = [
            saved(1),
            task(2, TaskState.CANCELLED),
            task(3, TaskState.FAILED, failure=Failure("picture_damaged", "")),
            task(4, TaskState.WRITTEN_OFF),
            task(5, TaskState.QUEUED),
            task(6, TaskState.IN_DOUBT, failure=Failure("in_doubt", "")),
        ]
        async with open_window(tmp_path, history=history) as opened:
            opened.window.commands["clear_finished"].trigger()
            await until(lambda: listed(opened) == [3, 4, 5, 6], "what is done is gone")
            toast = opened.window.toast
            toast.dismiss()
            opened.window.commands["clear_finished"].trigger()
            assert toast.text == "There is nothing finished in the list."

    arun(job())


def test_a_list_that_was_cleared_shows_the_first_page(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[saved(1)]) as opened:
            pages = opened.window.pages
            pages.open(1)
            opened.window.commands["remove"].trigger()
            await until(lambda: pages.currentWidget() is pages.start, "the first page")
            opened.bridge.bring_back([1])
            await until(lambda: pages.currentWidget() is pages.gallery, "the list")

    arun(job())


def test_a_thousand_are_removed_at_once_with_their_counts(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        history = [saved(number) for number in range(1, 1201)]
        async with open_window(tmp_path, history=history) as opened:
            shown(opened, range(1, 1001))
            assert len(opened.window.pages.gallery.view.selected()) == 1000
            opened.window.commands["remove"].trigger()
            await until(lambda: len(listed(opened)) == 200, "a thousand are gone")
            assert opened.window.pages.model.counts[Group.DONE] == 200
            assert opened.window.pages.gallery.view.selected() == []
            # The keyboard is where the last of them was, not nowhere.
            assert opened.window.pages.gallery.view.current() == 1001

    arun(job())


def test_a_draft_that_is_removed_leaves_the_list(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.window.intake.add(["https://example.org/a.png", "https://example.org/b.png"])
            await until(lambda: len(opened.queue.tasks) == 2, "drafts")
            opened.queue.check(1)
            opened.queue.check(2)
            opened.window.pages.show_list()
            opened.bridge.remove_drafts([1])
            await until(lambda: listed(opened) == [2], "one is gone")
            assert opened.queue.tasks[1].state is TaskState.CANCELLED
            opened.bridge.dismiss_review()
            opened.queue.check(2)

    arun(job())


def test_news_of_a_removed_task_brings_it_back_only_where_it_goes_on(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        doubtful = task(1, TaskState.WRITTEN_OFF, failure=Failure("in_doubt", ""))
        async with open_window(tmp_path, history=[doubtful, saved(2)]) as opened:
            opened.bridge.remove([1])
            await until(lambda: listed(opened) == [2], "it is gone")
            opened.queue.notify(TaskChanged(doubtful, suspended=True))
            opened.queue.notify(TaskChanged(saved(2, type_name="Other"), suspended=True))
            entry = opened.window.pages.model.item_of
            await until(lambda: (i := entry(2)) and i.task.type_name == "Other", "the other")
            assert listed(opened) == [2]
            opened.queue.put(1, TaskState.ACCEPTED)
            await until(lambda: listed(opened) == [1, 2], "it is followed again")

    arun(job())


# -- deleted on the service -----------------------------------------------------------------------


def test_deleting_on_the_service_asks_first_and_says_what_stays(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        gone = replace(THERE, deleted=True)
        history = [saved(1), saved(2), saved(3, attempts=(gone,))]
        async with open_window(tmp_path, history=history) as opened:
            await to_the_front(opened, until)
            shown(opened, [1, 2, 3])
            view = opened.window.pages.gallery.view.list
            assert QApplication.focusWidget() is view
            opened.window.commands["delete_on_service"].trigger()
            toast = opened.window.toast
            assert toast.text == (
                "Delete 2 tasks on Studio? The copies of the pictures that are there are deleted; "
                "your originals stay, and so does what is saved here. You will not get a refund."
            )
            # The keyboard is on the no; Esc is one too, and gives it back.
            assert isinstance(QApplication.focusWidget(), QToolButton)
            press(Qt.Key.Key_Escape)
            assert toast.text == ""
            assert QApplication.focusWidget() is view
            assert asked(opened, "delete_on_service") == []

            opened.window.commands["delete_on_service"].trigger()
            press(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
            press(Qt.Key.Key_Space)
            await until(lambda: len(asked(opened, "delete_on_service")) == 2, "they are deleted")
            done = "2 deleted on the service. What is saved here stays."
            await until(lambda: toast.text == done, "it is said")
            assert QApplication.focusWidget() is view
            asked_before = len(opened.queue.asked)
            opened.window.commands["delete_on_service"].trigger()
            assert len(opened.queue.asked) == asked_before
            assert listed(opened) == [1, 2, 3]

    arun(job())


def test_what_was_never_saved_is_named_before_it_is_deleted(arun: Run, tmp_path: Path) -> None:
    async def job() -> None:
        lost = task(1, TaskState.FAILED, failure=Failure("result_gone", ""), attempts=(THERE,))
        async with open_window(tmp_path, history=[lost]) as opened:
            shown(opened, [1])
            opened.window.commands["delete_on_service"].trigger()
            assert "can never be fetched again" in opened.window.toast.text

    arun(job())


def test_a_service_that_cannot_be_asked_is_told_once(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[saved(1), saved(2), saved(3)]) as opened:
            opened.queue.kept_there = {1}
            opened.bridge.delete_on_service([1, 2])
            some = "1 of 2 deleted on the service. What is saved here stays."
            await until(lambda: opened.window.toast.text == some, "some were")
            opened.queue.problem = ServiceUnreachable("no connection")
            opened.queue.asked.clear()
            opened.bridge.delete_on_service([1, 3])
            await until(lambda: "no connection" in opened.window.toast.text, "the reason")
            assert opened.window.toast.text.endswith(
                "The wish is kept and carried out when the service is used next."
            )
            assert asked(opened, "want_deleted") == [1, 3]  # what was not come to is kept, too
            assert asked(opened, "delete_on_service") == [1]

    arun(job())


@pytest.mark.parametrize("verb", ["retry", "send_again"])
def test_what_is_sent_once_more_together_shares_one_limit(
    arun: Run, until: Wait, tmp_path: Path, verb: str
) -> None:
    async def job() -> None:
        state = TaskState.FAILED if verb == "retry" else TaskState.IN_DOUBT
        tasks = [task(each, state) for each in (1, 2, 3)]
        async with open_window(tmp_path, history=tasks) as opened:
            again = opened.bridge.retry if verb == "retry" else opened.bridge.send_again
            again([1, 2])
            await until(lambda: len(opened.queue.budgets) == 2, "they are sent once more")
            first, second = opened.queue.budgets
            assert first is second
            again([3])
            await until(lambda: len(opened.queue.budgets) == 3, "another")
            assert opened.queue.budgets[-1] is not first

    arun(job())


# -- continued ------------------------------------------------------------------------------------


def test_a_result_that_waits_is_fetched_now_and_a_service_goes_on(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        full = Failure("disk_full", "no room")
        history = [
            task(1, TaskState.FINISHED, failure=full, attempts=(THERE,)),
            task(2, TaskState.QUEUED, failure=Failure("balance_too_low", "")),
            task(3, TaskState.FINISHED, failure=full, attempts=(THERE,)),
        ]
        async with open_window(tmp_path, history=history) as opened:
            assert opened.window.pages.model.counts[Group.NEEDS_YOU] == 3
            shown(opened, [1, 2, 3])
            opened.window.commands["continue"].trigger()
            await until(
                lambda: asked(opened, "unpause_service") == ["Studio"], "the service goes on"
            )
            await until(lambda: asked(opened, "fetch_now") == [3, 1], "both are fetched")

    arun(job())


@pytest.mark.parametrize("state", list(TaskState))
@pytest.mark.parametrize("failure", [None, Failure("disk_full", "no room")])
def test_a_task_in_any_state_can_be_opened(
    arun: Run, tmp_path: Path, state: TaskState, failure: Failure | None
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[task(1, state, failure=failure)]) as opened:
            opened.window.pages.open(1)
            assert opened.window.pages.result_page.accessibleDescription().startswith(
                "picture 1.jpg: "
            )

    arun(job())


# -- hosts and sight ------------------------------------------------------------------------------


def test_a_picture_whose_host_is_down_says_so_and_counts_down(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.window.intake.add(["https://example.org/a.png", "https://example.org/b.png"])
            await until(lambda: len(listed(opened)) == 2, "drafts")
            now_s = opened.window.pages.model.now_s()
            opened.queue.notify(TaskWaits(1, "example.org", now_s + 20))

            def said() -> str:
                index = opened.window.pages.gallery.view.list.model().index(1, 0)
                return str(index.data(Qt.ItemDataRole.AccessibleTextRole))

            await until(lambda: "Waiting for example.org: next try in" in said(), "it says so")
            assert opened.window.pages.model.counts[Group.CHECKING] == 2
            opened.queue.check(1)
            await until(lambda: "Ready to start" in said(), "it was checked")

    arun(job())


def test_the_services_are_told_which_tasks_are_in_sight(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        running = [task(n, TaskState.ACCEPTED, attempts=(THERE,)) for n in range(1, 101)]
        async with open_window(tmp_path, history=[*running, saved(101)]) as opened:
            reported = opened.queue.visible
            pages = opened.window.pages
            await until(lambda: reported and reported[-1], "something is in sight")
            # The newest stand at the top; what is saved is asked about no more.
            assert reported[-1][-1] == 100
            assert len(reported[-1]) < 40
            before = len(reported)
            pages.gallery.view.select([1])
            await until(lambda: 1 in reported[-1], "the other end is in sight")
            assert len(reported) - before <= 3
            pages.open(50)
            await until(lambda: reported[-1] == [50], "one picture")
            pages.step(1)
            await until(lambda: reported[-1] == [49], "the next one")
            pages.show_list()
            await until(lambda: len(reported[-1]) > 1, "the list again")

    arun(job())


def test_a_removal_is_taken_back_with_the_keyboard_in_the_search_field(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[saved(1), saved(2)]) as opened:
            await to_the_front(opened, until)
            shown(opened, [1])
            press(Qt.Key.Key_Delete, CONTROL)
            await until(lambda: asked(opened, "hide") == [1], "it is removed")
            await until(opened.window.commands["undo"].isEnabled, "it can be brought back")
            search = opened.window.pages.gallery.search
            search.setFocus()
            type_in("x")
            press(Qt.Key.Key_Z, CONTROL)
            assert search.text() == "", "first what was typed"
            assert asked(opened, "bring_back") == []
            press(Qt.Key.Key_Z, CONTROL)
            await until(lambda: asked(opened, "bring_back") == [1], "it is brought back")

    arun(job())
