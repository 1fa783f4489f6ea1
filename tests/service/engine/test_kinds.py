"""The service reads every kind that it takes: pixels, colours, transparency and which way up."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from enhance_gui.core.images.colour import build_profile
from enhance_gui.core.picture_errors import InputError, PictureDamaged, PictureTooLarge
from enhance_gui.imaging.decoders import decoders
from enhance_gui.imaging.verify import decode_picture, examine_picture
from enhance_gui.service.engine.pixels.decode import in_srgb, read_picture
from enhance_gui.service.engine.pixels.pictures import Picture, copy_picture
from tests.support.pictures import PILLOW_NAMES, picture_bytes

Levels = NDArray[np.uint8]

_DOWN, _ACROSS = np.mgrid[:48, :64]
SMOOTH: Levels = np.dstack([_ACROSS * 3 + 30, _DOWN * 4 + 20, 240 - _ACROSS * 3]).astype(np.uint8)
ONE_CORNER: Levels = np.zeros((48, 64, 3), np.uint8)
ONE_CORNER[:24, :32] = 255


def read(folder: Path, data: bytes) -> Picture:
    path = folder / "in"
    path.write_bytes(data)
    return read_picture(path)


def saved(picture: Image.Image | Levels, kind: str, **how: Any) -> bytes:
    assert decoders()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    file = io.BytesIO()
    image.save(file, PILLOW_NAMES[kind], **how)
    return file.getvalue()


def off(picture: Picture, right: NDArray[Any]) -> float:
    return float(np.abs(picture.pixels.astype(float) - right).mean())


@pytest.mark.parametrize(
    ("kind", "how", "lossy", "most"),
    [
        ("gif", {}, False, 6),
        ("tiff", {}, False, 0),
        ("tiff", {"compression": "tiff_lzw"}, False, 0),
        ("tiff", {"compression": "tiff_adobe_deflate"}, False, 0),
        ("tiff", {"compression": "packbits"}, False, 0),
        ("tiff", {"compression": "jpeg", "quality": 95}, True, 3),
        ("avif", {"quality": 90}, True, 3),
        ("avif", {"quality": 100, "subsampling": "4:4:4"}, True, 2),
        ("heic", {"quality": 90}, True, 4),
        ("jp2", {}, False, 0),
        ("jp2", {"irreversible": True}, True, 2),
        ("jp2", {"no_jp2": True}, False, 0),
    ],
)
def test_a_photograph_of_each_kind_is_read(
    tmp_path: Path, kind: str, how: dict[str, Any], lossy: bool, most: float
) -> None:
    picture = read(tmp_path, saved(SMOOTH, kind, **how))
    assert off(picture, SMOOTH) <= most
    assert picture.lossy is lossy
    assert picture.icc_profile is None


@pytest.mark.parametrize("kind", ["tiff", "avif", "heic", "jp2"])
def test_transparency_stays_and_makes_a_lossless_result(tmp_path: Path, kind: str) -> None:
    alpha = (_ACROSS * 4).astype(np.uint8)
    picture = read(tmp_path, saved(np.dstack([SMOOTH, alpha]), kind))
    assert picture.pixels.shape == (48, 64, 4)
    assert off(picture, np.dstack([SMOOTH, alpha])) < 6
    assert not picture.lossy


def test_one_colour_of_a_gif_may_be_transparent(tmp_path: Path) -> None:
    image = Image.fromarray(ONE_CORNER).quantize(2)
    picture = read(tmp_path, saved(image, "gif", transparency=image.getpixel((0, 0))))
    assert np.array_equal(picture.pixels[..., 3] == 0, ONE_CORNER[..., 0] == 255)


@pytest.mark.parametrize("kind", ["gif", "tiff", "avif"])
def test_the_first_of_several_is_read(tmp_path: Path, kind: str) -> None:
    others = [Image.fromarray(255 - SMOOTH)]
    data = saved(Image.fromarray(SMOOTH), kind, save_all=True, append_images=others)
    assert off(read(tmp_path, data), SMOOTH) < 6


def right_way_up(orientation: int) -> NDArray[Any]:
    turned = {
        1: ONE_CORNER,
        2: ONE_CORNER[:, ::-1],
        3: ONE_CORNER[::-1, ::-1],
        4: ONE_CORNER[::-1],
        5: ONE_CORNER.swapaxes(0, 1),
        6: np.rot90(ONE_CORNER, -1),
        7: ONE_CORNER[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(ONE_CORNER),
    }
    return turned[orientation]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["tiff", "avif", "heic"])
def test_every_orientation_is_turned_once(tmp_path: Path, kind: str, orientation: int) -> None:
    # AVIF and HEIF have a property of their own for it, which Pillow writes from the tag.
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read(tmp_path, saved(ONE_CORNER, kind, exif=exif.tobytes()))
    right = right_way_up(orientation)
    assert picture.pixels.shape == right.shape
    assert off(picture, right) < 4


@pytest.mark.parametrize("kind", ["avif", "heic"])
def test_broken_tags_spoil_no_picture(tmp_path: Path, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a description"
    data = bytearray(saved(ONE_CORNER, kind, exif=exif.tobytes()))
    at = data.index(b"MM\0*")
    data[at : at + 12] = b"\xff" * 12
    assert off(read(tmp_path, bytes(data)), right_way_up(6)) < 4


@pytest.mark.parametrize("kind", ["tiff", "avif", "heic"])
def test_the_colours_are_those_of_the_profile_in_the_file(tmp_path: Path, kind: str) -> None:
    wide = build_profile(
        "wide", (0.3127, 0.3290, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06), b"curv" + bytes(8)
    )
    assert wide is not None
    how: dict[str, Any] = {} if kind == "tiff" else {"quality": 95}
    picture = read(tmp_path, saved(SMOOTH, kind, icc_profile=wide, **how))
    assert picture.icc_profile == wide
    right = ImageCms.profileToProfile(
        Image.fromarray(SMOOTH),
        ImageCms.ImageCmsProfile(io.BytesIO(wide)),
        ImageCms.createProfile("sRGB"),
    )
    assert right is not None
    assert off(in_srgb(picture), np.asarray(right)) < 4
    assert np.abs(SMOOTH - np.asarray(right, float)).mean() > 10


def test_a_profile_in_a_jpeg_2000_is_found(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = saved(SMOOTH, "jp2")
    at = data.index(b"colr") - 4
    size = int.from_bytes(data[at : at + 4], "big")
    colours = struct.pack(">I4s", 11 + len(profile), b"colr") + b"\2\0\0" + profile
    head = data.index(b"jp2h") - 4
    grown = int.from_bytes(data[head : head + 4], "big") + len(colours) - size
    data = data[:at] + colours + data[at + size :]
    data = data[:head] + struct.pack(">I", grown) + data[head + 4 :]
    assert read(tmp_path, data).icc_profile == profile


@pytest.mark.parametrize(("kind", "begin"), [("avif", b"nclx"), ("heic", b"nclx")])
def test_the_colours_are_those_that_the_file_names_by_numbers(
    tmp_path: Path, kind: str, begin: bytes
) -> None:
    data = bytearray(saved(SMOOTH, kind, quality=95))
    at = data.index(begin) + 4
    data[at : at + 4] = struct.pack(">HH", 12, 13)  # Display P3, with sRGB's curve
    picture = read(tmp_path, bytes(data))
    assert picture.icc_profile is not None
    red = in_srgb(picture).pixels.astype(float)[..., 0]
    assert (red - SMOOTH[..., 0])[SMOOTH[..., 0] > 200].mean() > 5


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16", "YCbCr", "LAB"])
def test_every_sort_of_tiff_is_read(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(SMOOTH)
    if mode == "I;16":
        deep = (np.asarray(image.convert("L")).astype(np.uint16) * 257) + 200
        made = Image.fromarray(deep)
        right: NDArray[Any] = deep[..., None]
    elif mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        transform = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), lab, "RGB", "LAB")
        applied = ImageCms.applyTransform(image, transform)
        assert applied is not None
        made, right = applied, SMOOTH
    else:
        made = image.convert(mode)
        right = np.asarray(made.convert({"1": "L", "P": "RGB"}.get(mode, mode)))
        right = right if right.ndim == 3 else right[..., None]
        if mode in ("CMYK", "YCbCr"):
            right = np.asarray(made.convert("RGB"))
    picture = read(tmp_path, saved(made, "tiff"))
    assert picture.pixels.shape == right.shape
    assert off(picture, right) < (3 if mode == "LAB" else 1)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_tiff_gives_a_tiff_with_the_same_levels(tmp_path: Path, mode: str) -> None:
    alpha = Image.fromarray((_ACROSS * 4).astype(np.uint8))
    image = Image.fromarray(SMOOTH)
    image.putalpha(alpha)
    picture = read(tmp_path, saved(image.convert(mode), "tiff"))
    file = copy_picture(tmp_path, "out", picture)
    assert (file.name, file.extension) == ("out.tiff", "tiff")
    written = tmp_path / "out.tiff"
    decode_picture(written, examine_picture(written, expected_format="tiff").header)
    assert np.array_equal(read_picture(written).pixels, picture.pixels)


def test_colours_that_were_multiplied_with_their_transparency_are_divided_again(
    tmp_path: Path,
) -> None:
    alpha = (_ACROSS * 2 + 100).astype(np.uint8)
    multiplied = (SMOOTH.astype(float) * alpha[..., None] / 255).round().astype(np.uint8)
    data = bytearray(saved(np.dstack([multiplied, alpha]), "tiff"))
    place = data.index(struct.pack("<HHI", 338, 3, 1))  # what the fourth channel is
    data[place + 8 : place + 10] = struct.pack("<H", 1)
    picture = read(tmp_path, bytes(data))
    assert off(picture, np.dstack([SMOOTH, alpha])) < 2


def test_a_tiff_of_tiles_is_read(tmp_path: Path) -> None:
    tiles = [
        np.ascontiguousarray(SMOOTH[top : top + 16, left : left + 16]).tobytes()
        for top in range(0, 48, 16)
        for left in range(0, 64, 16)
    ]
    count, size = len(tiles), len(tiles[0])
    directory = 8 + count * size
    lists = directory + 2 + 12 * 10 + 4
    entries = [
        (256, 4, 1, 64), (257, 4, 1, 48), (258, 3, 3, lists), (259, 4, 1, 1), (262, 4, 1, 2),
        (277, 4, 1, 3), (322, 4, 1, 16), (323, 4, 1, 16), (324, 4, count, lists + 6),
        (325, 4, count, lists + 6 + 4 * count),
    ]  # fmt: skip
    data = struct.pack("<4sI", b"II*\0", directory) + b"".join(tiles)
    data += struct.pack("<H", len(entries))
    data += b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    data += struct.pack("<3H", 8, 8, 8)
    data += struct.pack(f"<{count}I", *(8 + number * size for number in range(count)))
    data += struct.pack(f"<{count}I", *[size] * count)
    assert off(read(tmp_path, data), SMOOTH) == 0


def test_directories_of_a_tiff_in_a_circle_are_no_harm(tmp_path: Path) -> None:
    data = bytearray(saved(SMOOTH, "tiff"))
    (place,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, place)
    struct.pack_into("<I", data, place + 2 + 12 * entries, place)
    assert off(read(tmp_path, bytes(data)), SMOOTH) == 0


@pytest.mark.parametrize("kind", ["tiff", "avif", "heic", "jp2", "gif"])
def test_sides_beyond_the_limit_are_refused_before_a_pixel_is_decoded(
    tmp_path: Path, kind: str
) -> None:
    data = bytearray(saved(SMOOTH, kind))
    marks = {
        "tiff": (struct.pack("<HHI", 256, 4, 1), "<I", (300_000,)),
        "avif": (b"ispe\0\0\0\0", ">II", (16_000, 16_000)),
        "heic": (b"ispe\0\0\0\0", ">II", (16_000, 16_000)),
        "jp2": (b"ihdr", ">II", (300_000, 300_000)),
        "gif": (b"GIF87a", "<HH", (65_535, 65_535)),
    }
    mark, layout, sides = marks[kind]
    struct.pack_into(layout, data, data.index(mark) + len(mark), *sides)
    with pytest.raises((PictureTooLarge, PictureDamaged)):
        read(tmp_path, bytes(data))


@pytest.mark.parametrize("kind", ["gif", "tiff", "avif", "heic", "jp2"])
def test_a_cut_or_broken_file_is_refused_as_a_picture(tmp_path: Path, kind: str) -> None:
    whole = picture_bytes(kind, 90, 70)
    for share in range(1, 8):
        with pytest.raises(InputError):
            read(tmp_path, whole[: len(whole) * share // 8 - 1])
