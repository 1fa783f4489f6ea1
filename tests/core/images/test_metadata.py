"""What files say beside their pixels is read; what of it is broken counts as not said."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms

from enhance_gui.core.images.exif import read_exif
from enhance_gui.core.images.metadata import read_metadata

PICTURE = Image.new("RGB", (8, 6), (10, 20, 30))
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def tags(orientation: int, *, adobe_rgb: bool = False) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    if adobe_rgb:
        exif.get_ifd(0x8769)[0xA001] = 0xFFFF
        exif.get_ifd(0x8769)[0xA005] = {0x0001: "R03"}
    return exif.tobytes()


def saved(kind: str, **options: object) -> io.BytesIO:
    file = io.BytesIO()
    PICTURE.save(file, kind, **options)
    return file


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunks(*chunks: bytes) -> io.BytesIO:
    """Return a PNG with further chunks behind its header."""
    data = saved("PNG").getvalue()
    return io.BytesIO(data[:33] + b"".join(chunks) + data[33:])


@pytest.mark.parametrize(("kind", "name"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_profile_and_tags_are_read_from_every_container(kind: str, name: str) -> None:
    options: dict[str, object] = {"icc_profile": PROFILE, "exif": tags(6)}
    found = read_metadata(saved(kind, **options), name)
    assert found.icc_profile == PROFILE
    assert read_exif(found.exif).orientation == 6


def test_a_profile_in_several_segments_is_put_together() -> None:
    large = PROFILE + bytes(range(256)) * 600
    found = read_metadata(saved("JPEG", icc_profile=large), "jpg")
    assert found.icc_profile == large


def test_the_colour_chunks_of_a_png_are_read() -> None:
    numbers = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
    found = read_metadata(
        with_chunks(
            chunk(b"gAMA", struct.pack(">I", 100_000)),
            chunk(b"cHRM", struct.pack(">8I", *numbers)),
            chunk(b"cICP", bytes([9, 16, 0, 1])),
            chunk(b"sRGB", b"\0"),
        ),
        "png",
    )
    assert found.gamma == 1.0
    assert found.chromaticities == (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
    assert found.cicp == (9, 16, 0, 1)
    assert found.says_srgb


def test_tags_that_stand_behind_the_pixels_of_a_png_are_found() -> None:
    data = saved("PNG").getvalue()
    late = data[:-12] + chunk(b"eXIf", tags(3).removeprefix(b"Exif\0\0")) + data[-12:]
    assert read_exif(read_metadata(io.BytesIO(late), "png").exif).orientation == 3


def test_the_tags_that_imagemagick_writes_into_a_png_are_read() -> None:
    digits = tags(8).hex().encode()
    text = b"\nexif\n%8d\n" % (len(digits) // 2) + digits + b"\n"
    raw = b"Raw profile type exif\0\0" + zlib.compress(text)
    found = read_metadata(with_chunks(chunk(b"zTXt", raw)), "png")
    assert read_exif(found.exif).orientation == 8


def test_stray_bytes_between_the_segments_of_a_jpeg_hide_nothing() -> None:
    data = saved("JPEG", exif=tags(6)).getvalue()
    stray = data[:2] + b"\0\0\xff\xff" + data[3:]
    assert read_exif(read_metadata(io.BytesIO(stray), "jpg").exif).orientation == 6


@pytest.mark.parametrize("cut", range(2, 200, 7))
def test_a_cut_file_says_what_is_left_of_it(cut: int) -> None:
    for kind, name in (("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")):
        data = saved(kind, exif=tags(6), icc_profile=PROFILE).getvalue()[:cut]
        read_exif(read_metadata(io.BytesIO(data), name).exif)


def test_a_profile_that_would_unpack_without_end_is_left_out() -> None:
    bomb = b"icc\0\0" + zlib.compress(bytes(2**24))
    assert read_metadata(with_chunks(chunk(b"iCCP", bomb)), "png").icc_profile == b""


def test_a_broken_packing_is_left_out() -> None:
    broken = b"icc\0\0" + b"no zlib"
    found = read_metadata(with_chunks(chunk(b"iCCP", broken), chunk(b"iCCP", b"\0\0")), "png")
    assert found.icc_profile == b""


def test_after_many_stray_bytes_nothing_more_is_looked_for() -> None:
    data = saved("JPEG", exif=tags(6)).getvalue()
    for stray_bytes, orientation in ((60_000, 6), (70_000, 1)):
        file = io.BytesIO(data[:2] + bytes(stray_bytes) + data[2:])
        assert read_exif(read_metadata(file, "jpg").exif).orientation == orientation


def test_a_million_empty_chunks_come_to_an_end() -> None:
    data = saved("PNG").getvalue()
    many = data[:33] + chunk(b"teST", b"") * 200_000 + data[33:]
    assert read_metadata(io.BytesIO(many), "png").icc_profile == b""


def test_other_kinds_say_nothing_here() -> None:
    assert read_metadata(saved("BMP"), "bmp").icc_profile == b""


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_orientation_is_read_in_both_byte_orders(orientation: int, order: str) -> None:
    data = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}IH", 8, 1)
    data += struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0) + bytes(4)
    assert read_exif(data).orientation == orientation


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_there_is_not_means_upright(orientation: int) -> None:
    data = b"II*\0" + struct.pack("<IHHHIHH", 8, 1, 0x0112, 3, 1, orientation, 0)
    assert read_exif(data + bytes(4)).orientation == 1


def test_the_mark_of_the_optional_colour_space_is_read() -> None:
    found = read_metadata(saved("JPEG", exif=tags(1, adobe_rgb=True)), "jpg")
    assert read_exif(found.exif).is_adobe_rgb
    plain = read_metadata(saved("JPEG", exif=tags(1)), "jpg")
    assert not read_exif(plain.exif).is_adobe_rgb


@pytest.mark.parametrize(
    "data", [b"", b"II", b"II*\0\xff\xff\xff\xff", b"XX*\0" + bytes(8), b"II*\0\x08\0\0\0\xff\xff"]
)
def test_broken_tags_count_as_not_there(data: bytes) -> None:
    found = read_exif(data)
    assert (found.orientation, found.is_adobe_rgb) == (1, False)


def test_directories_that_lead_to_each_other_come_to_an_end() -> None:
    data = b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x8769, 4, 1, 8) + bytes(4)
    assert read_exif(data).orientation == 1


def test_avif_that_keeps_red_green_and_blue_as_they_are_counts_as_lossless() -> None:
    data = bytearray(saved("AVIF").getvalue())
    assert not read_metadata(io.BytesIO(data), "avif").is_lossless
    at = data.index(b"nclx") + 8
    data[at : at + 2] = b"\0\0"
    assert read_metadata(io.BytesIO(data), "avif").is_lossless


@pytest.mark.parametrize("irreversible", [False, True])
def test_jpeg_2000_tells_whether_anything_was_lost(irreversible: bool) -> None:
    file = saved("JPEG2000", irreversible=irreversible)
    assert read_metadata(file, "jp2").is_lossless is not irreversible


def test_a_profile_counts_before_the_numbers_beside_it() -> None:
    found = read_metadata(saved("AVIF", icc_profile=PROFILE), "avif")
    assert found.icc_profile == PROFILE
    assert found.cicp is None


@pytest.mark.parametrize("kind", ["avif", "heic", "jp2"])
def test_a_broken_file_of_boxes_says_nothing(kind: str) -> None:
    for data in (b"", b"\0\0\0\1ftyp", b"\0\0\0\x0cmeta\0\0\0\0" * 9, b"\xff" * 400):
        found = read_metadata(io.BytesIO(data), kind)
        assert (found.icc_profile, found.cicp, found.is_lossless) == (b"", None, False)


def test_the_profile_of_a_tiff_is_read() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert read_metadata(saved("TIFF", icc_profile=profile), "tiff").icc_profile == profile
