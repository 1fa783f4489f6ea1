"""What is known of a picture before its pixels are decoded, and whether a service takes it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple, Protocol

from enhance_gui.core.errors import (
    KindNotSupported,
    PictureDamaged,
    PictureTooLarge,
    PictureTooSmall,
)
from enhance_gui.core.services.profile import PictureLimits

_FIRST_LOOK_BYTES: Final = 64
_READ_BYTES: Final = 2**16


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """What the first bytes of a picture tell."""

    format: str
    """File type by content, by its usual extension: ``jpg``, ``png``, ``webp``, ``bmp``, …"""
    width_px: int
    height_px: int


class ReadHeader(Protocol):
    """Reads kind and sides from the first bytes of a picture."""

    def __call__(self, data: bytes, *, whole: bool = False) -> PictureHeader | None:
        """Return ``None`` where more bytes are needed; never where these are the ``whole``."""


class HeaderReader:
    """Reads the header of a picture while its first bytes come in."""

    def __init__(self, read_header: ReadHeader, max_bytes: int = sys.maxsize) -> None:
        """:param max_bytes: by then the header must have been told: metadata may be long."""
        self._read_header = read_header
        self._max_bytes = max_bytes
        self._data = bytearray()
        self._next_look_bytes = _FIRST_LOOK_BYTES

    def feed(self, chunk: bytes) -> PictureHeader | None:
        """Take the next bytes, and return the header as soon as they tell it.

        :raises InputError: it is not a picture, or its header is broken or too far from its start.
        """
        self._data += chunk
        if len(self._data) < self._next_look_bytes:
            return None
        header = self._read_header(bytes(self._data))
        if header is not None:
            self._data.clear()
        elif len(self._data) > self._max_bytes:
            raise PictureDamaged("its first megabytes do not tell its sides")
        # Growing steps: looking after each of many tiny chunks would cost a square of time.
        self._next_look_bytes = len(self._data) + len(self._data) // 4 + 1
        return header

    def finish(self) -> PictureHeader:
        """Return the header of a picture that has no more bytes.

        :raises InputError: they do not tell it.
        """
        if not self._data:
            raise PictureDamaged("it is empty")
        header = self._read_header(bytes(self._data), whole=True)
        assert header is not None  # noqa: S101  promised for a whole picture
        return header


def header_of_file(
    file: BinaryIO, read_header: ReadHeader, max_bytes: int = sys.maxsize
) -> PictureHeader:
    """Read a file only as far as its header needs.

    :raises InputError: as :class:`HeaderReader` does.
    """
    reader = HeaderReader(read_header, max_bytes)
    while chunk := file.read(_READ_BYTES):
        if (header := reader.feed(chunk)) is not None:
            return header
    return reader.finish()


@dataclass(frozen=True, slots=True)
class CheckedPicture:
    """A picture that has passed preflight."""

    location: str
    """The final address after redirects, or the path of a local file."""
    header: PictureHeader
    size_bytes: int | None
    """Size of the file; ``None`` where its server does not tell."""


class Raster(NamedTuple):
    """The pixels of a decoded picture, each a 32-bit number: alpha, red, green, blue."""

    data: bytes | bytearray | memoryview
    width_px: int
    height_px: int
    row_bytes: int
    """From one row to the next."""


def check_size_bytes(size_bytes: int, limits: PictureLimits) -> None:
    """:raises PictureTooLarge: more bytes than the service takes."""
    max_bytes = limits.max_image_bytes
    if size_bytes <= max_bytes:
        return
    size, maximum = _megabytes(size_bytes), _megabytes(max_bytes)
    if size == maximum:
        raise PictureTooLarge(
            f"it has {size_bytes} bytes; the service takes at most {max_bytes} bytes"
        )
    raise PictureTooLarge(f"it has {size}; the service takes at most {maximum}")


def check_header(header: PictureHeader, limits: PictureLimits) -> None:
    """Hold a picture's kind and sides against what a service takes.

    :raises KindNotSupported: its file type is not among the service's.
    :raises PictureTooLarge: a side is longer than the service takes.
    :raises PictureTooSmall: a side is shorter.
    """
    if header.format not in limits.formats:
        raise KindNotSupported(
            f"it is a {header.format.upper()} file; the service takes "
            f"{', '.join(format_.upper() for format_ in limits.formats)}"
        )
    sides = f"it has {header.width_px} × {header.height_px} pixels"
    if max(header.width_px, header.height_px) > limits.max_side_px:
        raise PictureTooLarge(f"{sides}; the service takes at most {limits.max_side_px} a side")
    if min(header.width_px, header.height_px) < limits.min_side_px:
        raise PictureTooSmall(f"{sides}; the service needs at least {limits.min_side_px} a side")


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:.1f} MB"
