"""Kinds of picture files are told apart by their first bytes, and named in one way."""

from __future__ import annotations

import pytest

from enhance_gui.core.images.formats import FORMATS, PICTURE_ENDINGS, format_of, plain_format

BEGINNINGS = {
    "jpg": b"\xff\xd8\xff\xe0",
    "png": b"\x89PNG\r\n\x1a\n",
    "webp": b"RIFF\x0a\0\0\0WEBPVP8 ",
    "bmp": b"BM" + bytes(12) + b"\x28\0\0\0",
    "gif": b"GIF89a",
    "tiff": b"MM\0*",
    "avif": b"\0\0\0\x20ftypavif",
    "heic": b"\0\0\0\x18ftypheic",
    "jp2": b"\0\0\0\x0cjP  \r\n\x87\n",
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_kind_is_known_by_its_first_bytes(name: str) -> None:
    found = format_of(BEGINNINGS[name] + bytes(32))
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    ("brands", "name"),
    [
        (b"avis\0\0\0\0avif", "avif"),
        (b"mif1\0\0\0\0mif1avifmiaf", "avif"),
        (b"mif1\0\0\0\0mif1heicmiaf", "heic"),
        (b"msf1\0\0\0\0hevcmsf1", "heic"),
        (b"hevx\0\0\0\0", "heic"),
    ],
)
def test_a_file_of_general_boxes_is_told_by_its_further_brands(brands: bytes, name: str) -> None:
    found = format_of(len(brands).to_bytes(4, "big") + b"ftyp" + brands + bytes(64))
    assert found is not None
    assert found.name == name


def test_a_film_is_no_picture() -> None:
    assert format_of(b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(64)) is None


def test_every_kind_has_the_registered_media_type() -> None:
    assert {each.name: each.media_type for each in FORMATS.values()} == {
        "jpg": "image/jpeg",
        "png": "image/png",
        "webp": "image/webp",
        "bmp": "image/bmp",
        "gif": "image/gif",
        "tiff": "image/tiff",
        "avif": "image/avif",
        "heic": "image/heic",
        "jp2": "image/jp2",
    }


@pytest.mark.parametrize("data", [b"", b"BMW is a car, no picture.", b"RIFF....WAVE", b"\x89PN"])
def test_what_only_resembles_a_picture_is_of_no_kind(data: bytes) -> None:
    assert format_of(data) is None


@pytest.mark.parametrize(
    ("extension", "name"),
    [("JPEG", "jpg"), (".jpe", "jpg"), ("jfif", "jpg"), ("tif", "tiff"), ("dib", "bmp")],
)
def test_a_kind_has_one_name_however_it_is_spelled(extension: str, name: str) -> None:
    assert plain_format(extension) == name


def test_an_unknown_extension_stays_what_it_is() -> None:
    assert plain_format(" HEIC ") == "heic"


def test_every_spelling_of_a_jpeg_is_taken_out_of_a_folder() -> None:
    assert {".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp", ".jif", ".dib"} <= PICTURE_ENDINGS
    assert {".heic", ".avif", ".tif", ".jp2", ".gif"} <= PICTURE_ENDINGS
