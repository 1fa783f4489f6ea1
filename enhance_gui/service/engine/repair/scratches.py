"""Finds and fills scratches: thin, straight, whitish lines, brighter than both their sides.

They are looked for with openings along lines in twelve directions (P. Soille, "Morphological
Image Analysis", chapter on directional openings) on a copy of moderate size, and filled with
OpenCV's Navier-Stokes inpainting. Each condition is there because without it clean photographs
lose railings, wires and collars.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from enhance_gui.service.engine.pixels.planes import colours_of, small_copy
from enhance_gui.service.engine.pixels.tiles import TILE_SIDE_PX, Pixels

Mask = NDArray[np.uint8]
"""Shape (height, width); 255 where something is to be filled, else 0."""

_COPY_SIDE_PX = 1536
_WIDEST_PX = 11
"""Widest scratch on the copy."""
_LINE_PX = 21
_DIRECTIONS = 12
_MIN_CONTRAST = 20
_MIN_BRIGHTNESS = 110
_MAX_COLOUR = 60
"""Largest difference between a scratch's red, green and blue: bare paper is nearly white."""
_CLEAR_CONTRAST = 55
"""Of a scratch that leaves no doubt: bare paper stands out."""
_MIN_OF_WHITE = 0.78
"""Brightness of a scratch, in that of the brightest of the photograph."""
_MIN_VARIED_SIDES = 30
"""A scratch crosses whatever the photograph shows; a rope before the sky, a rail or a joint runs
along one thing."""
_MIN_LENGTH = 0.2
"""Of the shorter side."""
_MIN_LENGTH_PX = 40
_MAX_PIXELS_A_LENGTH = 8
_MIN_SLENDER = 44
"""Length of a scratch that leaves no doubt, in its widths. In 25 landscapes, portraits and objects
the rims of leaves and waves had up to 43, the legs of a tripod 32."""
_MAX_UNEVEN = 0.36
"""How far its pixels lie off a gentle curve, as a standard deviation, in its widths; a bar of even
width has 0.29."""
_MIN_EVEN = 0.98
"""Of its usual brightness; a quarter of its length may be darker. Bare paper is equally bright all
along, light on a rim is not."""
_MAX_UNLIKE_SIDES = 0.65
"""Times the contrast; more: an edge with a highlight, no scratch."""
_MAX_OF_PICTURE = 0.05
"""More is a brick wall or a fence."""
_FILL_RADIUS_PX = 4
_OVERLAP_PX = 32


def find_scratches(pixels: Pixels) -> Mask | None:
    """Return where scratches are, in the picture's size; ``None``: none found."""
    copy, _ = small_copy(pixels, _COPY_SIDE_PX)
    grey = cv2.cvtColor(copy, cv2.COLOR_RGB2GRAY).astype(np.uint8)
    ridges = _whitish_ridges(copy, grey)
    soft = cv2.GaussianBlur(grey, (0, 0), 1.5).astype(np.float32)
    white = _MIN_OF_WHITE * float(np.percentile(grey, 99.5))
    found = np.zeros(grey.shape, np.uint8)
    sure = False
    for number in range(_DIRECTIONS):
        direction = _Direction.of(math.pi * number / _DIRECTIONS)
        for line in _lines(ridges, direction):
            if line.may_be_scratch(soft, direction):
                found[line.rows, line.columns] = 255
                sure = sure or line.is_scratch(grey, soft, direction, white)
    # Where there is one there may be more; a photograph that has none has ropes and rails.
    if not sure:
        return None
    if not 0 < np.count_nonzero(found) <= _MAX_OF_PICTURE * found.size:
        return None
    found = cv2.dilate(found, np.ones((3, 3), np.uint8)).astype(np.uint8)
    height_px, width_px = pixels.shape[:2]
    large = cv2.resize(found, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    return (large >= 128) * np.uint8(255)


def fill(pixels: Pixels, mask: Mask) -> None:
    """Fill what the mask marks from its surroundings, in place.

    Tile by tile; marked pixels are not looked at, so those that are filled already do no harm.
    """
    colours = colours_of(pixels)
    height_px, width_px = mask.shape
    for top in range(0, height_px, TILE_SIDE_PX):
        for left in range(0, width_px, TILE_SIDE_PX):
            inner = np.s_[top : top + TILE_SIDE_PX, left : left + TILE_SIDE_PX]
            if not mask[inner].any():
                continue
            y, x = min(top, _OVERLAP_PX), min(left, _OVERLAP_PX)
            outer = np.s_[
                top - y : top + TILE_SIDE_PX + _OVERLAP_PX,
                left - x : left + TILE_SIDE_PX + _OVERLAP_PX,
            ]
            marked = np.ascontiguousarray(mask[outer])
            # Each colour by itself, which makes no difference: of three, OpenCV takes 8 bits alone.
            for channel in range(colours.shape[2]):
                colour = np.ascontiguousarray(colours[outer][..., channel])
                filled = cv2.inpaint(colour, marked, _FILL_RADIUS_PX, cv2.INPAINT_NS)
                into = colours[inner][..., channel]
                into[...] = filled[y:, x:][: into.shape[0], : into.shape[1]]


def _whitish_ridges(copy: Mask, grey: Mask) -> Mask:
    """Return how much brighter each pixel is than anything wider than a scratch around it."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_WIDEST_PX, _WIDEST_PX))
    ridges = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, disc)
    colour = copy.max(axis=2) - copy.min(axis=2)
    wanted = (grey >= _MIN_BRIGHTNESS) & (colour <= _MAX_COLOUR)
    return np.where(wanted, ridges, 0).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class _Direction:
    along: Mask
    """A line of pixels, as a structuring element."""
    across: tuple[float, float]
    """Rows and columns from a scratch to what lies beside it."""

    @classmethod
    def of(cls, angle_rad: float) -> _Direction:
        half = _LINE_PX // 2
        dx, dy = math.cos(angle_rad) * half, math.sin(angle_rad) * half
        along = np.zeros((_LINE_PX, _LINE_PX), np.uint8)
        start = (round(half - dx), round(half - dy))
        cv2.line(along, start, (round(half + dx), round(half + dy)), 1)
        away = _WIDEST_PX - 1
        return cls(along, (math.cos(angle_rad) * away, -math.sin(angle_rad) * away))


@dataclass(frozen=True, slots=True)
class _Line:
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]

    def may_be_scratch(self, soft: NDArray[np.float32], direction: _Direction) -> bool:
        """Return whether both sides are alike; a shining edge has different ones."""
        here = soft[self.rows, self.columns]
        one, other = self._beside(soft, direction, 1), self._beside(soft, direction, -1)
        contrast = float(np.median(here - np.maximum(one, other)))
        unlike = float(np.median(np.abs(one - other)))
        to_both = float(np.median(here - (one + other) / 2))
        return contrast >= _MIN_CONTRAST / 2 and unlike <= _MAX_UNLIKE_SIDES * to_both

    def is_scratch(
        self, grey: Mask, soft: NDArray[np.float32], direction: _Direction, white: float
    ) -> bool:
        """Return whether it runs across the photograph rather than along one thing in it."""
        here = grey[self.rows, self.columns].astype(np.float32)
        one, other = self._beside(soft, direction, 1), self._beside(soft, direction, -1)
        contrast = float(np.median(here - np.maximum(one, other)))
        darkest, brightest = np.percentile((one + other) / 2, (10, 90))
        return bool(
            np.median(here) >= white
            and contrast >= _CLEAR_CONTRAST
            and brightest - darkest >= _MIN_VARIED_SIDES
            and self._is_drawn(here)
        )

    def _is_drawn(self, brightness: NDArray[np.float32]) -> bool:
        """Return whether it is one stroke, slender and equally bright, not mere spots in a row."""
        points = np.stack([self.columns, self.rows]).astype(np.float64)
        points -= points.mean(axis=1, keepdims=True)
        _, axes = np.linalg.eigh(np.cov(points))
        across, along = axes.T @ points
        width_px = len(across) / np.ptp(along)
        bend = np.polynomial.Polynomial.fit(along, across, 2)
        core = np.zeros(int(np.ptp(along)) + 1, np.float32)
        np.maximum.at(core, (along - along.min()).astype(np.intp), brightness)
        return bool(
            np.ptp(along) >= _MIN_SLENDER * width_px
            and np.std(across - bend(along)) <= _MAX_UNEVEN * width_px
            and np.percentile(core, 25) >= _MIN_EVEN * np.median(core)
        )

    def _beside(
        self, soft: NDArray[np.float32], direction: _Direction, side: int
    ) -> NDArray[np.float32]:
        down, right = direction.across
        rows = np.rint(self.rows + side * down).astype(np.intp)
        columns = np.rint(self.columns + side * right).astype(np.intp)
        beside: NDArray[np.float32] = soft[
            rows.clip(0, soft.shape[0] - 1), columns.clip(0, soft.shape[1] - 1)
        ]
        return beside


def _lines(ridges: Mask, direction: _Direction) -> Iterator[_Line]:
    """Yield the long thin pieces that lie in one direction."""
    opened = cv2.morphologyEx(ridges, cv2.MORPH_OPEN, direction.along)
    strong = (opened > _MIN_CONTRAST).astype(np.uint8)
    joined = cv2.morphologyEx(strong, cv2.MORPH_CLOSE, direction.along)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    min_length_px = max(_MIN_LENGTH * min(ridges.shape), _MIN_LENGTH_PX)
    for label in range(1, count):
        left, top, width_px, height_px, area_px = (int(stat) for stat in stats[label])
        length_px = math.hypot(width_px, height_px)
        if length_px < min_length_px or area_px / length_px > _MAX_PIXELS_A_LENGTH:
            continue
        inside = labels[top : top + height_px, left : left + width_px] == label
        rows, columns = np.nonzero(inside)
        yield _Line(rows + top, columns + left)
