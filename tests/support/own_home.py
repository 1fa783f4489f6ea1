"""A home of its own for a test and the programs it starts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

_FOLDERS: Final = {
    "HOME": "home",
    "XDG_DATA_HOME": "data",
    "XDG_CONFIG_HOME": "config",
    "XDG_CACHE_HOME": "cache",
    "XDG_STATE_HOME": "state",
    "LOCALAPPDATA": "local",
    "APPDATA": "roaming",
}


def use_home(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Put all files of the program under a folder, and have it see no token and no proxy."""
    for variable, folder in _FOLDERS.items():
        monkeypatch.setenv(variable, str(home / folder))
        (home / folder).mkdir(parents=True)
    for variable in os.environ:
        if variable.lower().endswith("_proxy") or variable == "ENHANCE_GUI_TOKEN":
            monkeypatch.delenv(variable)
