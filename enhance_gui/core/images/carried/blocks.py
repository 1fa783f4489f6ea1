"""Reads what a picture file says beside its pixels: tags, rights, texts and print resolution.

It comes from outside: lengths are checked, sizes are capped, and what makes no sense is left out.

Layouts: CIPA DC-008 and Adobe's XMP specification, part 3 (JPEG), W3C PNG, third edition,
RFC 9649 (WebP), TIFF 6.0 with Adobe's technical notes, Microsoft's BITMAPINFOHEADER page.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from enhance_gui.core.images.carried.iptc import with_fields
from enhance_gui.core.images.carried.tags import (
    SHORT,
    Directory,
    Tags,
    parse_tags,
    read_tags,
)
from enhance_gui.core.images.carried.xmp import NOTE, NotXmp, Packet
from enhance_gui.core.images.metadata import (
    MAX_BLOCK_BYTES,
    chunks,
    raw_profile,
    segments,
    unpacked,
)

EXIF_MARK: Final = b"Exif\0\0"
XMP_MARK: Final = b"http://ns.adobe.com/xap/1.0/\0"
XMP_EXTENSION_MARK: Final = b"http://ns.adobe.com/xmp/extension/\0"
PHOTOSHOP_MARK: Final = b"Photoshop 3.0\0"
XMP_KEYWORD: Final = b"XML:com.adobe.xmp"
RAW_PROFILE: Final = b"Raw profile type "

METRES_AN_INCH: Final = 0.0254

XMP_TAG, FIELDS_TAG, PHOTOSHOP_TAG, PROFILE_TAG, CREDENTIALS_TAG = 700, 33723, 34377, 34675, 52545
"""Tags in which a TIFF has XMP, IPTC's fields, Photoshop's resources, colours and credentials."""

X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 282, 283, 296

STRUCTURE_TAGS: Final = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281, 284}
    | {288, 289, 290, 291, 292, 293, 301, 317, 318, 319, *range(320, 350)}
    | {*range(512, 522), *range(529, 533), PROFILE_TAG}
)
"""What a TIFF says of how its own pixels are laid out, and which way up they are."""

_EXTENSION_HEAD: Final = struct.Struct(">32sII")
_KEYWORD: Final = re.compile(rb"[\x20-\x7e\xa1-\xff]{1,79}\0")
_MAX_TEXTS_BYTES: Final = 2**22
"""Unpacked: viewers refuse a picture whose texts have many megabytes."""
_LARGEST_DPI: Final = 100_000.0


@dataclass(slots=True)
class Blocks:
    """What a file says beside its pixels. What it does not say is empty or ``None``."""

    exif: Tags | None = None
    xmp: Packet | None = None
    photoshop: bytes = b""
    """Photoshop's image resources, which hold IPTC's fields."""
    resolution_dpi: tuple[float, float] | None = None
    """As the container has it; EXIF may say another."""
    texts: list[tuple[bytes, bytes]] = field(default_factory=list)
    """PNG: kind and content of the chunks of text, as they stand."""
    texts_bytes: int = 0
    """Of these, unpacked."""
    changed_at: bytes = b""
    """PNG: the content of its ``tIME``."""
    comments: list[bytes] = field(default_factory=list)
    """JPEG: its comments."""
    has_credentials: bool = False
    """Whether it has Content Credentials (C2PA), which are signed and hold for its bytes alone."""
    broken: list[str] = field(default_factory=list)
    """Names of blocks that are there and make no sense."""

    @property
    def resolution(self) -> tuple[float, float] | None:
        """The print resolution in dots an inch: the container's, else that of EXIF."""
        return self.resolution_dpi or (None if self.exif is None else _resolution_of(self.exif))

    def take_exif(self, data: bytes) -> None:
        """Take the first block of EXIF that can be read."""
        if self.exif is None and data:
            self.exif = parse_tags(data.removeprefix(EXIF_MARK))
            if self.exif is None:
                self.broken.append("EXIF")

    def take_xmp(self, data: bytes) -> None:
        """Take the first packet of XMP that can be read."""
        if self.xmp is None and data:
            try:
                self.xmp = Packet.parse(data)
            except NotXmp:
                self.broken.append("XMP")


def read_blocks(file: BinaryIO, kind: str) -> Blocks:
    """Read what a JPEG, PNG, WebP, TIFF or BMP says; of any other kind there is none here.

    :param file: can be searched; it is read from its start.
    :param kind: the name of its format, as :data:`~enhance_gui.core.images.formats.FORMATS` has it.
    :raises OSError: the file cannot be read.
    """
    found = Blocks()
    read = _READERS.get(kind)
    if read is not None:
        file.seek(0)
        read(file, found)
    return found


