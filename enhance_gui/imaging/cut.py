"""Cuts a part out of a picture."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageOps

from enhance_gui.core.atomic import replacing
from enhance_gui.core.images.areas import Place
from enhance_gui.imaging.decoders import decoders
from enhance_gui.imaging.shades import in_8_bits
from enhance_gui.imaging.verify import MAX_PIXELS


def cut(picture: Path, place: Place, target: Path) -> bool:
    """Write a part of a picture as PNG.

    :param place: of the picture as it is shown upright.
    :returns: ``False`` where the picture cannot be read or the part not be written.
    """
    try:
        with Image.open(picture, formats=decoders()) as image:
            if image.width * image.height > MAX_PIXELS:
                return False
            # The whole is there once: a large picture takes a gigabyte.
            ImageOps.exif_transpose(image, in_place=True)
            whole = in_8_bits(image)
            left, top = place.left * image.width, place.top * image.height
            right, bottom = left + place.width * image.width, top + place.height * image.height
            if place.turned_deg:
                part = _turned(whole, (left, top, right, bottom), place.turned_deg)
            else:
                box = (round(left), round(top), max(round(right), 1), max(round(bottom), 1))
                part = whole.crop(box).convert("RGB")
        with replacing(target, flush=False) as file:
            part.save(file, "PNG", compress_level=1)
    # Pillow's decoders raise whatever broken bytes lead to; what it is makes no difference here.
    except Exception:  # noqa: BLE001
        return False
    return True


def _turned(
    image: Image.Image, box: tuple[float, float, float, float], turned_deg: float
) -> Image.Image:
    """Cut out a rectangle that is turned about its middle."""
    left, top, right, bottom = box
    size_px = max(round(right - left), 1), max(round(bottom - top), 1)
    x, y = (left + right) / 2, (top + bottom) / 2
    cos, sin = math.cos(math.radians(turned_deg)), math.sin(math.radians(turned_deg))
    start_x = x - cos * size_px[0] / 2 + sin * size_px[1] / 2
    start_y = y - sin * size_px[0] / 2 - cos * size_px[1] / 2
    # A picture with a palette has to have its colours before they are mixed.
    whole = image if image.mode in ("L", "RGB") else image.convert("RGB")
    return whole.transform(
        size_px,
        Image.Transform.AFFINE,
        (cos, -sin, start_x, sin, cos, start_y),
        Image.Resampling.BICUBIC,
    ).convert("RGB")
