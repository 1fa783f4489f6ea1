"""A screen for all tests, and a session bus for each."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from enhance_gui.ui.startup.display_check import load_x_plugin
from tests.desktop.screen import Screen, lacking_commands, screen
from tests.support.keyrings.secret_service import session_bus

# Elsewhere not even what they import is installed.
collect_ignore_glob = [] if sys.platform == "linux" else ["test_*.py"]


@pytest.fixture(scope="session")
def installed() -> None:
    """What these tests start: an X server, a window manager and a user's hands."""
    lacking = lacking_commands()
    if not lacking:
        try:
            load_x_plugin()
        except OSError as error:
            lacking = [str(error)]
    if lacking:
        words = f"not installed: {', '.join(lacking)}"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)


@pytest.fixture(scope="session")
def shown_on(installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """A screen with a window manager."""
    with screen(tmp_path_factory.mktemp("screen")) as shown:
        yield shown


@pytest.fixture
def bus(
    shown_on: Screen, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A session bus with nothing on it: no password manager, no notifications."""
    with session_bus(monkeypatch, tmp_path_factory.mktemp("session") / "run") as address:
        yield address
