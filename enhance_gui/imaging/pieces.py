"""Copies pieces of files."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, Final

Write = Callable[[bytes], object]

_BLOCK_BYTES: Final = 2**20


class NotEditable(ValueError):
    """A file is laid out otherwise than encoders do it."""


def read_exactly(file: BinaryIO, size_bytes: int) -> bytes:
    """:raises NotEditable: the file ends before."""
    data = file.read(size_bytes)
    if len(data) < size_bytes:
        raise NotEditable("it ends too soon")
    return data


def copy(file: BinaryIO, place: int, size_bytes: int | None, write: Write) -> None:
    """Copy a part of a file.

    :param size_bytes: its length; ``None``: up to the end.
    :raises NotEditable: the file ends before.
    """
    file.seek(place)
    left_bytes = size_bytes
    while left_bytes is None or left_bytes > 0:
        block = file.read(_BLOCK_BYTES if left_bytes is None else min(_BLOCK_BYTES, left_bytes))
        if not block:
            if left_bytes is None:
                return
            raise NotEditable("it ends too soon")
        write(block)
        if left_bytes is not None:
            left_bytes -= len(block)
