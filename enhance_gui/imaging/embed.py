"""Writes what a picture says beside its pixels into its file; the pixels' bytes are copied.

The file is copied piece by piece, so that its size does not matter. A file that is laid out
otherwise than encoders do it is left alone.

Layouts: as of :mod:`enhance_gui.core.images.carried.blocks`.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from enhance_gui.core.images.carried.blocks import (
    EXIF_MARK,
    METRES_AN_INCH,
    PHOTOSHOP_MARK,
    RAW_PROFILE,
    XMP_EXTENSION_MARK,
    XMP_KEYWORD,
    XMP_MARK,
    Blocks,
)
from enhance_gui.core.images.carried.tags import Tags, tags_to_bytes
from enhance_gui.core.images.carried.xmp import NOTE, NotXmp, Packet
from enhance_gui.core.text.detail import Detail
from enhance_gui.imaging.embed_avif import write_avif
from enhance_gui.imaging.embed_tiff import write_tiff
from enhance_gui.imaging.pieces import NotEditable, Write, copy, read_exactly

_MAX_SEGMENT_BYTES: Final = 65_533
_MAX_SEGMENTS: Final = 10_000
_MAX_HEAD_BYTES: Final = 2**25
_EXTENSION_BYTES: Final = 65_000
_MAX_CHUNKS: Final = 1_000_000
_TEXT_LINE: Final = 72


def embed(
    file: BinaryIO, kind: str, blocks: Blocks, sides_px: tuple[int, int], write: Write
) -> list[str]:
    """Write a picture with these blocks in place of its own.

    :param blocks: fitted to the kind.
    :param sides_px: width and height of the picture.
    :param write: takes the file in pieces.
    :returns: why something of the blocks is left out, one clause each.
    :raises NotEditable: the file's layout is an unusual one; what was written is of no use.
    :raises OSError: it cannot be read.
    """
    file.seek(0)
    if kind == "webp":
        return _write_webp(file, blocks, sides_px, write)
    return _WRITERS[kind](file, blocks, write)


# -- JPEG -----------------------------------------------------------------------------------------


def _write_jpeg(file: BinaryIO, blocks: Blocks, write: Write) -> list[str]:
    head, place = _jpeg_head(file)
    write(b"\xff\xd8")
    if head and head[0][1].startswith(b"JFIF\0"):
        write(_segment(0xE0, _with_density(head.pop(0)[1], blocks.resolution)))
    left_out: list[str] = []
    if exif := _fitting_exif(blocks.exif, left_out):
        write(_segment(0xE1, EXIF_MARK + exif))
    _write_xmp_segments(blocks.xmp, write, left_out)
    photoshop = blocks.photoshop
    room = _MAX_SEGMENT_BYTES - len(PHOTOSHOP_MARK)
    for at in range(0, len(photoshop), room):
        write(_segment(0xED, PHOTOSHOP_MARK + photoshop[at : at + room]))
    for marker, data in head:
        if not _is_replaced(marker, data):
            write(_segment(marker, data))
    for comment in blocks.comments:
        write(_segment(0xFE, comment))
    copy(file, place, None, write)
    return left_out


def _jpeg_head(file: BinaryIO) -> tuple[list[tuple[int, bytes]], int]:
    """Return the segments before the first scan, and where that begins."""
    place, total_bytes = 2, 0
    if file.read(2) != b"\xff\xd8":
        raise NotEditable("it does not begin as a JPEG")
    found: list[tuple[int, bytes]] = []
    while len(found) < _MAX_SEGMENTS and total_bytes < _MAX_HEAD_BYTES:
        mark, marker, length = struct.unpack(">BBH", read_exactly(file, 4))
        if mark != 0xFF or marker in (0x00, 0xFF, 0x01) or 0xD0 <= marker <= 0xD9 or length < 2:
            raise NotEditable("there is something between its segments")
        if marker == 0xDA:
            return found, place
        found.append((marker, read_exactly(file, length - 2)))
        place += 2 + length
        total_bytes += length
    raise NotEditable("it has too many segments")


def _is_replaced(marker: int, data: bytes) -> bool:
    return (
        marker == 0xFE
        or (marker == 0xE1 and data.startswith((EXIF_MARK, XMP_MARK, XMP_EXTENSION_MARK)))
        or (marker == 0xED and data.startswith(PHOTOSHOP_MARK))
    )


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _with_density(jfif: bytes, dpi: tuple[float, float] | None) -> bytes:
    if dpi is None or len(jfif) < 12 or round(max(dpi)) >= 2**16 or round(min(dpi)) < 1:
        return jfif
    return jfif[:7] + struct.pack(">BHH", 1, round(dpi[0]), round(dpi[1])) + jfif[12:]


def _fitting_exif(tags: Tags | None, left_out: list[str]) -> bytes:
    """Lay EXIF out for one segment of a JPEG; the largest tags go where it is too long."""
    if tags is None:
        return b""
    room = _MAX_SEGMENT_BYTES - len(EXIF_MARK)
    while len(data := tags_to_bytes(tags)) > room:
        directories = (tags.main, tags.exif, tags.gps, tags.interoperability)
        directory, tag = max(
            ((each, tag) for each in directories for tag in each),
            key=lambda found: len(found[0][found[1]].data),
        )
        del directory[tag]
        left_out.append(
            Detail("EXIF: the tag {tag}, which is too long for a JPEG", tag=f"{tag:#06x}")
        )
    return data


def _write_xmp_segments(packet: Packet | None, write: Write, left_out: list[str]) -> None:
    if packet is None:
        return
    room = _MAX_SEGMENT_BYTES - len(XMP_MARK)
    data = packet.wrapped()
    further = b""
    if len(data) > room:
        try:
            main = Packet.parse(packet.to_bytes())
            moved = main.take_out(room - 500)
            further = b"" if moved is None else moved.to_bytes()
            digest = hashlib.md5(further, usedforsecurity=False).hexdigest().upper()
            main.set((NOTE, "HasExtendedXMP"), digest)
            data = main.wrapped()
        except NotXmp:
            left_out.append(Detail("XMP: it is too long for a JPEG"))
            return
    write(_segment(0xE1, XMP_MARK + data))
    for at in range(0, len(further), _EXTENSION_BYTES):
        numbers = struct.pack(">II", len(further), at)
        part = further[at : at + _EXTENSION_BYTES]
        write(_segment(0xE1, XMP_EXTENSION_MARK + digest.encode() + numbers + part))


# -- PNG ------------------------------------------------------------------------------------------


def _write_png(file: BinaryIO, blocks: Blocks, write: Write) -> list[str]:
    write(read_exactly(file, 8))
    written = False
    for name, place, size_bytes in _png_chunks(file):
        if name == b"IDAT" and not written:
            written = True
            for each, data in _png_blocks(blocks):
                write(_chunk(each, data))
        replaced = name in (b"eXIf", b"tEXt", b"zTXt", b"iTXt")
        replaced = replaced or (name == b"pHYs" and blocks.resolution_dpi is not None)
        replaced = replaced or (name == b"tIME" and bool(blocks.changed_at))
        if not replaced:
            copy(file, place, 12 + size_bytes, write)
    if not written:
        raise NotEditable("it has no pixels")
    return []


def _png_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    place = 8
    for _ in range(_MAX_CHUNKS):
        file.seek(place)
        size_bytes, name = struct.unpack(">I4s", read_exactly(file, 8))
        yield name, place, size_bytes
        place += 12 + size_bytes
        if name == b"IEND":
            return
    raise NotEditable("it has too many chunks")


def _png_blocks(blocks: Blocks) -> Iterator[tuple[bytes, bytes]]:
    if blocks.resolution_dpi is not None:
        across, down = (round(each / METRES_AN_INCH) for each in blocks.resolution_dpi)
        yield b"pHYs", struct.pack(">IIB", across, down, 1)
    if blocks.exif is not None:
        yield b"eXIf", tags_to_bytes(blocks.exif)
    if blocks.xmp is not None:
        yield b"iTXt", XMP_KEYWORD + b"\0\0\0\0\0" + blocks.xmp.wrapped()
    if blocks.photoshop:
        digits = blocks.photoshop.hex().encode()
        lines = b"\n".join(digits[at : at + _TEXT_LINE] for at in range(0, len(digits), _TEXT_LINE))
        text = b"\niptc\n%8d\n%b\n" % (len(blocks.photoshop), lines)
        yield b"zTXt", RAW_PROFILE + b"iptc\0\0" + zlib.compress(text)
    if blocks.changed_at:
        yield b"tIME", blocks.changed_at
    yield from blocks.texts


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


# -- WebP -----------------------------------------------------------------------------------------

_HAS_EXIF, _HAS_XMP, _HAS_ALPHA = 0x08, 0x04, 0x10


def _write_webp(
    file: BinaryIO, blocks: Blocks, sides_px: tuple[int, int], write: Write
) -> list[str]:
    head = read_exactly(file, 12)
    if head[:4] != b"RIFF" or head[8:] != b"WEBP":
        raise NotEditable("it does not begin as a WebP")
    end = 8 + int.from_bytes(head[4:8], "little")
    kept, extended = _webp_chunks(file, end, sides_px)
    exif = b"" if blocks.exif is None else tags_to_bytes(blocks.exif)
    xmp = b"" if blocks.xmp is None else blocks.xmp.wrapped()
    flags = extended[0] & ~(_HAS_EXIF | _HAS_XMP)
    flags |= (_HAS_EXIF if exif else 0) | (_HAS_XMP if xmp else 0)
    begin = _riff(b"VP8X", bytes([flags]) + extended[1:])
    ends = [_riff(name, data) for name, data in ((b"EXIF", exif), (b"XMP ", xmp)) if data]
    body_bytes = 4 + len(begin) + sum(size for _, size in kept) + sum(map(len, ends))
    if body_bytes >= 2**32:
        raise NotEditable("it is too long")
    write(b"RIFF" + struct.pack("<I", body_bytes) + b"WEBP" + begin)
    for place, size_bytes in kept:
        copy(file, place, size_bytes, write)
    for each in ends:
        write(each)
    return []


def _webp_chunks(
    file: BinaryIO, end: int, sides_px: tuple[int, int]
) -> tuple[list[tuple[int, int]], bytes]:
    """Return places and sizes of the chunks to keep, and the content of the extended header."""
    kept: list[tuple[int, int]] = []
    extended = b""
    has_alpha = False
    place = 12
    while place + 8 <= end and len(kept) < _MAX_CHUNKS:
        file.seek(place)
        name, size_bytes = struct.unpack("<4sI", read_exactly(file, 8))
        whole_bytes = 8 + size_bytes + size_bytes % 2
        if name == b"VP8X" and size_bytes == 10 and not extended:
            extended = read_exactly(file, 10)
        elif name not in (b"EXIF", b"XMP "):
            if place + whole_bytes > end:
                raise NotEditable("one of its chunks is longer than the file")
            has_alpha = has_alpha or (name == b"VP8L" and bool(read_exactly(file, 5)[4] & 0x10))
            kept.append((place, whole_bytes))
        place += whole_bytes
    if not kept:
        raise NotEditable("it has no pixels")
    width_px, height_px = sides_px
    plain = struct.pack("<B3x", _HAS_ALPHA if has_alpha else 0)
    sides = b"".join((each - 1).to_bytes(3, "little") for each in (width_px, height_px))
    return kept, extended or plain + sides


def _riff(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


# -- BMP ------------------------------------------------------------------------------------------


def _write_bmp(file: BinaryIO, blocks: Blocks, write: Write) -> list[str]:
    head = read_exactly(file, 26)
    if blocks.resolution_dpi is not None and int.from_bytes(head[14:18], "little") >= 40:
        head += read_exactly(file, 12) + struct.pack(
            "<ii", *(round(each / METRES_AN_INCH) for each in blocks.resolution_dpi)
        )
    write(head)
    copy(file, len(head), None, write)
    return []


_WRITERS: Final[dict[str, Callable[[BinaryIO, Blocks, Write], list[str]]]] = {
    "jpg": _write_jpeg,
    "png": _write_png,
    "tiff": write_tiff,
    "bmp": _write_bmp,
    "avif": write_avif,
}

EDITABLE: Final = frozenset({"jpg", "png", "tiff", "bmp", "webp"})
"""Kinds that can be read, and written whoever has made them."""
