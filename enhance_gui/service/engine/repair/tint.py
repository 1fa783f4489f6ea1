"""Tones black and white photographs: each brightness gets one colour.

No brightness is changed by more than rounding, so that nothing of the photograph's drawing is
lost. True colours cannot be known from brightness; these are the tones of darkroom and brush.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from enhance_gui.service.engine.pixels.planes import grey_of, rounded, values_of, with_alpha_of
from enhance_gui.service.engine.pixels.tiles import Block, Pixels, map_blocks

_EIGHT_BITS: np.dtype[Any] = np.dtype(np.uint8)
_WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as in JPEG


@dataclass(frozen=True, slots=True)
class Tint:
    """A tone: colours at some brightnesses, from dark to bright."""

    name: str
    stops: tuple[tuple[int, tuple[int, int, int]], ...]
    """Brightness 0 to 255 and the RGB colour whose hue it takes."""


TINTS: tuple[Tint, ...] = (
    Tint(
        "hand-tinted",
        (
            (0, (24, 24, 40)),
            (70, (80, 64, 66)),
            (130, (166, 118, 92)),
            (190, (226, 186, 152)),
            (225, (226, 224, 214)),
            (255, (250, 250, 255)),
        ),
    ),
    Tint("sepia", ((0, (30, 18, 8)), (128, (152, 122, 88)), (255, (255, 246, 226)))),
    Tint("warm", ((0, (28, 20, 24)), (128, (142, 126, 112)), (255, (255, 250, 240)))),
    Tint("cool", ((0, (14, 20, 32)), (128, (116, 130, 146)), (255, (244, 250, 255)))),
    Tint("cyanotype", ((0, (0, 18, 58)), (128, (58, 130, 176)), (255, (240, 250, 255)))),
)


def tint(pixels: Pixels, tone: Tint) -> Iterator[Block]:
    """Yield the toned picture in blocks of 3 channels, or 4 where the picture has alpha."""
    table = tint_table(tone, pixels.dtype)

    def tint_tile(tile: Pixels) -> Pixels:
        return with_alpha_of(tile, table[grey_of(tile)])

    return map_blocks(pixels, tint_tile, overlap_px=0)


def tint_table(tone: Tint, depth: np.dtype[Any] = _EIGHT_BITS) -> Pixels:
    """Return the RGB colour of each brightness there is in so many bits, shape (2 ** bits, 3)."""
    levels = values_of(np.arange(np.iinfo(depth).max + 1).astype(depth))
    places = [place for place, _ in tone.stops]
    colours = np.array([colour for _, colour in tone.stops], np.float32)
    table = np.stack([np.interp(levels, places, colours[:, c]) for c in range(3)], axis=1)
    # Move each colour along grey to the brightness it stands for. What leaves the range is cut,
    # and the channels that are left go the rest of the way.
    for _ in range(12):
        table = np.clip(table + (levels - table @ _WEIGHTS)[:, None], 0, 255)
    return rounded(table.astype(np.float32), depth)
