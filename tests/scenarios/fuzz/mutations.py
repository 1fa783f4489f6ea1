"""Damages sound picture files: as disks, networks and programs do, and as nothing ever does."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from random import Random
from typing import Any, Final

from PIL import Image

from enhance_gui.core.images.formats import FORMATS
from enhance_gui.imaging.decoders import can_decode

SIDES_PX: Final = (96, 80)
_SPAN_BYTES: Final = 400


def sound_files() -> dict[str, bytes]:
    """Return sound files of every kind that Pillow writes, by a name that begins with the kind."""
    files = {}
    for name, mode, how in _MADE:
        kind = name.split()[0]
        if can_decode(kind):
            file = io.BytesIO()
            _picture(mode).save(file, FORMATS[kind].decoder, **how)
            files[name] = file.getvalue()
    return files


def damaged(sound: dict[str, bytes], random: Random) -> tuple[str, str, bytes]:
    """Return one damaged file, with the name of what it was made from and of how."""
    source = random.choice(sorted(sound))
    how = random.choice(sorted(MUTATIONS))
    return source, how, MUTATIONS[how](bytearray(sound[source]), random)


_EXIF: Final = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"

_MADE: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("jpg", "RGB", {"exif": _EXIF}),
    ("jpg grey", "L", {}),
    ("jpg CMYK", "CMYK", {}),
    ("jpg progressive", "RGB", {"progressive": True}),
    ("jpg restarts", "RGB", {"restart_marker_blocks": 4}),
    ("png", "RGB", {"exif": _EXIF}),
    ("png grey", "L", {}),
    ("png palette", "P", {"transparency": 3}),
    ("png alpha", "RGBA", {}),
    ("png 16 bits", "I;16", {}),
    ("png bits", "1", {}),
    ("png plain", "RGB", {"compress_level": 0}),
    ("webp", "RGB", {"exif": _EXIF}),
    ("webp alpha", "RGBA", {}),
    ("webp lossless", "RGB", {"lossless": True}),
    ("bmp", "RGB", {}),
    ("bmp palette", "P", {}),
    ("gif", "P", {}),
    ("tiff", "RGB", {}),
    ("tiff lzw", "RGB", {"compression": "tiff_lzw"}),
    ("tiff deflate", "L", {"compression": "tiff_adobe_deflate"}),
    ("tiff jpeg", "RGB", {"compression": "jpeg"}),
    ("avif", "RGB", {}),
    ("heic", "RGB", {}),
    ("jp2", "RGB", {}),
)


def _picture(mode: str) -> Image.Image:
    across = Image.linear_gradient("L").rotate(90).resize(SIDES_PX)
    noise = Random(1).randbytes(SIDES_PX[0] * SIDES_PX[1])
    grain = Image.frombytes("L", SIDES_PX, noise)
    grey = Image.blend(across, grain, 0.2)
    if mode in ("L", "I;16", "1"):
        return (
            grey.convert("I").point(lambda v: v * 257).convert(mode)
            if "I" in mode
            else (grey.convert(mode))
        )
    colour = Image.merge("RGB", (grey, across, grain))
    return colour.convert(mode)


def _flip_one(data: bytearray, random: Random) -> bytes:
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(data)


def _flip_many(data: bytearray, random: Random) -> bytes:
    for _ in range(random.randint(2, 40)):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(data)


def _flip_in_head(data: bytearray, random: Random) -> bytes:
    """Flip bits where the structure of most kinds stands."""
    for _ in range(random.randint(1, 4)):
        data[random.randrange(min(_SPAN_BYTES, len(data)))] ^= 1 << random.randrange(8)
    return bytes(data)


def _cut(data: bytearray, random: Random) -> bytes:
    return bytes(data[: random.randrange(len(data))])


def _cut_end(data: bytearray, random: Random) -> bytes:
    return bytes(data[: -random.randint(1, 40)])


def _never_filled(data: bytearray, random: Random) -> bytes:
    """Leave zeros where a program had made room for the rest."""
    place = random.randrange(len(data))
    return bytes(data[:place]) + bytes(len(data) - place)


def _span(data: bytearray, random: Random) -> tuple[int, int]:
    begin = random.randrange(len(data))
    return begin, min(len(data), begin + random.randint(1, _SPAN_BYTES))


def _remove(data: bytearray, random: Random) -> bytes:
    begin, end = _span(data, random)
    return bytes(data[:begin] + data[end:])


def _repeat(data: bytearray, random: Random) -> bytes:
    begin, end = _span(data, random)
    return bytes(data[:end] + data[begin:])


def _insert(data: bytearray, random: Random) -> bytes:
    begin, end = _span(data, random)
    return bytes(data[:begin] + random.randbytes(end - begin) + data[begin:])


def _overwrite(data: bytearray, random: Random) -> bytes:
    begin, end = _span(data, random)
    data[begin:end] = random.choice((bytes(end - begin), random.randbytes(end - begin)))
    return bytes(data)


def _swap(data: bytearray, random: Random) -> bytes:
    first, second = sorted((_span(data, random), _span(data, random)))
    if second[0] < first[1]:
        return _remove(data, random)
    one, other = data[slice(*first)], data[slice(*second)]
    middle = data[first[1] : second[0]]
    return bytes(data[: first[0]] + other + middle + one + data[second[1] :])


def _part_of_png(data: bytearray, random: Random) -> bytes | None:
    """Swap, repeat or drop whole chunks of a PNG, whose sums stay right."""
    if data[:4] != b"\x89PNG":
        return None
    chunks, place = [], 8
    while place + 12 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4])
        chunks.append(data[place:end])
        place = end
    return bytes(data[:8]) + b"".join(_shuffled(chunks, random))


def _part_of_jpeg(data: bytearray, random: Random) -> bytes | None:
    """Swap, repeat or drop whole segments of a JPEG before its first scan."""
    if data[:2] != b"\xff\xd8":
        return None
    parts, place = [], 2
    while data[place + 1] != 0xDA:
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4])
        parts.append(data[place:end])
        place = end
    return bytes(data[:2]) + b"".join(_shuffled(parts, random)) + bytes(data[place:])


def _shuffled(parts: list[bytearray], random: Random) -> list[bytearray]:
    one, other = random.randrange(len(parts)), random.randrange(len(parts))
    match random.randrange(3):
        case 0:
            parts[one], parts[other] = parts[other], parts[one]
        case 1:
            parts.insert(other, parts[one])
        case _:
            del parts[one]
    return parts


def _parts(data: bytearray, random: Random) -> bytes:
    for change in (_part_of_png, _part_of_jpeg):
        if (changed := change(data, random)) is not None:
            return changed
    return _swap(data, random)


def _length(data: bytearray, random: Random) -> bytes:
    """Write an odd number where a length, a size or a place may stand."""
    size = random.choice((2, 4))
    place = random.randrange(min(_SPAN_BYTES, len(data) - size))
    number = random.choice((0, 1, 2**15, 2 ** (8 * size) - 1, len(data), len(data) + 1))
    layout = random.choice("<>") + ("H" if size == 2 else "I")
    struct.pack_into(layout, data, place, number % 2 ** (8 * size))
    return bytes(data)


MUTATIONS: Final[dict[str, Callable[[bytearray, Random], bytes]]] = {
    "one bit": _flip_one,
    "many bits": _flip_many,
    "bits of the head": _flip_in_head,
    "cut": _cut,
    "end cut": _cut_end,
    "never filled": _never_filled,
    "a part removed": _remove,
    "a part repeated": _repeat,
    "bytes inserted": _insert,
    "a part overwritten": _overwrite,
    "parts swapped": _swap,
    "chunks changed": _parts,
    "a length changed": _length,
}
