"""Files that the user wants at a place of their choice: whole, and never over another file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from enhance_gui.core.storage_errors import FolderNotUsable
from enhance_gui.storage.files.results import PartFile, free_stem
from enhance_gui.storage.task_db.database import storage_error

_BLOCK_BYTES: Final = 2**20


def save_copy(source: Path, target: Path) -> Path:
    """Copy a file; where the name is taken the copy gets the next free one.

    Reads and writes the disk: to be called off the event loop.

    :returns: the copy's path.
    :raises StorageError: it cannot be read or written; nothing is left behind.
    """
    try:
        with source.open("rb") as file, PartFile(_part(target)) as part:
            while block := file.read(_BLOCK_BYTES):
                part.write(block)
            return _placed(part, target)
    except OSError as error:
        raise storage_error(error) from error


def save_text(text: str, target: Path) -> Path:
    """Write a text as UTF-8; where the name is taken the file gets the next free one.

    Writes the disk: to be called off the event loop.

    :returns: the file's path.
    :raises StorageError: it cannot be written; nothing is left behind.
    """
    try:
        with PartFile(_part(target)) as part:
            part.write(text.encode("utf-8", "replace"))
            return _placed(part, target)
    except OSError as error:
        raise storage_error(error) from error


def _placed(part: PartFile, target: Path) -> Path:
    """Finish a part and give it the first free name."""
    part.finish()
    final = target
    while not part.place(final):
        final = target.with_stem(free_stem(target.parent, target.stem, [target.suffix], set()))
    return final


def _part(target: Path) -> Path:
    if not target.parent.is_dir():
        raise FolderNotUsable("{folder} is not a folder", folder=target.parent)
    return target.with_name(f".{target.name[:100]}.part")
