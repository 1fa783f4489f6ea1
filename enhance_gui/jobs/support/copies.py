"""Saves files where the user wants them: whole, and never over another file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from enhance_gui.storage.files.results import part_of, write_new
from enhance_gui.storage.task_db.database import foreign_errors

_BLOCK_BYTES: Final = 2**20


def save_copy(source: Path, target: Path) -> Path:
    """Copy a file; where the name is taken the copy gets the next free one.

    Reads and writes the disk: to be called off the event loop.

    :returns: the copy's path.
    :raises StorageError: it cannot be read or written; nothing is left behind.
    """
    with foreign_errors(), source.open("rb") as file, part_of(target) as part:
        while block := file.read(_BLOCK_BYTES):
            part.write(block)
        return part.publish_free(target)


def save_text(text: str, target: Path) -> Path:
    """Write a text as UTF-8; where the name is taken the file gets the next free one.

    Writes the disk: to be called off the event loop.

    :returns: the file's path.
    :raises StorageError: it cannot be written; nothing is left behind.
    """
    with foreign_errors():
        return write_new(text.encode("utf-8", "replace"), target)
