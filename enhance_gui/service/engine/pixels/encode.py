"""Encodes pictures band by band, so that no result has to be in memory as a whole.

Pillow encodes strips of some rows, each as a picture of its own; put together here they are one
file, the same picture that Pillow would have made of the whole. Colours of 16 bits, which Pillow
has no pictures of, are left to OpenCV in a PNG; a TIFF needs no encoder.
"""

from __future__ import annotations

import io
import struct
import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import IO

import cv2
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
_PNG_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}
"""Kind of colour by the number of channels (W3C PNG, third edition, 11.2.1)."""

_TIFF_START = b"II*\0\0\0\0\0"
_DEFLATED, _DIFFERENCES = 8, 2
_BLACK_IS_ZERO, _RGB, _PLAIN_ALPHA = 1, 2, 2
_TIFF_TYPES = {"B": 7, "H": 3, "I": 4}


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
    """Writes a PNG: a library chooses each strip's filters, one compressor goes through all."""

    def __init__(self, file: IO[bytes], height_px: int, profile: bytes | None) -> None:
        super().__init__(file, height_px, profile)
        self._compressor = zlib.compressobj(PNG_LEVEL)
        self._row_above: Pixels | None = None

    def _encode(self, strip: Pixels) -> None:
        # A filter may look at the row above, so that has to be there; it is left out again.
        above = self._row_above
        shown = strip if above is None else np.concatenate([above, strip])
        self._row_above = strip[-1:].copy()
        chunks = _chunks(_png_of(shown))
        if above is None:
            self._begin(strip)
        rows = zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT"))
        skipped = 0 if above is None else len(rows) // shown.shape[0]
        self._put(b"IDAT", self._compressor.compress(rows[skipped:]))

    def _begin(self, strip: Pixels) -> None:
        self._file.write(b"\x89PNG\r\n\x1a\n")
        _, width_px, channels = strip.shape
        form = strip.itemsize * 8, _PNG_COLOURS[channels], 0, 0, 0
        self._put(b"IHDR", struct.pack(">II5B", width_px, self._height_px, *form))
        if self._profile:
            self._put(b"iCCP", b"ICC Profile\0\0" + zlib.compress(self._profile))

    def _end(self) -> None:
        self._put(b"IDAT", self._compressor.flush())
        self._put(b"IEND", b"")

    def _put(self, name: bytes, data: bytes) -> None:
        if data or name == b"IEND":
            self._file.write(struct.pack(">I", len(data)) + name + data)
            self._file.write(struct.pack(">I", zlib.crc32(name + data)))


class TiffEncoder(Encoder):
    """Writes a TIFF of 8 or 16 bits, its strips deflated (TIFF 6.0, sections 2, 14 and 18)."""

    def __init__(self, file: IO[bytes], height_px: int, profile: bytes | None) -> None:
        super().__init__(file, height_px, profile)
        self._places: list[tuple[int, int]] = []
        """Where each strip begins, and how many bytes it has."""
        self._form = (0, 0, 8)
        """Width, channels and bits of one."""
        file.write(_TIFF_START)
        self._end_bytes = len(_TIFF_START)

    def _encode(self, strip: Pixels) -> None:
        self._form = strip.shape[1], strip.shape[2], strip.itemsize * 8
        # Each level less its left neighbour's, which deflates better.
        stored = strip.astype(strip.dtype.newbyteorder("<"))
        stored[:, 1:] -= strip[:, :-1]
        data = zlib.compress(stored.tobytes(), PNG_LEVEL)
        self._places.append((self._put(data), len(data)))

    def _end(self) -> None:
        width_px, channels, bits = self._form
        starts, counts = zip(*self._places, strict=True)
        tags: list[tuple[int, str, Sequence[int] | bytes]] = [
            (256, "I", [width_px]),
            (257, "I", [self._height_px]),
            (258, "H", [bits] * channels),
            (259, "H", [_DEFLATED]),
            (262, "H", [_RGB if channels > 2 else _BLACK_IS_ZERO]),
            (273, "I", starts),
            (277, "H", [channels]),
            (278, "I", [_STRIP_PX]),
            (279, "I", counts),
            (317, "H", [_DIFFERENCES]),
        ]
        if channels in (2, 4):
            tags.append((338, "H", [_PLAIN_ALPHA]))
        if self._profile:
            tags.append((34675, "B", self._profile))
        entries = b""
        for tag, kind, values in tags:
            data = struct.pack(f"<{len(values)}{kind}", *values)
            if len(data) > 4:
                data = struct.pack("<I", self._put(data))
            entries += struct.pack("<HHI", tag, _TIFF_TYPES[kind], len(values))
            entries += data.ljust(4, b"\0")
        directory = self._put(struct.pack("<H", len(tags)) + entries + bytes(4))
        self._file.seek(len(_TIFF_START) - 4)
        self._file.write(struct.pack("<I", directory))

    def _put(self, data: bytes) -> int:
        """Write bytes, so many that the next begin at an even place; return where they begin."""
        place = self._end_bytes
        self._file.write(data + bytes(len(data) % 2))
        self._end_bytes += len(data) + len(data) % 2
        return place


def _png_of(strip: Pixels) -> bytes:
    """Return a PNG whose filtered rows are those of the strip; its header may be another's."""
    if strip.dtype == np.uint8 or strip.shape[2] == 2:
        part = io.BytesIO()
        # As bytes, two channels of 16 bits are four of 8: to a filter that is the same.
        stored = strip if strip.dtype == np.uint8 else strip.astype(">u2").view(np.uint8)
        _image(stored).save(part, "PNG", compress_level=0)
        return part.getvalue()
    stored = strip
    if strip.shape[2] > 2:
        swap = cv2.COLOR_RGB2BGR if strip.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
        stored = cv2.cvtColor(strip, swap).astype(np.uint16, copy=False)
    _, data = cv2.imencode(".png", stored, [cv2.IMWRITE_PNG_COMPRESSION, 0])
    return bytes(data)


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
