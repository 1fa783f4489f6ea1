"""Copies become the kind of file that their names stand for, or it is said why not."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.picture_errors import NotConvertible
from enhance_gui.jobs.support import converting
from enhance_gui.jobs.support.saving import save_copy
from tests.support.pictures import picture_bytes

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.fixture
def result(tmp_path: Path) -> Path:
    path = tmp_path / "result.png"
    path.write_bytes(picture_bytes("png", 80, 60, icc_profile=PROFILE, dpi=(300, 300)))
    return path


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jpg", "JPEG"),
        ("a.JPEG", "JPEG"),
        ("a.webp", "WEBP"),
        ("a.tif", "TIFF"),
        ("a.tiff", "TIFF"),
        ("a.png", "PNG"),
    ],
)
def test_the_ending_says_what_is_written(result: Path, name: str, kind: str) -> None:
    copy = save_copy(result, result.with_name(name))
    assert copy.path.name == name
    assert copy.notes == ()
    with Image.open(result) as before, Image.open(copy.path) as after:
        assert after.format == kind
        assert after.info["icc_profile"] == PROFILE
        difference = np.abs(np.asarray(before).astype(int) - np.asarray(after.convert("RGB")))
        assert difference.mean() < 6
    assert list(result.parent.glob(".*")) == []


@pytest.mark.parametrize("elsewhere", [False, True])
def test_large_pictures_are_converted_by_another_process(
    result: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    if elsewhere:
        monkeypatch.setattr(converting, "MAX_BYTES_HERE", 0)
        monkeypatch.setattr(converting, "convert", None)
    else:
        monkeypatch.setattr(converting, "decoded_elsewhere", None)
    with Image.open(save_copy(result, result.with_name("a.jpg")).path) as image:
        assert image.size == (80, 60)
        assert image.info["dpi"] == (300, 300)


def test_transparency_that_a_jpeg_cannot_have_is_white_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(path)
    copy = save_copy(path, tmp_path / "a.jpg")
    assert copy.notes == ("transparency, which a JPEG does not have: it is white there",)
    with Image.open(copy.path) as image:
        assert np.asarray(image).min() > 250
    assert save_copy(path, tmp_path / "a.webp").notes == ()
    with Image.open(tmp_path / "a.webp") as image:
        assert np.asarray(image.getchannel("A")).max() == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [("a.gif", "GIF files are not written here"), ("a.heic", "HEIC files are not written here")],
)
def test_what_cannot_be_written_is_said_and_leaves_nothing(
    result: Path, name: str, reason: str
) -> None:
    with pytest.raises(NotConvertible) as refused:
        save_copy(result, result.with_name(name))
    assert refused.value.detail == reason
    assert sorted(each.name for each in result.parent.iterdir()) == ["result.png"]


def test_a_side_that_a_kind_does_not_allow_is_said(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    Image.new("L", (17_000, 2)).save(path)
    with pytest.raises(NotConvertible) as refused:
        save_copy(path, tmp_path / "a.webp")
    assert refused.value.detail == "a WEBP file has at most 16383 pixels a side"


def test_an_ending_that_means_no_picture_gets_the_right_one(result: Path) -> None:
    assert save_copy(result, result.with_name("holiday 1.5")).path.name == "holiday 1.5.png"


def test_a_copy_of_the_same_kind_is_the_same_bytes(result: Path) -> None:
    copy = save_copy(result, result.with_name("b.png"))
    assert copy.path.read_bytes() == result.read_bytes()


def test_what_is_broken_is_no_result_to_convert(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    path.write_bytes(picture_bytes("png", 80, 60)[:-100])
    with pytest.raises(EnhanceError):
        save_copy(path, tmp_path / "a.jpg")
    assert [each.name for each in tmp_path.iterdir()] == ["cut.png"]


@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_grey_of_16_bits_keeps_its_shades_and_8_bits_are_told(tmp_path: Path, kind: str) -> None:
    levels = np.linspace(0, 65_535, 4_096).astype(np.uint16).reshape(64, 64)
    file = io.BytesIO()
    Image.fromarray(levels).save(file, kind)
    path = tmp_path / f"deep.{kind}"
    path.write_bytes(file.getvalue())
    copy = save_copy(path, tmp_path / "a.jpg")
    assert copy.notes == ("16 bits a channel: 8 are left",)
    with Image.open(copy.path) as image:
        assert np.abs(np.asarray(image).astype(int) - levels // 257).mean() < 3
