"""What a file holds beside its first picture is found, in whole files and in their beginnings."""

from __future__ import annotations

import io
import struct
import time
from pathlib import Path

import pytest
from PIL import Image

from enhance_gui.core.images.left_out import Part
from enhance_gui.core.images.picture import PictureHeader
from enhance_gui.imaging.further_parts import header_with_parts, read_header_and_parts
from tests.support.pictures import picture_bytes

XMP = b"http://ns.adobe.com/xap/1.0/\0"
NAMED = b'<x xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"'


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg_with(*segments: bytes, width_px: int = 96, height_px: int = 64) -> bytes:
    data = picture_bytes("jpg", width_px, height_px)
    return data[:2] + b"".join(segments) + data[2:]


def jpeg_with_index(kind: int, further: bytes) -> bytes:
    """Return a JPEG whose index (CIPA DC-007) names a second picture of a type."""
    index_bytes = 8 + 2 + 12 + 4 + 32
    first = jpeg_with(segment(0xE2, b"MPF\0" + bytes(index_bytes)))
    start = first.index(b"MPF\0") + 4
    index = b"MM\0*" + struct.pack(">IHHHIII", 8, 1, 0xB002, 7, 32, 26, 0)
    index += struct.pack(">IIIHH", 0x20030000, len(first), 0, 0, 0)
    index += struct.pack(">IIIHH", kind, len(further), len(first) - start, 0, 0)
    return first[:start] + index + first[start + len(index) :] + further


def animation(kind: str, frames: int, **how: object) -> bytes:
    pictures = [Image.effect_noise((96, 64), 40 + n).convert("RGB") for n in range(frames)]
    file = io.BytesIO()
    pictures[0].save(file, kind, save_all=True, append_images=pictures[1:], **how)
    return file.getvalue()


def whole(data: bytes) -> PictureHeader:
    header = read_header_and_parts(data, whole=True)
    assert header is not None
    return header


def beginning(data: bytes) -> PictureHeader:
    header = read_header_and_parts(data[:4096])
    assert header is not None
    return header


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_frames_of_a_whole_file_are_counted(kind: str, tmp_path: Path) -> None:
    data = animation(kind, 5)
    assert whole(data).frames == 5
    path = tmp_path / "file"
    path.write_bytes(data)
    assert header_with_parts(path, PictureHeader("x", 1, 1)).frames == 1
    assert header_with_parts(path, PictureHeader(kind.lower(), 96, 64)).frames == 5


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_one_frame_is_one(kind: str) -> None:
    assert whole(animation(kind, 1)).frames == 1
    assert beginning(animation(kind, 1)).frames == 1


@pytest.mark.parametrize("how", [{"duration": 80}, {"loop": 0}])
def test_a_beginning_says_that_there_is_more_than_one_frame(how: dict[str, int]) -> None:
    """No count: there may be more of them than have come."""
    assert beginning(animation("GIF", 5, **how)).frames == 2
    assert beginning(animation("WEBP", 5, **how)).frames == 2
    assert beginning(animation("PNG", 5, **how)).frames == 5


def test_frames_that_have_come_are_no_number_of_all() -> None:
    shades = [Image.new("L", (40, 40), shade) for shade in range(200)]
    file = io.BytesIO()
    shades[0].save(file, "GIF", save_all=True, append_images=shades[1:])
    assert (whole(file.getvalue()).frames, beginning(file.getvalue()).frames) == (200, 2)


def test_a_beginning_that_ends_within_a_comment_says_of_one_frame() -> None:
    file = io.BytesIO()
    Image.new("L", (40, 40)).save(file, "GIF", comment=b"x" * 10_000)
    assert beginning(file.getvalue()).frames == 1


@pytest.mark.parametrize(
    "found",
    [
        segment(
            0xE1,
            XMP + b'<x xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1"/>',
        ),
        segment(0xE1, XMP + b'<Container:Item Item:Semantic="GainMap"/>'),
        segment(0xE2, b"urn:iso:std:iso:ts:21496:-1\0\0\0"),
    ],
)
def test_a_gain_map_is_found_by_what_the_first_picture_says(found: bytes) -> None:
    data = jpeg_with(found)
    assert whole(data).extras == beginning(data).extras == frozenset({Part.GAIN_MAP.value})


def test_a_name_space_alone_is_no_gain_map() -> None:
    assert whole(jpeg_with(segment(0xE1, XMP + NAMED + b"/>"))).extras == frozenset()


def test_a_gain_map_is_found_in_the_second_picture() -> None:
    """As telephones write it whose first picture says nothing of it."""
    name = segment(0xE1, XMP + b"<a>urn:com:apple:photo:2020:aux:hdrgainmap</a>")
    header = whole(jpeg_with_index(0, jpeg_with(name, width_px=48, height_px=32)))
    assert (header.frames, header.extras) == (1, frozenset({Part.GAIN_MAP.value}))


@pytest.mark.parametrize(
    ("kind", "sides", "frames"),
    [
        (0x020002, (96, 64), 2),  # the other half of a stereo picture
        (0x010002, (48, 48), 1),  # a preview by its type
        (0, (48, 32), 1),  # a preview by its shape
        (0, (96, 64), 2),
    ],
)
def test_further_pictures_of_a_jpeg_are_counted_and_previews_are_not(
    kind: int, sides: tuple[int, int], frames: int
) -> None:
    header = whole(jpeg_with_index(kind, picture_bytes("jpg", *sides)))
    assert (header.frames, header.extras) == (frames, frozenset())


def test_the_video_of_a_motion_photo_is_found() -> None:
    marked = segment(0xE1, XMP + b'<x GCamera:MotionPhoto="1"/>')
    assert whole(jpeg_with(marked)).extras == {Part.VIDEO.value}
    unmarked = segment(0xE1, XMP + b'<x GCamera:MotionPhoto="0"/>')
    assert whole(jpeg_with(unmarked)).extras == frozenset()


def test_the_beginning_of_a_tiff_says_of_a_page_behind_it() -> None:
    data = bytearray(animation("TIFF", 2))
    (place,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, place)
    at = place + 2 + 12 * entries
    # As programs write it that put a directory before its pixels.
    directory = data[place : at + 4]
    moved = bytearray(struct.pack("<2sHI", b"II", 42, 8)) + directory
    assert beginning(bytes(moved + bytes(5000))).frames == 2
    struct.pack_into("<I", moved, len(moved) - 4, 0)
    assert beginning(bytes(moved + bytes(5000))).frames == 1


def test_a_broken_index_hides_no_gain_map() -> None:
    broken = segment(0xE2, b"MPF\0MM\0*\xff\xff\xff\xff")
    data = jpeg_with(segment(0xE1, XMP + NAMED + b' hdrgm:Version="1"/>'), broken)
    assert whole(data).extras == frozenset({Part.GAIN_MAP.value})


@pytest.mark.parametrize("broken", [b"MPF\0", b"MPF\0MM\0*\xff\xff\xff\xff", b"MPF\0II*\0\x08"])
def test_a_broken_index_counts_as_none(broken: bytes) -> None:
    header = whole(jpeg_with(segment(0xE2, broken)))
    assert (header.frames, header.extras) == (1, frozenset())


def test_an_index_that_names_the_same_places_again_and_again_takes_no_time() -> None:
    entry = struct.pack(">HHII", 0xB002, 7, 65_000, 8)
    directories = struct.pack(">H", 4_000) + entry * 4_000
    index = segment(0xE2, b"MPF\0MM\0*" + struct.pack(">I", 8) + directories)
    begun_s = time.process_time()
    whole(jpeg_with(index))
    assert time.process_time() - begun_s < 5
