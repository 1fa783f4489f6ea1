"""What happened to a task, step by step, in words that can be selected and copied."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QTextEdit

from enhance_gui.core.images.left_out import LeftOut, Part
from enhance_gui.core.tasks.states import Outcome, Step, TaskState
from enhance_gui.core.tasks.task import Attempt, Failure, TaskEvent
from enhance_gui.ui.reports.log_texts import STEP_TEXTS, last_word, log_lines, moment_text
from enhance_gui.ui.reports.task_log import TaskLogWindow
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import task
from tests.ui.running import CONTROL, press
from tests.ui.window.open_window import Opened, open_window

BEGAN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
THERE = Attempt(1, "private", Outcome.ACCEPTED, "there-7", approved=False)
GONE = Failure("result_gone", "there is nothing at its address (HTTP 404)")
FAILED = task(1, TaskState.FAILED, failure=GONE, attempts=(THERE,))


def event(number: int, step: str, cause: str = "", detail: str = "") -> TaskEvent:
    at = BEGAN + timedelta(seconds=number)
    return TaskEvent(at, step, TaskState.QUEUED, cause or step, detail)


LOG = [
    event(0, "add", "added"),
    event(1, "check", "checked", "jpg, 640 × 480, 1,000 bytes"),
    event(2, "send", "sent", "private"),
    event(3, "accept", "accepted", "there-7"),
    event(60, "finish", "finished"),
    event(61, "fetch", "fetching"),
    event(62, "put_off", "result_gone", "there is nothing at its address (HTTP 404)"),
    event(63, "lose", "result_gone", "there is nothing at its address (HTTP 404)"),
]


def opened_log(opened: Opened) -> TaskLogWindow:
    (found,) = opened.window.findChildren(TaskLogWindow)
    return found


def test_every_step_has_words() -> None:
    words = {step.word for step in Step} | {
        "add",
        "check",
        "hide",
        "bring_back",
        "delete",
        "set_type",
        "copy",
    }
    assert set(STEP_TEXTS) == words


def test_steps_are_told_with_their_times_ids_and_reasons() -> None:
    lines = log_lines(FAILED, LOG)
    assert [line.text for line in lines][:4] == [
        "Added",
        "Checked: it can be used",
        "Sent to the service",
        "Accepted by the service",
    ]
    assert [line.details for line in lines[1:4]] == [
        ("jpg, 640 × 480, 1,000 bytes",),
        ("Private id: private",),
        ("Task id: there-7",),
    ]
    local = (BEGAN + timedelta(seconds=3)).astimezone()
    assert lines[3].at.endswith(f"{local:%H:%M:%S}")
    (why,) = lines[-1].details
    assert "no longer on the service" in why
    assert "HTTP 404" in why
    assert last_word(FAILED)[-1].startswith("Ask the provider")


def test_a_saved_task_names_its_files_and_needs_no_last_word() -> None:
    files = (Path("/results/a.png"), Path("/results/a-face-1.png"))
    done = task(1, TaskState.SAVED, files=files)
    assert log_lines(done, [event(0, "save", "saved")])[0].details == tuple(map(str, files))
    assert last_word(done) == ()


def test_what_a_saved_task_lacks_is_named() -> None:
    record = b'{"outputurl": "http://a/r", "facelist": [{"outputurl": "http://a/f"}]}'
    done = task(1, TaskState.SAVED, files=(Path("/results/a.png"),), record=record)
    (*_, lacks) = log_lines(done, [event(0, "save", "saved")])[0].details
    assert lacks == "Missing: face-1."
    told = replace(done, missing=("face-1: it is gone",))
    (*_, lacks) = log_lines(told, [event(0, "save", "saved")])[0].details
    assert lacks == "Missing: face-1: it is gone."


def test_a_result_that_is_not_the_kind_that_was_wanted_says_why() -> None:
    note = LeftOut(Part.FORMAT, "it stays PNG: a JPEG has no transparency")
    done = task(1, TaskState.SAVED, files=(Path("/r/a.png"),), left_out=(note,))
    (line,) = log_lines(done, [event(0, "save", "saved")])
    assert line.details[-1] == "It stays PNG: a JPEG has no transparency"


def test_what_is_kept_is_not_called_saved_in_the_log() -> None:
    kept = task(1, TaskState.SAVED, files=(Path("/r/a.png"),))
    (finished, copied) = log_lines(kept, [event(0, "save", "kept"), event(1, "copy", "wish")])
    assert finished.text == "Finished; kept until you save it"
    assert copied.text == "Saved by you"


def test_what_a_start_found_halfway_is_explained() -> None:
    (line,) = log_lines(FAILED, [event(0, "doubt", "found at start")])
    assert line.details == ("The program had ended in the middle of it.",)


@pytest.mark.parametrize("where", ["list", "picture"])
def test_the_log_of_a_failed_task_opens_with_a_key(
    arun: Run, until: Wait, tmp_path: Path, where: str
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[FAILED]) as opened:
            opened.queue.logs[1] = LOG
            opened.window.activateWindow()
            await until(opened.window.isActiveWindow, "the window is active")
            opened.window.pages.show_list()
            opened.window.pages.gallery.view.select([1])
            if where == "picture":
                opened.window.pages.open(1)
            press(Qt.Key.Key_I, CONTROL)
            log = opened_log(opened)
            await until(lambda: "Task id: there-7" in log.text, "the log")
            assert "Ask the provider" in log.text
            assert log.isVisible()
            assert not log.isModal()

    arun(job())


def test_the_log_is_selected_and_copied_and_grows_while_it_is_open(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        running = task(1, TaskState.ACCEPTED, attempts=(THERE,))
        async with open_window(tmp_path, history=[running]) as opened:
            opened.queue.logs[1] = LOG[:3]
            opened.window.pages.open(1)
            opened.window.commands["what_happened"].trigger()
            log = opened_log(opened)
            await until(lambda: "Private id" in log.text, "the log so far")
            field = log.findChildren(QTextEdit)[0]
            keys = Qt.TextInteractionFlag
            wanted = keys.TextSelectableByKeyboard | keys.TextSelectableByMouse
            assert field.textInteractionFlags() & wanted == wanted
            field.find("Sent")
            assert field.textCursor().selectedText() == "Sent"

            opened.queue.logs[1] = LOG
            opened.queue.put(1, TaskState.FAILED, failure=GONE)
            await until(lambda: "cannot be had" in log.text, "the rest of it")
            assert field.textCursor().selectedText() == "Sent"
            next(b for b in log.findChildren(QPushButton) if b.text() == "Copy").click()
            copied = QGuiApplication.clipboard().text()
            assert copied.startswith("picture 1.jpg\n")
            assert "Task id: there-7" in copied

    arun(job())


def test_foreign_text_in_the_log_stays_text(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        nasty = "<b>no</b> <img src='http://127.0.0.1/x'>"
        async with open_window(tmp_path, history=[replace(FAILED, failure=None)]) as opened:
            opened.queue.logs[1] = [event(0, "fail", "task_failed", nasty)]
            opened.window.pages.open(1)
            opened.window.commands["what_happened"].trigger()
            await until(lambda: nasty in opened_log(opened).text, "the text as it came")

    arun(job())


def test_one_window_shows_the_log_of_one_task_after_the_other(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[FAILED, replace(FAILED, id=2)]) as opened:
            opened.queue.logs = {1: LOG, 2: [event(0, "add", "added")]}
            for number in (1, 2):
                opened.window.pages.open(number)
                opened.window.commands["what_happened"].trigger()
            await until(lambda: opened_log(opened).text.count("Added") == 1, "the second")
            assert "Task id" not in opened_log(opened).text

    arun(job())


@pytest.mark.parametrize(
    ("code", "shown"), [("en_US", r".* \d+:\d\d:07\sPM"), ("de", r".* \d\d:\d\d:07")]
)
def test_a_moment_has_seconds_and_is_written_as_elsewhere(code: str, shown: str) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(code))
    local = datetime(2030, 1, 2, 20, 23, 7).astimezone()
    text = moment_text(local)
    QLocale.setDefault(before)
    assert re.fullmatch(shown, text)
