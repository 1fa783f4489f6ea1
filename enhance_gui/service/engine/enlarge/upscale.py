"""Enlarges so that the result, shrunk again, gives the input, unless that is a JPEG to be cleaned.

The sides are doubled (``doubling.py``), and last comes one round of back-projection. For four times
the size they are doubled twice, the second time by the small net: the large one would take four
times as long there for 0.007 dB.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from enhance_gui.service.engine.enlarge.doubling import CLEAN_BELOW, find_doubling, project_back
from enhance_gui.service.engine.nets.nets import Colour, tiles_at_once
from enhance_gui.service.engine.pixels.planes import (
    Plane,
    inner,
    rgb_of,
    rounded,
    stretch,
    values_of,
)
from enhance_gui.service.engine.pixels.tiles import Block, Pixels, map_blocks

_TILE_SIDE_PX = 96
"""Smaller parts are more often without detail, larger ones overlap less; and a net's memory grows
with them. 96 was the fastest of 64, 96 and 128 over four photographs of a camera."""

_CORRECTION_REACH_PX = 2
"""Of the input: cubic interpolation looks at two pixels on each side."""
_SPREAD_PX = 9
_MIN_WEIGHT = 1e-4
_INVISIBLE = 8
"""Of 255; up to here the colour under transparency is rounding, or nobody's choice."""


def enlarge(
    pixels: Pixels,
    factor: int,
    jpeg_strength: float = 0.0,
    *,
    quick: bool = False,
    side_px: int = _TILE_SIDE_PX,
) -> Iterator[Block]:
    """Yield the picture with sides exactly ``factor`` times as long, in blocks.

    :param factor: a power of two.
    :param jpeg_strength: how strongly the picture was compressed, as ``Picture`` has it.
    :param quick: with the small net.
    :param side_px: of the tiles.
    """
    enlarging = find_enlarging(factor, jpeg_strength, quick=quick)
    return map_blocks(
        pixels,
        on_colours(enlarging.run, factor),
        overlap_px=enlarging.overlap_px,
        factor=factor,
        side_px=side_px,
        at_once=tiles_at_once(),
    )


@dataclass(frozen=True, slots=True)
class Enlarging:
    """Enlarges tiles."""

    lost_px: int
    """Pixels of each side of a tile of which nothing comes back."""
    run: Callable[[Colour], Colour]
    reach_px: int = 0
    """How far beyond a pixel, in what comes back, it is influenced by the others."""

    @property
    def overlap_px(self) -> int:
        """What tiles need."""
        return self.lost_px + self.reach_px


def find_enlarging(factor: int, jpeg_strength: float, *, quick: bool = False) -> Enlarging:
    """Return what enlarges a picture; see :func:`enlarge`."""
    again = factor > 2
    doublings = [find_doubling(jpeg_strength, quick=quick, also_turned=again and not quick)]
    while 2 ** len(doublings) < factor:
        doublings.append(find_doubling(0.0, quick=True))
    lost_px = math.ceil(sum(each.lost_px / 2**n for n, each in enumerate(doublings)))
    # Correcting a JPEG that is to be cleaned would bring its blocks and fringes back.
    corrected = jpeg_strength < CLEAN_BELOW

    def run(colour: Colour) -> Colour:
        large = colour
        for doubling in doublings:
            large = doubling.run(large)
        return project_back(inner(colour, lost_px), large, factor, 1) if corrected else large

    reach_px = _CORRECTION_REACH_PX if corrected else 0
    return Enlarging(lost_px, run, reach_px)


def on_colours(run: Callable[[Colour], Colour], factor: int) -> Callable[[Pixels], Pixels]:
    """Turn work on colours into work on tiles: grey stays grey, transparency is enlarged.

    :param run: returns ``factor`` times the sides of what it gets, or of the middle of it.
    """

    def work(tile: Pixels) -> Pixels:
        colour, alpha = rgb_of(tile), None
        if tile.shape[2] in (2, 4):
            alpha = values_of(tile[..., -1])
            colour = _with_colour_under_transparency(colour, alpha)
        is_grey = _is_grey(colour)
        large = run(colour)
        if is_grey:  # what a net adds to the colours of grey is a tint
            large = np.broadcast_to(large.mean(axis=2, keepdims=True), large.shape)
        if tile.shape[2] < 3:
            large = large[..., :1]
        if alpha is not None:
            stretched = stretch(alpha, factor, cv2.INTER_CUBIC)
            large = np.dstack([large, inner(stretched, (stretched.shape[0] - large.shape[0]) // 2)])
        return rounded(large, tile.dtype)

    return work


def _is_grey(colour: Colour) -> bool:
    red, green, blue = (colour[..., channel] for channel in range(3))
    return np.array_equal(red, green) and np.array_equal(green, blue)


def _with_colour_under_transparency(colour: Colour, alpha: Plane) -> Colour:
    """Spread the colours of visible pixels under invisible ones.

    What lies under transparency is arbitrary, usually black, and enlarging would draw it into the
    rim of what is visible.
    """
    seen = (alpha > _INVISIBLE).astype(np.float32)
    weight = cv2.blur(seen, (_SPREAD_PX, _SPREAD_PX))
    near = cv2.blur(colour * seen[..., None], (_SPREAD_PX, _SPREAD_PX))
    fill = (seen == 0) & (weight > _MIN_WEIGHT)
    return np.where(fill[..., None], near / np.maximum(weight, _MIN_WEIGHT)[..., None], colour)
