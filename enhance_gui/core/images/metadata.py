"""Reads what a picture file says of its pixels: their colours, and which way up they are.

Only what lies around the pixels is read; they are passed over. All of it comes from outside:
lengths are checked, sizes are capped, and what makes no sense is left out, since no browser refuses
a picture for a broken tag.

Layouts: ITU-T T.81, annex B.1 and CIPA DC-008 (JPEG), W3C PNG, third edition, RFC 9649 (WebP),
ISO/IEC 15444-1, annex I (JPEG 2000), ISO/IEC 14496-12 (AVIF, HEIF), TIFF 6.0.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from enhance_gui.core.images.boxes import boxes_named, colours_of_primary
from enhance_gui.core.images.carried.tags import read_tags

MAX_BLOCK_BYTES: Final = 2**23
"""Of one block; colour profiles have up to 2 MB."""
_MAX_BLOCKS: Final = 10_000
"""Of one file: a hostile one has millions of empty ones."""

MAX_STRAY_BYTES: Final = 2**16
"""Of a JPEG, in all; from there on it has no segments worth looking for."""

_EXIF: Final = b"Exif\0\0"
_ICC: Final = b"ICC_PROFILE\0"

Primaries = tuple[float, float, float, float, float, float, float, float]
"""x and y of white, red, green and blue."""


@dataclass(slots=True)
class Metadata:
    """What a file says of its picture. What it does not say is empty or ``None``."""

    icc_profile: bytes = b""
    cicp: tuple[int, int, int, int] | None = None
    """PNG, AVIF, HEIF: primaries, transfer function, matrix and range by the numbers of ITU-T
    H.273; the last two are those of the decoded picture."""
    is_lossless: bool = False
    """AVIF, HEIF, JPEG 2000: whether it was compressed without loss, as far as the file tells."""
    says_srgb: bool = False
    """PNG: that the colours are sRGB's."""
    gamma: float | None = None
    """PNG: the exponent of encoding, such as 1/2.2."""
    chromaticities: Primaries | None = None
    """PNG: x and y of white, red, green and blue."""
    exif: bytes = b""
    """A TIFF structure, without the mark before it."""


def read_metadata(file: BinaryIO, kind: str) -> Metadata:
    """Read the metadata of a picture file; of a GIF or BMP there is none here.

    What turns an AVIF, HEIF or TIFF is left to their decoders, which turn them.

    :param file: can be searched; it is read from its start.
    :param kind: the name of its format, as :data:`~enhance_gui.core.images.formats.FORMATS` has it.
    :raises OSError: the file cannot be read.
    """
    found = Metadata()
    read = _READERS.get(kind)
    if read is not None:
        file.seek(0)
        read(file, found)
    return found


def _read_jpeg(file: BinaryIO, found: Metadata) -> None:
    parts: dict[int, bytes] = {}
    for marker, data in segments(file):
        if marker == 0xE1 and data.startswith(_EXIF):
            found.exif = found.exif or data[len(_EXIF) :]
        elif marker == 0xE2 and data.startswith(_ICC) and len(data) > len(_ICC) + 2:
            parts.setdefault(data[len(_ICC)], data[len(_ICC) + 2 :])
    found.icc_profile = b"".join(parts[number] for number in sorted(parts))


