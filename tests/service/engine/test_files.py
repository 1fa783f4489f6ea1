"""From file to file: what a result keeps of its input, and what is refused."""

from __future__ import annotations

import errno
import io
import os
import random
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.picture_errors import (
    PICTURE_MISSING,
    InputError,
    KindNotSupported,
    PictureDamaged,
    PictureTooLarge,
)
from enhance_gui.core.services.model_files import SLOW_TYPES
from enhance_gui.core.storage_errors import DiskFull, FolderNotUsable
from enhance_gui.service.engine import ENHANCE_TYPES, WorkJob, run_work
from enhance_gui.service.engine.catalogue import (
    COLORIZE,
    PORTRAIT,
    QUICK_UPSCALE_2,
    RESTORE,
    UPSCALE_2,
    UPSCALE_4,
    factor_of,
)
from enhance_gui.service.engine.pixels.decode import read_picture
from tests.service.engine.photographs import Array, bicubic, photograph, psnr_db, read, work

ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F


def _saved(image: Image.Image, path: Path, **how: Any) -> Path:
    image.save(path, **how)
    return path


def _small() -> Image.Image:
    return Image.fromarray(photograph("astronaut")[0:160, 140:260])


def _result(type_id: int, source: Path) -> Image.Image:
    with Image.open(source.parent / work(type_id, source).after.name) as image:
        image.load()
    return image


@pytest.mark.parametrize(("type_id", "factor"), [(UPSCALE_2, 2), (UPSCALE_4, 4)])
@pytest.mark.parametrize("size_px", [(64, 64), (65, 97), (513, 66)])
def test_the_sides_become_exactly_so_many_times_as_long(
    type_id: int, factor: int, size_px: tuple[int, int], tmp_path: Path
) -> None:
    source = _saved(_small().resize(size_px), tmp_path / "in.bmp")
    after = work(type_id, source).after
    assert (after.width_px, after.height_px) == (size_px[0] * factor, size_px[1] * factor)
    path = tmp_path / after.name
    with Image.open(path) as image:
        assert image.size == (after.width_px, after.height_px)
    assert after.size_bytes == path.stat().st_size
    assert path.suffix == f".{after.extension}"


@pytest.mark.parametrize(
    ("name", "how", "kind"),
    [
        ("in.jpg", {}, "JPEG"),
        ("in.png", {}, "PNG"),
        ("in.bmp", {}, "PNG"),
        ("in.webp", {}, "JPEG"),
        ("in.webp", {"lossless": True}, "PNG"),
        ("in.webp", {"lossless": True, "icc_profile": b"odd"}, "PNG"),
    ],
)
def test_what_was_lossless_stays_lossless(
    name: str, how: dict[str, Any], kind: str, tmp_path: Path
) -> None:
    result = _result(UPSCALE_2, _saved(_small(), tmp_path / name, **how))
    assert result.format == kind
    assert result.mode == "RGB"


def test_a_jpeg_result_keeps_all_of_its_colour(tmp_path: Path) -> None:
    _result(UPSCALE_2, _saved(_small(), tmp_path / "in.jpg"))
    data = next(tmp_path.glob("x7Qb-after.jpg")).read_bytes()
    frame = data.index(b"\xff\xc0")  # baseline: 3 components, each with its sampling factors
    assert data[frame + 9] == 3
    assert [data[frame + 11 + 3 * component] for component in range(3)] == [0x11] * 3


@pytest.mark.parametrize("name", ["in.jpg", "in.png", "in.webp"])
@pytest.mark.parametrize("orientation", [3, 6, 8, 5])
def test_a_turned_picture_comes_out_upright(orientation: int, name: str, tmp_path: Path) -> None:
    upright = _small()
    turn = {
        3: Image.Transpose.ROTATE_180,
        6: Image.Transpose.ROTATE_90,
        8: Image.Transpose.ROTATE_270,
        5: Image.Transpose.TRANSPOSE,
    }[orientation]
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored = upright.transpose(turn)
    result = _result(UPSCALE_2, _saved(stored, tmp_path / name, exif=exif, quality=95))
    assert result.size == (upright.width * 2, upright.height * 2)
    assert ORIENTATION not in result.getexif()
    assert psnr_db(np.asarray(result), bicubic(np.asarray(upright), 2)) > 28


