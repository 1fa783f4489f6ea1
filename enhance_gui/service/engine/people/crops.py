"""Crops faces: cut out with their surroundings, levelled by the eyes, enlarged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from enhance_gui.core.images.areas import FacePlace
from enhance_gui.service.engine.enlarge.upscale import enlarge
from enhance_gui.service.engine.people.faces import Face
from enhance_gui.service.engine.pixels.pictures import whole
from enhance_gui.service.engine.pixels.tiles import Block, Pixels, assemble

_MARGIN = 0.35
"""Around a face, as a part of its side: its square ends at chin and brows."""
_LEVEL_DEG = 2.0
"""Nobody sees a smaller lean, and a crop that is not turned keeps its pixels."""
_MAX_TURNED_DEG = 60.0
"""Beyond it is not sure any more which eye is the left one."""
_RIM_PX = 8
"""Around what is enlarged to be turned: as far as turning and enlarging look."""
_BAND_PX = 256
_MIN_CROP_PX = 256
_LARGEST_FACTOR = 8
_LARGEST_ENLARGED_PX = 2048


@dataclass(frozen=True, slots=True)
class Crop:
    """A face with its surroundings, inside the picture."""

    rows: slice
    columns: slice
    turned_deg: float = 0.0
    """By how much its rectangle is turned about its middle, clockwise: as the eyes lean."""

    @classmethod
    def around(cls, face: Face, pixels: Pixels) -> Crop:
        """Return a face's crop: level where the picture holds all of it."""
        bottom, right = pixels.shape[:2]
        lean_deg = face.lean_deg
        if _LEVEL_DEG <= abs(lean_deg) <= _MAX_TURNED_DEG:
            half_px = face.side_px / 2
            x, y = face.left_px + half_px, face.top_px + half_px
            room_px = (min(x, y, right - x, bottom - y) - 1) / _reach(lean_deg)
            half_px = int(min(half_px * (1 + 2 * _MARGIN), room_px))
            if half_px >= face.side_px / 2:
                top, left = round(y) - half_px, round(x) - half_px
                rows, columns = slice(top, top + 2 * half_px), slice(left, left + 2 * half_px)
                return cls(rows, columns, lean_deg)
        margin_px = round(face.side_px * _MARGIN)
        bottom = min(bottom, face.top_px + face.side_px + margin_px)
        right = min(right, face.left_px + face.side_px + margin_px)
        return cls(
            slice(max(0, face.top_px - margin_px), bottom),
            slice(max(0, face.left_px - margin_px), right),
        )

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self.columns.stop - self.columns.start, self.rows.stop - self.rows.start

    @property
    def place(self) -> FacePlace:
        """Where it was cut out."""
        turned_deg = round(self.turned_deg, 2)
        return FacePlace(self.columns.start, self.rows.start, *self.size_px, turned_deg)

    @property
    def factor(self) -> int:
        """How much the crop is enlarged for its own picture.

        Twice, or until its shorter side has 256 pixels; what is large already, not at all.
        """
        if max(self.size_px) > _LARGEST_ENLARGED_PX:
            return 1
        factor = 2
        while factor < _LARGEST_FACTOR and factor * min(self.size_px) < _MIN_CROP_PX:
            factor *= 2
        return factor

    def of(self, pixels: Pixels) -> Pixels:
        """Return its rectangle of the picture, as if it were not turned: a view."""
        return pixels[self.rows, self.columns]

    def cut(self, pixels: Pixels) -> Iterable[Block]:
        """Return the levelled crop at its own size."""
        if not self.turned_deg:
            return whole(self.of(pixels))
        return self._turned(pixels, self._middle, 1)

    def enlarged(self, pixels: Pixels) -> Iterable[Block]:
        """Return the levelled crop ``factor`` times as large.

        Turned when it is large: that loses no detail worth naming, turning what is small does.
        """
        factor = self.factor
        if factor == 1:
            return self.cut(pixels)
        if not self.turned_deg:
            return enlarge(self.of(pixels), factor)
        x, y = self._middle
        half_px = math.ceil(self.size_px[0] / 2 * _reach(self.turned_deg)) + _RIM_PX
        top, left = max(0, int(y) - half_px), max(0, int(x) - half_px)
        around = pixels[top : int(y) + half_px, left : int(x) + half_px]
        large = assemble(enlarge(around, factor), around, factor)
        return self._turned(large, ((x - left) * factor, (y - top) * factor), factor)

    @property
    def _middle(self) -> tuple[float, float]:
        return (self.columns.start + self.columns.stop) / 2, (self.rows.start + self.rows.stop) / 2

    def _turned(self, pixels: Pixels, middle: tuple[float, float], factor: int) -> Iterator[Block]:
        """Yield the crop out of a picture that is ``factor`` times as large.

        :param middle: x and y of the crop's middle in there, in pixels.
        """
        width_px, height_px = (side_px * factor for side_px in self.size_px)
        turned_rad = math.radians(self.turned_deg)
        cos, sin = math.cos(turned_rad), math.sin(turned_rad)
        turn = np.array([[cos, -sin], [sin, cos]])
        for top in range(0, height_px, _BAND_PX):
            tall_px = min(_BAND_PX, height_px - top)
            # Between the middles of pixels, which OpenCV counts from 0.
            first = np.array([0.5 - width_px / 2, 0.5 - height_px / 2 + top])
            start = turn @ first + np.array(middle) - 0.5
            band = cv2.warpAffine(
                pixels,
                np.column_stack([turn, start]),
                (width_px, tall_px),
                flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REFLECT_101,
            )
            yield Block(
                0, top, band.reshape(tall_px, width_px, -1).astype(pixels.dtype, copy=False)
            )


def _reach(turned_deg: float) -> float:
    """Return how wide a square is that is turned, in its side."""
    turned_rad = math.radians(turned_deg)
    return abs(math.cos(turned_rad)) + abs(math.sin(turned_rad))
