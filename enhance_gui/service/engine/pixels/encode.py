"""Encodes pictures band by band, so that no result has to be in memory as a whole.

Pillow encodes strips of some rows, each as a picture of its own; put together here they are one
file, the same picture that Pillow would have made of the whole.
"""

from __future__ import annotations

import io
import struct
import zlib
from abc import ABC, abstractmethod
from typing import IO

import numpy as np
from PIL import Image

from enhance_gui.service.engine.pixels.tiles import Pixels

JPEG_QUALITY = 95
JPEG_QUALITY_AT_SAME_SIZE = 98
"""What the enhancement leaves alone is to stay as it was: compressed anew at 95, photographs of
quality 92 lose 0.2 to 1.2 dB, at 98 at most 0.24, for a third more bytes."""
PNG_LEVEL = 2
"""Of 9: about five times as fast as the usual 6, for about an eighth more bytes."""

_STRIP_PX = 64
"""Rows: whole blocks of a JPEG; and of the widest result, 65,500 pixels, no more blocks than a
restart interval may have."""
_BLOCK_PX = 8
_JPEG_END = b"\xff\xd9"
_FIRST_RESTART, _RESTARTS = 0xD0, 8
_FRAME, _SCAN = 0xC0, 0xDA


class Encoder(ABC):
    """Takes a picture from top to bottom, in bands of any height."""

    def __init__(self, file: IO[bytes], height_px: int, profile: bytes | None) -> None:
        """:param height_px: of the whole picture."""
        self._file = file
        self._height_px = height_px
        self._profile = profile
        self._left: Pixels | None = None
        self._count = 0

    def write(self, band: Pixels) -> None:
        """Encode the next rows, as wide as the picture."""
        if self._left is not None:
            band = np.concatenate([self._left, band])
        whole_px = band.shape[0] // _STRIP_PX * _STRIP_PX
        for top in range(0, whole_px, _STRIP_PX):
            self._next(band[top : top + _STRIP_PX])
        self._left = band[whole_px:].copy() if whole_px < band.shape[0] else None

    def finish(self) -> None:
        """Write what is left, when all rows have been given."""
        if self._left is not None:
            self._next(self._left)
        self._end()

    def _next(self, strip: Pixels) -> None:
        self._encode(strip)
        self._count += 1

    @abstractmethod
    def _encode(self, strip: Pixels) -> None: ...

    @abstractmethod
    def _end(self) -> None: ...


class JpegEncoder(Encoder):
    """Writes a JPEG whose strips are its restart intervals (ITU-T T.81, annex B.2.1).

    Intervals do not depend on each other, and all have the same tables.
    """

    def __init__(
        self,
        file: IO[bytes],
        height_px: int,
        profile: bytes | None,
        quality: int = JPEG_QUALITY,
    ) -> None:
        super().__init__(file, height_px, profile)
        self._quality = quality

    def _encode(self, strip: Pixels) -> None:
        part = io.BytesIO()
        _image(strip).save(
            part,
            "JPEG",
            quality=self._quality,
            subsampling=0,
            restart_marker_rows=_STRIP_PX // _BLOCK_PX,
            icc_profile=None if self._count else self._profile,
        )
        data = part.getvalue()
        scan = self._scan_begin(data)
        if self._count:
            self._file.write(bytes([0xFF, _FIRST_RESTART + (self._count - 1) % _RESTARTS]))
        else:
            self._file.write(self._head(data[:scan]))
        self._file.write(data[scan : -len(_JPEG_END)])

    def _end(self) -> None:
        self._file.write(_JPEG_END)

    def _head(self, head: bytes) -> bytes:
        """Put the height of the whole picture into the frame header."""
        place = _segment(head, _FRAME) + 5
        return head[:place] + struct.pack(">H", self._height_px) + head[place + 2 :]

    def _scan_begin(self, data: bytes) -> int:
        place = _segment(data, _SCAN)
        return place + 2 + int.from_bytes(data[place + 2 : place + 4])


class PngEncoder(Encoder):
    """Writes a PNG: Pillow chooses the filters of each strip, one compressor goes through all."""

    def __init__(self, file: IO[bytes], height_px: int, profile: bytes | None) -> None:
        super().__init__(file, height_px, profile)
        self._compressor = zlib.compressobj(PNG_LEVEL)
        self._row_above: Pixels | None = None

    def _encode(self, strip: Pixels) -> None:
        # A filter may look at the row above, so that has to be there; it is left out again.
        above = self._row_above
        shown = strip if above is None else np.concatenate([above, strip])
        self._row_above = strip[-1:].copy()
        part = io.BytesIO()
        _image(shown).save(part, "PNG", compress_level=0, icc_profile=self._profile)
        chunks = _chunks(part.getvalue())
        if above is None:
            self._begin(chunks)
        rows = zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT"))
        skipped = 0 if above is None else len(rows) // shown.shape[0]
        self._put(b"IDAT", self._compressor.compress(rows[skipped:]))

    def _begin(self, chunks: list[tuple[bytes, bytes]]) -> None:
        self._file.write(b"\x89PNG\r\n\x1a\n")
        for name, data in chunks:
            if name == b"IDAT":
                return
            if name == b"IHDR":
                self._put(name, data[:4] + struct.pack(">I", self._height_px) + data[8:])
            else:
                self._put(name, data)

    def _end(self) -> None:
        self._put(b"IDAT", self._compressor.flush())
        self._put(b"IEND", b"")

    def _put(self, name: bytes, data: bytes) -> None:
        if data or name == b"IEND":
            self._file.write(struct.pack(">I", len(data)) + name + data)
            self._file.write(struct.pack(">I", zlib.crc32(name + data)))


def _image(strip: Pixels) -> Image.Image:
    plain = strip[..., 0] if strip.shape[2] == 1 else strip
    return Image.fromarray(np.ascontiguousarray(plain))


def _segment(data: bytes, marker: int) -> int:
    """Return where a segment begins in a JPEG's header."""
    place = 2
    while data[place + 1] != marker:
        place += 2 + int.from_bytes(data[place + 2 : place + 4])
    return place


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the names and contents of a PNG's chunks."""
    found = []
    place = 8
    while place < len(data):
        size, name = struct.unpack_from(">I4s", data, place)
        found.append((name, data[place + 8 : place + 8 + size]))
        place += 12 + size
    return found
