"""Reads pieces of a file that may end before them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from enhance_gui.core.picture_errors import PictureDamaged

_BLOCK_BYTES: Final = 2**20
_UNPACKED_BYTES: Final = 2**20
_ROOM_BYTES: Final = 256
"""No codes of a compressed picture end in so many zeros."""


class Pieces:
    """A picture file, read where its structure leads."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.size_bytes = file.seek(0, 2)

    def at(self, place: int, size_bytes: int) -> bytes:
        """Return a piece.

        :raises PictureDamaged: the file ends before it does.
        """
        self.check_reach(place, size_bytes)
        self.file.seek(place)
        data = self.file.read(size_bytes)
        if len(data) < size_bytes:
            raise cut()
        return data

    def unpack(self, layout: str, place: int) -> tuple[Any, ...]:
        """Return the numbers at a place, by the layout's letters.

        :raises PictureDamaged: the file ends before them.
        """
        return struct.unpack(layout, self.at(place, struct.calcsize(layout)))

    def check_reach(self, place: int, size_bytes: int) -> None:
        """:raises PictureDamaged: the file ends before this piece does."""
        if place + size_bytes > self.size_bytes:
            raise cut()

    def check_filled(self, place: int, size_bytes: int) -> None:
        """Check that a piece of compressed data was written to its end.

        Programs that fetch files make room for them first, filled with zeros.

        :raises PictureDamaged: the file ends before it does, or it ends in nothing but zeros.
        """
        self.check_reach(place, size_bytes)
        if size_bytes >= _ROOM_BYTES:
            end = self.at(place + size_bytes - _ROOM_BYTES, _ROOM_BYTES)
            if not end.strip(b"\0"):
                raise cut()

    def blocks(self, place: int, size_bytes: int | None = None) -> Iterator[bytes]:
        """Yield a long piece, or all from a place on, block by block."""
        end = self.size_bytes if size_bytes is None else place + size_bytes
        while place < end:
            block = self.at(place, min(_BLOCK_BYTES, end - place))
            yield block
            place += len(block)


class Deflated:
    """Rows that are compressed by zlib, unpacked and let go."""

    def __init__(self, kind: str, rows_bytes: int) -> None:
        """:param kind: what people call the kind of file."""
        self.missing_bytes = rows_bytes
        self._kind = kind
        self._unpacker = zlib.decompressobj()

    def take(self, packed: bytes) -> None:
        """Unpack a piece; what comes after the last row, such as a sum, is let be.

        :raises PictureDamaged: it is broken, or ends before the last row.
        """
        while packed and self.missing_bytes:
            room = min(self.missing_bytes, _UNPACKED_BYTES)
            try:
                self.missing_bytes -= len(self._unpacker.decompress(packed, room))
            except zlib.error as error:
                raise broken(self._kind) from error
            if self._unpacker.eof and self.missing_bytes:
                raise cut()
            packed = self._unpacker.unconsumed_tail


def cut() -> PictureDamaged:
    """Return the error for a file that ends too early."""
    return PictureDamaged("it is cut off before its end")


def broken(kind: str) -> PictureDamaged:
    """Return the error for parts that do not fit together.

    :param kind: what people call the kind of file.
    """
    return PictureDamaged("a part of its {format} data is broken", format=kind)
