"""The service reads of a file what it means: its levels, transparency, orientation and colours."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, PngImagePlugin

from enhance_gui.core.picture_errors import PictureDamaged
from enhance_gui.service.engine.pixels.decode import in_srgb, read_picture
from enhance_gui.service.engine.pixels.pictures import Picture, copy_picture
from enhance_gui.service.engine.pixels.planes import values_of

Levels = NDArray[np.uint8]

RAMP: Levels = np.arange(64 * 48 * 3, dtype=np.uint32).reshape(48, 64, 3).astype(np.uint8)
SMOOTH: Levels = np.dstack([np.tile(np.linspace(40, 200, 64), (48, 1))] * 3).astype(np.uint8)


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(rows: NDArray[np.generic], depth: int, colour: int, *chunks: bytes) -> bytes:
    """Return a PNG of rows of packed bytes (W3C PNG, third edition)."""
    height, width = rows.shape[0], rows.shape[1]
    channels = {0: 1, 2: 3}[colour]
    if depth == 16:
        packed = rows.astype(">u2").tobytes()
    else:
        bits = np.unpackbits(rows.reshape(height, -1, 1).astype(np.uint8), axis=2)[
            :, :, 8 - depth :
        ]
        packed = np.packbits(bits.reshape(height, -1), axis=1).tobytes()
    row_bytes = -(-width * channels * depth // 8)
    lines = b"".join(b"\0" + packed[at : at + row_bytes] for at in range(0, len(packed), row_bytes))
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [png_chunk(b"IHDR", head), *chunks, png_chunk(b"IDAT", zlib.compress(lines))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + png_chunk(b"IEND", b"")


def read(folder: Path, data: bytes) -> Picture:
    path = folder / "in"
    path.write_bytes(data)
    return read_picture(path)


def saved(levels: Levels, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(levels).save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_one_level_of_a_grey_png_may_be_transparent(tmp_path: Path, depth: int) -> None:
    stored = np.add.outer(np.arange(20), np.arange(30)) % 2**depth
    key = stored[3, 4]
    data = png_of(stored, depth, 0, png_chunk(b"tRNS", struct.pack(">H", key)))
    grey, alpha = np.moveaxis(read(tmp_path, data).pixels, 2, 0)
    assert np.array_equal(alpha == 0, stored == key)
    assert set(np.unique(alpha)) <= {0, 65535 if depth == 16 else 255}
    assert np.abs(values_of(grey) - stored * 255.0 / (2**depth - 1)).max() <= 0.5


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_grey_of_every_depth_keeps_its_levels(tmp_path: Path, depth: int) -> None:
    stored = np.add.outer(np.arange(20), np.arange(30)) % 2**depth
    pixels = read(tmp_path, png_of(stored, depth, 0)).pixels
    assert pixels.shape == (20, 30, 1)
    assert np.abs(values_of(pixels[..., 0]) - stored * 255.0 / (2**depth - 1)).max() <= 0.5


def test_one_colour_of_a_png_may_be_transparent(tmp_path: Path) -> None:
    key = RAMP[5, 6]
    data = png_of(RAMP, 8, 2, png_chunk(b"tRNS", struct.pack(">3H", *key.tolist())))
    pixels = read(tmp_path, data).pixels
    assert np.array_equal(pixels[..., 3] == 0, (key == RAMP).all(axis=2))
    assert np.array_equal(pixels[..., :3], RAMP)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_is_turned_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    shape = np.zeros((48, 64, 3), np.uint8)
    shape[:16, :24] = 255
    data = saved(shape, kind, exif=exif.tobytes())
    with Image.open(io.BytesIO(data)) as image:
        transposed = {
            2: [Image.Transpose.FLIP_LEFT_RIGHT],
            3: [Image.Transpose.ROTATE_180],
            4: [Image.Transpose.FLIP_TOP_BOTTOM],
            5: [Image.Transpose.TRANSPOSE],
            6: [Image.Transpose.ROTATE_270],
            7: [Image.Transpose.TRANSVERSE],
            8: [Image.Transpose.ROTATE_90],
        }
        right = image.convert("RGB")
        for how in transposed.get(orientation, []):
            right = right.transpose(how)
    assert np.array_equal(read(tmp_path, data).pixels, np.asarray(right))


def test_an_orientation_that_only_xmp_tells_is_not_followed(tmp_path: Path) -> None:
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/' tiff:Orientation='6'></x:xmpmeta>"
    assert read(tmp_path, saved(RAMP, "JPEG", xmp=xmp)).pixels.shape == RAMP.shape


def test_a_jpeg_with_further_pictures_behind_it_stays_a_jpeg(tmp_path: Path) -> None:
    first, second = Image.fromarray(SMOOTH), Image.fromarray(SMOOTH[::2, ::2])
    file = io.BytesIO()
    first.save(file, "MPO", save_all=True, append_images=[second])
    picture = read(tmp_path, file.getvalue())
    assert picture.lossy
    assert picture.pixels.shape == SMOOTH.shape


@pytest.mark.parametrize(
    "exif",
    [b"", b"Exif", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0" + b"\xff" * 40],
)
def test_broken_tags_say_nothing_about_the_pixels(tmp_path: Path, exif: bytes) -> None:
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    data = saved(SMOOTH, "JPEG")
    assert read(tmp_path, data[:2] + segment + data[2:]).pixels.shape == SMOOTH.shape


@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"zTXt", b"workflow\0\0" + zlib.compress(b"x" * 2**21)),
        png_chunk(b"iTXt", b"workflow\0\1\0\0\0" + zlib.compress(b"x" * 2**21)),
        png_chunk(b"tEXt", b"Author\0Studio")[:-1] + b"!",
        png_chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1))[:-1] + b"!",
        png_chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n 4\nno digits")),
        png_chunk(b"iCCP", b"icc\0\0broken"),
    ],
    ids=["large zTXt", "large iTXt", "tEXt's sum", "pHYs' sum", "raw profile", "broken iCCP"],
)
def test_what_stands_beside_the_pixels_of_a_png_does_not_spoil_it(
    tmp_path: Path, chunk: bytes
) -> None:
    data = saved(RAMP, "PNG")
    assert np.array_equal(read(tmp_path, data[:33] + chunk + data[33:]).pixels, RAMP)


def test_pixels_that_cannot_be_unpacked_are_damage(tmp_path: Path) -> None:
    data = bytearray(saved(RAMP, "PNG"))
    data[data.index(b"IDAT") + 60] ^= 0xFF
    with pytest.raises(PictureDamaged):
        read(tmp_path, bytes(data))


def test_a_jpeg_may_lack_the_mark_of_its_end_and_nothing_else(tmp_path: Path) -> None:
    data = saved(RAMP, "JPEG")
    whole = read(tmp_path, data).pixels
    assert np.array_equal(read(tmp_path, data[:-2]).pixels, whole)
    for left in (len(data) - 60, len(data) // 2, len(data) // 4):
        with pytest.raises(PictureDamaged):
            read(tmp_path, data[:left])


def test_a_progressive_jpeg_that_ends_early_is_damaged(tmp_path: Path) -> None:
    data = saved(RAMP, "JPEG", progressive=True)
    for left in (len(data) - 2, len(data) // 2, len(data) // 4):
        with pytest.raises(PictureDamaged):
            read(tmp_path, data[:left])


def test_stray_bytes_between_segments_do_no_harm(tmp_path: Path) -> None:
    data = saved(SMOOTH, "JPEG")
    whole = read(tmp_path, data).pixels
    behind_jfif = 20
    stray = data[:behind_jfif] + b"\0\x12\xff" + data[behind_jfif:]
    assert np.array_equal(read(tmp_path, stray).pixels, whole)


def linear_png(*, grey: bool = False) -> bytes:
    chunk = png_chunk(b"gAMA", struct.pack(">I", 100_000))
    levels = SMOOTH[..., 0] if grey else SMOOTH
    return png_of(levels, 8, 0 if grey else 2, chunk)


@pytest.mark.parametrize("grey", [False, True])
def test_colours_that_a_png_describes_by_numbers_become_a_profile(
    tmp_path: Path, *, grey: bool
) -> None:
    picture = read(tmp_path, linear_png(grey=grey))
    assert picture.icc_profile is not None
    shown = in_srgb(picture)
    assert shown.icc_profile is None
    light = SMOOTH[..., 0] / 255
    right = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    for channel in range(shown.pixels.shape[2]):
        assert np.abs(shown.pixels[..., channel] - right).max() <= 1.5


def test_transparency_survives_the_change_to_srgb(tmp_path: Path) -> None:
    alpha = np.arange(48 * 64, dtype=np.uint32).reshape(48, 64).astype(np.uint8)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = saved(np.dstack([SMOOTH, alpha]), "PNG", icc_profile=profile)
    assert np.array_equal(in_srgb(read(tmp_path, data)).pixels[..., 3], alpha)


def test_the_colours_of_a_camera_s_mark_go_into_the_copy(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = 2
    picture = read(tmp_path, saved(SMOOTH, "JPEG", exif=exif.tobytes()))
    assert picture.icc_profile is not None
    copy = copy_picture(tmp_path, "after", picture)
    with Image.open(tmp_path / copy.name) as image:
        assert image.info["icc_profile"] == picture.icc_profile
        assert not image.getexif()
        assert np.array_equal(np.asarray(image), picture.pixels)


def test_a_long_profile_goes_into_the_copy_of_a_jpeg_in_parts(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + bytes(150_000)
    picture = read(tmp_path, saved(SMOOTH, "JPEG", icc_profile=profile))
    copy = copy_picture(tmp_path, "after", picture)
    with Image.open(tmp_path / copy.name) as image:
        assert image.info["icc_profile"] == profile


def test_texts_of_pillows_own_making_are_no_hindrance(tmp_path: Path) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "ä" * 1000, zip=True)
    assert np.array_equal(read(tmp_path, saved(RAMP, "PNG", pnginfo=texts)).pixels, RAMP)
