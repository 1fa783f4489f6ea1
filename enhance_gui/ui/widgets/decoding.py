"""Guards decoding in the window's process: bounds its memory, marks each picture, finds cut files.

A file of a megabyte can have hundreds of millions of pixels, and as many threads decode as the
computer has processors.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Condition
from typing import Final, Protocol

MAX_BYTES: Final = 2**29
"""Maximum memory of all decoders together; a single picture may take more."""

_PIXEL_BYTES: Final = 4
_JPEG_PIXEL_BYTES: Final = 2
"""Of a progressive one, however small it is to become: 400 million pixels of grey took 760 MiB."""


_SIGNATURE_BYTES: Final = 8
_LAST_CHUNK: Final = b"\0\0\0\0IEND\xaeB`\x82"
_AROUND_DATA_BYTES: Final = 12
"""Of a chunk: length, name, and checksum."""
_MAX_CHUNKS: Final = 100_000
"""A file with more is left to the decoder: to check each would take seconds."""


class PictureMarks(Protocol):
    """Marks of the pictures that are decoded right now, for the next start to find."""

    def is_aside(self, name: str) -> bool:
        """Return whether the program has ended twice in a row while it decoded this picture."""

    def at_work(self, name: str) -> AbstractContextManager[None]:
        """Keep a mark while the block decodes a picture."""


class DecodingBudget:
    """Shares out the memory for decoding among threads."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._taken_bytes = 0
        self._given_back = Condition()

    @contextmanager
    def of(self, size_bytes: int) -> Iterator[None]:
        """Reserve memory for the block; wait until it is free, or nobody else has any."""
        with self._given_back:
            self._given_back.wait_for(
                lambda: not self._taken_bytes or self._taken_bytes + size_bytes <= self._max_bytes
            )
            self._taken_bytes += size_bytes
        try:
            yield
        finally:
            with self._given_back:
                self._taken_bytes -= size_bytes
                self._given_back.notify_all()


_budget: Final = DecodingBudget()
_marks: PictureMarks | None = None


def mark_pictures(marks: PictureMarks | None) -> None:
    """Mark every picture that is decoded from now on; ``None``: none of them."""
    global _marks  # noqa: PLW0603  of the process, as Qt's limit of memory is
    _marks = marks


def is_set_aside(path: Path) -> bool:
    """Return whether a picture is not to be decoded here: it has crashed the program."""
    return _marks is not None and _marks.is_aside(_name(path))


@contextmanager
def decoding(path: Path, pixels: int, *, is_jpeg: bool) -> Iterator[None]:
    """Decode a picture in the block, once there is memory for it.

    :param pixels: of the whole picture.
    """
    size_bytes = pixels * (_JPEG_PIXEL_BYTES if is_jpeg else _PIXEL_BYTES)
    marked = nullcontext() if _marks is None else _marks.at_work(_name(path))
    with _budget.of(size_bytes), marked:
        yield


def _name(path: Path) -> str:
    return hashlib.sha256(str(path).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def is_cut_png(path: Path) -> bool:
    """Return whether a file that begins as PNG has no last chunk.

    The decoder would notice it as well, but reports it on standard error, past every log.

    :raises OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - len(_LAST_CHUNK)))
        if file.read() == _LAST_CHUNK:
            return False
        # Some programs write something of their own behind the picture.
        place = _SIGNATURE_BYTES
        for _ in range(_MAX_CHUNKS):
            if place + _AROUND_DATA_BYTES > size:
                return True
            file.seek(place)
            length, name = struct.unpack(">I4s", file.read(8))
            if name == b"IEND":
                return False
            place += _AROUND_DATA_BYTES + length
    return False
