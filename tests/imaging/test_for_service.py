"""A picture that a service does not take becomes a PNG or a JPEG that shows the same."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from enhance_gui.core.images.colour import build_profile
from enhance_gui.core.picture_errors import (
    PICTURE_MISSING,
    InputError,
    KindNotSupported,
    PictureDamaged,
    PictureTooLarge,
)
from enhance_gui.imaging.for_service import convert_for_service, has_transparency
from tests.support.pictures import PILLOW_NAMES, picture_bytes

PLENTY = 10**9
P3 = build_profile(
    "P3", (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060), b"curv" + bytes(8)
)


def gradient(width_px: int = 96, height_px: int = 64) -> Image.Image:
    across, down = np.meshgrid(np.linspace(0, 255, width_px), np.linspace(0, 255, height_px))
    return Image.fromarray(np.dstack([across, down, 255 - across]).astype(np.uint8))


def stored(folder: Path, picture: Image.Image, kind: str, **how: object) -> Path:
    path = folder / f"picture.{kind}"
    picture.save(path, PILLOW_NAMES[kind], **how)
    return path


def made(
    folder: Path, source: Path, kind: str, wanted: str = "png", max_bytes: int = PLENTY
) -> tuple[str, Image.Image]:
    target = folder / "made.part"
    written = convert_for_service(source, kind, target, wanted, max_bytes)
    with Image.open(io.BytesIO(target.read_bytes())) as image:
        image.load()
        assert image.format == PILLOW_NAMES[written]
        return written, image


def off(first: Image.Image, second: Image.Image) -> float:
    pair = (np.asarray(each, np.float64) for each in (first, second))
    return float(np.abs(next(pair) - next(pair)).mean())


@pytest.mark.parametrize("kind", ["tiff", "bmp", "png"])
def test_what_has_no_loss_is_kept_to_the_pixel(kind: str, tmp_path: Path) -> None:
    written, image = made(tmp_path, stored(tmp_path, gradient(), kind), kind)
    assert (written, off(image, gradient())) == ("png", 0)


@pytest.mark.parametrize("kind", ["avif", "webp", "jp2"])
def test_what_has_loss_becomes_a_jpeg_that_is_hardly_to_be_told_from_it(
    kind: str, tmp_path: Path
) -> None:
    source = stored(tmp_path, gradient(), kind)
    written, image = made(tmp_path, source, kind, "jpg")
    with Image.open(source) as before:
        assert (written, off(image, before.convert("RGB")) < 1) == ("jpg", True)


def test_the_first_frame_of_an_animation_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (96, 64), colour) for colour in ("red", "blue")]
    source = stored(tmp_path, frames[0], "gif", save_all=True, append_images=frames[1:])
    _, image = made(tmp_path, source, "gif")
    assert image.convert("RGB").getpixel((5, 5)) == (255, 0, 0)


def test_transparency_is_kept_and_keeps_it_from_becoming_a_jpeg(tmp_path: Path) -> None:
    picture = gradient()
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    source = stored(tmp_path, picture, "avif", quality=95)
    assert has_transparency(source, "avif")
    written, image = made(tmp_path, source, "avif", "jpg")
    assert (written, image.mode) == ("png", "RGBA")
    assert off(image.getchannel("A"), picture.getchannel("A")) < 3
    assert not has_transparency(stored(tmp_path, gradient(), "tiff"), "tiff")


@pytest.mark.parametrize("wanted", ["png", "jpg"])
def test_the_colours_keep_their_profile(wanted: str, tmp_path: Path) -> None:
    assert P3 is not None
    for kind in ("tiff", "avif"):
        source = stored(tmp_path, gradient(), kind, icc_profile=P3)
        _, image = made(tmp_path, source, kind, wanted)
        assert image.info["icc_profile"] == P3


def test_cmyk_becomes_srgb(tmp_path: Path) -> None:
    source = stored(tmp_path, gradient().convert("CMYK"), "tiff")
    _, image = made(tmp_path, source, "tiff")
    assert (image.mode, "icc_profile" in image.info) == ("RGB", False)
    assert off(image, gradient()) < 2


@pytest.mark.parametrize("kind", ["tiff", "avif", "png", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_comes_upright_and_without_a_tag(
    kind: str, orientation: int, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    how = {"exif": exif} | ({"quality": 95} if kind in ("avif", "webp") else {})
    source = stored(tmp_path, gradient(), kind, **how)
    _, image = made(tmp_path, source, kind)
    turned = gradient()
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(orientation)
    turned = turned if turn is None else turned.transpose(turn)
    assert image.size == turned.size
    assert off(image.convert("RGB"), turned) < 3
    assert image.getexif().get(0x0112, 1) == 1


def test_grey_of_16_bits_is_kept(tmp_path: Path) -> None:
    levels = np.arange(96 * 64, dtype=np.uint16).reshape(64, 96) * 10
    source = stored(tmp_path, Image.fromarray(levels), "tiff")
    _, image = made(tmp_path, source, "tiff")
    assert np.array_equal(np.asarray(image), levels)
    _, image = made(tmp_path, source, "tiff", "jpg")
    assert (image.mode, abs(off(image, Image.fromarray((levels / 257).astype(np.uint8)))) < 2) == (
        "L",
        True,
    )


def test_a_png_that_is_too_large_for_the_service_becomes_a_jpeg(tmp_path: Path) -> None:
    source = tmp_path / "noise.tiff"
    source.write_bytes(picture_bytes("tiff", 200, 200))
    png_bytes = len(picture_bytes("png", 200, 200))
    assert made(tmp_path, source, "tiff", "png", png_bytes // 2)[0] == "jpg"
    with pytest.raises(PictureTooLarge, match=r"converted to JPG it has 0\.0 MB"):
        convert_for_service(source, "tiff", tmp_path / "none", "png", 500)
    assert not (tmp_path / "none").exists()


def test_a_damaged_picture_has_the_sentence_of_all_damaged_ones(tmp_path: Path) -> None:
    source = tmp_path / "cut.tiff"
    source.write_bytes(picture_bytes("tiff", 200, 200)[:60_000])
    with pytest.raises(PictureDamaged, match="it is cut or broken"):
        convert_for_service(source, "tiff", tmp_path / "none", "png", PLENTY)


def test_a_source_that_has_gone_is_no_damage(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read") as caught:
        convert_for_service(tmp_path / "gone.tiff", "tiff", tmp_path / "none", "png", PLENTY)
    assert caught.value.kind == PICTURE_MISSING


def test_a_broken_profile_is_left_out(tmp_path: Path) -> None:
    source = stored(tmp_path, gradient(), "tiff", icc_profile=b"broken" * 40)
    _, image = made(tmp_path, source, "tiff")
    assert "icc_profile" not in image.info
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = stored(tmp_path, gradient().convert("CMYK"), "tiff", icc_profile=srgb)
    assert made(tmp_path, source, "tiff")[1].mode == "RGB"


def test_values_that_say_no_white_are_refused(tmp_path: Path) -> None:
    picture = Image.new("F", (96, 64), 0.5)
    with pytest.raises(KindNotSupported, match="floating-point"):
        made(tmp_path, stored(tmp_path, picture, "tiff"), "tiff")


def test_whole_numbers_of_32_bits_are_read_as_16(tmp_path: Path) -> None:
    picture = Image.new("I", (96, 64), 40_000)
    _, converted = made(tmp_path, stored(tmp_path, picture, "tiff"), "tiff")
    assert np.asarray(converted).max() == 40_000
