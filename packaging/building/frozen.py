"""The program as one folder with all it needs: run by PyInstaller, the same on each system."""

from __future__ import annotations

import json
import os
import sys
from collections import deque
from pathlib import Path

import processes
from messages import SetUpFailed, say

from building.order import Order

SPEC = Path("packaging") / "enhance-gui.spec"
FACTS = Path("resources") / "build.json"
"""Read by ``enhance_gui.core.settings.build_info``."""

UPDATES_URL = "ENHANCE_GUI_UPDATES_URL"
"""Variable with the address of the file that names the newest version: ``newest.json``."""

_LINES_SHOWN = 25


def freeze(order: Order) -> Path:
    """Run PyInstaller and return the folder ``enhance-gui`` (macOS: ``Enhance GUI.app``).

    Its licence notices and facts are written into it afterwards.

    :raises SetUpFailed: with PyInstaller's last lines.
    """
    say("PyInstaller collects the program and what it needs: this takes about a minute.")
    dist = order.work / "frozen"
    command = [sys.executable, "-m", "PyInstaller", str(order.root / SPEC), "--noconfirm"]
    command += ["--distpath", str(dist), "--workpath", str(order.work / "pyinstaller")]
    last_lines: deque[str] = deque(maxlen=_LINES_SHOWN)
    variables = {**os.environ, "PYINSTALLER_CONFIG_DIR": str(order.work / "pyinstaller-cache")}
    if processes.run(command, last_lines.append, folder=order.root, variables=variables):
        raise SetUpFailed("PyInstaller failed. Its last lines:\n\n" + "".join(last_lines))
    bundle = dist / "Enhance GUI.app"
    return bundle if bundle.exists() else dist / "enhance-gui"


def insides(frozen: Path) -> Path:
    """Return the folder in a frozen program where its libraries and ``resources`` lie."""
    if frozen.suffix == ".app":
        return frozen / "Contents" / "Resources"
    return frozen / "_internal"


def write_facts(order: Order, frozen: Path, kind: str) -> None:
    """Have the program print, with ``--version``, what it was built from and as what.

    :param kind: one word for people: ``deb``, ``archive``, ``AppImage``, ``installer``, ….
    """
    facts = {"commit": order.commit, "kind": kind, "updates": os.environ.get(UPDATES_URL, "")}
    path = insides(frozen) / FACTS
    path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8", newline="\n")
