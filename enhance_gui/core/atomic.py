"""Replaces files atomically: a reader sees the old or the new content, never a part."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(target: Path, *, mode: int = 0o666, flush: bool = True) -> Iterator[BinaryIO]:
    """Open a file that replaces ``target`` once the block has ended without an error.

    :param mode: who may read and write it, as far as the user's mask lets them.
    :param flush: whether it is on the disk by then; not for what can be made again.
    :raises OSError: it cannot be written; nothing of it is left, and ``target`` is as it was.
    """
    new = target.with_name(f"{target.name}.new")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with suppress(FileNotFoundError):
        new.unlink()  # of a run that was killed
    try:
        with os.fdopen(os.open(new, flags, mode), "wb") as file:
            yield file
            if flush:
                file.flush()
                os.fsync(file.fileno())
        new.replace(target)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise
