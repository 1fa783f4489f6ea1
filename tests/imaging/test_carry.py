"""Originals of every kind leave what they say to results of every kind."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from enhance_gui.core.images.carried.carrying import ENHANCED, KeptMetadata, Mark
from enhance_gui.core.images.formats import PictureFormat
from enhance_gui.core.images.picture import PictureHeader
from enhance_gui.imaging.carry import blocks_by_decoder, write_carried
from tests.support.described.tag_sets import kept, needs_exiftool, scanned, tags_of
from tests.support.pictures import picture_bytes

AVIF = PictureFormat("avif", "AVIF", re.compile(rb".{4}ftypavif", re.DOTALL))
MARK = Mark("Enhance GUI", "Enhance", datetime(2026, 1, 2, tzinfo=UTC), ENHANCED)


@needs_exiftool
@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tiff"])
def test_what_a_scanner_says_is_in_the_result(tmp_path: Path, kind: str) -> None:
    original = scanned(tmp_path)
    result = tmp_path / f"result.{kind}"
    data = picture_bytes(kind, 192, 144)
    with result.open("wb") as file:
        write_carried(
            io.BytesIO(data),
            PictureHeader(kind, 192, 144),
            original,
            (96, 72),
            KeptMetadata.ALL,
            MARK,
            file.write,
        )
    before, after = tags_of(original), tags_of(result)
    lost = {name: value for name, value in kept(before).items() if after.get(name) != value}
    if kind == "webp":
        lost = {name: value for name, value in lost.items() if not name.startswith("IPTC")}
    assert lost == {}
    assert (after["IFD0:XResolution"], after["IFD0:Make"]) == (600, "Epson")
    if kind != "webp":
        with Image.open(result) as image:
            assert image.info["dpi"] == pytest.approx((600, 600), abs=0.1)
    with Image.open(result) as image, Image.open(io.BytesIO(data)) as given:
        assert image.tobytes() == given.tobytes()


def test_a_kind_that_is_not_written_here_is_read_by_its_decoder(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Maker", 6
    file = io.BytesIO()
    Image.new("RGB", (32, 32)).save(file, "AVIF", exif=exif.tobytes(), xmp=b"no packet")
    found = blocks_by_decoder(file, AVIF)
    assert found.exif is not None
    assert found.exif.main[0x010F].data == b"Maker\0"
    assert found.exif.number(found.exif.main, 0x0112) is None
    assert found.broken == ["XMP"]
    broken = io.BytesIO(file.getvalue()[:40])
    assert blocks_by_decoder(broken, AVIF).exif is None
