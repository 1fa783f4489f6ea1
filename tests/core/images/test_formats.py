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
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_kind_is_known_by_its_first_bytes(name: str) -> None:
    found = format_of(BEGINNINGS[name] + bytes(32))
    assert found is not None
    assert found.name == name


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
    assert ".heic" not in PICTURE_ENDINGS
