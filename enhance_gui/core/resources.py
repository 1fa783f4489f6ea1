"""Finds a file that ships with the program: an icon, a profile, a translation."""

from __future__ import annotations

import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def resource(name: str) -> Path:
    """Return the file or folder ``name`` of ``resources/``, in a form the program runs in.

    :param name: its path inside ``resources/``, with slashes: ``"profiles/this-computer.toml"``.
    :raises FileNotFoundError: it does not ship with the program.
    """
    # An installed wheel, then a checkout.
    folders = [_PACKAGE, _PACKAGE.parent]
    if getattr(sys, "frozen", False):
        # PyInstaller names the folder it unpacked to; other builders put it beside the program.
        beside = Path(sys.executable).resolve().parent
        folders = [Path(getattr(sys, "_MEIPASS", beside)), beside, *folders]
    for folder in folders:
        path = folder / "resources" / name
        if path.exists():
            return path
    raise FileNotFoundError(f"the program's own file {name} is missing: install it anew")
