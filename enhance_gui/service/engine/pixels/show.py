"""Reads pictures for the window as the service reads them: one decision on what a file means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from enhance_gui.core.picture_errors import PictureDamaged
from enhance_gui.imaging.verify import MAX_PIXELS
from enhance_gui.service.engine.pixels.decode import in_srgb, read_picture
from enhance_gui.service.engine.pixels.planes import in_8_bits
from enhance_gui.service.engine.pixels.tiles import Pixels

_MAX_SIDE_PX = 65_535
"""Results are larger than what the service takes; how many pixels are shown, the window decides."""
_STRIP_PX = 512

Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # of results, too


def read_shown(
    path: Path, part: Sequence[int], size_px: Sequence[int]
) -> tuple[NDArray[np.uint32], bool]:
    """Return a part of a picture as the window paints it, and whether it is opaque.

    :param part: left, top, width and height in the upright picture.
    :param size_px: width and height that it is reduced to.
    :returns: shape (height, width): alpha, red, green and blue, multiplied with alpha, in sRGB.
    :raises InputError: as :func:`read_picture`.
    :raises PictureDamaged: the part does not lie in the picture.
    """
    left, top, width, height = part
    picture = in_srgb(read_picture(path, max_side_px=_MAX_SIDE_PX))
    pixels = in_8_bits(picture.pixels[top : top + height, left : left + width])
    if pixels.shape[:2] != (height, width):
        raise PictureDamaged("its pixels are not as many as its header says")
    return _packed(_reduced(pixels, (size_px[0], size_px[1]))), not picture.has_alpha


def _reduced(pixels: Pixels, size_px: tuple[int, int]) -> Pixels:
    if pixels.shape[1::-1] == size_px:
        return pixels
    plain = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    # Where there is transparency, Pillow weighs the colours with it.
    small = Image.fromarray(np.ascontiguousarray(plain)).resize(size_px, Image.Resampling.BOX)
    return np.asarray(small).reshape(size_px[1], size_px[0], -1)


def _packed(pixels: Pixels) -> NDArray[np.uint32]:
    packed = np.empty(pixels.shape[:2], np.uint32)
    for top in range(0, pixels.shape[0], _STRIP_PX):
        strip = pixels[top : top + _STRIP_PX].astype(np.uint32)
        colours = strip[..., :3] if strip.shape[2] >= 3 else strip[..., :1].repeat(3, axis=2)
        alpha = strip[..., -1] if strip.shape[2] in (2, 4) else np.uint32(255)
        red, green, blue = np.moveaxis((colours * np.atleast_3d(alpha) + 127) // 255, 2, 0)
        packed[top : top + _STRIP_PX] = alpha << 24 | red << 16 | green << 8 | blue
    return packed