def _read_jpeg(file: BinaryIO, found: Blocks) -> None:
    extensions: dict[bytes, list[tuple[int, int, bytes]]] = {}
    for marker, data in segments(file):
        if marker == 0xE0 and data.startswith(b"JFIF\0") and len(data) >= 12:
            unit, across, down = struct.unpack_from(">BHH", data, 7)
            found.resolution_dpi = _resolution(across, down, {1: 1.0, 2: 2.54}.get(unit))
        elif marker == 0xE1 and data.startswith(EXIF_MARK):
            found.take_exif(data)
        elif marker == 0xE1 and data.startswith(XMP_MARK):
            found.take_xmp(data[len(XMP_MARK) :])
        elif marker == 0xE1 and data.startswith(XMP_EXTENSION_MARK):
            rest = data[len(XMP_EXTENSION_MARK) :]
            if len(rest) > _EXTENSION_HEAD.size:
                digest, whole_bytes, place = _EXTENSION_HEAD.unpack_from(rest)
                part = (place, whole_bytes, rest[_EXTENSION_HEAD.size :])
                extensions.setdefault(digest, []).append(part)
        elif marker == 0xED and data.startswith(PHOTOSHOP_MARK):
            found.photoshop += data[len(PHOTOSHOP_MARK) :]
        elif marker == 0xEB and data.startswith(b"JP"):
            found.has_credentials = found.has_credentials or b"c2pa" in data
        elif marker == 0xFE:
            found.comments.append(data)
    _join_extension(found, extensions)


def _join_extension(found: Blocks, extensions: dict[bytes, list[tuple[int, int, bytes]]]) -> None:
    """Put the part of XMP that did not fit into one segment to the rest."""
    if found.xmp is None:
        return
    named = (NOTE, "HasExtendedXMP")
    digest = found.xmp.value(named)
    if not digest:
        return
    found.xmp.remove(lambda name: name == named)
    parts = sorted(extensions.get(digest.encode("ascii", "replace"), []))
    data = b"".join(part for _, _, part in parts)
    sound = parts and all(whole_bytes == len(data) for _, whole_bytes, _ in parts)
    if sound and hashlib.md5(data, usedforsecurity=False).hexdigest().upper() == digest:
        with suppress(NotXmp):
            found.xmp.join(Packet.parse(data))
            return
    found.broken.append("XMP")


def _read_png(file: BinaryIO, found: Blocks) -> None:
    for name, size_bytes in chunks(file, 8, ">I4s"):
        take = _PNG_CHUNKS.get(name)
        if take is not None and size_bytes <= MAX_BLOCK_BYTES:
            take(found, file.read(size_bytes))


def _take_resolution(found: Blocks, data: bytes) -> None:
    if len(data) == 9 and data[8] == 1:
        across, down = struct.unpack_from(">II", data)
        found.resolution_dpi = _resolution(across, down, METRES_AN_INCH)


def _take_text(found: Blocks, data: bytes) -> None:
    _keep_text(found, b"tEXt", data, len(data))


def _take_packed_text(found: Blocks, data: bytes) -> None:
    keyword, _, rest = data.partition(b"\0")
    text = unpacked(rest[1:])
    if keyword.startswith(RAW_PROFILE):
        _take_raw_profile(found, keyword.removeprefix(RAW_PROFILE), text)
    elif text:
        _keep_text(found, b"zTXt", data, len(text))


def _take_international_text(found: Blocks, data: bytes) -> None:
    keyword, _, rest = data.partition(b"\0")
    parts = rest[2:].split(b"\0", 2)
    if len(parts) < 3:
        return
    text = unpacked(parts[2]) if rest[:1] == b"\1" else parts[2]
    if keyword == XMP_KEYWORD:
        found.take_xmp(text)
    elif text:
        _keep_text(found, b"iTXt", data, len(text))


def _keep_text(found: Blocks, kind: bytes, data: bytes, size_bytes: int) -> None:
    """Keep a chunk of a text that has so many bytes unpacked."""
    keyword, _, text = data.partition(b"\0")
    if keyword.startswith(RAW_PROFILE):
        _take_raw_profile(found, keyword.removeprefix(RAW_PROFILE), text)
    elif _KEYWORD.match(data) and found.texts_bytes + size_bytes <= _MAX_TEXTS_BYTES:
        found.texts.append((kind, data))
        found.texts_bytes += size_bytes


