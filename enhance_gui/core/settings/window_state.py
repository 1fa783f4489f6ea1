"""Defines the state in which the window is left: place, layout, and what it shows."""

from __future__ import annotations

from typing import NamedTuple


# Not a dataclass: to make one takes milliseconds, and the window is to be seen first.
class WindowState(NamedTuple):
    """The window as it was left."""

    geometry: bytes = b""
    """As Qt writes it; empty: unknown."""
    look: str = ""
    """Name of the gallery's layout."""
    starts: int = 0
    """How often the window was opened."""
    open_folder: str = ""
    """Where pictures were last opened from; empty: unknown."""
    stacks_open: bool = False
    """Whether the stacks of the gallery are expanded."""
    stacks_apart: tuple[str, ...] = ()
    """Those that are not as the others."""
    shown_task: int = 0
    """Id of the task that a restart is to show again; 0: none, or no restart."""
