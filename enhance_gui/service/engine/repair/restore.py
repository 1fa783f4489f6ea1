"""Restores old photographs: scratches, noise and JPEG, fading, in this order, where present.

Scratches first, because they would count as noise; fading last, because what it strengthens
includes the noise.
"""

from __future__ import annotations

from collections.abc import Iterator

from enhance_gui.service.engine.nets.nets import tiles_at_once
from enhance_gui.service.engine.pixels.planes import colours_of, rounded, values_of, with_alpha_of
from enhance_gui.service.engine.pixels.tiles import Block, Pixels, map_blocks
from enhance_gui.service.engine.repair.clean import TILE_SIDE_PX, find_cleaning
from enhance_gui.service.engine.repair.levels import find_levels
from enhance_gui.service.engine.repair.scratches import fill, find_scratches


def restore(
    pixels: Pixels, jpeg_strength: float = 0.0, side_px: int = TILE_SIDE_PX
) -> Iterator[Block] | None:
    """Yield the restored picture in blocks; ``None``: there is nothing to repair.

    :param pixels: scratches are filled in them, which saves a copy of a large picture.
    :param jpeg_strength: as ``Picture`` has it.
    """
    mask = find_scratches(pixels)
    if mask is not None:
        fill(pixels, mask)
    cleaning = find_cleaning(pixels, jpeg_strength)
    correct = find_levels(pixels)
    if mask is None and cleaning is None and correct is None:
        return None

    def restore_tile(tile: Pixels) -> Pixels:
        clean = tile if cleaning is None else cleaning.clean(tile)
        if correct is None:
            return clean
        return with_alpha_of(clean, rounded(correct(values_of(colours_of(clean))), clean.dtype))

    overlap_px = 0 if cleaning is None else cleaning.overlap_px
    return map_blocks(
        pixels, restore_tile, overlap_px=overlap_px, side_px=side_px, at_once=tiles_at_once()
    )
