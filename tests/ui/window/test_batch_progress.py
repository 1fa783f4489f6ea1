"""How a batch gets on is told in the window, and at its end outside of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.ui.bridges.task_bridge import ServiceStatus, ServiceStatusChanged
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.widgets.toast import Toast
from enhance_gui.ui.window.batch_progress import BatchProgress, Progress, ended_text
from enhance_gui.ui.window.footer import progress_text
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import StillClock
from tests.ui.scripted_queue import MOMENT, ScriptedQueue
from tests.ui.window.open_window import open_window


def item(task_id: int, state: TaskState, *, failed: bool = False) -> Item:
    failure = Failure("balance_too_low", "x") if failed else None
    suspended = state in (TaskState.SAVED, TaskState.FAILED) or failed
    task = Task(task_id, "https://example.org/a", "S", 1, "T", Path("/r"), state, MOMENT)
    return Item(replace(task, failure=failure), suspended=suspended)


def test_a_batch_is_what_was_set_going_since_nothing_ran() -> None:
    batch_progress = BatchProgress(StillClock())
    ended: list[Progress] = []
    batch_progress.batch_ended.connect(ended.append)
    batch_progress.on_items([item(9, TaskState.SAVED), item(8, TaskState.DRAFT)])
    assert batch_progress.progress == Progress()
    batch_progress.on_items([item(1, TaskState.QUEUED), item(2, TaskState.ACCEPTED)])
    batch_progress.on_items([item(1, TaskState.SAVED)])
    assert batch_progress.progress == Progress(total=2, saved=1)
    assert ended == []
    batch_progress.on_items([item(2, TaskState.FAILED)])
    assert ended == [Progress(total=2, saved=1, failed=1)]
    batch_progress.on_items([item(3, TaskState.QUEUED)])
    assert batch_progress.progress == Progress(total=1)
    batch_progress.on_items([item(3, TaskState.QUEUED, failed=True)])
    assert batch_progress.progress == Progress(total=1, held=1)
    assert len(ended) == 2


@pytest.mark.parametrize(
    ("progress", "footer", "notification"),
    [
        (Progress(1, 1), "Batch: 1 of 1 saved", "The picture is saved."),
        (Progress(3, 3), "Batch: 3 of 3 saved", "3 are saved."),
        (Progress(3, 1, 1, 1), "Batch: 1 of 3 saved · 1 failed · 1 needs your attention", None),
        (Progress(3, 1, waiting=2), "Batch: 1 of 3 saved · 2 waiting", None),
        (Progress(3, 3, took_s=12.4), "Batch: 3 of 3 saved", "3 saved in 12 s."),
        (Progress(1, 1, took_s=200), "Batch: 1 of 1 saved", "The picture is saved; it took 3 min."),
        (
            Progress(2, 1, 1, took_s=12),
            "Batch: 1 of 2 saved · 1 failed",
            "1 of 2 saved, 1 failed, 12 s.",
        ),
        (Progress(), "Ready", None),
        (Progress(1, 0, unsaved=1), "Batch: 1 of 1 finished, not saved yet", None),
        (Progress(2, 1, unsaved=1), "Batch: 1 of 2 saved · 1 of 2 finished, not saved yet", None),
        (Progress(200, 10, took_s=60), "Batch: 10 of 200 saved · 5 % · about 19 min left", None),
        (Progress(200, 10, took_s=4), "Batch: 10 of 200 saved", None),
        (Progress(200, 2, took_s=60), "Batch: 2 of 200 saved", None),
        (Progress(200, 199, 1, took_s=60), "Batch: 199 of 200 saved · 1 failed", None),
    ],
)
def test_words(progress: Progress, footer: str, notification: str | None) -> None:
    assert progress_text(progress) == footer
    if notification is not None:
        assert ended_text(progress) == notification


def test_what_the_users_own_pause_keeps_waits_and_asks_for_nothing() -> None:
    batch_progress = BatchProgress(StillClock())
    batch_progress.on_items([item(each, TaskState.QUEUED) for each in (1, 2, 3)])
    paused = [replace(item(each, TaskState.QUEUED), suspended=True) for each in (2, 3)]
    batch_progress.on_items([item(1, TaskState.SAVED), *paused])
    assert batch_progress.progress == Progress(3, 1, waiting=2)
    assert {each.group for each in paused} == {Group.WAITING}
    batch_progress.on_items([item(2, TaskState.QUEUED, failed=True)])
    assert batch_progress.progress == Progress(3, 1, held=1, waiting=1)


def test_what_was_cancelled_is_no_part_of_the_count_but_of_the_report() -> None:
    batch_progress = BatchProgress(StillClock())
    batch_progress.on_items([item(each, TaskState.QUEUED) for each in (1, 2)])
    batch_progress.on_items([item(1, TaskState.CANCELLED), item(2, TaskState.SAVED)])
    assert batch_progress.progress == Progress(1, 1)
    assert batch_progress.progress.ids == (1, 2)


def test_time_is_counted_from_the_beginning_of_each_batch() -> None:
    clock = StillClock(100.0)
    batch_progress = BatchProgress(clock)
    batch_progress.on_items([item(each, TaskState.QUEUED) for each in range(1, 9)])
    clock.shown_s = 130.0
    batch_progress.on_items([item(each, TaskState.SAVED) for each in range(1, 5)])
    half = batch_progress.progress
    assert half.left_s == 30.0
    clock.shown_s = 150.0
    batch_progress.on_items([item(each, TaskState.SAVED) for each in range(5, 9)])
    whole = batch_progress.progress
    assert (whole.took_s, whole.left_s) == (50.0, None)
    batch_progress.on_items([item(9, TaskState.QUEUED)])
    assert batch_progress.progress.took_s == 0.0


def button(toast: Toast, text: str) -> QPushButton:
    (found,) = (each for each in toast.findChildren(QPushButton) if each.text() == text)
    return found


@pytest.mark.parametrize("last", [TaskState.SAVED, TaskState.FAILED])
def test_the_end_of_several_pictures_is_summed_up(
    arun: Run, until: Wait, tmp_path: Path, last: TaskState
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            window = opened.window
            window.intake.add(["https://example.org/a.png", "https://example.org/b.png"])
            await until(lambda: len(opened.queue.tasks) == 2, "drafts")
            for state in (TaskState.ACCEPTED, TaskState.SAVED):
                opened.queue.put(1, state)
                opened.queue.put(2, last if state is TaskState.SAVED else state)
                await until(lambda: opened.bridge.items[2].task.state is not TaskState.DRAFT, "")
                await asyncio.sleep(0.1)
            await until(lambda: window.toast.text, "the summary")
            labels = [each.text() for each in window.toast.findChildren(QPushButton)]
            if last is TaskState.SAVED:
                assert window.toast.text == "2 are saved."
                assert labels == ["Open folder", "Report…"]
            else:
                assert window.toast.text == "1 of 2 saved, 1 failed."
                assert labels == ["Show the failed", "Open folder", "Report…"]
                window.toast.findChildren(QPushButton)[0].click()
                assert window.pages.gallery.filters.chosen is Group.FAILED

    arun(job())


def test_a_batch_that_ends_while_a_question_is_open_is_summed_up_after_the_answer(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            toast, answers = opened.window.toast, list[str]()
            opened.window.intake.add(["https://example.org/a.png", "https://example.org/b.png"])
            await until(lambda: len(opened.queue.tasks) == 2, "drafts")
            for task_id in (1, 2):
                opened.queue.put(task_id, TaskState.ACCEPTED)
            progress = opened.window.batch_progress
            await until(lambda: progress.progress.running, "they run")
            toast.ask("Delete it?", "Delete", lambda: answers.append("yes"), "Cancel")
            for task_id in (1, 2):
                opened.queue.put(task_id, TaskState.SAVED)
            await until(lambda: not progress.progress.running, "the batch has ended")
            await asyncio.sleep(0.1)
            assert (toast.text, toast.asks, answers) == ("Delete it?", True, [])
            button(toast, "Delete").click()
            assert answers == ["yes"]
            await until(lambda: toast.text == "2 are saved.", "the summary")
            assert button(toast, "Open folder").isVisible()

    arun(job())


def test_the_end_of_a_batch_is_told_only_in_the_background_and_only_if_wanted(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            announcer = opened.window.announcer
            await until(opened.window.isActiveWindow, "the window is active")
            announcer.batch_ended(Progress(1, 1))
            assert announcer.last == ""
            opened.window.hide()
            await until(lambda: not opened.window.isActiveWindow(), "it is in the background")
            announcer.notify = False
            announcer.batch_ended(Progress(1, 1))
            assert announcer.last == ""
            announcer.notify = True
            announcer.batch_ended(Progress(2, 1, 1))
            assert announcer.last == "1 of 2 saved, 1 failed."

    arun(job())


def test_what_is_left_at_the_end_of_the_program_is_told(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            window = opened.window
            window.intake.add(["https://example.org/a.png", "https://example.org/b.png"])
            await until(lambda: len(opened.queue.tasks) == 2, "drafts")
            opened.queue.put(1, TaskState.ACCEPTED)
            opened.queue.put(2, TaskState.ACCEPTED)
            await until(lambda: window.batch_progress.progress.running, "they run")
            opened.queue.put(1, TaskState.SAVED)
            await until(lambda: window.batch_progress.progress.saved == 1, "one is saved")
            window.close()
            left = "1 picture is not done yet: it goes on at the next start."
            assert window.announcer.last == left

    arun(job())


def test_a_thousand_events_repaint_few_times(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path, service="This computer") as opened:
            reported: list[int] = []
            opened.window.intake.add([f"https://example.org/{n}.png" for n in range(500)])
            await until(lambda: len(opened.queue.tasks) == 500, "drafts")
            opened.bridge.tasks.changed.connect(lambda items: reported.append(len(items)))
            for task_id in range(1, 501):
                opened.queue.put(task_id, TaskState.ACCEPTED)
                opened.queue.put(task_id, TaskState.SAVED)
            await until(lambda: sum(reported) >= 500, "all are told")
            assert len(reported) <= 2
            assert opened.window.batch_progress.progress.saved == 0
            assert opened.window.pages.model.count == 500

    arun(job())


def test_a_pause_can_be_seen(arun: Run, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            footer = opened.window.footer

            def said() -> list[str]:
                return [child.text() for child in footer.findChildren(QLabel) if child.isVisible()]

            assert said()[0] == "Ready"
            opened.window.commands["pause"].trigger()
            assert said()[0] == "Paused: nothing is sent"
            assert "Ready" not in said()
            footer.show_progress(Progress(3, 1))
            assert said()[:2] == ["Paused: nothing is sent", "Batch: 1 of 3 saved"]
            opened.window.commands["pause"].trigger()
            assert said()[0] == "Batch: 1 of 3 saved"

    arun(job())


def test_a_service_that_is_being_started_is_named_until_it_is_ready(
    arun: Run, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            footer = opened.window.footer
            words = footer.findChildren(QLabel)
            bar = footer.findChildren(QProgressBar)[0]
            opened.bridge.service_status_changed.emit(
                ServiceStatusChanged("Studio", ServiceStatus.STARTING)
            )
            assert any(word.text() == "Studio is being started" for word in words)
            assert (bar.isVisible(), bar.maximum()) == (True, 0)
            opened.bridge.service_status_changed.emit(
                ServiceStatusChanged("Studio", ServiceStatus.READY)
            )
            assert not bar.isVisible()
            assert any(word.text() == "Ready" for word in words)
            footer.show_progress(Progress(3, 1))
            opened.bridge.service_status_changed.emit(
                ServiceStatusChanged("Other", ServiceStatus.STARTING)
            )
            assert (bar.value(), bar.maximum()) == (1, 3), "a batch that runs tells more"

    arun(job())


def test_pictures_that_take_their_time_to_be_listed_are_said_to_be_on_their_way(
    arun: Run, until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def job() -> None:
        gate = asyncio.Event()
        draft = ScriptedQueue.draft

        async def slow(queue: ScriptedQueue, *about: Any) -> list[Task]:
            await gate.wait()
            return await draft(queue, *about)

        monkeypatch.setattr(ScriptedQueue, "draft", slow)
        async with open_window(tmp_path) as opened:
            footer = opened.window.footer
            bar = footer.findChildren(QProgressBar)[0]

            def said() -> list[str]:
                return [child.text() for child in footer.findChildren(QLabel) if child.isVisible()]

            opened.window.intake.add(["https://example.org/a.jpg"])
            await until(lambda: said()[0] == "Adding pictures", "it is said")
            assert (bar.isVisible(), bar.maximum()) == (True, 0)
            opened.window.intake.add(["https://example.org/b.jpg"])
            gate.set()
            await until(lambda: len(opened.bridge.items) == 2, "both are in the list")
            assert said()[0] == "Ready"
            assert not bar.isVisible()

    arun(job())
