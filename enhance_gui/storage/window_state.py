"""What the program remembers of its window: place and looks. Losing it costs nothing."""

from __future__ import annotations

import base64
import binascii
import logging
from pathlib import Path
from typing import NamedTuple

from enhance_gui.storage.json_files import read_mapping, write_mapping

_log = logging.getLogger(__name__)


# Not a dataclass: to make one takes milliseconds, and the window is to be seen first.
class WindowState(NamedTuple):
    """The window as it was left."""

    geometry: bytes = b""
    """As Qt writes it; empty: unknown."""
    look: str = ""
    """Name of the gallery's look."""
    starts: int = 0
    """How often the window was opened."""


def read_window_state(path: Path) -> WindowState:
    """Return what is remembered."""
    data = read_mapping(path)
    try:
        geometry = base64.b64decode(str(data.get("geometry", "")), validate=True)
    except binascii.Error:
        geometry = b""
    starts = data.get("starts")
    return WindowState(
        geometry, str(data.get("look", "")), starts if type(starts) is int and starts > 0 else 0
    )


def write_window_state(path: Path, state: WindowState) -> None:
    """Remember; that it cannot be written is only logged."""
    data = {
        "geometry": base64.b64encode(state.geometry).decode(),
        "look": state.look,
        "starts": state.starts,
    }
    try:
        write_mapping(path, data)
    except OSError as error:
        _log.info("the window's place could not be kept: %s", error)
