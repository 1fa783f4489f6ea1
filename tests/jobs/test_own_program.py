"""The program starts itself again in each form that it runs in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from enhance_gui.jobs.own_program import own_program, this_program


def test_a_checkout_runs_as_a_module_of_the_same_python() -> None:
    reported = subprocess.run(
        [*own_program(), "--version"], capture_output=True, text=True, check=True
    ).stdout
    assert reported.startswith("enhance-gui ")


@pytest.mark.parametrize(
    ("started", "others", "child"),
    [
        ("enhance-gui", (), "enhance-gui"),
        ("enhance-gui.exe", ("enhance-gui-window.exe",), "enhance-gui.exe"),
        ("enhance-gui-window.exe", ("enhance-gui.exe",), "enhance-gui.exe"),
        ("enhance-gui-window.exe", (), "enhance-gui-window.exe"),
    ],
)
def test_a_frozen_program_starts_its_twin_that_can_speak(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started: str,
    others: tuple[str, ...],
    child: str,
) -> None:
    for name in (started, *others):
        (tmp_path / name).touch()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / started))
    assert own_program() == [str(tmp_path / child)]
    assert this_program() == [str(tmp_path / started)], "a restart is of the same"
