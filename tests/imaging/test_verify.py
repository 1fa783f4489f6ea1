"""Verifying: whole, decodable and the picture that was promised, or refused with a reason."""

from __future__ import annotations

import contextlib
import io
import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from enhance_gui.core.images.picture import PictureFacts, PictureHeader
from enhance_gui.core.picture_errors import ResultNotAsPromised
from enhance_gui.imaging.verify import (
    MAX_PIXELS,
    decode_picture,
    decoding_bytes,
    examine_picture,
)
from tests.scenarios.hostile import bombs
from tests.support.pictures import picture_bytes

KINDS = ["jpg", "png", "webp", "bmp", "tiff"]
SAMPLES = {kind: picture_bytes(kind, 70, 65) for kind in KINDS}


def verify(folder: Path, data: bytes, **promised: Any) -> PictureFacts:
    path = folder / "result"
    path.write_bytes(data)
    examined = examine_picture(path, **promised)
    decode_picture(path, examined.header)
    return examined


def png_that_claims(width_px: int, height_px: int) -> bytes:
    """Return a whole, small PNG whose header claims these sides."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    header = struct.pack(">IIBBBBB", width_px, height_px, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(10_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_picture_passes(tmp_path: Path, kind: str) -> None:
    data = SAMPLES[kind]
    expected = PictureFacts(PictureHeader(kind, 70, 65), len(data))
    assert verify(tmp_path, data) == expected
    promised: dict[str, Any] = {
        "expected_width_px": 70,
        "expected_height_px": 65,
        "expected_size": len(data),
        "expected_format": kind,
    }
    assert verify(tmp_path, data, **promised) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_cut_anywhere_is_refused(tmp_path: Path, kind: str) -> None:
    data = SAMPLES[kind]
    step = max(1, len(data) // 40)
    cuts = {*range(0, len(data), step), *range(len(data) - 12, len(data))}
    if kind == "tiff":
        cuts = {cut for cut in cuts if cut < len(data) - 12}  # its last bytes are padding
    for cut in sorted(cuts):
        with pytest.raises(ResultNotAsPromised):
            verify(tmp_path, data[:cut])


@pytest.mark.parametrize("kind", ["jpg", "png"])
def test_bytes_after_a_clean_end_are_let_be(tmp_path: Path, kind: str) -> None:
    verify(tmp_path, SAMPLES[kind] + bytes(100))


def test_a_progressive_picture_cut_between_its_scans_is_refused(tmp_path: Path) -> None:
    """A decoder shows such a file, only coarser: the missing end alone gives it away."""
    data = picture_bytes("jpg", 200, 200, progressive=True)
    for cut in range(len(data) // 2, len(data) - 1, 500):
        with pytest.raises(ResultNotAsPromised):
            verify(tmp_path, data[:cut])


@pytest.mark.parametrize(
    "promised",
    [
        {"expected_width_px": 71},
        {"expected_height_px": 64},
        {"expected_width_px": 65, "expected_height_px": 70},
        {"expected_format": "png"},
        {"expected_format": "tif"},
        {"expected_size": 1},
    ],
)
def test_another_picture_than_promised_is_refused(tmp_path: Path, promised: dict[str, Any]) -> None:
    with pytest.raises(ResultNotAsPromised, match="promised"):
        verify(tmp_path, SAMPLES["jpg"], **promised)


@pytest.mark.parametrize("name", ["jpg", "JPEG", ".jpg", "jpeg", "", "whatever"])
def test_a_format_has_many_names(tmp_path: Path, name: str) -> None:
    verify(tmp_path, SAMPLES["jpg"], expected_format=name)


def test_a_promised_size_may_be_in_bytes_or_thousands(tmp_path: Path) -> None:
    data = SAMPLES["png"] + bytes(2500 + 1024 - len(SAMPLES["png"]) % 1024)
    size = len(data)
    for unit in (1000, 1024):
        for promised in (size // unit, -(-size // unit), round(size / unit)):
            verify(tmp_path, data, expected_size=promised)
    for promised in (size + 1, size - 1, size // 1024 - 1, size // 1000 + 2, size * 8):
        with pytest.raises(ResultNotAsPromised, match="bytes"):
            verify(tmp_path, data, expected_size=promised)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"<html><body>expired</body></html>",
        b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>" * 30,
        b"%PDF-1.7" + bytes(100),
        SAMPLES["jpg"][:4] + bytes(1000),
        picture_bytes("gif"),
    ],
)
def test_what_is_no_result_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ResultNotAsPromised) as caught:
        verify(tmp_path, data)
    assert not caught.value.detail.endswith(".")


def test_a_decompression_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    for sides in ((60_000, 60_000), (2**31 - 1, 2**31 - 1), (20_001, 20_000)):
        tracemalloc.start()
        try:
            with pytest.raises(ResultNotAsPromised, match="pixels"):
                verify(tmp_path, png_that_claims(*sides))
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 2**20, "nothing was decoded"


def test_the_limit_is_an_argument(tmp_path: Path) -> None:
    verify(tmp_path, SAMPLES["png"], max_pixels=70 * 65)
    with pytest.raises(ResultNotAsPromised, match="pixels"):
        verify(tmp_path, SAMPLES["png"], max_pixels=70 * 65 - 1)


def test_an_honest_large_picture_passes_without_a_warning(tmp_path: Path) -> None:
    """Pillow of itself warns from 89 megapixels on; warnings fail this test."""
    file = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(file, "PNG")
    assert verify(tmp_path, file.getvalue()).header.width_px == 10_000
    assert Image.MAX_IMAGE_PIXELS == MAX_PIXELS


def test_a_header_that_lies_about_the_sides_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultNotAsPromised):
        verify(tmp_path, png_that_claims(4000, 4000))


def test_a_missing_file_is_the_caller_s_matter(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        examine_picture(tmp_path / "none")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(KINDS), st.data())
def test_a_changed_byte_is_refused_or_harmless(
    tmp_path: Path, kind: str, data: st.DataObject
) -> None:
    broken = bytearray(SAMPLES[kind])
    place = data.draw(st.integers(0, min(400, len(broken) - 1)))
    broken[place] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(ResultNotAsPromised):
        verify(tmp_path, bytes(broken))


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_too_short_for_its_sides_is_refused(tmp_path: Path, progressive: bool) -> None:
    """It has its end, and a decoder makes a whole picture of it: grey but for one corner."""
    with pytest.raises(ResultNotAsPromised, match="too short"):
        verify(tmp_path, bombs.jpeg_that_claims(4000, 3000, progressive=progressive))


def test_the_plainest_jpeg_there_is_passes(tmp_path: Path) -> None:
    for how in ({}, {"progressive": True}, {"optimize": True}):
        file = io.BytesIO()
        Image.new("L", (4000, 3000)).save(file, "JPEG", quality=1, **how)
        assert verify(tmp_path, file.getvalue()).header.width_px == 4000


def test_a_tiff_may_tell_its_sides_at_its_end_and_a_jpeg_after_some_metadata(
    tmp_path: Path,
) -> None:
    path = tmp_path / "result"
    path.write_bytes(bombs.tiff_with_far_directory(2**20))
    assert examine_picture(path).header == PictureHeader("tiff", 400, 200)
    path.write_bytes(bombs.jpeg_of_segments(3 * 2**20))
    assert examine_picture(path).header == PictureHeader("jpg", 400, 200)


def test_a_jpeg_of_nothing_but_metadata_is_not_searched_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "result"
    path.write_bytes(bombs.jpeg_of_segments(17 * 2**20))
    with pytest.raises(ResultNotAsPromised, match="first megabytes"):
        examine_picture(path)


def test_texts_that_unpack_to_many_megabytes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultNotAsPromised, match="decoded"):
        verify(tmp_path, bombs.png_of_texts(20))
    verify(tmp_path, bombs.png_of_texts(8))


def test_what_decoding_takes_follows_from_pixels_and_bytes(tmp_path: Path) -> None:
    path = tmp_path / "result"
    path.write_bytes(bombs.webp_of_one_colour())
    assert decoding_bytes(examine_picture(path)) > 3.9 * 2**30
    path.write_bytes(SAMPLES["png"])
    assert decoding_bytes(examine_picture(path)) < 2**20
