"""Holds decoded pictures, and writes results.

What a result keeps of its input: the pixels upright, transparency and the colour profile. What it
does not: every other tag. A result is often passed on, and place, time and camera of the original
are nobody's business.
"""

from __future__ import annotations

import errno
import itertools
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np

from enhance_gui.core.atomic import replacing
from enhance_gui.core.images.colour import GREY, RGB, is_sound
from enhance_gui.core.storage_errors import DiskFull, FolderNotUsable
from enhance_gui.service.engine.job import PictureFile
from enhance_gui.service.engine.pixels.encode import (
    JPEG_QUALITY,
    JPEG_QUALITY_AT_SAME_SIZE,
    Encoder,
    JpegEncoder,
    PngEncoder,
    TiffEncoder,
)
from enhance_gui.service.engine.pixels.tiles import Block, Pixels

_JPEG_START = b"\xff\xd8"
_JFIF = 0xE0
_MAX_SEGMENT_BYTES = 65_519
"""Of a colour profile in one segment of a JPEG (ICC.1:2022, annex B.4)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture, upright."""

    pixels: Pixels
    icc_profile: bytes | None
    """Colour profile that fits the channels of ``pixels``."""
    lossy: bool
    """Whether the result is written as JPEG; else as PNG, or as TIFF."""
    jpeg_strength: float = 0.0
    """How strongly it was compressed: 0, no JPEG, to 1."""
    bare_jpeg: bytes | None = None
    """Of a JPEG whose pixels are as they are stored: its file without tags and profile."""
    is_tiff: bool = False
    """Whether a result without loss is written as TIFF."""
    lost_depth: bool = False
    """Whether 16 bits a channel were stored of which 8 are left."""

    @property
    def has_alpha(self) -> bool:
        return self.pixels.shape[2] in (2, 4)


def write_picture(
    folder: Path,
    stem: str,
    blocks: Iterable[Block],
    size_px: tuple[int, int],
    like: Picture,
    *,
    is_coloured: bool = False,
) -> PictureFile:
    """Write a result beside its final name and rename it when it is complete.

    :param size_px: width and height.
    :param like: the input: decides kind and colour profile.
    :param is_coloured: whether the blocks have colours though ``like`` may be grey.
    :raises DiskFull: no room.
    :raises FolderNotUsable: the folder cannot be written to.
    """
    channels = like.pixels.shape[2]
    if is_coloured:
        channels = 4 if like.has_alpha else 3
    width_px, height_px = size_px
    extension = "jpg" if like.lossy else "tiff" if like.is_tiff else "png"
    target = folder / f"{stem}.{extension}"
    with _result(target) as file:
        encoder = _encoder(file, size_px, like, channels)
        for band in _bands(blocks, width_px, channels):
            encoder.write(band)
        encoder.finish()
    size_bytes = target.stat().st_size
    return PictureFile(target.name, width_px, height_px, size_bytes, extension)


def _encoder(file: IO[bytes], size_px: tuple[int, int], like: Picture, channels: int) -> Encoder:
    profile = like.icc_profile or b""
    fits = is_sound(profile, GREY if channels < 3 else RGB)
    if not like.lossy:
        kind = TiffEncoder if like.is_tiff else PngEncoder
        return kind(file, size_px[1], profile if fits else None)
    is_same_size = like.pixels.shape[:2] == (size_px[1], size_px[0])
    quality = JPEG_QUALITY_AT_SAME_SIZE if is_same_size else JPEG_QUALITY
    return JpegEncoder(file, size_px[1], profile if fits else None, quality)


def _bands(blocks: Iterable[Block], width_px: int, channels: int) -> Iterator[Pixels]:
    """Put the blocks that lie beside each other together."""
    for _, beside in itertools.groupby(blocks, key=lambda block: block.top_px):
        band: Pixels | None = None
        for block in beside:
            if band is None:
                shape = (block.pixels.shape[0], width_px, channels)
                band = np.empty(shape, block.pixels.dtype)
            band[:, block.left_px : block.left_px + block.pixels.shape[1]] = block.pixels
        if band is not None:
            yield band


@contextmanager
def _result(target: Path) -> Iterator[IO[bytes]]:
    """Open a file that becomes ``target`` once all of it is written."""
    try:
        with replacing(target, flush=False) as file:
            yield file
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull("no room is left for the result") from error
        raise FolderNotUsable(f"the result cannot be written: {error.strerror}") from error


def copy_picture(folder: Path, stem: str, like: Picture) -> PictureFile:
    """Write the input as a result, not a pixel changed.

    A JPEG that is stored upright stays what it is, without its tags and comments; everything else
    becomes a PNG, or a TIFF where results of it do.

    :raises DiskFull: no room.
    :raises FolderNotUsable: the folder cannot be written to.
    """
    height_px, width_px = like.pixels.shape[:2]
    if like.bare_jpeg is None:
        exact = replace(like, lossy=False)
        return write_picture(folder, stem, whole(like.pixels), (width_px, height_px), exact)
    copy = _with_profile(like.bare_jpeg, like.icc_profile or b"")
    target = folder / f"{stem}.jpg"
    with _result(target) as file:
        file.write(copy)
    return PictureFile(target.name, width_px, height_px, len(copy), "jpg")


def _with_profile(jpeg: bytes, profile: bytes) -> bytes:
    """Put a colour profile into a JPEG that has none, after its first segment if that is JFIF's."""
    place = len(_JPEG_START)
    if jpeg[place + 1] == _JFIF:
        place += 2 + int.from_bytes(jpeg[place + 2 : place + 4])
    parts = [
        profile[at : at + _MAX_SEGMENT_BYTES] for at in range(0, len(profile), _MAX_SEGMENT_BYTES)
    ]
    segments = b"".join(
        b"\xff\xe2"
        + struct.pack(">H", len(part) + 16)
        + b"ICC_PROFILE\0"
        + bytes([number, len(parts)])
        + part
        for number, part in enumerate(parts, start=1)
    )
    return jpeg[:place] + segments + jpeg[place:]


def whole(pixels: Pixels) -> tuple[Block]:
    """Return a picture as its only block."""
    return (Block(0, 0, pixels),)
