"""What a limit or Pause has kept waits at the next start of the window, and the window asks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from PySide6.QtWidgets import QLabel

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.profiles.profile_files import empty_entry, save_entry
from enhance_gui.storage.settings.preferences_file import write_preferences
from enhance_gui.ui.window.main_window import MainWindow
from tests.scenarios.running import profile_of
from tests.support.provider import Provider
from tests.ui.conftest import Run, Wait
from tests.ui.running import program
from tests.ui.settings.test_spending import card_button


def prepare(provider: Provider, day_limits: dict[str, float] | None = None) -> None:
    kind = EnhanceType(1, "Enhance", cost=1)
    profile = profile_of(provider, needs_token=False, enhance_types=(kind,))
    save_entry(empty_entry(), profile, user_folders().profiles)
    preferences = Preferences(
        service="Studio",
        start_at_once=("Studio",),
        welcomed=True,
        batch_limit=2,
        day_limits=day_limits or {},
    )
    write_preferences(user_folders().preferences, preferences)


def states(window: MainWindow) -> list[TaskState]:
    return [item.task.state for item in window.bridge.items.values()]


def test_a_batch_s_limit_holds_over_a_restart_and_the_card_asks(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with Provider() as provider:
            prepare(provider)
            async with program() as window:
                await until(lambda: window.bridge.is_attached, "it works")
                window.intake.add(provider.pictures("abcd"))
                await until(lambda: card_button(window, "Leave paused"), "the card")
                leave = card_button(window, "Leave paused")
                assert leave is not None
                leave.click()
                await until(lambda: states(window).count(TaskState.SAVED) == 2, "two are saved")
            async with program() as window:
                await until(lambda: card_button(window, "Allow more today"), "the card again")
                await until(lambda: window.bridge.is_attached, "it works")
                said = [child.text() for child in window.attention.findChildren(QLabel)]
                assert "Studio: 2 pictures wait for your decision on a spending limit" in said
                assert any("2 may have been spent, and the limit is 2" in each for each in said)
                # The other batch is sent, although this one waits.
                window.intake.add(provider.pictures("e"))
                await until(lambda: len(provider.charged) == 3, "a batch of its own")
                window.pages.show_list()  # beside a picture the card is one line
                await until(lambda: card_button(window, "Allow more today"), "the whole card")
                more = card_button(window, "Allow more today")
                assert more is not None
                more.click()
                await until(lambda: len(provider.charged) == 5, "the rest")
                await until(lambda: not window.attention.isVisible(), "nothing needs the user")

    arun(job())


def test_what_the_limit_of_a_day_has_kept_asks_on_the_next_day_too(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with Provider() as provider:
            prepare(provider, day_limits={"Studio": 1.0})
            async with program() as window:
                await until(lambda: window.bridge.is_attached, "it works")
                window.intake.add(provider.pictures("ab"))
                await until(lambda: card_button(window, "Leave paused"), "the card")
                await until(lambda: states(window).count(TaskState.SAVED) == 1, "one is saved")
            with closing(sqlite3.connect(user_folders().database)) as other:
                other.execute("UPDATE attempt SET opened_at = '2025' || substr(opened_at, 5)")
                other.commit()
            async with program() as window:
                await until(lambda: card_button(window, "Allow more today"), "the card again")
                await until(lambda: window.bridge.is_attached, "it works")
                # What is sent to the service now shows that the other one is left alone.
                window.intake.add(provider.pictures("c"))
                await until(lambda: states(window).count(TaskState.SAVED) == 2, "another day's")
                assert states(window)[:2].count(TaskState.QUEUED) == 1

    arun(job())


def test_a_pause_is_remembered_and_shown(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with Provider() as provider:
            prepare(provider)
            async with program() as window:
                await until(lambda: window.bridge.is_attached, "it works")
                window.footer.pause.click()
                window.intake.add(provider.pictures("ab"))
                queued = [TaskState.QUEUED] * 2
                await until(lambda: states(window) == queued, "they wait")
            async with program() as window:
                await until(lambda: window.bridge.is_attached, "it works")
                assert window.footer.pause.isChecked()
                assert states(window) == queued
                assert provider.charged == []
                window.footer.pause.click()
                await until(lambda: len(provider.charged) == 2, "they are sent")
            async with program() as window:
                await until(lambda: window.bridge.is_attached, "it works")
                assert not window.footer.pause.isChecked()

    arun(job())
