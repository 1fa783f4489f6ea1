"""Reads and writes the user's preferences."""

from __future__ import annotations

from pathlib import Path

from enhance_gui.core.settings.preferences import (
    Preferences,
    preferences_from_mapping,
    preferences_to_mapping,
)
from enhance_gui.storage.settings.json_files import read_mapping, write_mapping


def read_preferences(path: Path) -> Preferences:
    """Return the preferences; the defaults where there is no file to read."""
    return preferences_from_mapping(read_mapping(path))


def write_preferences(path: Path, preferences: Preferences) -> None:
    """Write the preferences.

    :raises OSError: they cannot be written.
    """
    write_mapping(path, preferences_to_mapping(preferences))
