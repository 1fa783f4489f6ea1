"""Money in the whole program: a limit stops the work, a higher one goes on, the ledger tells."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.profiles.profile_files import empty_entry, save_entry
from enhance_gui.storage.settings.preferences_file import read_preferences, write_preferences
from enhance_gui.ui.reports.ledger_window import LedgerWindow
from enhance_gui.ui.settings.window import SettingsWindow
from enhance_gui.ui.window.main_window import MainWindow
from tests.scenarios.running import profile_of
from tests.support.provider import Provider
from tests.ui.conftest import Run, Wait
from tests.ui.running import press, program
from tests.ui.settings.test_pages import type_over


def card_button(window: MainWindow, text: str) -> QPushButton | None:
    found = window.attention.findChildren(QPushButton)
    return next((each for each in found if each.text() == text and each.isVisible()), None)


def prepare(provider: Provider) -> None:
    kind = EnhanceType(1, "Enhance", cost=2)
    profile = profile_of(provider, needs_token=False, enhance_types=(kind,))
    save_entry(empty_entry(), profile, user_folders().profiles)
    preferences = Preferences(
        service="Studio", start_at_once=("Studio",), welcomed=True, day_limits={"Studio": 4.0}
    )
    write_preferences(user_folders().preferences, preferences)


def test_a_limit_stops_before_it_is_passed_and_a_higher_one_goes_on(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with Provider() as provider:
            prepare(provider)
            async with program() as window:
                await until(lambda: window.bridge.is_attached, "it works")
                window.intake.add(provider.pictures("abcd"))
                await until(lambda: card_button(window, "Change the limit…"), "the card")
                await until(lambda: len(provider.charged) == 2, "what the limit allows")
                change = card_button(window, "Change the limit…")
                assert change is not None
                change.click()
                settings = window.side_windows.shown("settings")
                assert isinstance(settings, SettingsWindow)
                await until(lambda: QApplication.activeWindow() is settings, "the settings")
                type_over(settings.spending.limits["Studio"].credits, "6")
                press(Qt.Key.Key_Return)
                await until(lambda: len(provider.charged) == 3, "one more")
                await until(lambda: card_button(window, "Allow more today"), "the card again")
                more = card_button(window, "Allow more today")
                assert more is not None
                more.click()
                await until(lambda: len(provider.charged) == 4, "the last")
                await until(lambda: not window.attention.isVisible(), "nothing needs the user")
                window.side_windows.ledger()
                ledger = window.side_windows.shown("ledger")
                assert isinstance(ledger, LedgerWindow)
                await until(lambda: ledger.model.rowCount() == 4, "the entries")
                press(Qt.Key.Key_Escape)
        assert read_preferences(user_folders().preferences).day_limits["Studio"] == 6

    arun(job())
