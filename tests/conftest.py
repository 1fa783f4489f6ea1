"""What holds for every test: its own home, no token, no proxy; and how Hypothesis tries."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.own_home import use_home

# What the tests read in a window is English, whatever the computer speaks.
os.environ["LANGUAGE"] = "en"

# The tests start Python thousands of times: what it has compiled is kept, even where the computer
# is told to keep nothing, and in the environment, beside nobody's sources.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(Path(sys.prefix) / "compiled")

# A deadline would fail a test for the computer being busy; the database would make two runs differ.
settings.register_profile("usual", deadline=None, database=None)
settings.register_profile("continuous", settings.get_profile("usual"), derandomize=True)
settings.register_profile("thorough", settings.get_profile("usual"), max_examples=5000)
settings.load_profile("continuous" if os.environ.get("CI") else "usual")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the test, and the programs it starts, out of the files of whoever runs it."""
    home = tmp_path_factory.mktemp("home")
    use_home(monkeypatch, home)
    return home


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Count no lines of a test that is marked so.

    pytest-cov pauses its count. But in a process of pytest-xdist's it has begun two, of which the
    first goes on then: a simulation took three times as long.
    """
    if item.get_closest_marker("no_cover") is None:
        return (yield)
    counting = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(counting)
