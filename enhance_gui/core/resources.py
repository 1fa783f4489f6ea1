"""Finds a file that ships with the program: an icon, a profile, a translation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def resource(name: str) -> Path:
    """Return the file or folder ``name`` of ``resources/``, in a form the program runs in.

    :param name: its path inside ``resources/``, with slashes: ``"profiles/this-computer.toml"``.
    :raises FileNotFoundError: it does not ship with the program.
    """
    for folder in _folders():
        path = folder / name
        if path.exists():
            return path
    raise FileNotFoundError(f"the program's own file {name} is missing: install it anew")


def _folders() -> Iterator[Path]:
    if getattr(sys, "frozen", False):
        # PyInstaller names the folder it unpacked to; other builders put it beside the program.
        unpacked = getattr(sys, "_MEIPASS", None)
        if unpacked is not None:
            yield Path(unpacked) / "resources"
        yield Path(sys.executable).resolve().parent / "resources"
    # An installed wheel, then a checkout.
    yield _PACKAGE / "resources"
    yield _PACKAGE.parent / "resources"
