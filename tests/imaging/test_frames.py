"""Frames and pages are counted from what is there of a file, within bounds."""

from __future__ import annotations

import io
import struct
import time
from typing import Any

import pytest
from PIL import Image

from enhance_gui.imaging.frames import count_frames, tiff_pages
from enhance_gui.imaging.header import read_header
from tests.support.pictures import PILLOW_NAMES, picture_bytes


def several(kind: str, count: int, **how: Any) -> bytes:
    """Return a file of some pictures, each in a grey of its own."""
    first, *others = (Image.new("RGB", (70, 65), (60 * n, 80, 90)) for n in range(count))
    file = io.BytesIO()
    first.save(file, PILLOW_NAMES[kind], save_all=True, append_images=others, **how)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["gif", "webp", "png", "avif", "tiff"])
def test_the_frames_or_pages_of_a_whole_file_are_counted(kind: str) -> None:
    header = read_header(several(kind, 3, duration=80), whole=True)
    assert header is not None
    assert (header.format, header.width_px, header.height_px) == (kind, 70, 65)
    assert header.frames == 3


@pytest.mark.parametrize("kind", PILLOW_NAMES)
def test_a_single_picture_is_one_frame(kind: str) -> None:
    assert count_frames(picture_bytes(kind, 70, 65), kind) == 1


@pytest.mark.parametrize(("kind", "length"), [("webp", 60), ("avif", 700)])
def test_an_animation_counts_as_two_at_least_before_all_of_it_is_there(
    kind: str, length: int
) -> None:
    data = several(kind, 3, duration=80)
    assert length < len(data)
    assert count_frames(data[:length], kind) >= 2


def directory(width: int, type_: int, following: int) -> bytes:
    """Return a directory of a TIFF with three entries."""
    entries = ((254, 4, 1, type_), (256, 4, 1, width), (257, 4, 1, 50))
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)


def test_smaller_copies_and_masks_are_no_pages() -> None:
    size = len(directory(1, 0, 0))
    parts = [(40, 0), (10, 1), (40, 4), (30, 2)]
    data = b"II*\0\x08\0\0\0"
    for number, (width, type_) in enumerate(parts, start=1):
        data += directory(width, type_, 8 + number * size if number < len(parts) else 0)
    assert [page.width_px for page in tiff_pages(data)] == [40, 10, 40, 30]
    assert count_frames(data, "tiff") == 2


def test_directories_in_a_circle_are_counted_once() -> None:
    size = len(directory(1, 0, 0))
    data = b"II*\0\x08\0\0\0" + directory(40, 0, 8 + size) + directory(40, 0, 8)
    assert count_frames(data, "tiff") == 2


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        # Directories that lie over each other, a few bytes apart, each with 65,535 entries.
        (
            "tiff",
            b"II*\0\x08\0\0\0"
            + b"".join(
                struct.pack("<HI", 0xFFFF, 0) if n % 6 else struct.pack("<HI", 0xFFFF, n)
                for n in range(200_000)
            ),
        ),
        ("gif", b"GIF89a" + bytes(7) + b"\x21\xff\0" * 6_000_000),
        ("gif", b"GIF89a" + bytes(7) + b"\x21\xff" + b"\x01\x01" * 9_000_000),
        ("webp", b"RIFF\0\0\0\x01WEBPVP8X\x0a\0\0\0\2" + bytes(9) + b"ANMF\0\0\0\0" * 2_000_000),
        ("avif", b"\0\0\0\x10ftypavis\0\0\0\0" + b"\0\0\0\x08free" * 2_000_000),
        ("png", b"\x89PNG\r\n\x1a\n" + (bytes(4) + b"teSt" + bytes(4)) * 1_500_000),
    ],
)
def test_millions_of_empty_parts_take_no_time_to_speak_of(kind: str, data: bytes) -> None:
    began = time.process_time()
    assert count_frames(data, kind) >= 1
    # Of a core of any age; what grows with the square would take hours.
    assert time.process_time() - began < 10.0
