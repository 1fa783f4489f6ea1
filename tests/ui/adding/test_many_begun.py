"""Many pictures that begin without a question are told of, and can be called off as one."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.bridges.task_bridge import MANY_AT_ONCE
from tests.ui.conftest import Run, Wait
from tests.ui.window.open_window import open_window

HERE, STUDIO = "This computer", "Studio"


def addresses(count: int) -> list[str]:
    return [f"https://example.org/{number}.jpg" for number in range(count)]


@pytest.mark.parametrize(
    ("service", "told"),
    [
        (HERE, "10 pictures are enhanced on this computer as soon as they are checked, free of "),
        (STUDIO, "10 pictures are sent to Studio as soon as they are checked, without another "),
    ],
)
def test_a_whole_folder_is_told_of_and_what_is_not_done_is_called_off(
    arun: Run, until: Wait, tmp_path: Path, service: str, told: str
) -> None:
    async def job() -> None:
        preferences = Preferences(welcomed=True, start_at_once=(service,))
        async with open_window(tmp_path, service=service, preferences=preferences) as opened:
            toast = opened.window.toast
            (empty := tmp_path / "nothing in it").mkdir()
            opened.window.intake.add([*addresses(MANY_AT_ONCE), str(empty)])
            await until(lambda: told in toast.text, "it is told")
            assert "“nothing in it” contains no pictures." in toast.text, (
                "and so is what was left out"
            )
            for task_id, state in ((1, TaskState.SAVED), (2, TaskState.QUEUED)):
                opened.queue.put(task_id, state)
            await until(
                lambda: opened.bridge.items[2].task.state is TaskState.QUEUED, "two have gone on"
            )
            (cancel,) = (each for each in toast.findChildren(QPushButton) if each.isVisible())
            assert cancel.text() == "Cancel them"
            cancel.click()
            await until(lambda: len(opened.bridge.items) == 2, "the drafts are gone")
            cancelled = sorted(id_ for verb, id_ in opened.queue.asked if verb == "cancel")
            assert cancelled == list(range(2, MANY_AT_ONCE + 1)), "what is saved stays"

    arun(job())


@pytest.mark.parametrize(
    ("count", "at_once"), [(MANY_AT_ONCE - 1, (STUDIO,)), (MANY_AT_ONCE, ()), (1, (STUDIO,))]
)
def test_nothing_is_told_of_few_or_of_what_is_asked_about(
    arun: Run, until: Wait, tmp_path: Path, count: int, at_once: tuple[str, ...]
) -> None:
    async def job() -> None:
        preferences = Preferences(welcomed=True, start_at_once=at_once)
        async with open_window(tmp_path, preferences=preferences) as opened:
            opened.window.intake.add(addresses(count))
            await until(lambda: len(opened.bridge.items) == count, "they are in the list")
            assert opened.window.toast.text == ""

    arun(job())