def segments(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield marker and content of a JPEG's segments before its first scan."""
    file.seek(2)
    stray_bytes = 0
    for _ in range(_MAX_BLOCKS):
        byte, is_marker = file.read(1), False
        # Between segments some writers leave bytes that mean nothing; decoders pass over them.
        while byte and (byte == b"\xff" or not is_marker) and stray_bytes < MAX_STRAY_BYTES:
            is_marker = byte == b"\xff"
            byte, stray_bytes = file.read(1), stray_bytes + 1
        if not byte or not is_marker or byte[0] in (0xD9, 0xDA):
            return
        if byte[0] in (0x00, 0x01) or 0xD0 <= byte[0] <= 0xD8:
            continue
        length = int.from_bytes(file.read(2), "big") - 2
        if length < 0:
            return
        yield byte[0], file.read(length)


def _read_png(file: BinaryIO, found: Metadata) -> None:
    for name, size_bytes in chunks(file, 8, ">I4s"):
        take = _PNG_CHUNKS.get(name)
        if take is not None and size_bytes <= MAX_BLOCK_BYTES:
            take(found, file.read(size_bytes))


def chunks(file: BinaryIO, begin: int, layout: str) -> Iterator[tuple[bytes, int]]:
    """Yield name and size of the chunks of a PNG or WebP file, its content the next to be read."""
    place = begin
    for _ in range(_MAX_BLOCKS):
        file.seek(place)
        head = file.read(8)
        if len(head) < 8:
            return
        one, other = struct.unpack(layout, head)
        name, size_bytes = (other, one) if isinstance(one, int) else (one, other)
        yield name, size_bytes
        # A PNG's chunk ends with a checksum, a WebP's fills an even number of bytes.
        place += 8 + size_bytes + (4 if begin == 8 else size_bytes % 2)


def _take_profile(found: Metadata, data: bytes) -> None:
    name, _, rest = data.partition(b"\0")
    if 0 < len(name) < 80 and not found.icc_profile:
        found.icc_profile = unpacked(rest[1:])


def _take_gamma(found: Metadata, data: bytes) -> None:
    if len(data) == 4 and (number := int.from_bytes(data, "big")):
        found.gamma = number / 100_000


def _take_chromaticities(found: Metadata, data: bytes) -> None:
    if len(data) == 32:
        wx, wy, rx, ry, gx, gy, bx, by = (n / 100_000 for n in struct.unpack(">8I", data))
        found.chromaticities = (wx, wy, rx, ry, gx, gy, bx, by)


def _take_srgb(found: Metadata, _data: bytes) -> None:
    found.says_srgb = True


def _take_cicp(found: Metadata, data: bytes) -> None:
    if len(data) == 4:
        found.cicp = (data[0], data[1], data[2], data[3])


def _take_exif(found: Metadata, data: bytes) -> None:
    found.exif = found.exif or data.removeprefix(_EXIF)


def _take_raw_profile(found: Metadata, data: bytes) -> None:
    keyword, _, rest = data.partition(b"\0")
    if keyword not in (b"Raw profile type exif", b"Raw profile type APP1"):
        return
    tags = raw_profile(unpacked(rest[1:]))
    if tags.startswith(_EXIF):
        found.exif = found.exif or tags[len(_EXIF) :]


_PNG_CHUNKS: Final[dict[bytes, Callable[[Metadata, bytes], None]]] = {
    b"iCCP": _take_profile,
    b"cICP": _take_cicp,
    b"sRGB": _take_srgb,
    b"gAMA": _take_gamma,
    b"cHRM": _take_chromaticities,
    b"eXIf": _take_exif,
    b"zTXt": _take_raw_profile,
}


def _read_webp(file: BinaryIO, found: Metadata) -> None:
    for name, size_bytes in chunks(file, 12, "<4sI"):
        if name in (b"ICCP", b"EXIF") and size_bytes <= MAX_BLOCK_BYTES:
            data = file.read(size_bytes)
            if name == b"ICCP":
                found.icc_profile = data
            else:
                found.exif = data.removeprefix(_EXIF)


def raw_profile(text: bytes) -> bytes:
    """Read what ImageMagick writes: a name, a length and hexadecimal digits, each on its line.

    :returns: nothing where the text is no such.
    """
    try:
        return bytes.fromhex(b"".join(text.strip().split(b"\n")[2:]).decode("ascii"))
    except ValueError:
        return b""


def _read_boxed(file: BinaryIO, found: Metadata) -> None:
    """Read an AVIF's or HEIF's colours; a profile counts before numbers."""
    for colours in colours_of_primary(file.read(MAX_BLOCK_BYTES)):
        if colours[:4] in (b"prof", b"rICC") and not found.icc_profile:
            found.icc_profile = colours[4:]
        elif colours[:4] == b"nclx" and len(colours) >= 11:
            primaries, transfer, matrix = struct.unpack_from(">3H", colours, 4)
            # Of RGB that was never turned into brightness and colour, nothing is lost on the way.
            found.is_lossless = matrix == _IDENTITY
            found.cicp = (primaries, transfer, _IDENTITY, 1)
    if found.icc_profile:
        found.cicp = None


_IDENTITY: Final = 0
"""The matrix of RGB (ITU-T H.273, table 4)."""


def _read_jp2(file: BinaryIO, found: Metadata) -> None:
    data = file.read(MAX_BLOCK_BYTES)
    for header in boxes_named(data, b"jp2h"):
        for place in boxes_named(data, b"colr", header):
            colours = data[place.start : place.stop]
            if colours[:1] in (b"\2", b"\3") and not found.icc_profile:
                found.icc_profile = colours[3:]
    # The style of coding stands before the first tile; its wavelet 1 gives all levels back.
    style = data.find(_CODING_STYLE, 0, max(data.find(_START_OF_TILE), 0))
    found.is_lossless = style >= 0 and data[style + 13 : style + 14] == b"\1"


def _read_tiff(file: BinaryIO, found: Metadata) -> None:
    def read(place: int, size_bytes: int) -> bytes:
        file.seek(place)
        return file.read(size_bytes)

    tags = read_tags(read, _LEFT_TAGS)
    if tags is not None and (profile := tags.main.get(_PROFILE_TAG)) is not None:
        found.icc_profile = profile.data


_PROFILE_TAG: Final = 34_675
_LEFT_TAGS: Final = frozenset({700, 33_723, 34_377})
"""XMP, IPTC and Photoshop's: large, and nothing of them is asked for here."""

_CODING_STYLE: Final = b"\xff\x52\x00"
_START_OF_TILE: Final = b"\xff\x90\x00\x0a"


def unpacked(data: bytes) -> bytes:
    """Return what a zlib stream holds; nothing where it is broken or larger than any block."""
    try:
        unpacker = zlib.decompressobj()
        unpacked = unpacker.decompress(data, MAX_BLOCK_BYTES)
    except zlib.error:
        return b""
    return b"" if unpacker.unconsumed_tail else unpacked


_READERS: Final[dict[str, Callable[[BinaryIO, Metadata], None]]] = {
    "jpg": _read_jpeg,
    "png": _read_png,
    "webp": _read_webp,
    "avif": _read_boxed,
    "heic": _read_boxed,
    "jp2": _read_jp2,
    "tiff": _read_tiff,
}