def test_place_and_camera_of_the_input_are_not_passed_on(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[MAKE] = "A camera"
    exif[GPS] = {1: "N", 2: (48.0, 12.0, 30.0)}
    source = _saved(_small(), tmp_path / "in.jpg", exif=exif, comment=b"at home")
    result = _result(UPSCALE_2, source)
    assert not result.getexif()
    assert b"A camera" not in (tmp_path / "x7Qb-after.jpg").read_bytes()
    assert b"at home" not in (tmp_path / "x7Qb-after.jpg").read_bytes()


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_with_nothing_to_repair_loses_its_tags_and_nothing_else(
    progressive: bool, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[MAKE] = "A camera"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = _saved(
        _small(),
        tmp_path / "in.jpg",
        exif=exif,
        comment=b"at home",
        icc_profile=profile,
        quality=95,
        progressive=progressive,
    )
    with source.open("ab") as file:
        file.write(b"A camera's second picture\xff\xd9")
    result = _result(RESTORE, source)
    assert (np.asarray(result) == read(source)).all()
    assert result.info["icc_profile"] == profile
    data = (tmp_path / "x7Qb-after.jpg").read_bytes()
    assert not any(each in data for each in (b"A camera", b"at home", b"second"))


def test_a_turned_jpeg_with_nothing_to_repair_is_a_png_of_the_same_pixels(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    source = _saved(_small(), tmp_path / "in.jpg", exif=exif, quality=95)
    result = _result(RESTORE, source)
    assert result.format == "PNG"
    assert (np.asarray(result) == np.rot90(read(source), -1)).all()


@pytest.mark.parametrize("name", ["in.jpg", "in.png"])
def test_the_colour_profile_is_carried_over(name: str, tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = _saved(_small(), tmp_path / name, icc_profile=profile)
    assert _result(UPSCALE_2, source).info["icc_profile"] == profile


def test_a_profile_of_another_kind_of_colour_is_not_carried_over(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = _saved(_small().convert("L"), tmp_path / "in.png", icc_profile=profile)
    assert "icc_profile" not in _result(UPSCALE_2, source).info


QUICK_TYPES = [each.id for each in ENHANCE_TYPES if each.id not in SLOW_TYPES]


@pytest.mark.parametrize("type_id", QUICK_TYPES)
@pytest.mark.parametrize("name", ["in.png", "in.webp"])
def test_transparency_is_kept_by_every_type(type_id: int, name: str, tmp_path: Path) -> None:
    image = _small().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    result = _result(type_id, _saved(image, tmp_path / name))
    assert (result.format, result.mode) == ("PNG", "RGBA")
    alpha = np.asarray(result)[..., 3].astype(int)
    assert alpha[0].max() <= 4
    assert alpha[-1].min() >= 251
    assert (np.diff(alpha.mean(axis=1)) > -0.01).all()


def test_no_dark_rim_is_drawn_around_what_is_visible(tmp_path: Path) -> None:
    pixels = np.zeros((80, 80, 4), np.uint8)
    pixels[20:60, 20:60] = (250, 240, 230, 255)
    source = _saved(Image.fromarray(pixels), tmp_path / "in.png")
    result = np.asarray(_result(UPSCALE_2, source))
    visible = result[..., 3] > 8
    assert result[visible][:, :3].min() > 215


@pytest.mark.parametrize("mode", ["L", "LA", "1", "P"])
def test_grey_and_palette_pictures_are_taken(mode: str, tmp_path: Path) -> None:
    source = _saved(_small().convert(mode), tmp_path / "in.png")
    result = _result(UPSCALE_2, source)
    assert result.mode == {"1": "L", "P": "RGB"}.get(mode, mode)
    with Image.open(source) as image:
        truth = bicubic(np.asarray(image.convert("RGB")), 2)
    assert psnr_db(np.asarray(result.convert("RGB")), truth) > (12 if mode == "1" else 28)


def test_a_transparent_palette_colour_stays_transparent(tmp_path: Path) -> None:
    image = Image.new("P", (80, 80), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (20, 20, 60, 60))
    result = np.asarray(_result(UPSCALE_2, _saved(image, tmp_path / "in.png", transparency=0)))
    assert result[0, 0, 3] == 0
    assert tuple(result[80, 80]) == (0, 0, 255, 255)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_transparent_colour_of_a_plain_png_stays_transparent(mode: str, tmp_path: Path) -> None:
    image = Image.new("RGB", (80, 80), (9, 9, 9))
    image.paste((200, 100, 50), (20, 20, 60, 60))
    colour = (9, 9, 9) if mode == "RGB" else 9
    source = _saved(image.convert(mode), tmp_path / "in.png", transparency=colour)
    result = np.asarray(_result(UPSCALE_2, source))
    assert (result[0, 0, -1], result[80, 80, -1]) == (0, 255)


@pytest.mark.parametrize("profile", [None, b"no profile at all"])
def test_cmyk_becomes_rgb(profile: bytes | None, tmp_path: Path) -> None:
    source = _saved(_small().convert("CMYK"), tmp_path / "in.jpg", quality=95, icc_profile=profile)
    result = _result(UPSCALE_2, source)
    assert (result.mode, result.info.get("icc_profile")) == ("RGB", None)
    assert psnr_db(np.asarray(result), bicubic(np.asarray(_small()), 2)) > 25


@pytest.mark.parametrize("name", ["in.png", "in.webp"])
def test_of_a_moving_picture_the_first_frame_is_taken(name: str, tmp_path: Path) -> None:
    other = Image.new("RGB", _small().size, "lime")
    source = _saved(
        _small(), tmp_path / name, save_all=True, append_images=[other], duration=100, quality=95
    )
    result = _result(UPSCALE_2, source)
    assert psnr_db(np.asarray(result), bicubic(np.asarray(_small()), 2)) > 28


@pytest.mark.parametrize("name", ["in.jpg", "in.png", "in.webp", "in.bmp"])
@pytest.mark.parametrize("part", [0.3, 0.7, 0.97])
def test_a_cut_picture_is_refused_as_damaged(name: str, part: float, tmp_path: Path) -> None:
    source = _saved(_small(), tmp_path / name)
    data = source.read_bytes()
    source.write_bytes(data[: int(len(data) * part)])
    _refused(source, PictureDamaged)


def test_a_png_with_a_flipped_byte_is_refused_as_damaged(tmp_path: Path) -> None:
    source = _saved(_small(), tmp_path / "in.png")
    data = bytearray(source.read_bytes())
    data[len(data) // 2] ^= 0xFF
    source.write_bytes(data)
    _refused(source, PictureDamaged)


@pytest.mark.parametrize("data", [b"", b"<html>", b"\x89PNG\r\n"])
def test_what_is_no_picture_that_is_taken_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(data)
    _refused(tmp_path / "in.png", KindNotSupported)


def test_a_kind_that_pillow_knows_but_nobody_asked_for_is_refused(tmp_path: Path) -> None:
    _refused(_saved(_small(), tmp_path / "in.ppm"), KindNotSupported)


def test_a_picture_whose_first_part_is_broken_is_damaged(tmp_path: Path) -> None:
    source = _saved(_small(), tmp_path / "in.png")
    data = bytearray(source.read_bytes())
    data[18] ^= 0xFF  # in the header, which has a checksum
    source.write_bytes(data)
    _refused(source, PictureDamaged)


def test_broken_tags_do_not_keep_a_good_picture_from_its_result(tmp_path: Path) -> None:
    tags = b"Exif\0\0no tags at all"
    result = _result(UPSCALE_2, _saved(_small(), tmp_path / "in.jpg", exif=tags))
    assert result.size == (_small().width * 2, _small().height * 2)


@pytest.mark.parametrize("name", ["in.jpg", "in.png", "in.webp", "in.bmp"])
def test_whatever_is_wrong_with_the_bytes_the_answer_is_an_error_with_words(
    name: str, tmp_path: Path
) -> None:
    chance = random.Random(name)
    good = _saved(_small().resize((64, 64)), tmp_path / name).read_bytes()
    outcomes = set()
    for _ in range(150):
        data = bytearray(good)
        for _ in range(chance.choice((1, 2, 20))):
            data[chance.randrange(chance.choice((60, len(data))))] = chance.randrange(256)
        (tmp_path / name).write_bytes(data)
        try:
            read_picture(tmp_path / name)
        except EnhanceError as error:
            outcomes.add(type(error))
    assert PictureDamaged in outcomes


@pytest.mark.parametrize("type_id", QUICK_TYPES)
@pytest.mark.parametrize("size_px", [(64, 64), (1600, 64), (64, 1600)])
def test_the_smallest_and_the_longest_pictures_are_taken(
    type_id: int, size_px: tuple[int, int], tmp_path: Path
) -> None:
    result = work(type_id, _saved(_small().resize(size_px), tmp_path / "in.jpg"))
    assert result.after.width_px == size_px[0] * factor_of(type_id)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.parametrize("name", ["in.jpg", "in.png"])
def test_a_full_disk_is_named_and_nothing_is_left(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = _saved(_small(), tmp_path / name)
    new = tmp_path / f"x7Qb-after.{source.suffix[1:]}.new"
    real_open = os.open

    def opened(path: str | Path, flags: int, mode: int = 0o777) -> int:
        return real_open("/dev/full", os.O_WRONLY) if path == new else real_open(path, flags, mode)

    monkeypatch.setattr(os, "open", opened)
    with pytest.raises(DiskFull):
        work(UPSCALE_2, source)
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit on file sizes")
@pytest.mark.parametrize("name", ["in.jpg", "in.png"])
def test_a_disk_that_fills_up_halfway_is_told_from_an_encoder_error(
    name: str, tmp_path: Path
) -> None:
    import resource

    source = _saved(_small(), tmp_path / name)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (9000, hard))
    try:
        with pytest.raises(FolderNotUsable, match=os.strerror(errno.EFBIG)):
            work(UPSCALE_2, source)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == [source]


def test_a_missing_input_is_named_as_missing(tmp_path: Path) -> None:
    error = _refused(tmp_path / "none.png", InputError)
    assert error.kind == PICTURE_MISSING


@pytest.mark.parametrize("size_px", [(9217, 64), (60_000, 60_000)])
def test_a_bomb_is_refused_by_its_header(size_px: tuple[int, int], tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(_png_that_claims(size_px))
    _refused(tmp_path / "in.png", PictureTooLarge)


def test_a_result_beyond_the_largest_is_refused(tmp_path: Path) -> None:
    source = _saved(Image.new("L", (4609, 64)), tmp_path / "in.png")
    with pytest.raises(PictureTooLarge, match="18436 × 256"):
        work(UPSCALE_4, source)


def test_an_output_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    source = _saved(_small(), tmp_path / "in.png")
    with pytest.raises(FolderNotUsable):
        run_work(WorkJob(UPSCALE_2, source, tmp_path / "gone", "x7Qb"))


def test_after_an_error_halfway_no_file_is_left(tmp_path: Path) -> None:
    source = _saved(_small(), tmp_path / "in.png")
    (tmp_path / "x7Qb-variant3.png").mkdir()
    with pytest.raises(FolderNotUsable):
        work(COLORIZE, source)
    assert {entry.name for entry in tmp_path.iterdir()} == {"in.png", "x7Qb-variant3.png"}


def test_an_unknown_type_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="99"):
        work(99, tmp_path / "in.png")


def test_faces_come_as_pairs_of_pictures(tmp_path: Path) -> None:
    one, other = photograph("astronaut")[20:276, 100:356], photograph("hopper")[40:296, 120:376]
    row: Array = np.hstack([one, other])
    result = work(PORTRAIT, _saved(Image.fromarray(row), tmp_path / "in.jpg"))
    assert result.after.name == "x7Qb-after.jpg"
    assert (result.after.width_px, result.after.height_px) == (512, 256)
    assert len(result.faces) == 2
    for number, face in enumerate(result.faces, start=1):
        assert face.before is not None
        assert face.before.name == f"x7Qb-face{number}-before.jpg"
        assert face.after.name == f"x7Qb-face{number}-after.jpg"
        assert face.after.width_px == 2 * face.before.width_px >= 256
        for file in (face.before, face.after):
            with Image.open(tmp_path / file.name) as image:
                assert image.size == (file.width_px, file.height_px)


def test_variants_come_as_pictures_of_their_own_and_the_first_is_the_result(
    tmp_path: Path,
) -> None:
    result = work(COLORIZE, _saved(_small().convert("L"), tmp_path / "in.png"))
    assert len(result.faces) >= 4
    assert result.after == result.faces[0].after
    assert all(face.before is None for face in result.faces)
    contents = {(tmp_path / face.after.name).read_bytes() for face in result.faces}
    assert len(contents) == len(result.faces)


def test_restoring_gives_one_picture_of_the_same_size(tmp_path: Path) -> None:
    result = work(RESTORE, _saved(_small(), tmp_path / "in.png"))
    assert (result.after.width_px, result.after.height_px) == _small().size
    assert result.faces == ()


def _refused(source: Path, error: type[EnhanceError]) -> EnhanceError:
    before = set(source.parent.iterdir())
    with pytest.raises(error) as caught:
        work(UPSCALE_2, source)
    assert caught.value.detail
    assert not caught.value.detail.endswith(".")
    assert set(source.parent.iterdir()) == before
    return caught.value


def _png_that_claims(size_px: tuple[int, int]) -> bytes:
    """Return a PNG whose header promises this size and whose data is one pixel."""
    file = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    file.seek(0, io.SEEK_END)
    header = struct.pack(">IIBBBBB", *size_px, 8, 0, 0, 0, 0)
    for name, body in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")):
        file.write(struct.pack(">I", len(body)) + name + body)
        file.write(struct.pack(">I", zlib.crc32(name + body)))
    return file.getvalue()


@pytest.mark.parametrize("type_id", [UPSCALE_2, QUICK_UPSCALE_2])
def test_grey_that_is_stored_in_three_channels_is_not_tinted(type_id: int, tmp_path: Path) -> None:
    grey = Image.fromarray(photograph("camera")).convert("L").resize((96, 80))
    result = np.asarray(_result(type_id, _saved(grey.convert("RGB"), tmp_path / "in.png")))
    assert np.ptp(result, axis=2).max() == 0


def test_black_under_what_is_hardly_visible_draws_no_rim(tmp_path: Path) -> None:
    picture = np.zeros((80, 80, 4), np.uint8)
    picture[...] = (0, 0, 0, 2)
    picture[20:60, 20:60] = (240, 150, 20, 255)
    result = np.asarray(_result(UPSCALE_2, _saved(Image.fromarray(picture), tmp_path / "in.png")))
    rim = result[(result[..., 3] > 12) & (result[..., 3] < 245)]
    assert len(rim) > 100
    assert np.abs(rim[:, :3].astype(int) - (240, 150, 20)).max(axis=1).mean() < 3
