"""Drawings to train on beside the photographs: edges and letters that these have too few of.

Ours, from a seed alone: shapes, lines and letters over each other, drawn large and reduced by area,
so that edges lie anywhere between two pixels.
"""

from __future__ import annotations

import string

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from training.photographs import Picture

_COUNT = 6
SIDE_PX = 1400

_SEED = 2026
_DRAWN_LARGER = 3
_SHAPES = 500
_GREY, _GREY_SPREAD, _VIVID = 120.0, 60.0, 120.0
"""Of the colours, of 255."""
_LETTERS = string.ascii_letters + string.digits + ".,:;!?&%()-/"


def draw(count: int = _COUNT) -> list[Picture]:
    """Draw the first ``count``; each has shape (SIDE_PX, SIDE_PX, 3)."""
    return [_draw_one(np.random.default_rng((_SEED, number))) for number in range(count)]


def _draw_one(rng: np.random.Generator) -> Picture:
    side_px = SIDE_PX * _DRAWN_LARGER
    image = Image.new("RGB", (side_px, side_px), _colour(rng))
    pencil = ImageDraw.Draw(image)
    for _ in range(_SHAPES):
        # More small ones than large ones, which would cover them.
        size_px = float(np.exp(rng.uniform(np.log(12), np.log(side_px / 4))))
        middle = rng.uniform(0, side_px, 2)
        _SHAPE_KINDS[rng.integers(len(_SHAPE_KINDS))](pencil, middle, size_px, rng)
    return np.asarray(image.reduce(_DRAWN_LARGER))


def _polygon(
    pencil: ImageDraw.ImageDraw, middle: np.ndarray, size_px: float, rng: np.random.Generator
) -> None:
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 8)))
    radii_px = size_px * rng.uniform(0.3, 1, len(angles))
    corners = middle + np.stack([np.cos(angles), np.sin(angles)], 1) * radii_px[:, None]
    pencil.polygon([(x, y) for x, y in corners.tolist()], fill=_colour(rng))


def _ellipse(
    pencil: ImageDraw.ImageDraw, middle: np.ndarray, size_px: float, rng: np.random.Generator
) -> None:
    half_px = size_px * rng.uniform(0.2, 0.6, 2)
    box = (*(middle - half_px).tolist(), *(middle + half_px).tolist())
    width_px = int(max(1.0, size_px * rng.uniform(0.02, 0.2)))
    if rng.random() < 0.5:
        pencil.ellipse(box, fill=_colour(rng))
    else:
        pencil.ellipse(box, outline=_colour(rng), width=width_px)


def _lines(
    pencil: ImageDraw.ImageDraw, middle: np.ndarray, size_px: float, rng: np.random.Generator
) -> None:
    """Draw parallel lines: hatching, fences, hair."""
    angle = rng.uniform(0, np.pi)
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    width_px = rng.uniform(2, 18)
    step_px = width_px * rng.uniform(1.6, 5)
    colour = _colour(rng)
    for number in range(int(rng.integers(1, 14))):
        begin = middle + across * step_px * number
        end = begin + along * size_px * rng.uniform(0.8, 1)
        points = [(float(x), float(y)) for x, y in (begin, end)]
        pencil.line(points, fill=colour, width=int(width_px))


def _letters(
    pencil: ImageDraw.ImageDraw, middle: np.ndarray, size_px: float, rng: np.random.Generator
) -> None:
    height_px = float(np.clip(size_px / 3, 20, 260))
    text = "".join(rng.choice(list(_LETTERS), rng.integers(3, 16)))
    # The font is Pillow's own.
    font = ImageFont.load_default(height_px)
    pencil.text((float(middle[0]), float(middle[1])), text, fill=_colour(rng), font=font)


_SHAPE_KINDS = (_polygon, _ellipse, _lines, _letters, _letters)


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    """Choose a colour, mostly a pale one: those of photographs are."""
    vivid = rng.random() ** 2
    grey = rng.normal(_GREY, _GREY_SPREAD)
    red, green, blue = (grey + vivid * rng.uniform(-_VIVID, _VIVID, 3)).clip(0, 255).tolist()
    return (int(red), int(green), int(blue))
