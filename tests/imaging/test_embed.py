"""What a picture says is written into its file; not one pixel changes."""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest
from PIL import Image

from enhance_gui.core.images.carried.blocks import Blocks, read_blocks
from enhance_gui.core.images.carried.iptc import fields_to_bytes, with_fields
from enhance_gui.core.images.carried.tags import ASCII, MAKER_NOTE, SHORT, UNDEFINED, Entry, Tags
from enhance_gui.core.images.carried.xmp import DC, IPTC_CORE, Packet
from enhance_gui.imaging.embed import embed
from enhance_gui.imaging.pieces import NotEditable
from tests.support.pictures import PILLOW_NAMES, picture_bytes

SIDES_PX = (60, 44)


def blocks(order: str = "<", text: str = "a title") -> Blocks:
    tags = Tags(order)
    tags.main[0x010F] = Entry(ASCII, b"Maker\0")
    tags.exif[0x8827] = tags.entry(SHORT, 6_400)
    tags.exif[MAKER_NOTE] = Entry(UNDEFINED, bytes(100))
    packet = Packet.empty()
    packet.set_list((DC, "title"), "Alt", [text])
    photoshop = with_fields(b"", fields_to_bytes([(2, 105, b"headline")]))
    return Blocks(tags, packet, photoshop, (300.0, 300.0))


def embedded(data: bytes, kind: str, given: Blocks, sides_px: tuple[int, int] = SIDES_PX) -> bytes:
    written = io.BytesIO()
    assert embed(io.BytesIO(data), kind, given, sides_px, written.write) == []
    return written.getvalue()


def pixels(data: bytes) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


WAYS: list[tuple[str, str, dict[str, Any]]] = [
    ("jpg", "RGB", {}),
    ("jpg", "L", {}),
    ("jpg", "RGB", {"progressive": True}),
    ("jpg", "RGB", {"comment": b"of the encoder"}),
    ("jpg", "CMYK", {}),
    ("png", "RGB", {}),
    ("png", "RGBA", {}),
    ("png", "P", {}),
    ("png", "I;16", {}),
    ("webp", "RGB", {"quality": 90}),
    ("webp", "RGBA", {"quality": 90}),
    ("webp", "RGB", {"lossless": True}),
    ("webp", "RGBA", {"lossless": True}),
    ("tiff", "RGB", {}),
    ("tiff", "RGB", {"compression": "tiff_lzw"}),
    ("tiff", "RGBA", {"compression": "tiff_adobe_deflate"}),
    ("tiff", "L", {}),
    ("tiff", "I;16", {}),
    ("tiff", "RGB", {"strip_size": 900}),
]


@pytest.mark.parametrize(
    ("kind", "mode", "options"), WAYS, ids=lambda each: str(each) if isinstance(each, str) else ""
)
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("tagged_before", [False, True])
def test_every_block_is_written_and_every_pixel_stays(
    kind: str, mode: str, options: dict[str, Any], order: str, tagged_before: bool
) -> None:
    chance = np.random.default_rng(3)
    if mode == "I;16":
        levels = chance.integers(0, 2**16, SIDES_PX[::-1], np.uint16)
        picture = Image.fromarray(levels)
    else:
        picture = Image.fromarray(chance.integers(0, 256, (*SIDES_PX[::-1], 4), np.uint8), "RGBA")
        picture = picture if mode == "RGBA" else picture.convert("RGB").convert(mode)
    if tagged_before:
        exif = Image.Exif()
        exif[0x0110] = "old model"
        options = {**options, "exif": exif, "dpi": (72, 72)}
    file = io.BytesIO()
    picture.save(file, PILLOW_NAMES[kind], **options)
    data = file.getvalue()
    written = embedded(data, kind, blocks(order))
    assert np.array_equal(pixels(written), pixels(data))
    assert b"old model" not in written
    found = read_blocks(io.BytesIO(written), kind)
    assert found.exif is not None
    assert found.exif.main[0x010F].data == b"Maker\0"
    assert found.exif.exif[MAKER_NOTE].data == bytes(100)
    assert found.exif.number(found.exif.exif, 0x8827) == 6_400
    assert found.xmp is not None
    assert found.xmp.value((DC, "title")) == "a title"
    assert (kind == "webp") or b"headline" in found.photoshop
    if kind in ("jpg", "png") and mode != "CMYK":
        assert found.resolution_dpi == pytest.approx((300, 300), abs=0.02)


def test_a_profile_stays(tmp_path: Any) -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("jpg", "png", "webp", "tiff"):
        data = picture_bytes(kind, *SIDES_PX, icc_profile=profile)
        with Image.open(io.BytesIO(embedded(data, kind, blocks()))) as image:
            assert image.info["icc_profile"] == profile


def test_xmp_that_is_too_long_for_one_segment_is_divided_as_readers_expect() -> None:
    given = blocks()
    assert given.xmp is not None
    given.xmp.set((IPTC_CORE, "Location"), "y" * 200_000)
    written = embedded(picture_bytes("jpg", *SIDES_PX), "jpg", given)
    found = read_blocks(io.BytesIO(written), "jpg")
    assert found.broken == []
    assert found.xmp is not None
    assert len(found.xmp.value((IPTC_CORE, "Location"))) == 200_000
    assert found.xmp.value((DC, "title")) == "a title"
    damaged = written.replace(b"y" * 100, b"z" * 100, 1)
    assert read_blocks(io.BytesIO(damaged), "jpg").broken == ["XMP"]


def test_a_tag_that_is_too_long_for_a_jpeg_is_named() -> None:
    given = blocks()
    assert given.exif is not None
    given.exif.exif[0x9286] = Entry(UNDEFINED, bytes(70_000))
    data = picture_bytes("jpg", *SIDES_PX)
    written = io.BytesIO()
    left_out = embed(io.BytesIO(data), "jpg", given, SIDES_PX, written.write)
    assert left_out == ["EXIF: the tag 0x9286, which is too long for a JPEG"]
    found = read_blocks(io.BytesIO(written.getvalue()), "jpg")
    assert found.exif is not None
    assert list(found.exif.exif) == [0x8827, MAKER_NOTE]


def test_a_bmp_gets_its_resolution() -> None:
    written = embedded(picture_bytes("bmp", *SIDES_PX), "bmp", blocks())
    with Image.open(io.BytesIO(written)) as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.02)
        image.load()


def test_a_tiff_of_several_pages_is_left_alone() -> None:
    file = io.BytesIO()
    page = Image.new("RGB", SIDES_PX)
    page.save(file, "TIFF", save_all=True, append_images=[page])
    with pytest.raises(NotEditable):
        embed(file, "tiff", blocks(), SIDES_PX, io.BytesIO().write)


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tiff"])
def test_whatever_is_damaged_in_a_file_it_is_read_and_written_or_left_alone(kind: str) -> None:
    chance = random.Random(7)
    whole = embedded(picture_bytes(kind, *SIDES_PX), kind, blocks())
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(min(len(data), 3_000))] = chance.randrange(256)
        file = io.BytesIO(bytes(data[: chance.choice([len(data), chance.randint(0, len(data))])]))
        read_blocks(file, kind)
        written = io.BytesIO()
        try:
            embed(file, kind, blocks(), SIDES_PX, written.write)
        except NotEditable:
            continue
        assert written.tell() < len(whole) + 70_000


def test_the_size_of_a_file_does_not_matter() -> None:
    junk = bytes(2**25)
    large = struct.pack(">I", len(junk)) + b"IDAT" + junk + bytes(4)
    data = picture_bytes("png", *SIDES_PX)
    file = io.BytesIO(data[:33] + large + data[33:])
    sizes: list[int] = []
    given = blocks()
    tracemalloc.start()
    embed(file, "png", given, SIDES_PX, lambda block: sizes.append(len(block)))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(sizes) > len(junk)
    assert peak_bytes < 2**23


def test_a_million_strips_are_no_reason_to_stop() -> None:
    head = b"II*\0" + struct.pack("<IH", 8, 2)
    head += struct.pack("<HHII", 273, 4, 2**28, 8) + struct.pack("<HHII", 279, 4, 2**28, 8)
    with pytest.raises(NotEditable):
        embed(io.BytesIO(head + bytes(4)), "tiff", blocks(), SIDES_PX, io.BytesIO().write)
