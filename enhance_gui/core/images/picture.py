"""Reads a picture's header, and checks it against the limits of a service."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple, Protocol

from enhance_gui.core.images.formats import KNOWN_FORMATS, SNIFF_BYTES, format_of
from enhance_gui.core.picture_errors import (
    PICTURE_TOO_SMALL,
    InputError,
    KindNotSupported,
    PictureDamaged,
    PictureTooLarge,
)
from enhance_gui.core.services.profile import PictureLimits

MAX_HEAD_BYTES: Final = 16 * 2**20
"""How far into a picture its sides are looked for: phones put further pictures into the metadata
before them."""

_FIRST_LOOK_BYTES: Final = 4096
"""As many as tell of most animations and gain maps, too."""
_READ_BYTES: Final = 2**16
_MAX_TIFF_BYTES: Final = 2**25
"""A TIFF's header may stand behind its pixels, and most programs write it there."""


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """Format, sides and number of frames of a picture, as its first bytes have them."""

    format: str
    """File type by content, by its usual extension: ``jpg``, ``png``, ``webp``, ``bmp``, …"""
    width_px: int
    height_px: int
    frames: int = 1
    """Pictures of an animation, or pages; at least as many as its first bytes tell of."""
    extras: frozenset[str] = frozenset()
    """What else the file holds: words of :class:`~enhance_gui.core.images.left_out.Part`."""


class ReadHeader(Protocol):
    """Reads kind and sides from the first bytes of a picture."""

    def __call__(self, data: bytes, *, whole: bool = False) -> PictureHeader | None:
        """Return ``None`` where more bytes are needed; never where these are the ``whole``."""


class CheckStructure(Protocol):
    """Checks that a file holds all of the picture that its header promises."""

    def __call__(self, file: BinaryIO, header: PictureHeader) -> None:
        """:raises PictureDamaged: it is cut, or its parts do not fit together."""


class HeaderReader:
    """Reads the header of a picture while its first bytes come in."""

    def __init__(self, read_header: ReadHeader, max_bytes: int = sys.maxsize) -> None:
        """:param max_bytes: by then the header must be known: metadata may be long."""
        self._read_header = read_header
        self._max_bytes = max_bytes
        self._data = bytearray()
        self._next_look_bytes = min(_FIRST_LOOK_BYTES, max_bytes)

    def feed(self, chunk: bytes) -> PictureHeader | None:
        """Take the next bytes, and return the header as soon as it is known.

        :raises InputError: it is not a picture, or its header is broken or too far from its start.
        """
        self._data += chunk
        if len(self._data) < self._next_look_bytes:
            return None
        header = self._read_header(bytes(self._data))
        if header is not None:
            self._data.clear()
            return header
        max_bytes = max(self._max_bytes, _MAX_TIFF_BYTES if self._is_tiff() else 0)
        if len(self._data) > max_bytes:
            raise PictureDamaged("the picture size was not found in the first megabytes")
        # Growing steps: looking after each of many tiny chunks would cost a square of time.
        later_bytes = len(self._data) + len(self._data) // 4
        self._next_look_bytes = min(later_bytes, max_bytes) + 1
        return None

    def _is_tiff(self) -> bool:
        kind = format_of(bytes(self._data[:SNIFF_BYTES]))
        return kind is not None and kind.name == "tiff"

    def finish(self) -> PictureHeader:
        """Return the header of a picture that has no more bytes.

        :raises InputError: the header is not in them.
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
    """Size of the file; ``None`` where its server does not report it."""
    name: str = ""
    """What its server calls it, one line; empty where its address says no less."""
    sent_as: str = ""
    """Format that a file is converted to for the service; empty: it is handed over as it is."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """Size, hash and sides of the file of an input or a result."""

    header: PictureHeader
    size_bytes: int | None
    sha256: str | None = None
    """Hexadecimal."""


class Raster(NamedTuple):
    """The pixels of a decoded picture, each a 32-bit number: alpha, red, green, blue."""

    data: bytes | bytearray | memoryview
    width_px: int
    height_px: int
    row_bytes: int
    """From one row to the next."""
    is_opaque: bool = False
    """Whether alpha means nothing; else the colours are multiplied with it."""


def check_size_bytes(size_bytes: int, limits: PictureLimits) -> None:
    """:raises PictureTooLarge: more bytes than the service takes."""
    max_bytes = limits.max_image_bytes
    if size_bytes <= max_bytes:
        return
    size_mb, max_mb = size_bytes / 2**20, max_bytes / 2**20
    if f"{size_mb:.1f}" == f"{max_mb:.1f}":
        raise PictureTooLarge(
            "it has {size_bytes} bytes; the service takes at most {max_bytes} bytes",
            size_bytes=size_bytes,
            max_bytes=max_bytes,
        )
    raise PictureTooLarge(
        "it has {size_mb:.1f} MB; the service takes at most {max_mb:.1f} MB",
        size_mb=size_mb,
        max_mb=max_mb,
    )


def conversion_format(header: PictureHeader, limits: PictureLimits) -> str:
    """Return the format that a file is converted to for a service; empty: none, or none is needed.

    What was compressed with loss becomes a JPEG of high quality: a PNG would have ten times the
    bytes, most of them for the noise of the first compression. All else becomes a PNG.
    """
    if header.format in limits.formats or header.format not in KNOWN_FORMATS:
        return ""
    order = ("jpg", "png") if header.format in _LOSSY else ("png", "jpg")
    return next((each for each in order if each in limits.formats), "")


_LOSSY: Final = frozenset({"jpg", "webp", "heic", "avif", "jp2"})


def check_header(header: PictureHeader, limits: PictureLimits, kind: str = "") -> None:
    """Check a picture's format and sides against the limits of a service.

    :param kind: that of the error where its file type is not among the service's.
    :raises KindNotSupported: its file type is not.
    :raises PictureTooLarge: a side is longer than the service takes.
    :raises InputError: a side is shorter.
    """
    if header.format not in limits.formats:
        raise KindNotSupported(
            "it is a {format} file; the service takes {formats}",
            format=header.format.upper(),
            formats=", ".join(format_.upper() for format_ in limits.formats),
            kind=kind,
        )
    check_sides(header, limits)


def check_sides(header: PictureHeader, limits: PictureLimits) -> None:
    """:raises PictureTooLarge: a side is longer than the service takes.
    :raises InputError: a side is shorter.
    """
    width_px, height_px = header.width_px, header.height_px
    if max(width_px, height_px) > limits.max_side_px:
        raise PictureTooLarge(
            "it has {width} × {height} pixels; the service takes at most {max_px} a side",
            width=width_px,
            height=height_px,
            max_px=limits.max_side_px,
        )
    if min(width_px, height_px) < limits.min_side_px:
        raise InputError(
            "it has {width} × {height} pixels; the service needs at least {min_px} a side",
            width=width_px,
            height=height_px,
            min_px=limits.min_side_px,
            kind=PICTURE_TOO_SMALL,
        )
