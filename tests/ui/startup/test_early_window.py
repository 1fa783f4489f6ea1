"""The window is seen before what it holds is loaded, and listens from the start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from enhance_gui.ui.startup import early_window
from enhance_gui.ui.window.main_window import MainWindow

ROOT = Path(__file__).resolve().parents[3]

SHOW = """
import sys
import enhance_gui.command_line.main
import enhance_gui.command_line.window
from enhance_gui.ui.startup.early_window import open_empty, start_qt
start_qt()
window = open_empty(b"", "dark")
assert window.isVisible()
print(*sys.modules, sep="\\n")
"""

TO_BE_LOADED_LATER = (
    "asyncio",
    "enhance_gui.application",
    "enhance_gui.core.services.profile",
    "enhance_gui.jobs",
    "enhance_gui.ui.window.panels",
    "multiprocessing",
    "qasync",
    "ssl",
)


def test_little_is_loaded_before_the_window_is_seen() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()).isdisjoint(TO_BE_LOADED_LATER)


@pytest.mark.parametrize(
    ("theme", "system_is_dark", "is_dark"),
    [
        ("dark", False, True),
        ("light", True, False),
        ("system", True, True),
        ("system", False, False),
        (None, True, True),
        (["dark"], False, False),
    ],
)
def test_the_empty_window_has_the_background_of_its_theme(
    theme: object, system_is_dark: bool, is_dark: bool
) -> None:
    colour = early_window._background(theme, is_dark=system_is_dark)
    assert (colour.lightness() < 128) is is_dark


@pytest.mark.usefixtures("qapp")
def test_the_colours_of_the_application_hold_as_soon_as_it_was_seen() -> None:
    window = early_window.open_empty(b"", "dark")
    assert window.palette() == QApplication.palette()
    window.hide()
    window.deleteLater()


@pytest.mark.usefixtures("qapp")
def test_a_window_that_is_closed_while_it_is_empty_remembers_it() -> None:
    early_window.start_qt()
    window = MainWindow()
    window.show()
    window.close()
    assert window.close_wanted
    window.deleteLater()
