"""Reads 16 bits a channel through Pillow, whose colours have 8.

Its decoders can be told which of two bytes comes first, and keep the upper one. Told the opposite,
they keep the lower one: so a picture is decoded twice, by the same guarded decoders as all others,
and put together here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from PIL.ImageFile import ImageFile

from enhance_gui.service.engine.pixels.tiles import Pixels

_RAW: Final = re.compile(r"(RGB|RGBA|RGBa|RGBX|LA);16([BLN])")
_OPPOSITE: Final = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_WHITE: Final = 65535
_STRIP_PX: Final = 512
_PLANES_TAG: Final = 284
"""PlanarConfiguration of a TIFF; 2: each channel by itself, where Pillow knows one order alone."""


def is_deep(image: ImageFile) -> bool:
    """Return whether :func:`deep_pixels` can read a picture that was opened and not loaded."""
    return (
        bool(image.tile)
        and all(_RAW.fullmatch(_raw_mode(tile)) for tile in image.tile)
        and getattr(image, "tag_v2", {}).get(_PLANES_TAG, 1) == 1
    )


def has_16_bits(image: ImageFile) -> bool:
    """Return whether a picture that was opened and not loaded has 16 bits a channel in its file."""
    return any(";16" in _raw_mode(tile) for tile in image.tile)


def deep_pixels(open_image: Callable[[], ImageFile]) -> Pixels:
    """Return the pixels of 16 bits as one of LA, RGB and RGBA.

    :param open_image: opens a picture that is deep.
    """
    with open_image() as image:
        key = image.info.get("transparency")
        match = _RAW.fullmatch(_raw_mode(image.tile[0]))
    assert match is not None  # noqa: S101  it is deep
    channels, order = match.groups()
    if channels == "LA":
        return _pairs(open_image)
    # What was multiplied by its transparency is divided here: Pillow would round to 8 bits first.
    plain = channels.replace("RGBa", "RGBA")
    pixels: Pixels | None = None
    for shift, byte_order in ((8, order), (0, _OPPOSITE[order])):
        with _opened_as(open_image, f"{plain};16{byte_order}") as image:
            for top in range(0, image.height, _STRIP_PX):
                strip = np.asarray(image.crop((0, top, image.width, _bottom(image, top))))
                if pixels is None:
                    shown = strip.shape[2] + (key is not None)
                    pixels = np.zeros((image.height, image.width, shown), np.uint16)
                into = pixels[top : top + _STRIP_PX, :, : strip.shape[2]]
                into |= strip.astype(np.uint16) << shift
    assert pixels is not None  # noqa: S101  Pillow opens no picture without pixels
    for top in range(0, pixels.shape[0], _STRIP_PX):
        strip = pixels[top : top + _STRIP_PX]
        if key is not None:
            strip[..., 3] = np.where((strip[..., :3] == key).all(axis=2), 0, _WHITE)
        elif channels == "RGBa":
            alpha = np.maximum(strip[..., 3:], 1).astype(np.float32)
            divided = strip[..., :3] * (_WHITE / alpha)
            strip[..., :3] = np.minimum(divided + 0.5, _WHITE)
    return pixels


def _pairs(open_image: Callable[[], ImageFile]) -> Pixels:
    """Return grey and transparency, whose four bytes of a pixel Pillow takes for four channels."""
    with _opened_as(open_image, "RGBA") as image:
        pixels = np.empty((image.height, image.width, 2), np.uint16)
        for top in range(0, image.height, _STRIP_PX):
            strip = np.asarray(image.crop((0, top, image.width, _bottom(image, top))))
            pixels[top : top + _STRIP_PX] = np.ascontiguousarray(strip).view(">u2")
    return pixels


def _opened_as(open_image: Callable[[], ImageFile], raw_mode: str) -> ImageFile:
    """Decode a picture, its bytes understood as ``raw_mode`` says."""
    image = open_image()
    image.tile = [_with_raw_mode(tile, raw_mode) for tile in image.tile]
    image.load()
    return image


def _bottom(image: ImageFile, top: int) -> int:
    return min(top + _STRIP_PX, image.height)


def _raw_mode(tile: Any) -> str:
    """Return how a tile's decoder is to understand its bytes; some have more arguments."""
    found = tile.args if isinstance(tile.args, str) else (tile.args or ("",))[0]
    return found if isinstance(found, str) else ""


def _with_raw_mode(tile: Any, raw_mode: str) -> Any:
    args = raw_mode if isinstance(tile.args, str) else (raw_mode, *tile.args[1:])
    return tile._replace(args=args)
