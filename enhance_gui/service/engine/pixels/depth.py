"""Reads 16 bits a channel through Pillow, whose colours have 8.

Its decoders can be told which of two bytes comes first, and keep the upper one. Told the opposite,
they keep the lower one: so a picture is decoded twice, by the same guarded decoders as all others,
and put together here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
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
    pixels = _upper_bytes(open_image, f"{plain};16{order}", has_key=key is not None)
    _add_lower_bytes(pixels, open_image, f"{plain};16{_OPPOSITE[order]}")
    for top in range(0, pixels.shape[0], _STRIP_PX):
        strip = pixels[top : top + _STRIP_PX]
        if key is not None:
            strip[..., 3] = np.where((strip[..., :3] == key).all(axis=2), 0, _WHITE)
        elif channels == "RGBa":
            alpha = np.maximum(strip[..., 3:], 1).astype(np.float32)
            divided = strip[..., :3] * (_WHITE / alpha)
            strip[..., :3] = np.minimum(divided + 0.5, _WHITE)
    return pixels


def _upper_bytes(
    open_image: Callable[[], ImageFile], raw_mode: str, *, has_key: bool
) -> NDArray[np.uint16]:
    """Return the pixels without what the lower bytes add, and room for alpha if there is a key."""
    with _opened_as(open_image, raw_mode) as image:
        channels = len(image.getbands()) + has_key
        pixels = np.empty((image.height, image.width, channels), np.uint16)
        for top, strip in _strips(image):
            pixels[top : top + _STRIP_PX, :, : strip.shape[2]] = strip.astype(np.uint16) << 8
    return pixels


def _add_lower_bytes(
    pixels: NDArray[np.uint16], open_image: Callable[[], ImageFile], raw_mode: str
) -> None:
    # By itself, so that Pillow's picture of the upper ones is gone.
    with _opened_as(open_image, raw_mode) as image:
        for top, strip in _strips(image):
            pixels[top : top + _STRIP_PX, :, : strip.shape[2]] |= strip


def _pairs(open_image: Callable[[], ImageFile]) -> Pixels:
    """Return grey and transparency, whose four bytes of a pixel Pillow takes for four channels."""
    with _opened_as(open_image, "RGBA") as image:
        pixels = np.empty((image.height, image.width, 2), np.uint16)
        for top, strip in _strips(image):
            pixels[top : top + _STRIP_PX] = np.ascontiguousarray(strip).view(">u2")
    return pixels


def _opened_as(open_image: Callable[[], ImageFile], raw_mode: str) -> ImageFile:
    """Decode a picture, its bytes understood as ``raw_mode`` says."""
    image = open_image()
    image.tile = [_with_raw_mode(tile, raw_mode) for tile in image.tile]
    image.load()
    return image


def _strips(image: ImageFile) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    for top in range(0, image.height, _STRIP_PX):
        bottom = min(top + _STRIP_PX, image.height)
        yield top, np.asarray(image.crop((0, top, image.width, bottom)))


def _raw_mode(tile: Any) -> str:
    """Return how a tile's decoder is to understand its bytes; some have more arguments."""
    found = tile.args if isinstance(tile.args, str) else (tile.args or ("",))[0]
    return found if isinstance(found, str) else ""


def _with_raw_mode(tile: Any, raw_mode: str) -> Any:
    args = raw_mode if isinstance(tile.args, str) else (raw_mode, *tile.args[1:])
    return tile._replace(args=args)
