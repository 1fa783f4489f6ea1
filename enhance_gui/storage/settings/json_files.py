"""Reads small JSON files leniently, and replaces them as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from enhance_gui.core.atomic import replacing
from enhance_gui.storage.folders import make_private

_MAX_BYTES: Final = 2**20


def read_mapping(path: Path) -> dict[str, Any]:
    """Return the object that a file holds; empty where there is no such file or no object in it."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            return {}
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def write_mapping(path: Path, data: dict[str, Any]) -> None:
    """Replace the file; whoever reads it sees the old or the new content.

    :raises OSError: the folder cannot be written to or the disk is full.
    """
    make_private(path.parent)
    text = json.dumps(data, ensure_ascii=False, indent=2)
    with replacing(path) as file:
        # What is no text, a name of Linux say, is written as an escape that JSON knows, too.
        file.write(f"{text}\n".encode("utf-8", "backslashreplace"))
