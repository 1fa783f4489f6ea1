"""A picture that was ordered elsewhere meanwhile is not sent by a click that does not know it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.events import TaskChanged
from tests.ui.conftest import Run, Wait
from tests.ui.window.open_window import Opened, open_window

A = "https://example.org/a.png"


async def _checked_draft(opened: Opened, until: Wait) -> None:
    opened.window.intake.add([A])
    await until(lambda: opened.queue.tasks, "a draft")
    opened.queue.check(1)
    await until(lambda: opened.window.review.shown.usable == (1,), "it is ready")


def test_a_click_on_start_moves_it_to_what_was_enhanced_before(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            await _checked_draft(opened, until)
            opened.queue.repeated.add(A)
            opened.bridge.start([1])
            await until(lambda: opened.window.review.shown.repeated == (1,), "it is told")
            assert opened.queue.asked == []
            assert opened.window.toast.text == ""
            opened.bridge.start([1])  # by now the user knows
            await until(lambda: opened.queue.asked == [("start", 1)], "it is started")

    arun(job())


def test_what_is_sent_elsewhere_is_told_of_before_a_click(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            await _checked_draft(opened, until)
            opened.queue.repeated.add(A)
            other = replace(opened.queue.tasks[1], id=2, state=TaskState.SENDING)
            opened.queue.notify(TaskChanged(replace(other, input="https://example.org/b.png")))
            opened.queue.notify(TaskChanged(replace(other, id=3, type_id=99)))
            opened.queue.notify(TaskChanged(other))
            await until(lambda: opened.window.review.shown.repeated == (1,), "it is told")

    arun(job())


def test_another_name_of_a_service_that_has_pictures_is_told_of_once(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            opened.queue.names_of_place = ["Old studio"]
            reported: list[str] = []
            opened.bridge.message.connect(reported.append)
            for count in (1, 2):
                opened.window.intake.add([A])
                await until(lambda: len(opened.queue.tasks) == count, "a draft")  # noqa: B023
            (words,) = reported
            assert "is at the address of “Old studio”" in words

    arun(job())
