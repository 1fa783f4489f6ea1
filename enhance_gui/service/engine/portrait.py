"""Portraits: what is noisy is cleaned, what is soft is sharpened, faces more than the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from enhance_gui.service.engine.clean import TILE_SIDE_PX, find_cleaning
from enhance_gui.service.engine.denoise import samples
from enhance_gui.service.engine.faces import Face
from enhance_gui.service.engine.planes import Plane, join, split
from enhance_gui.service.engine.sharpen import OVERLAP_PX, find_softness, sharpen
from enhance_gui.service.engine.tiles import Block, Pixels, assemble, map_blocks

_AMOUNT, _FACE_AMOUNT = 0.8, 1.2
_SPREAD_PX = 1.0

_MARGIN = 0.35
"""Around a face, as a part of its side: its square ends at chin and brows."""
_ELLIPSE_WIDE, _ELLIPSE_TALL = 1.2, 1.6
"""Of half the face's side."""
_ELLIPSE_RIM = 0.4
"""Part of the ellipse in which the effect fades out."""
_LEAST_CROP_PX = 256
_LARGEST_FACTOR = 8
_LARGEST_ENLARGED_PX = 2048


@dataclass(frozen=True, slots=True)
class Crop:
    """A face with its surroundings, inside the picture."""

    rows: slice
    columns: slice

    @classmethod
    def around(cls, face: Face, pixels: Pixels) -> Crop:
        margin = round(face.side_px * _MARGIN)
        bottom, right = pixels.shape[:2]
        return cls(
            slice(max(0, face.top_px - margin), min(bottom, face.top_px + face.side_px + margin)),
            slice(max(0, face.left_px - margin), min(right, face.left_px + face.side_px + margin)),
        )

    def of(self, pixels: Pixels) -> Pixels:
        """Return this part of the picture: a view."""
        return pixels[self.rows, self.columns]

    @property
    def factor(self) -> int:
        """How much the crop is enlarged for its own picture.

        Twice, or until its shorter side has 256 pixels; what is large already, not at all.
        """
        height_px: int = self.rows.stop - self.rows.start
        width_px: int = self.columns.stop - self.columns.start
        if max(height_px, width_px) > _LARGEST_ENLARGED_PX:
            return 1
        factor = 2
        while factor < _LARGEST_FACTOR and factor * min(height_px, width_px) < _LEAST_CROP_PX:
            factor *= 2
        return factor


def enhance_portrait(
    pixels: Pixels, jpeg_strength: float = 0.0, side_px: int = TILE_SIDE_PX
) -> Iterator[Block]:
    """Yield the whole picture, enhanced gently, in blocks; same size.

    :param jpeg_strength: as ``Picture`` tells it.
    """
    cleaning = find_cleaning(pixels, jpeg_strength)
    # What was compressed has edges of JPEG's own, which are not to be strengthened.
    amount = _AMOUNT * (1 - jpeg_strength) * _softness(pixels)

    def enhance(tile: Pixels) -> Pixels:
        clean = tile if cleaning is None else cleaning.clean(tile)
        return clean if amount == 0 else join(split(clean).with_luma(partial(_sharpened, amount)))

    overlap_px = OVERLAP_PX + (0 if cleaning is None else cleaning.overlap_px)
    return map_blocks(pixels, enhance, overlap_px=overlap_px, side_px=side_px)


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
    mask = np.rint(_soft_ellipse(face, crop) * 255).astype(np.uint8)

    def strengthen(marked: Pixels) -> Pixels:
        tile = marked[..., :-1]
        strong = tile if cleaning is None else cleaning.clean(tile)
        strong = join(split(strong).with_luma(partial(_sharpened, amount)))
        rim_px = (tile.shape[0] - strong.shape[0]) // 2
        inner = marked[rim_px : rim_px + strong.shape[0], rim_px : rim_px + strong.shape[1]]
        before, weight = inner[..., :-1].astype(np.float32), inner[..., -1:] / np.float32(255)
        blended: Pixels = np.rint(before + (strong - before) * weight).astype(np.uint8)
        return blended

    overlap_px = OVERLAP_PX + (0 if cleaning is None else cleaning.overlap_px)
    marked = np.dstack([part, mask])
    blocks = map_blocks(marked, strengthen, overlap_px=overlap_px, side_px=side_px)
    part[...] = assemble(blocks, part)


def _sharpened(amount: float, luma: Plane) -> Plane:
    return sharpen(luma, amount, _SPREAD_PX)


def _softness(pixels: Pixels) -> float:
    found = [find_softness(split(sample).luma) for sample in samples(pixels)]
    return float(np.median(found))


def _soft_ellipse(face: Face, crop: Crop) -> Plane:
    """Return 1 in the middle of a face, 0 from an ellipse around it outwards, smooth between.

    The ellipse leans as the eyes do; shape: that of the crop.
    """
    (left_x, left_y), (right_x, right_y) = face.eyes
    lean_rad = np.arctan2(right_y - left_y, right_x - left_x)
    half_px = face.side_px / 2
    y = np.arange(crop.rows.start, crop.rows.stop, dtype=np.float32)[:, None] + 0.5
    x = np.arange(crop.columns.start, crop.columns.stop, dtype=np.float32)[None] + 0.5
    y, x = (y - face.top_px - half_px) / half_px, (x - face.left_px - half_px) / half_px
    along = x * np.cos(lean_rad) + y * np.sin(lean_rad)
    across = y * np.cos(lean_rad) - x * np.sin(lean_rad)
    distance = np.sqrt((along / _ELLIPSE_WIDE) ** 2 + (across / _ELLIPSE_TALL) ** 2)
    inside = np.clip((1 - distance) / _ELLIPSE_RIM, 0, 1)
    smooth: Plane = np.asarray(inside * inside * (3 - 2 * inside), np.float32)
    return smooth
