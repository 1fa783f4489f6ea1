"""Another language is chosen in the settings: the program starts again, and work goes on."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from enhance_gui.storage.folders import user_folders
from tests.desktop.accessible import Part
from tests.desktop.program import TITLE, running
from tests.desktop.screen import Screen
from tests.support.pictures import picture_bytes
from tests.support.waiting import LIMIT_S, until


@pytest.mark.long
def test_a_restart_speaks_the_chosen_language_and_keeps_page_and_work(
    shown_on: Screen, bus: str, tmp_path: Path
) -> None:
    for name in ("saved.png", "waiting.png"):
        (tmp_path / name).write_bytes(picture_bytes(width_px=120, height_px=100))
    with running(shown_on, bus, tmp_path, "--", str(tmp_path / "saved.png")) as program:
        program.wait_for_text("saved.png: Saved")
        program.keys("ctrl+p")
        program.wait_for_text("Paused: nothing is sent")
        hand_over(tmp_path / "waiting.png")
        program.part("label", "waiting.png")
        first = program.registry.program(program.process.pid)
        program.keys("ctrl+comma")
        settings = program.part("dialog", "Settings")
        general = settings.part("list item", "General")
        until(lambda: general.has_focus, "the keyboard in the settings")
        shown_on.keys("Down", "Down", "Tab", "Tab")
        until(lambda: is_at_language(settings), "the keyboard at the language")
        shown_on.keys("d")
        settings.part("push button", "Restart now").do("Press")
        until(lambda: program.registry.program(program.process.pid) != first, "the second start")
        program.wait_for_text("Angehalten: nichts wird gesendet")
        program.part("label", "waiting.png")
        assert program.root.find("list item", "saved.png") is None, "the list is shown"
        program.window = until(
            lambda: next(iter(shown_on.windows(program.process.pid, TITLE)), 0), "its window"
        )
        program.keys("ctrl+p")
        until(lambda: states() == ["saved", "saved"], "both saved, and no third")
        assert len(list(user_folders().results.glob("*.json"))) == 2
        program.quit_with("ctrl+q")
    program.assert_left_nothing()


def is_at_language(settings: Part) -> bool:
    """Return whether the keyboard is at the list below the theme's; each is called as it is set."""
    lists = [part for part in settings.shown() if part.is_a("combo box")]
    return len(lists) > 1 and lists[1].has_focus


def hand_over(picture: Path) -> None:
    """Have a later start give the program that runs a picture."""
    subprocess.run(
        [sys.executable, "-m", "enhance_gui", str(picture)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        timeout=LIMIT_S,
        check=True,
    )


def states() -> list[str]:
    """Return the states of the stored tasks."""
    with closing(sqlite3.connect(f"{user_folders().database.as_uri()}?mode=ro", uri=True)) as own:
        return [row[0] for row in own.execute("SELECT state FROM task")]
