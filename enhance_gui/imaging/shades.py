"""Brings grey of 16 bits to 8, which Pillow does by cutting off what is brighter than 255."""

from __future__ import annotations

import numpy as np
from PIL import Image


def in_8_bits(image: Image.Image) -> Image.Image:
    """Return a picture of 8 bits a channel: grey of 16 as mode L, every other as it is."""
    if not image.mode.startswith("I;16"):
        return image
    return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
