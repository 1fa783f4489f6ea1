"""Writes pictures that came without a file or an address to disk, so that they can be sent."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path

from enhance_gui.core.images.formats import format_of
from enhance_gui.storage.files.results import PartFile
from enhance_gui.storage.folders import make_private
from enhance_gui.storage.task_db.database import foreign_errors


def keep_picture(data: bytes, folder: Path, now: datetime, stem: str = "") -> Path:
    """Write a picture into a folder of the program, never over another one.

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
