"""The structure of a whole file: what is cut or broken is found, what browsers open passes."""

from __future__ import annotations

import contextlib
import io
import struct
import time
import tracemalloc
import zlib
from typing import Any

import pytest
from PIL import Image

from enhance_gui.core.images.picture import PictureHeader
from enhance_gui.core.picture_errors import PictureDamaged
from enhance_gui.imaging.structure import check_structure
from tests.scenarios.hostile import bombs
from tests.support.pictures import PILLOW_NAMES, picture_bytes

WIDTH_PX, HEIGHT_PX = 150, 130
_NAMES = {**PILLOW_NAMES, "avif": "AVIF", "jp2": "JPEG2000"}


def made(kind: str, mode: str = "RGB", **how: Any) -> bytes:
    """Return a file of noise in one of Pillow's modes."""
    noise = Image.effect_noise((WIDTH_PX, HEIGHT_PX), 60)
    file = io.BytesIO()
    (noise if mode.startswith("I") else noise.convert("RGB")).convert(mode).save(
        file, _NAMES[kind], **how
    )
    return file.getvalue()


def check(data: bytes, kind: str) -> None:
    check_structure(io.BytesIO(data), PictureHeader(kind, WIDTH_PX, HEIGHT_PX))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def interlaced_png() -> bytes:
    """Return grey of one bit, in the seven passes of W3C PNG, 8.2."""
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2))
    rows = b"".join(
        bytes(1 + (len(range(left, WIDTH_PX, right)) + 7) // 8) * len(range(top, HEIGHT_PX, down))
        for left, top, right, down in (*passes, (0, 1, 1, 2))
    )
    head = struct.pack(">IIBBBBB", WIDTH_PX, HEIGHT_PX, 1, 0, 0, 0, 1)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


SOUND: dict[str, tuple[str, bytes]] = {
    "jpg": ("jpg", made("jpg")),
    "jpg grey": ("jpg", made("jpg", "L")),
    "jpg cmyk": ("jpg", made("jpg", "CMYK")),
    "jpg progressive": ("jpg", made("jpg", progressive=True)),
    "jpg restarts": ("jpg", made("jpg", restart_marker_blocks=3)),
    "jpg restarts a row": ("jpg", made("jpg", subsampling=0, restart_marker_rows=1)),
    **{f"png {mode}": ("png", made("png", mode)) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")},
    "png of 16 bits": ("png", made("png", "I;16")),
    "png not compressed": ("png", made("png", compress_level=0)),
    "png interlaced": ("png", interlaced_png()),
    "webp": ("webp", made("webp")),
    "webp without loss": ("webp", made("webp", lossless=True)),
    "webp with tags": ("webp", made("webp", "RGBA", exif=b"Exif\0\0II*\0", icc_profile=b"x" * 99)),
    **{f"bmp {mode}": ("bmp", made("bmp", mode)) for mode in ("1", "L", "P", "RGB", "RGBA")},
    "gif": ("gif", made("gif", "P")),
    "tiff": ("tiff", made("tiff")),
    **{
        f"tiff {packing}": ("tiff", made("tiff", compression=packing))
        for packing in ("tiff_lzw", "tiff_deflate", "packbits", "jpeg")
    },
    "tiff of bits": ("tiff", made("tiff", "1", compression="group4")),
    "avif": ("avif", made("avif")),
    "jp2": ("jp2", made("jp2")),
    "j2k": ("jp2", made("jp2", no_jp2=True)),
}
END_BYTES = {"jpg": 2, "png": 12, "gif": 1, "jp2": 2}
"""Of the mark of the end, which may lack."""
MINOR_BYTES = {"jpg": 12, "png": 12, "bmp": 12, "tiff": 12}
"""Before it: the finest detail of a JPEG's last block, sums behind a PNG's last row, what fills up
words."""


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_file_passes_and_what_follows_it_is_let_be(name: str) -> None:
    kind, data = SOUND[name]
    check(data, kind)
    check(data + b"\0" * 50, kind)


@pytest.mark.parametrize("name", SOUND)
def test_a_file_cut_anywhere_is_found(name: str) -> None:
    kind, data = SOUND[name]
    last = len(data) - END_BYTES.get(kind, 0)
    cuts = {*range(40, last, max(1, last // 50)), last - 1, len(data) // 2}
    passed = []
    for cut in sorted(cuts):
        with contextlib.suppress(PictureDamaged):
            check(data[:cut], kind)
            passed.append(last - cut)
    assert [missing for missing in passed if missing > MINOR_BYTES.get(kind, 0)] == []


@pytest.mark.parametrize("name", [name for name in SOUND if "progressive" not in name])
def test_the_mark_of_the_end_may_lack(name: str) -> None:
    kind, data = SOUND[name]
    check(data[: len(data) - END_BYTES.get(kind, 0)], kind)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, (kind, _) in SOUND.items()
        # Black pixels and empty packets are zeros too.
        if kind not in ("bmp", "jp2") and name not in ("tiff", "tiff packbits", "tiff of bits")
    ],
)
def test_room_that_was_made_but_never_filled_is_found(name: str) -> None:
    kind, data = SOUND[name]
    with pytest.raises(PictureDamaged):
        check(data[: len(data) * 3 // 5].ljust(len(data), b"\0"), kind)


def test_stray_bytes_and_tags_of_a_jpeg_do_no_harm() -> None:
    data = made("jpg", comment=b"\xff\xd9")
    tag = b"\xff\xe1\xff\xff" + b"\xff\xd8\xff\xd9" * 16_383 + b"x"
    check(data[:2] + tag + b"\0\x12\xff\0\xff\xff" + data[2:], "jpg")
    check(data[:-2] + b"\xff\xfe\0\x05end" + data[-2:], "jpg")


def test_a_jpeg_that_goes_on_with_something_else_within_its_scan_is_cut() -> None:
    data = made("jpg")
    middle = len(data) // 2
    with pytest.raises(PictureDamaged):
        check(data[:middle] + data, "jpg")
    with pytest.raises(PictureDamaged):
        check(data[:middle] + b"\xff\xc4" + data[middle:], "jpg")


def test_a_part_lost_between_two_restarts_is_found() -> None:
    data = made("jpg", restart_marker_blocks=1)
    check(data, "jpg")
    middle = data.index(b"\xff\xd3", len(data) // 4)
    with pytest.raises(PictureDamaged):
        check(data[:middle] + data[-300:], "jpg")


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_with_too_little_data_is_damaged(progressive: bool) -> None:
    with pytest.raises(PictureDamaged, match="too short"):
        check(bombs.jpeg_that_claims(4000, 3000, progressive=progressive), "jpg")


@pytest.mark.parametrize("name", [b"IHDR", b"IDAT", b"PLTE", b"IEND"])
def test_a_wrong_sum_of_what_a_decoder_needs_is_damage(name: bytes) -> None:
    data = bytearray(made("png", "P"))
    at = data.index(name)
    size_bytes = int.from_bytes(data[at - 4 : at])
    data[at + 4 + size_bytes] ^= 1
    with pytest.raises(PictureDamaged, match="broken"):
        check(bytes(data), "png")


def test_a_wrong_sum_of_what_it_does_not_need_is_let_be() -> None:
    data = made("png")
    for extra in (chunk(b"tEXt", b"Author\0Studio"), chunk(b"zTXt", bytes(3_000_000))):
        check(data[:33] + extra[:-1] + b"!" + data[33:], "png")


def test_a_png_needs_all_of_its_rows_and_its_palette() -> None:
    whole = made("png", "P")
    at = whole.index(b"IDAT")
    end = at + 8 + int.from_bytes(whole[at - 4 : at])
    rows = zlib.decompress(whole[at + 4 : end - 4])
    head, tail = whole[: at - 4], whole[end:]
    check(head + chunk(b"IDAT", zlib.compress(rows)) + tail, "png")
    check(head + chunk(b"IDAT", zlib.compress(rows + b"more")) + tail, "png")
    for packed in (zlib.compress(rows[:-1]), zlib.compress(rows)[:-9], b"x" * 400):
        with pytest.raises(PictureDamaged):
            check(head + chunk(b"IDAT", packed) + tail, "png")
    palette = whole.index(b"PLTE") - 4
    without = whole[:palette] + whole[palette + 12 + int.from_bytes(whole[palette : palette + 4]) :]
    with pytest.raises(PictureDamaged):
        check(without, "png")


def test_a_png_that_unpacks_to_far_more_than_its_rows_costs_nothing() -> None:
    head = struct.pack(">IIBBBBB", WIDTH_PX, HEIGHT_PX, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(2**26), 1)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed)
    tracemalloc.start()
    try:
        check(data, "png")
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**20


def test_wrong_sizes_in_a_bmp_s_header_do_no_harm() -> None:
    data = bytearray(made("bmp"))
    data[2:6] = b"\xff\xff\xff\x7f"
    check(bytes(data), "bmp")


def test_a_tiff_s_strips_lie_in_the_file_or_it_is_cut() -> None:
    file = io.BytesIO()
    pages = [Image.effect_noise((WIDTH_PX, HEIGHT_PX), 60) for _ in range(3)]
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    data = file.getvalue()
    check(data, "tiff")
    check(data[: len(data) * 2 // 3], "tiff")  # the first page is all that is enhanced
    with pytest.raises(PictureDamaged):
        check(data[: len(data) // 6], "tiff")


def tiff_of_directories() -> bytes:
    """Return a TIFF whose directories lie over each other, all with one long list of places."""
    places = 2**19
    entry = struct.pack("<HHII", 273, 3, places, 8)
    lists = bytes(2 * places)
    directories = b"".join(
        struct.pack("<H", 1) + entry + struct.pack("<I", 8 + len(lists) + 18 * number)
        for number in range(1, 20_000)
    )
    return struct.pack("<2sHI", b"II", 42, 8 + len(lists)) + lists + directories


def avif_of_extents() -> bytes:
    """Return an AVIF whose items are said to lie in four thousand million pieces."""
    items = struct.pack(">HHHH", 0, 0, 0, 65_535) * 65_535
    places = box(b"iloc", struct.pack(">IHH", 0, 0, 65_535) + items)
    return box(b"ftyp", b"avif") + box(b"meta", bytes(4) + places)


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


HOSTILE: dict[str, tuple[str, bytes]] = {
    "jpg": ("jpg", b"\xff\xd8" + b"\xff\xe0\0\x02" * 1_000_000),
    "png": ("png", b"\x89PNG\r\n\x1a\n" + chunk(b"teXt", b"") * 500_000),
    "webp": ("webp", b"RIFF\x04\x09\x3d\0WEBP" + b"EXIF\0\0\0\0" * 500_000),
    "gif of extensions": ("gif", b"GIF89a" + bytes(7) + b"\x21\xfe\0" * 2_000_000),
    "gif of blocks": ("gif", b"GIF89a" + bytes(7) + b"\x21\xfe" + b"\x01\xff" * 2_000_000),
    "tiff": ("tiff", tiff_of_directories()),
    "avif": ("avif", avif_of_extents()),
    "avif of boxes": ("avif", b"\0\0\0\x08free" * 500_000),
    "jp2": ("jp2", b"\0\0\0\x08free" * 500_000),
    "j2k": ("jp2", b"\xff\x4f\xff\x51" + b"\0\x02" + b"\xff\x64\0\0" * 1_000_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_of_millions_of_parts_takes_little_time(name: str) -> None:
    kind, data = HOSTILE[name]
    began_s = time.process_time()
    with contextlib.suppress(PictureDamaged):
        check(data, kind)
    assert time.process_time() - began_s < 3


def test_a_file_that_shrinks_meanwhile_is_cut() -> None:
    class Shrinking(io.BytesIO):
        def seek(self, place: int, whence: int = 0) -> int:
            found = super().seek(place, whence)
            self.truncate(2000) if whence == 2 else None
            return found

    with pytest.raises(PictureDamaged, match="cut off"):
        check_structure(Shrinking(made("png")), PictureHeader("png", WIDTH_PX, HEIGHT_PX))


def test_a_segment_shorter_than_its_own_length_is_damage() -> None:
    data = picture_bytes("jpg")
    with pytest.raises(PictureDamaged):
        check(data[:2] + b"\xff\xe1\0\0" + data[2:], "jpg")
