"""Files that are more, or something else, than they seem."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Final

from tests.support.pictures import picture_bytes

_PNG_START: Final = b"\x89PNG\r\n\x1a\n"
_PIECE: Final = bytes(2**20)


def png(width_px: int, height_px: int, rows: bytes, *more: tuple[bytes, bytes]) -> bytes:
    """Return an RGB PNG with these sides, compressed rows, and further chunks before them."""
    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), *more, (b"IDAT", rows), (b"IEND", b"")]
    return _PNG_START + b"".join(_chunk(*chunk) for chunk in chunks)


def black_png(width_px: int, height_px: int) -> bytes:
    """Return a proper black PNG: of a megabyte for each gigabyte of pixels."""
    packer = zlib.compressobj(1)
    left = height_px * (1 + 3 * width_px)
    rows = bytearray()
    while left > 0:
        rows += packer.compress(_PIECE[:left])
        left -= len(_PIECE)
    return png(width_px, height_px, bytes(rows + packer.flush()))


def png_of_texts(texts: int = 60, text_bytes: int = 2**20 - 1) -> bytes:
    """Return a PNG of 400 × 200 pixels whose compressed texts unpack to a megabyte each."""
    rows = zlib.compress(bytes(200 * (1 + 3 * 400)))
    text = zlib.compress(bytes([65]) * text_bytes, 9)
    chunks = [(b"zTXt", b"key%d\0\0" % number + text) for number in range(texts)]
    return png(400, 200, rows, *chunks)


def jpeg_that_claims(width_px: int, height_px: int, *, progressive: bool) -> bytes:
    """Return a whole JPEG of some hundred bytes; decoders fill up what its header claims."""
    data = bytearray(picture_bytes("jpg", 16, 16, progressive=progressive))
    frame = data.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    struct.pack_into(">HH", data, frame + 5, height_px, width_px)
    return bytes(data)


def jpeg_of_segments(size_bytes: int) -> bytes:
    """Return a JPEG with nothing but metadata before its sides."""
    segment = b"\xff\xe1\xff\xff" + bytes(65533)
    return b"\xff\xd8" + segment * (size_bytes // len(segment)) + picture_bytes("jpg", 400, 200)[2:]


def webp_of_one_colour(side_px: int = 16383) -> bytes:
    """Return a proper WebP of 34 bytes, whatever its sides."""
    sides = (side_px - 1) | (side_px - 1) << 14
    packed = b"\x2f" + struct.pack("<I", sides) + bytes.fromhex("07 10 11 fd 0f 44 44 ff 03")
    chunk = b"VP8L" + struct.pack("<I", len(packed)) + packed
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def bmp_that_claims(width_px: int, height_px: int, *, run_lengths: bool) -> bytes:
    """Return a BMP of some bytes."""
    rows = b"\xff\x00" * 50 + b"\x00\x01"
    start = 14 + 40 + 4 * 256
    information = struct.pack(
        "<IiiHHIIiiII", 40, width_px, height_px, 1, 8, int(run_lengths), len(rows), 0, 0, 256, 0
    )
    file = struct.pack("<2sIHHI", b"BM", start + len(rows), 0, 0, start)
    return file + information + bytes(4 * 256) + rows


def tiff_with_far_directory(size_bytes: int) -> bytes:
    """Return a TIFF that tells its sides at the end of a long file."""
    file = io.BytesIO()
    file.write(struct.pack("<2sHI", b"II", 42, size_bytes))
    file.write(bytes(size_bytes - 8))
    file.write(struct.pack("<H", 2))
    file.write(struct.pack("<HHIHH", 256, 3, 1, 400, 0) + struct.pack("<HHIHH", 257, 3, 1, 200, 0))
    return file.getvalue() + bytes(4)


def jpeg_and_zip() -> bytes:
    """Return a JPEG that is a ZIP as well."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("evil.js", "alert(1)")
    return picture_bytes("jpg", 400, 200) + file.getvalue()


def png_and_page() -> bytes:
    """Return a PNG in whose texts a web page stands."""
    page = b"Comment\0<html><script>alert(1)</script></html>"
    rows = zlib.compress(bytes(200 * (1 + 3 * 400)))
    return png(400, 200, rows, (b"tEXt", page))


def _chunk(name: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check
