"""What holds for every test: its own home, no token, no proxy; and how Hypothesis tries."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A deadline would fail a test for the computer being busy; the database would make two runs differ.
settings.register_profile("usual", deadline=None, database=None)
settings.register_profile("continuous", settings.get_profile("usual"), derandomize=True)
settings.register_profile(
    "long", settings.get_profile("usual"), max_examples=2000, stateful_step_count=40
)
settings.load_profile("continuous" if os.environ.get("CI") else "usual")

_FOLDERS = {
    "HOME": "home",
    "XDG_DATA_HOME": "data",
    "XDG_CONFIG_HOME": "config",
    "XDG_CACHE_HOME": "cache",
    "XDG_STATE_HOME": "state",
    "LOCALAPPDATA": "local",
    "APPDATA": "roaming",
}


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the test, and the programs it starts, out of the files of whoever runs it."""
    home = tmp_path_factory.mktemp("home")
    for variable, folder in _FOLDERS.items():
        monkeypatch.setenv(variable, str(home / folder))
        (home / folder).mkdir()
    for variable in os.environ:
        if variable.lower().endswith("_proxy") or variable == "ENHANCE_GUI_TOKEN":
            monkeypatch.delenv(variable)
    return home
