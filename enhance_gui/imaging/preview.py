"""Writes a small picture of one that is not on this computer to stay."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

from enhance_gui.core.atomic import replacing
from enhance_gui.core.images.colour import RGB, profile_of
from enhance_gui.core.images.formats import SNIFF_BYTES, format_of
from enhance_gui.core.images.metadata import read_metadata
from enhance_gui.imaging.decoders import decoders
from enhance_gui.imaging.shades import in_8_bits
from enhance_gui.imaging.verify import MAX_PIXELS

_QUALITY = 80


def write_preview(picture: Path, target: Path, side_px: int) -> bool:
    """Write a picture upright and reduced, as WebP, which keeps transparency.

    :param side_px: the longest side that it may have.
    :returns: ``False`` where it cannot be decoded, or has too many pixels.
    """
    try:
        with picture.open("rb") as file, Image.open(file, formats=decoders()) as image:
            if image.width * image.height > MAX_PIXELS:
                return False
            file.seek(0)
            kind = format_of(file.read(SNIFF_BYTES))
            metadata = read_metadata(file, "" if kind is None else kind.name)
            # A JPEG is decoded at the size that is needed, or at the next larger one.
            image.draft("RGB", (side_px, side_px))
            ImageOps.exif_transpose(image, in_place=True)
            plain = in_8_bits(image)
            small = plain.convert("RGBA" if plain.has_transparency_data else "RGB")
        small.thumbnail((side_px, side_px))
        small.info = {}
        with replacing(target, flush=False) as written:
            profile = profile_of(metadata, RGB)
            small.save(written, "WEBP", quality=_QUALITY, icc_profile=profile)
    # Pillow's decoders raise whatever broken bytes lead to; what it is makes no difference here.
    except Exception:  # noqa: BLE001
        return False
    return True
