"""Small pictures made on the spot."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image

from enhance_gui.imaging.decoders import can_decode

PILLOW_NAMES = {
    "jpg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "bmp": "BMP",
    "tiff": "TIFF",
    "gif": "GIF",
    "avif": "AVIF",
    "heic": "HEIF",
    "jp2": "JPEG2000",
}


def picture_bytes(kind: str = "png", width_px: int = 100, height_px: int = 80, **how: Any) -> bytes:
    """Return a file with noise in it (so that it does not compress away)."""
    assert can_decode(kind)
    noise = Image.effect_noise((width_px, height_px), 60).convert("RGB")
    file = io.BytesIO()
    noise.save(file, PILLOW_NAMES[kind], **how)
    return file.getvalue()


def undecodable_picture() -> bytes:
    """Return a file whose parts all fit together, and which no decoder takes all the same."""
    data = picture_bytes("jpg")
    frame = data.index(b"\xff\xc0")
    return data[:frame] + b"\xff\xcc\0\x04\xff\xff" + data[frame:]


def shows_pixels(path: Path, picture: bytes) -> bool:
    """Return whether a file of any kind shows exactly this picture."""
    try:
        with Image.open(path) as one, Image.open(io.BytesIO(picture)) as other:
            return one.convert("RGB").tobytes() == other.convert("RGB").tobytes()
    except OSError:  # it is cut, or no picture at all
        return False


def shows(path: Path, picture: bytes) -> bool:
    """Return whether a file of the same kind shows exactly this picture, whatever else it says."""
    try:
        with Image.open(path) as one, Image.open(io.BytesIO(picture)) as other:
            return one.format == other.format and one.tobytes() == other.tobytes()
    except OSError:  # it is cut, or no picture at all
        return False
