"""What is known of a picture before its pixels are decoded, and whether a service takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from enhance_gui.core.errors import KindNotSupported, PictureTooLarge, PictureTooSmall
from enhance_gui.core.services.profile import PictureLimits


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """What the first bytes of a picture tell."""

    format: str
    """File type by content, by its usual extension: ``jpg``, ``png``, ``webp``, ``bmp``, …"""
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class CheckedPicture:
    """A picture that has passed preflight."""

    location: str
    """The final address after redirects, or the path of a local file."""
    header: PictureHeader
    size_bytes: int | None
    """Size of the file; ``None`` where its server does not tell."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What is known of the file of a picture that was sent, or has come."""

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
