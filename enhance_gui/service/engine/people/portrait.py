"""Enhances portraits: cleans noise and sharpens what is soft, faces more than the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from enhance_gui.service.engine.nets.nets import tiles_at_once
from enhance_gui.service.engine.people.crops import Crop
from enhance_gui.service.engine.people.faces import Face
from enhance_gui.service.engine.pixels.planes import (
    Plane,
    inner,
    join,
    rounded,
    split,
    values_of,
)
from enhance_gui.service.engine.pixels.tiles import Pixels, change_blocks
from enhance_gui.service.engine.repair.clean import TILE_SIDE_PX, Cleaning, find_cleaning
from enhance_gui.service.engine.repair.denoise import samples
from enhance_gui.service.engine.repair.sharpen import OVERLAP_PX, find_softness, sharpen

_AMOUNT, _FACE_AMOUNT = 0.8, 1.2

_ELLIPSE_WIDE, _ELLIPSE_TALL = 1.2, 1.6
"""Of half the face's side."""
_ELLIPSE_RIM = 0.4
"""Part of the ellipse in which the effect fades out."""


def enhance_portrait(
    pixels: Pixels, jpeg_strength: float = 0.0, side_px: int = TILE_SIDE_PX
) -> Iterator[int]:
    """Enhance the whole picture gently, in place; yield how many pixels each step has done.

    :param jpeg_strength: as ``Picture`` has it.
    """
    cleaning = find_cleaning(pixels, jpeg_strength)
    # What was compressed has edges of JPEG's own, which are not to be strengthened. A little
    # softness may be the thing's own, as of fur: squared, it is left almost as it is.
    amount = _AMOUNT * (1 - jpeg_strength) * _softness(pixels) ** 2
    if cleaning is None and amount == 0:
        return

    def enhance(tile: Pixels, _left_px: int, _top_px: int) -> Pixels:
        return _strengthened(tile, cleaning, amount)

    yield from change_blocks(
        pixels,
        enhance,
        overlap_px=_overlap_px(cleaning),
        side_px=side_px,
        at_once=tiles_at_once(),
    )


def strengthen_face(enhanced: Pixels, face: Face, side_px: int = TILE_SIDE_PX) -> None:
    """Clean a face once more, where it is still noisy, and sharpen it, where it is still soft.

    In place; from the middle of the face outwards less and less, so that no rim shows.
    """
    crop = Crop.around(face, enhanced)
    part = crop.of(enhanced)
    cleaning = find_cleaning(part, 0.0)
    amount = _FACE_AMOUNT * _softness(part)
    if cleaning is None and amount == 0:
        return

    def strengthen(tile: Pixels, left_px: int, top_px: int) -> Pixels:
        strong = _strengthened(tile, cleaning, amount)
        # What is to be changed lies in the middle of both.
        outer_px, inner_px = overlap_px, overlap_px - (tile.shape[0] - strong.shape[0]) // 2
        rim_px = outer_px - inner_px
        before = values_of(inner(tile, rim_px))
        corner = left_px + crop.columns.start - inner_px, top_px + crop.rows.start - inner_px
        weight = _soft_ellipse(face, corner, (strong.shape[1], strong.shape[0]))[..., None]
        return rounded(before + (values_of(strong) - before) * weight, tile.dtype)

    overlap_px = _overlap_px(cleaning)
    changed = change_blocks(
        part, strengthen, overlap_px=overlap_px, side_px=side_px, at_once=tiles_at_once()
    )
    for _ in changed:
        pass


def _strengthened(tile: Pixels, cleaning: Cleaning | None, amount: float) -> Pixels:
    clean = tile if cleaning is None else cleaning.clean(tile)
    if amount == 0:
        return clean
    planes = split(clean)
    return join(replace(planes, luma=sharpen(planes.luma, amount)), tile.dtype)


def _overlap_px(cleaning: Cleaning | None) -> int:
    return OVERLAP_PX + (0 if cleaning is None else cleaning.overlap_px)


def _softness(pixels: Pixels) -> float:
    found = [find_softness(split(sample).luma) for sample in samples(pixels)]
    return float(np.median(found))


def _soft_ellipse(face: Face, corner: tuple[int, int], size_px: tuple[int, int]) -> Plane:
    """Return 1 in the middle of a face, 0 from an ellipse around it outwards, smooth between.

    The ellipse leans as the eyes do.

    :param corner: left and top of the part of the picture that it is wanted for.
    :param size_px: width and height of that part; the shape of what comes back.
    """
    lean_rad = np.radians(face.lean_deg)
    half_px = face.side_px / 2
    x = np.arange(size_px[0], dtype=np.float32)[None] + (corner[0] + 0.5)
    y = np.arange(size_px[1], dtype=np.float32)[:, None] + (corner[1] + 0.5)
    y, x = (y - face.top_px - half_px) / half_px, (x - face.left_px - half_px) / half_px
    along = x * np.cos(lean_rad) + y * np.sin(lean_rad)
    across = y * np.cos(lean_rad) - x * np.sin(lean_rad)
    distance = np.sqrt((along / _ELLIPSE_WIDE) ** 2 + (across / _ELLIPSE_TALL) ** 2)
    inside = np.clip((1 - distance) / _ELLIPSE_RIM, 0, 1)
    smooth: Plane = np.asarray(inside * inside * (3 - 2 * inside), np.float32)
    return smooth