def _take_raw_profile(found: Blocks, kind: bytes, text: bytes) -> None:
    data = raw_profile(text)
    if kind in (b"exif", b"APP1") and data.startswith(EXIF_MARK):
        found.take_exif(data)
    elif kind in (b"xmp", b"APP1"):
        found.take_xmp(data.removeprefix(XMP_MARK))
    elif kind == b"iptc" and data and not found.photoshop:
        data = data.removeprefix(PHOTOSHOP_MARK)
        found.photoshop = data if data.startswith(b"8BIM") else with_fields(b"", data)


def _take_time(found: Blocks, data: bytes) -> None:
    if len(data) == 7:
        found.changed_at = data


def _take_credentials(found: Blocks, _data: bytes) -> None:
    found.has_credentials = True


_PNG_CHUNKS: Final[dict[bytes, Callable[[Blocks, bytes], None]]] = {
    b"eXIf": Blocks.take_exif,
    b"pHYs": _take_resolution,
    b"tEXt": _take_text,
    b"zTXt": _take_packed_text,
    b"iTXt": _take_international_text,
    b"tIME": _take_time,
    b"caBX": _take_credentials,
}


def _read_webp(file: BinaryIO, found: Blocks) -> None:
    for name, size_bytes in chunks(file, 12, "<4sI"):
        if size_bytes > MAX_BLOCK_BYTES:
            continue
        if name == b"EXIF":
            found.take_exif(file.read(size_bytes))
        elif name == b"XMP ":
            found.take_xmp(file.read(size_bytes))
        elif name == b"C2PA":
            found.has_credentials = True


def _read_tiff(file: BinaryIO, found: Blocks) -> None:
    def read(place: int, size_bytes: int) -> bytes:
        file.seek(place)
        return file.read(size_bytes)

    tags = read_tags(read, STRUCTURE_TAGS)
    if tags is None:
        return
    main = tags.main
    found.take_xmp(_taken(main, XMP_TAG))
    found.photoshop = _taken(main, PHOTOSHOP_TAG)
    if (fields := _fields(tags)) is not None:
        found.photoshop = with_fields(found.photoshop, fields)
    found.has_credentials = bool(_taken(main, CREDENTIALS_TAG))
    found.exif = None if tags.is_empty else tags


def _fields(tags: Tags) -> bytes | None:
    entry = tags.main.pop(FIELDS_TAG, None)
    if entry is None:
        return None
    # Many programs call the bytes numbers of four bytes, and readers that heed the byte order
    # would exchange them: what begins with the mark of a field, 0x1C, is in order.
    data = entry.data
    if data[:1] != b"\x1c" and data[3:4] == b"\x1c" and len(data) % 4 == 0:
        data = b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))
    return data


def _taken(main: Directory, tag: int) -> bytes:
    entry = main.pop(tag, None)
    return b"" if entry is None else entry.data


def _read_bmp(file: BinaryIO, found: Blocks) -> None:
    head = file.read(46)
    if len(head) == 46 and struct.unpack_from("<I", head, 14)[0] >= 40:
        across, down = struct.unpack_from("<ii", head, 38)
        found.resolution_dpi = _resolution(across, down, METRES_AN_INCH)


def _resolution(across: float, down: float, inches: float | None) -> tuple[float, float] | None:
    """Return the resolution in dots an inch.

    :param inches: how many of them the unit is that the dots are counted in; ``None``: no unit.
    """
    if inches is None or across <= 0 or down <= 0:
        return None
    found = across * inches, down * inches
    return found if max(found) < _LARGEST_DPI else None


def _resolution_of(tags: Tags) -> tuple[float, float] | None:
    unit = tags.number(tags.main, RESOLUTION_UNIT)
    sides = []
    for tag in (X_RESOLUTION, Y_RESOLUTION):
        entry = tags.main.get(tag)
        if entry is None or entry.kind != 5 or entry.count != 1:
            return None
        above, below = tags.numbers(entry)
        sides.append(above / below if below else 0.0)
    return _resolution(sides[0], sides[1], {None: 1.0, 2: 1.0, 3: 2.54}.get(unit))


def set_resolution(tags: Tags, dpi: tuple[float, float]) -> None:
    """Put a print resolution in dots an inch into tags."""
    for tag, value in ((X_RESOLUTION, dpi[0]), (Y_RESOLUTION, dpi[1])):
        tags.main[tag] = tags.entry(5, round(value * 1000), 1000)
    tags.main[RESOLUTION_UNIT] = tags.entry(SHORT, 2)


_READERS: Final[dict[str, Callable[[BinaryIO, Blocks], None]]] = {
    "jpg": _read_jpeg,
    "png": _read_png,
    "webp": _read_webp,
    "tiff": _read_tiff,
    "bmp": _read_bmp,
}
