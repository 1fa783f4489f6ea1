"""Decides whether a photograph has colours of its own, or only shades and a tone.

In a grey, sepia or otherwise toned photograph the tint follows from the brightness; so it is the
spread of tints among places of the same brightness that shows colours. A cast, however strong,
spreads nothing; stains and yellowed edges little.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from enhance_gui.imaging.decoders import decoders

_MAX_PIXELS: Final = 100_000_000
"""Larger pictures are not decoded for this: it would take 400 MB and more."""
_SIDE_PX: Final = 128
"""Grain and the colour noise of cameras and JPEG are gone at this size; things are not."""
_SHADES: Final = 64
"""Steps of brightness within which tints are compared."""
COLOURED: Final = 6.0
"""Root mean square of a tint's distance from its shade's mean (of 255). Toned photographs of the
tests have 4 at most, unevenly yellowed or grainy ones 5; colour photographs 9 and more."""


def is_coloured(path: Path) -> bool:
    """Return whether colourising would replace colours that a picture has.

    Takes some hundredths of a second, for a large PNG a second: run it in a thread. A file that
    cannot be read, or is very large, counts as not coloured.
    """
    try:
        return tint_spread(_reduced(path)) > COLOURED
    # Pillow's decoders raise whatever broken bytes lead to; what it is makes no difference here.
    except Exception:  # noqa: BLE001
        return False


def tint_spread(pixels: NDArray[np.uint8]) -> float:
    """Return how far tints lie apart where the brightness is the same.

    :param pixels: luma and the two chroma planes of JPEG, shape (rows, columns, 3).
    """
    shades = (pixels[..., 0].astype(np.intp) * _SHADES // 256).ravel()
    counts = np.maximum(np.bincount(shades, minlength=_SHADES), 1)
    squares = 0.0
    for plane in (pixels[..., 1], pixels[..., 2]):
        tints = plane.ravel().astype(np.float64)
        means = np.bincount(shades, tints, _SHADES) / counts
        squares += float(np.mean((tints - means[shades]) ** 2))
    return float(squares**0.5)


def _reduced(path: Path) -> NDArray[np.uint8]:
    with Image.open(path, formats=decoders()) as image:
        if image.width * image.height > _MAX_PIXELS:
            raise ValueError("too many pixels")
        # A JPEG is decoded at the size that is needed, or at the next larger one.
        image.draft("RGB", (_SIDE_PX, _SIDE_PX))
        colour = image.convert("RGBA" if image.has_transparency_data else "RGB")
    colour.thumbnail((_SIDE_PX, _SIDE_PX), Image.Resampling.BOX)
    if colour.mode == "RGBA":
        colour = Image.alpha_composite(Image.new("RGBA", colour.size, "white"), colour)
    return np.asarray(colour.convert("RGB").convert("YCbCr"))
