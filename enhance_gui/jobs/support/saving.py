"""Writes files for the user: copies, texts and pasted pictures; whole, and never over another file.

Everything here writes the disk: to be called off the event loop.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from enhance_gui.core.images.formats import FORMATS, SNIFF_BYTES, format_of, plain_format
from enhance_gui.core.settings.saving import DEFAULT_QUALITY
from enhance_gui.storage.files.results import PartFile, part_of, write_new
from enhance_gui.storage.folders import make_private
from enhance_gui.storage.task_db.database import foreign_errors

_BLOCK_BYTES: Final = 2**20

_PICTURE_KINDS: Final = frozenset(FORMATS) | {
    "avif",
    "heic",
    "heif",
    "jp2",
    "jxl",
    "pdf",
    "psd",
    "svg",
}
"""What endings of names stand for that mean a kind of picture."""


@dataclass(frozen=True, slots=True)
class SavedCopy:
    """A copy that was saved."""

    path: Path
    notes: tuple[str, ...] = ()
    """What the copy does not have of its source, one clause each."""


def save_copy(source: Path, target: Path, quality: int = DEFAULT_QUALITY) -> SavedCopy:
    """Save a copy as the kind of file that the ending of its name stands for.

    Where the name is taken the copy gets the next free one. A name without an ending of a picture
    gets that of the source's kind.

    :param quality: 1 to 100, where it is converted with loss.
    :raises NotConvertible: there is no writing such a file, or not this picture as such.
    :raises StorageError: it cannot be read or written; nothing is left behind.
    """
    with foreign_errors(), source.open("rb") as file:
        own = format_of(file.read(SNIFF_BYTES))
        wanted = plain_format(target.suffix)
        if own is None or wanted == own.name:
            file.seek(0)
            with part_of(target) as part:
                while block := file.read(_BLOCK_BYTES):
                    part.write(block)
                return SavedCopy(part.publish_free(target))
        if wanted not in _PICTURE_KINDS:
            return save_copy(source, target.with_name(f"{target.name}.{own.name}"))
        return _save_converted(source, own.name, wanted, target, quality)


def _save_converted(source: Path, own: str, wanted: str, target: Path, quality: int) -> SavedCopy:
    # Loaded here: most copies are of the same kind.
    from enhance_gui.jobs.support.converting import converted_copy

    with TemporaryDirectory(prefix="enhance-gui-") as folder, part_of(target) as part:
        room = Path(folder) / f"picture.{wanted}"
        notes = converted_copy(source, own, wanted, quality, room, part)
        return SavedCopy(part.publish_free(target), tuple(notes))


@contextmanager
def as_png(source: Path) -> Iterator[Path]:
    """Yield a result as a PNG: itself where it is one, else a copy for as long as the block takes.

    :raises NotConvertible: it cannot be decoded.
    :raises StorageError: it cannot be read, or the copy not be written.
    """
    with foreign_errors(), source.open("rb") as file:
        kind = format_of(file.read(SNIFF_BYTES))
    if kind is not None and kind.name == "png":
        yield source
        return
    with foreign_errors(), TemporaryDirectory(prefix="enhance-gui-") as folder:
        yield save_copy(source, Path(folder) / "a.png").path


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
