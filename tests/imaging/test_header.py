"""Headers: kind and sides from the first bytes, and never an uncaught error."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.picture import PictureHeader
from enhance_gui.core.picture_errors import KindNotSupported, PictureDamaged
from enhance_gui.imaging.header import read_header, sniff_kind
from tests.support.pictures import picture_bytes

KINDS = ["jpg", "png", "webp", "bmp", "gif", "tiff", "avif", "heic", "jp2"]
SAMPLES = {kind: picture_bytes(kind, 70, 65) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_kind_and_sides_are_read(kind: str) -> None:
    assert read_header(picture_bytes(kind, 321, 123)) == PictureHeader(kind, 321, 123)


@pytest.mark.parametrize("kind", KINDS)
def test_any_beginning_needs_more_bytes_until_it_tells_the_sides(kind: str) -> None:
    data = SAMPLES[kind]
    reported = [read_header(data[:length]) for length in range(min(len(data), 1500))]
    reported.append(read_header(data))
    known = reported.index(PictureHeader(kind, 70, 65))
    assert all(each is None for each in reported[:known])
    assert all(each == reported[known] for each in reported[known:])


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("jpg", {"progressive": True}),
        ("jpg", {"exif": b"Exif\0\0" + bytes(60_000)}),
        ("webp", {"lossless": True}),
        ("webp", {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"}),
        ("tiff", {"compression": "tiff_lzw"}),
    ],
)
def test_the_variants_of_a_kind_are_read(kind: str, how: dict[str, object]) -> None:
    assert read_header(picture_bytes(kind, 321, 123, **how)) == PictureHeader(kind, 321, 123)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_depth_of_png_is_read(mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (321, 123)).save(file, "PNG")
    assert read_header(file.getvalue()) == PictureHeader("png", 321, 123)


def test_an_orientation_in_the_metadata_leaves_the_stored_sides() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = picture_bytes("jpg", 300, 100, exif=exif.tobytes())
    assert read_header(turned) == PictureHeader("jpg", 300, 100)


def test_a_bmp_may_run_from_top_to_bottom() -> None:
    data = bytearray(SAMPLES["bmp"])
    data[22:26] = struct.pack("<i", -65)
    assert read_header(bytes(data)) == PictureHeader("bmp", 70, 65)


def test_a_tiff_may_be_big_endian() -> None:
    directory = struct.pack(">HHHIHHHHIHH", 2, 256, 3, 1, 321, 0, 257, 3, 1, 123, 0)
    data = b"MM\0*" + struct.pack(">I", 40) + bytes(32) + directory
    assert read_header(data) == PictureHeader("tiff", 321, 123)
    assert read_header(data[:-1]) is None


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n", "pdf"),
        (b"<!DOCTYPE HTML>\n<html>", "html"),
        (b"\xef\xbb\xbf\n  <html lang='en'>", "html"),
        (b"<!-- a comment --><body>", "html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "svg"),
        (b"<?xml version='1.0'?><!-- drawn --><svg width='9'>", "svg"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", None),
        (b"BM, he said, and went on with a long story", None),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b"", None),
    ],
)
def test_what_is_often_found_in_a_picture_s_place_is_named(data: bytes, kind: str | None) -> None:
    assert sniff_kind(data) == kind
    if kind:
        with pytest.raises(KindNotSupported) as caught:
            read_header(data)
        assert kind in caught.value.detail.lower() or kind == "html"


def test_a_page_with_a_picture_s_name_in_it_is_a_page() -> None:
    with pytest.raises(KindNotSupported, match="web page, not a picture"):
        read_header(b"<html><!-- \xff\xd8\xff JFIF -->")


def test_unknown_content_is_refused_as_soon_as_it_is_surely_unknown() -> None:
    assert read_header(b"nothing") is None
    with pytest.raises(KindNotSupported):
        read_header(b"nothing that begins as a picture would, and goes on with a long story")
    assert read_header(b"<note>" + b"n" * 100) is None
    with pytest.raises(KindNotSupported):
        read_header(b"<note>" + b"n" * 2000)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xd9\0\0",
        b"\xff\xd8\xff\xda\0\x08",
        b"\xff\xd8\xff\xe0\0\x01" + bytes(9),
        b"\xff\xd8\xff\xe0\0\x04\0\0" + b"nonsense" * 9000,
        b"\xff\xd8\xff\xc0\0\x11\x08\0\0\0\x40" + bytes(9),
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIDAT" + bytes(8),
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + bytes(8),
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\xff\xff\xff\xff\0\0\0\x01",
        b"RIFF\x20\0\0\0WEBPVP9 " + bytes(20),
        b"GIF89a\0\0\x01\0",
        b"II*\0\x08\0\0\0\0\0",
        b"BM" + bytes(12) + b"\x28\0\0\0" + bytes(20),
    ],
)
def test_a_picture_broken_after_its_first_bytes_is_damaged(data: bytes) -> None:
    with pytest.raises(PictureDamaged) as caught:
        read_header(data)
    assert not caught.value.detail.endswith(".")


@given(st.sampled_from(KINDS), st.data())
def test_no_changed_byte_breaks_it(kind: str, data: st.DataObject) -> None:
    broken = bytearray(SAMPLES[kind][:700])
    for _ in range(data.draw(st.integers(1, 6))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    _reads_or_refuses(bytes(broken))


@given(
    st.sampled_from(
        [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0", b"MM\0*", b"<"]
    ),
    st.binary(max_size=300),
)
def test_no_bytes_break_it(start: bytes, rest: bytes) -> None:
    _reads_or_refuses(start + rest)


def _reads_or_refuses(data: bytes) -> None:
    try:
        header = read_header(data)
    except EnhanceError:
        return
    assert header is None or min(header.width_px, header.height_px) > 0
