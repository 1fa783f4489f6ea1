"""Work on a large picture piece by piece, so that the float work needs little memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Shape (height, width, channels); channels: grey, grey + alpha, RGB or RGB + alpha."""

TILE_SIDE_PX = 512
"""Small enough for the processor's cache, large enough that the overlap costs little."""


@dataclass(frozen=True, slots=True)
class Block:
    """A finished piece of a picture."""

    left_px: int
    top_px: int
    pixels: Pixels


def map_blocks(
    pixels: Pixels,
    function: Callable[[Pixels], Pixels],
    *,
    overlap_px: int,
    factor: int = 1,
    side_px: int = TILE_SIDE_PX,
) -> Iterator[Block]:
    """Apply ``function`` to overlapping tiles; yield the results without their overlap.

    :param function: returns ``factor`` times the sides of what it gets.
    :param overlap_px: how far apart two pixels of the input may be and still influence each
        other; with less, seams show.
    """
    height_px, width_px = pixels.shape[:2]
    for top in range(0, height_px, side_px):
        bottom = min(top + side_px, height_px)
        outer_top = max(0, top - overlap_px)
        for left in range(0, width_px, side_px):
            right = min(left + side_px, width_px)
            outer_left = max(0, left - overlap_px)
            tile = pixels[outer_top : bottom + overlap_px, outer_left : right + overlap_px]
            done = function(tile)
            y, x = (top - outer_top) * factor, (left - outer_left) * factor
            core = done[y : y + (bottom - top) * factor, x : x + (right - left) * factor]
            yield Block(left * factor, top * factor, core)


def assemble(blocks: Iterable[Block], like: Pixels, factor: int = 1) -> Pixels:
    """Put the blocks of a picture of ``factor`` times the size of ``like`` together."""
    height_px, width_px, channels = like.shape
    whole = np.empty((height_px * factor, width_px * factor, channels), np.uint8)
    for block in blocks:
        height_px, width_px = block.pixels.shape[:2]
        whole[block.top_px : block.top_px + height_px, block.left_px : block.left_px + width_px] = (
            block.pixels
        )
    return whole
