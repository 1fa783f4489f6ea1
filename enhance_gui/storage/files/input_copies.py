"""Removes the oldest copies of remote inputs, which are kept for comparing."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

MAX_BYTES: Final = 2**30
"""Maximum size of all copies together."""


def forget_oldest(folder: Path, max_bytes: int = MAX_BYTES) -> None:
    """Remove the oldest copies until the rest takes at most ``max_bytes``."""
    with suppress(OSError):
        found = [(path, path.stat()) for path in folder.iterdir() if path.is_file()]
        found.sort(key=lambda each: each[1].st_mtime, reverse=True)
        kept_bytes = 0
        for path, status in found:
            kept_bytes += status.st_size
            if kept_bytes > max_bytes:
                path.unlink(missing_ok=True)
