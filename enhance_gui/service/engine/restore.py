"""Old photographs: scratches, noise, fading, in this order.

Scratches first, because they would count as noise; fading last, because what it strengthens
includes the noise.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from enhance_gui.service.engine.denoise import OVERLAP_PX, denoise, estimate_noise
from enhance_gui.service.engine.levels import Levels, find_levels
from enhance_gui.service.engine.planes import join, split
from enhance_gui.service.engine.scratches import fill, find_scratches
from enhance_gui.service.engine.tiles import TILE_SIDE_PX, Block, Pixels, assemble, map_blocks


def restore(pixels: Pixels, side_px: int = TILE_SIDE_PX) -> Iterator[Block]:
    """Yield the restored picture in blocks; a clean photograph comes out nearly as it was."""
    mask = find_scratches(pixels)
    if mask is not None:
        pixels = assemble(fill(pixels, mask), pixels)
    luma_noise, colour_noise = estimate_noise(pixels)
    levels = find_levels(pixels)

    def restore_tile(tile: Pixels) -> Pixels:
        clean = join(denoise(split(tile), luma_noise, colour_noise))
        return clean if levels is None else _apply(levels, clean)

    return map_blocks(pixels, restore_tile, overlap_px=OVERLAP_PX, side_px=side_px)


def _apply(levels: Levels, tile: Pixels) -> Pixels:
    colours = len(levels.gain)
    corrected = levels.apply(tile[..., :colours].astype(np.float32))
    rounded = np.clip(corrected + 0.5, 0, 255).astype(np.uint8)
    return np.dstack([rounded, tile[..., colours:]])
