"""Cuts a part out of a picture."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

from enhance_gui.imaging.locate import Place
from enhance_gui.imaging.verify import MAX_PIXELS

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")


def cut(picture: Path, place: Place, target: Path) -> bool:
    """Write a part of a picture as PNG.

    :param place: of the picture as it is shown upright.
    :returns: ``False`` where the picture cannot be read or the part not be written.
    """
    try:
        with Image.open(picture, formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                return False
            # The whole is there once: a large picture takes a gigabyte.
            ImageOps.exif_transpose(image, in_place=True)
            left, top = place.left * image.width, place.top * image.height
            right, bottom = left + place.width * image.width, top + place.height * image.height
            box = (round(left), round(top), max(round(right), 1), max(round(bottom), 1))
            part = image.crop(box).convert("RGB")
        new = target.with_suffix(".new")
        part.save(new, "PNG", compress_level=1)
        new.replace(target)
    # Pillow's decoders raise whatever broken bytes lead to; what it is makes no difference here.
    except Exception:  # noqa: BLE001
        return False
    return True
