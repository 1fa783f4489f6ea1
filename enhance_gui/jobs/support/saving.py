"""Writes files for the user: copies, texts and pasted pictures; whole, and never over another file.

Everything here writes the disk: to be called off the event loop.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import Final

from enhance_gui.core.images.formats import format_of
from enhance_gui.storage.files.results import PartFile, part_of, write_new
from enhance_gui.storage.folders import make_private
from enhance_gui.storage.task_db.database import foreign_errors

_BLOCK_BYTES: Final = 2**20


def save_copy(source: Path, target: Path) -> Path:
    """Copy a file; where the name is taken the copy gets the next free one.

    :returns: the copy's path.
    :raises StorageError: it cannot be read or written; nothing is left behind.
    """
    with foreign_errors(), source.open("rb") as file, part_of(target) as part:
        while block := file.read(_BLOCK_BYTES):
            part.write(block)
        return part.publish_free(target)


def save_text(text: str, target: Path) -> Path:
    """Write a text as UTF-8; where the name is taken the file gets the next free one.

    :returns: the file's path.
    :raises StorageError: it cannot be written; nothing is left behind.
    """
    with foreign_errors():
        return write_new(text.encode("utf-8", "replace"), target)


def keep_picture(data: bytes, folder: Path, now: datetime, stem: str = "") -> Path:
    """Write a picture that came without a file or an address into a folder of the program.

    :param data: the bytes of a file; its kind is checked later, like that of any other.
    :param stem: its name without an ending; empty: it is named after the moment.
    :raises StorageError: it cannot be written.
    """
    kind = format_of(data)
    ending = ".bmp" if kind is None else f".{kind.name}"
    with foreign_errors():
        make_private(folder)
        stem = stem or f"picture {now.astimezone():%Y-%m-%d %H.%M.%S}"
        # Two that come at once have the same name until one of them is in its place.
        with PartFile(folder / f".{stem}.{secrets.token_hex(4)}{ending}.part") as part:
            part.write(data)
            return part.publish_free(folder / f"{stem}{ending}")
