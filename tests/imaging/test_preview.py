"""The small picture shows what the picture shows: upright, with its colours and transparency."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageCms

from enhance_gui.imaging import preview
from enhance_gui.imaging.preview import write_preview
from tests.support.pictures import picture_bytes

UPSIDE = 6
"""The tag of a picture that is to be turned a quarter to the right."""
ORIENTATION = 0x0112


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "bmp", "tiff", "gif"])
def test_it_is_reduced_and_keeps_its_shape(tmp_path: Path, kind: str) -> None:
    source, target = tmp_path / "a", tmp_path / "a.webp"
    source.write_bytes(picture_bytes(kind, 400, 100))
    assert write_preview(source, target, 200)
    with Image.open(target) as image:
        assert (image.format, image.size, image.mode) == ("WEBP", (200, 50), "RGB")


def test_it_is_upright_and_not_enlarged(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = UPSIDE
    source, target = tmp_path / "a", tmp_path / "a.webp"
    picture = Image.new("RGB", (60, 30), "red")
    picture.paste("blue", (30, 0, 60, 30))
    picture.save(source, "PNG", exif=exif)
    assert write_preview(source, target, 200)
    with Image.open(target) as image:
        assert image.size == (30, 60)
        assert ORIENTATION not in image.getexif()
        red, _, blue = image.convert("RGB").getpixel((15, 5))  # type: ignore[misc]
        assert red > blue


def test_transparency_and_the_meaning_of_its_colours_stay(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "a.webp"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGBA", (60, 30), (255, 0, 0, 100)).save(source, "PNG", icc_profile=profile)
    assert write_preview(source, target, 200)
    with Image.open(target) as image:
        assert image.mode == "RGBA"
        assert image.info["icc_profile"] == profile


@pytest.mark.parametrize("data", [b"", b"no picture", picture_bytes("jpg")[:80]])
def test_of_what_cannot_be_decoded_there_is_none(tmp_path: Path, data: bytes) -> None:
    source, target = tmp_path / "a", tmp_path / "a.webp"
    source.write_bytes(data)
    assert not write_preview(source, target, 200)
    assert not target.exists()


def test_one_with_too_many_pixels_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "MAX_PIXELS", 100 * 80 - 1)
    source = tmp_path / "a"
    source.write_bytes(picture_bytes("png", 100, 80))
    assert not write_preview(source, tmp_path / "a.webp", 200)
