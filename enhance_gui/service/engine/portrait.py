"""Portraits: noise out and detail in, faces more than the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from enhance_gui.service.engine.denoise import OVERLAP_PX, denoise, estimate_noise
from enhance_gui.service.engine.faces import Face
from enhance_gui.service.engine.planes import Plane, join, on_planes, split
from enhance_gui.service.engine.sharpen import sharpen
from enhance_gui.service.engine.tiles import TILE_SIDE_PX, Pixels, assemble, map_blocks

_AMOUNT, _SPREAD_PX = 0.7, 1.0
_FACE_AMOUNT = 0.9
_FACE_CLARITY = 0.25
_CLARITY_OF_SIDE = 1 / 40
"""Spread of the broader strengthening, as a part of the face's side."""
_LARGEST_CLARITY_PX = 12.0

_MARGIN = 0.35
"""Around a face, as a part of its side: the cascade's square ends at chin and brows."""
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


def enhance_portrait(pixels: Pixels, crops: list[Crop], side_px: int = TILE_SIDE_PX) -> Pixels:
    """Return the enhanced picture, same size."""
    luma_noise, colour_noise = estimate_noise(pixels)
    work = on_planes(
        lambda planes: denoise(planes, luma_noise, colour_noise).with_luma(
            lambda luma: sharpen(luma, _AMOUNT, _SPREAD_PX)
        )
    )
    enhanced = assemble(map_blocks(pixels, work, overlap_px=OVERLAP_PX, side_px=side_px), pixels)
    for crop in crops:
        _enhance_face(crop.of(enhanced))
    return enhanced


def _enhance_face(face: Pixels) -> None:
    """Strengthen a face in place; towards the rim of the crop less and less."""
    height_px, width_px = face.shape[:2]
    spread_px = min(min(height_px, width_px) * _CLARITY_OF_SIDE, _LARGEST_CLARITY_PX)
    mask = _soft_ellipse(height_px, width_px)

    def strengthen(luma: Plane) -> Plane:
        strong = sharpen(luma, _FACE_AMOUNT, _SPREAD_PX)
        strong = sharpen(strong, _FACE_CLARITY, max(_SPREAD_PX, spread_px))
        blended: Plane = luma + (strong - luma) * mask
        return blended

    face[...] = join(split(face).with_luma(strengthen))


def _soft_ellipse(height_px: int, width_px: int) -> Plane:
    """Return 1 in the middle, 0 from the inscribed ellipse outwards, smooth between."""
    y = (np.arange(height_px, dtype=np.float32)[:, None] + 0.5) / height_px * 2 - 1
    x = (np.arange(width_px, dtype=np.float32)[None] + 0.5) / width_px * 2 - 1
    inside: Plane = np.clip((1 - np.sqrt(x * x + y * y)) / 0.5, 0, 1)
    smooth: Plane = np.multiply(inside * inside, 3 - 2 * inside)
    return smooth
