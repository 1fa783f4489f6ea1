"""16 bits a channel go in and come out, and are of use in between."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from enhance_gui.core.picture_errors import PictureDamaged
from enhance_gui.core.services.model_files import find_net_files
from enhance_gui.imaging.verify import decode_picture, examine_picture
from enhance_gui.service.engine.catalogue import (
    AI_DETAIL_2,
    COLORIZE,
    PORTRAIT,
    QUICK_UPSCALE_2,
    RESTORE,
    UPSCALE_2,
    UPSCALE_4,
    factor_of,
)
from enhance_gui.service.engine.pixels.decode import read_picture
from enhance_gui.service.engine.pixels.encode import Encoder, PngEncoder, TiffEncoder
from enhance_gui.service.engine.pixels.rewrite import rewrite
from enhance_gui.service.engine.repair.scratches import fill
from tests.service.engine.photographs import work
from tests.service.engine.test_decode import png_chunk

Levels = NDArray[np.uint16]

_DOWN, _ACROSS = np.mgrid[0:48, 0:64]
_STEP = 257
"""Of 16 bits in one of 8."""


def smooth(channels: int, of_range: float = 0.1, dark: int = 20_000) -> Levels:
    """Return a gradient over a part of the range, of which 8 bits have few levels."""
    slopes = [(_ACROSS + _DOWN * n) / (63 + 47 * n) for n in (0.71, 0.37, 1.3, 2.1)]
    colours = dark + 65_535 * of_range * np.dstack(slopes)
    colours[..., channels - 1] += 30_000 if channels in (2, 4) else 0
    levels: Levels = np.rint(colours[..., :channels].clip(0, 65535)).astype(np.uint16)
    return levels


def png(levels: Levels, *chunks: bytes, interlaced: bool = False) -> bytes:
    """Return a PNG (W3C PNG, third edition)."""
    height, width, channels = levels.shape
    parts = [(0, 0, 1, 1)]
    if interlaced:
        parts = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2)]
        parts += [(0, 1, 2, 2), (1, 0, 2, 1)]
    lines = b"".join(
        b"\0" + row.astype(">u2").tobytes()
        for top, left, down, right in parts
        for row in levels[top::down, left::right]
    )
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    head = struct.pack(">II5B", width, height, 16, colour, 0, 0, interlaced)
    made = [png_chunk(b"IHDR", head), *chunks, png_chunk(b"IDAT", zlib.compress(lines))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(made) + png_chunk(b"IEND", b"")


def tiff(
    levels: Levels, photometric: int, extra: int | None = None, order: str = "<", planes: int = 1
) -> bytes:
    """Return a TIFF without compression (TIFF 6.0)."""
    height, width, channels = levels.shape
    stored = levels if planes == 1 else levels.transpose(2, 0, 1)
    data = stored.astype(f"{order}u2").tobytes()
    size, strips = len(data), 1 if planes == 1 else channels
    depths, places = 8 + size, 8 + size + 2 * channels
    tags = [(256, "I", 1, width), (257, "I", 1, height)]
    tags += [(258, "H", channels, depths if channels > 2 else 16)]
    tags += [(259, "H", 1, 1), (262, "H", 1, photometric)]
    tags += [(273, "I", strips, 8 if strips == 1 else places), (277, "H", 1, channels)]
    tags += [
        (278, "I", 1, height),
        (279, "I", strips, size if strips == 1 else places + 4 * strips),
    ]
    tags += [(284, "H", 1, planes)] + ([] if extra is None else [(338, "H", 1, extra)])
    lists = struct.pack(f"{order}{channels}H", *[16] * channels)
    if strips > 1:
        each = size // strips
        starts = [8 + each * number for number in range(strips)]
        lists += struct.pack(f"{order}{2 * strips}I", *starts, *[each] * strips)
    entries = b"".join(
        struct.pack(f"{order}HHI", tag, {"H": 3, "I": 4}[kind], count)
        + struct.pack(f"{order}{kind if count == 1 else 'I'}", value).ljust(4, b"\0")
        for tag, kind, count, value in tags
    )
    head = struct.pack(f"{order}2sHI", b"II" if order == "<" else b"MM", 42, 8 + size + len(lists))
    return head + data + lists + struct.pack(f"{order}H", len(tags)) + entries + bytes(4)


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "in"
    path.write_bytes(data)
    return path


def seen(path: Path, channels: int) -> NDArray[Any]:
    """Return what another reader sees in a file."""
    levels = np.asarray(cv2.imread(str(path), cv2.IMREAD_UNCHANGED))
    if levels.ndim == 2:
        levels = levels[..., None]
    if levels.shape[2] > 2:
        levels = levels[..., [2, 1, 0, 3][: levels.shape[2]]]
    if channels == 2:  # OpenCV knows no grey with transparency
        levels = levels[..., [0, 3]]
    return levels


def halved(levels: NDArray[Any], times: int) -> NDArray[np.float64]:
    height, width, channels = levels.shape
    cells = levels.reshape(height // times, times, width // times, times, channels)
    return np.asarray(cells.mean(axis=(1, 3)), np.float64)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("type_id", [QUICK_UPSCALE_2, UPSCALE_2, UPSCALE_4])
def test_a_larger_png_has_the_steps_of_the_original(
    tmp_path: Path, type_id: int, channels: int
) -> None:
    levels = smooth(channels)
    result = work(type_id, saved(tmp_path, png(levels)))
    assert (result.after.extension, result.message) == ("png", "")
    large = seen(tmp_path / result.after.name, channels)
    assert large.dtype == np.uint16
    assert all(len(np.unique(large[..., channel])) > 256 for channel in range(channels))
    difference = np.abs(halved(large, factor_of(type_id)) - levels)
    assert difference.mean() < _STEP / 2
    # 8 bits would have no more steps than this, whatever is done with them.
    assert len(np.unique(levels[..., 0] // _STEP)) < 40


@pytest.mark.skipif(not find_net_files("realesrgan-x4plus"), reason="its net is not installed")
def test_invented_detail_has_16_bits(tmp_path: Path) -> None:
    levels = smooth(3)
    result = work(AI_DETAIL_2, saved(tmp_path, png(levels)))
    large = seen(tmp_path / result.after.name, 3)
    assert large.dtype == np.uint16
    assert len(np.unique(large[..., 0])) > 256
    assert np.abs(halved(large, 2) - levels).mean() < 4 * _STEP


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_tiff_stays_a_tiff_that_the_program_takes(tmp_path: Path, channels: int) -> None:
    levels = smooth(channels)
    data = tiff(levels, 2 if channels > 2 else 1, 2 if channels == 4 else None)
    after = work(QUICK_UPSCALE_2, saved(tmp_path, data)).after
    assert after.extension == "tiff"
    path = tmp_path / after.name
    facts = examine_picture(path, expected_width_px=128, expected_format="tiff")
    decode_picture(path, facts.header)
    large = seen(path, channels)
    assert large.dtype == np.uint16
    assert np.abs(halved(large, 2) - levels).mean() < _STEP / 2


@pytest.mark.parametrize("type_id", [RESTORE, PORTRAIT])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_noise_is_taken_out_in_16_bits(tmp_path: Path, type_id: int, channels: int) -> None:
    clean = np.kron(smooth(channels, 0.65, dark=6_000), np.ones((4, 4, 1), np.uint16))
    noise = np.random.default_rng(5).normal(0, 6 * _STEP, clean.shape)
    noise[..., 3:] = 0
    noisy = np.clip(clean + noise, 0, 65535).astype(np.uint16)
    result = work(type_id, saved(tmp_path, png(noisy)))
    restored = seen(tmp_path / result.after.name, channels)
    assert restored.dtype == np.uint16
    assert len(np.unique(restored[..., 0])) > 4 * 256
    colours = slice(0, 3)
    left = np.abs(restored.astype(float) - clean)[..., colours].mean()
    assert left < 0.6 * np.abs(noise[..., colours]).mean()


def test_what_needs_no_repair_is_kept_to_the_last_bit(tmp_path: Path) -> None:
    levels = smooth(3, 0.7)
    result = work(RESTORE, saved(tmp_path, png(levels)))
    assert np.array_equal(seen(tmp_path / result.after.name, 3), levels)


@pytest.mark.parametrize("channels", [1, 3])
def test_scratches_are_filled_in_16_bits(channels: int) -> None:
    levels = smooth(channels)
    scratched, mask = levels.copy(), np.zeros(levels.shape[:2], np.uint8)
    mask[5:40, 30:33] = 255
    scratched[mask > 0] = 65535
    fill(scratched, mask)
    assert np.abs(scratched.astype(float) - levels)[mask > 0].max() < 4 * _STEP


def test_a_tint_has_16_bits(tmp_path: Path) -> None:
    result = work(COLORIZE, saved(tmp_path, png(smooth(1, 0.6))))
    toned = seen(tmp_path / result.after.name, 3)
    assert toned.dtype == np.uint16
    assert len(np.unique(toned[..., 1])) > 4 * 256
    assert not result.message


def test_what_is_left_of_the_depth_is_told(tmp_path: Path) -> None:
    said = "the result has 8 bits a channel, not the 16 of the original"
    linear = png(smooth(3), png_chunk(b"gAMA", struct.pack(">I", 100_000)))
    assert work(COLORIZE, saved(tmp_path, linear)).message == said
    ink = tiff(smooth(4), 5)
    result = work(QUICK_UPSCALE_2, saved(tmp_path, ink))
    assert (result.after.extension, result.message) == ("tiff", said)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_level_of_a_png_is_read(tmp_path: Path, channels: int, *, interlaced: bool) -> None:
    levels = np.random.default_rng(channels).integers(0, 65536, (48, 64, channels), np.uint16)
    picture = read_picture(saved(tmp_path, png(levels, interlaced=interlaced)))
    assert np.array_equal(picture.pixels, levels)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("photometric", "channels", "extra"), [(1, 1, None), (2, 3, None), (2, 4, 2), (2, 4, 0)]
)
def test_every_level_of_a_tiff_is_read(
    tmp_path: Path, photometric: int, channels: int, extra: int | None, order: str
) -> None:
    levels = np.random.default_rng(3).integers(0, 65536, (48, 64, channels), np.uint16)
    picture = read_picture(saved(tmp_path, tiff(levels, photometric, extra, order)))
    shown = levels[..., :3] if extra == 0 else levels
    assert np.array_equal(picture.pixels, shown)


def test_colours_multiplied_by_their_transparency_are_divided_in_16_bits(tmp_path: Path) -> None:
    levels = smooth(4)
    alpha = levels[..., 3:].astype(float) / 65535
    multiplied = np.dstack([np.rint(levels[..., :3] * alpha), levels[..., 3]]).astype(np.uint16)
    picture = read_picture(saved(tmp_path, tiff(multiplied, 2, 1)))
    assert np.abs(picture.pixels.astype(float) - levels).max() <= 2


def test_one_colour_of_16_bits_may_be_transparent(tmp_path: Path) -> None:
    levels = smooth(3)
    levels[10:12, 10:12] = levels[5, 5] + 1  # the same in 8 bits
    key = png_chunk(b"tRNS", levels[5, 5].astype(">u2").tobytes())
    pixels = read_picture(saved(tmp_path, png(levels, key))).pixels
    assert np.array_equal(pixels[..., :3], levels)
    assert np.array_equal(pixels[..., 3], np.where((levels == levels[5, 5]).all(axis=2), 0, 65535))


@pytest.mark.parametrize("kind", [png, lambda levels: tiff(levels, 2)], ids=["png", "tiff"])
def test_a_cut_file_is_damaged(tmp_path: Path, kind: Any) -> None:
    data = kind(np.random.default_rng(1).integers(0, 65536, (48, 64, 3), np.uint16))
    with pytest.raises(PictureDamaged):
        read_picture(saved(tmp_path, data[: len(data) // 2]))


@pytest.mark.parametrize("height_px", [7, 64, 65, 192])
@pytest.mark.parametrize(
    ("kind", "ending", "channels"),
    [(PngEncoder, "png", channels) for channels in (1, 2, 3, 4)]
    + [(TiffEncoder, "tiff", channels) for channels in (1, 3, 4)],
)
def test_a_file_holds_every_level(
    tmp_path: Path, kind: type[Encoder], ending: str, channels: int, height_px: int
) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    levels = np.random.default_rng(2).integers(0, 65536, (height_px, 333, channels), np.uint16)
    path = tmp_path / f"a.{ending}"
    with path.open("wb") as file:
        encoder = kind(file, height_px, profile)
        for top in range(0, height_px, 50):
            encoder.write(levels[top : top + 50])
        encoder.finish()
    assert np.array_equal(seen(path, channels), levels)
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        assert image.info["icc_profile"] == profile


class OpenFile(type(Path())):  # type: ignore[misc]
    """The path of an open file, as macOS and the BSDs have it: read from where that was left."""

    descriptor = -1

    def open(self, *_: object, **__: object) -> io.BufferedReader:
        return os.fdopen(os.dup(self.descriptor), "rb")


def test_an_open_file_is_rewritten_from_its_beginning_wherever_it_was_left(tmp_path: Path) -> None:
    levels = smooth(3)
    (tmp_path / "a.png").write_bytes(png(levels))
    with (tmp_path / "a.png").open("rb") as file:
        file.seek(0, io.SEEK_END)
        picture = OpenFile("/dev/fd/n")
        picture.descriptor = file.fileno()
        rewrite(picture, "tiff", tmp_path / "a.tiff", 1)
    assert np.array_equal(
        read_picture(tmp_path / "a.tiff").pixels, read_picture(tmp_path / "a.png").pixels
    )
