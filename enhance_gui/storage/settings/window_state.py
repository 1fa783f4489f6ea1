"""Reads and writes the state of the window: place and layout. Losing it costs nothing."""

from __future__ import annotations

import base64
import logging
from pathlib import Path
from typing import Final

from enhance_gui.core.settings.window_state import WindowState
from enhance_gui.storage.settings.json_files import read_mapping, write_mapping

_log = logging.getLogger(__name__)

_MAX_STARTS: Final = 2**31
"""Maximum number of starts; a higher one comes from a damaged file."""


def read_window_state(path: Path) -> WindowState:
    """Return the stored state of the window."""
    data = read_mapping(path)
    try:
        geometry = base64.b64decode(str(data.get("geometry", "")), validate=True)
    except ValueError:  # not of base 64, or not even ASCII
        geometry = b""
    starts = data.get("starts")
    if type(starts) is not int or not 0 < starts < _MAX_STARTS:
        starts = 0
    look, open_folder = (str(data.get(name, "")) for name in ("look", "open_folder"))
    apart = data.get("stacks_apart")
    stacks_apart = tuple(map(str, apart)) if isinstance(apart, list) else ()
    stacks_open = data.get("stacks_open") is True
    shown = data.get("shown_task")
    shown_task = shown if type(shown) is int else 0
    return WindowState(geometry, look, starts, open_folder, stacks_open, stacks_apart, shown_task)


def write_window_state(path: Path, state: WindowState) -> None:
    """Write the state of the window; a failure is only logged."""
    data = {
        "geometry": base64.b64encode(state.geometry).decode(),
        "look": state.look,
        "starts": state.starts,
        "open_folder": state.open_folder,
        "stacks_open": state.stacks_open,
        "stacks_apart": list(state.stacks_apart),
        "shown_task": state.shown_task,
    }
    try:
        write_mapping(path, data)
    except OSError as error:
        _log.info("the window's place could not be kept: %s", error)
