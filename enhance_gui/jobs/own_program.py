"""Builds the command by which this program starts itself as a child process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

WITHOUT_CONSOLE: Final[int] = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""Flag for a child: on Windows, a console would flash up beside the window."""


def own_program() -> list[str]:
    """Return the command of this program, from a checkout, a wheel or a frozen build."""
    if getattr(sys, "frozen", False):
        return [str(_that_speaks(Path(sys.executable)))]
    return [sys.executable, "-m", __package__.partition(".")[0]]


def _that_speaks(program: Path) -> Path:
    """Return, on Windows, the console program beside this one: it has a standard output."""
    console = program.with_name("enhance-gui.exe")
    return console if program.name == "enhance-gui-window.exe" and console.exists() else program
