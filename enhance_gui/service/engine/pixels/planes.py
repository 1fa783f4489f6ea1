"""Takes tiles apart and puts them together: colours, brightness and transparency.

Noise and detail live in brightness; the eye forgives a coarser treatment of colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from enhance_gui.service.engine.pixels.tiles import Pixels

_Value = TypeVar("_Value", bound=np.generic)

_STRIP_PX = 512
_DEEP_STEPS = np.float32(257)
"""Of 16 bits in one of 8: 65535 / 255."""

Plane = NDArray[np.float32]
"""Shape (height, width), or (height, width, 2) for colour; values 0 to 255."""


@dataclass(frozen=True, slots=True)
class Planes:
    """One tile, split (YCrCb of JPEG, ITU-R BT.601)."""

    luma: Plane
    chroma: Plane | None
    """Cr and Cb, shape (height, width, 2); ``None``: a grey picture."""
    alpha: Plane | None


def colours_of(tile: Pixels) -> Pixels:
    """Return the colours, of a grey tile the one, without transparency."""
    return tile[..., : 3 if tile.shape[2] >= 3 else 1]


def values_of(pixels: Pixels) -> Plane:
    """Return levels of either depth as values of 0 to 255."""
    values: Plane = pixels.astype(np.float32)
    if pixels.dtype == np.uint16:
        values /= _DEEP_STEPS
    return values


def rgb_of(tile: Pixels) -> Plane:
    """Return red, green and blue, of a grey tile thrice the same."""
    colour = values_of(colours_of(tile))
    return np.repeat(colour, 3, axis=2) if colour.shape[2] == 1 else colour


def grey_of(tile: Pixels) -> Pixels:
    """Return the brightness in the depth of the tile, shape (height, width)."""
    colour = np.ascontiguousarray(colours_of(tile))
    if colour.shape[2] == 1:
        return colour[..., 0]
    return np.asarray(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY), tile.dtype)


def with_alpha_of(tile: Pixels, colour: Pixels) -> Pixels:
    """Return the colours with the transparency of a tile, where it has any."""
    return np.dstack([colour, tile[..., -1]]) if tile.shape[2] in (2, 4) else colour


def rounded(colour: Plane, depth: np.dtype[Any]) -> Pixels:
    """Round values of 0 to 255 to the levels of 8 or 16 bits, as ``depth`` says."""
    if depth == np.uint16:
        deep: Pixels = np.clip(colour * _DEEP_STEPS + 0.5, 0, 65535).astype(np.uint16)
        return deep
    whole: Pixels = np.clip(colour + 0.5, 0, 255).astype(np.uint8)
    return whole


def in_8_bits(pixels: Pixels) -> NDArray[np.uint8]:
    """Return the levels in 8 bits."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    plain = np.empty(pixels.shape, np.uint8)
    for top in range(0, pixels.shape[0], _STRIP_PX):
        strip = slice(top, top + _STRIP_PX)
        plain[strip] = rounded(values_of(pixels[strip]), plain.dtype)
    return plain


def small_copy(pixels: Pixels, side_px: int) -> tuple[NDArray[np.uint8], float]:
    """Return the colours as RGB of 8 bits, no side longer than ``side_px``, and by how much they
    shrank."""
    height_px, width_px = pixels.shape[:2]
    scale = min(1.0, side_px / max(height_px, width_px))
    copy = np.ascontiguousarray(colours_of(pixels))
    if scale < 1:
        size_px = (max(1, round(width_px * scale)), max(1, round(height_px * scale)))
        copy = cv2.resize(copy, size_px, interpolation=cv2.INTER_AREA).astype(pixels.dtype)
    if pixels.shape[2] < 3:
        copy = cv2.cvtColor(copy, cv2.COLOR_GRAY2RGB).astype(pixels.dtype)
    return in_8_bits(copy), scale


def split(tile: Pixels) -> Planes:
    """Split a tile of 1 to 4 channels."""
    channels = tile.shape[2]
    alpha = values_of(tile[..., -1]) if channels in (2, 4) else None
    if channels < 3:
        return Planes(values_of(tile[..., 0]), None, alpha)
    ycc = cv2.cvtColor(values_of(tile[..., :3]), cv2.COLOR_RGB2YCrCb)
    return Planes(np.ascontiguousarray(ycc[..., 0]), np.ascontiguousarray(ycc[..., 1:]), alpha)


def join(planes: Planes, depth: np.dtype[Any]) -> Pixels:
    """Round the planes back to a tile with the channels and the depth it had."""
    colour: Plane = planes.luma[..., None]
    if planes.chroma is not None:
        colour = _plane(cv2.cvtColor(np.dstack([planes.luma, planes.chroma]), cv2.COLOR_YCrCb2RGB))
    if planes.alpha is not None:
        colour = np.dstack([colour, planes.alpha])
    return rounded(colour, depth)


def inner(pixels: NDArray[_Value], rim_px: int) -> NDArray[_Value]:
    """Return a plane, or a picture, without so many pixels of each side."""
    return pixels[rim_px : pixels.shape[0] - rim_px, rim_px : pixels.shape[1] - rim_px]


def resize(plane: Plane, size_px: tuple[int, int], interpolation: int) -> Plane:
    """Resize to a width and height with one of OpenCV's interpolations."""
    return _plane(cv2.resize(plane, size_px, interpolation=interpolation))


def stretch(plane: Plane, factor: int, interpolation: int) -> Plane:
    """Return ``factor`` times the sides by one of OpenCV's interpolations."""
    return resize(plane, (plane.shape[1] * factor, plane.shape[0] * factor), interpolation)


def blurred(plane: Plane, spread_px: float) -> Plane:
    """Blur with a Gaussian of this standard deviation."""
    return _plane(cv2.GaussianBlur(plane, (0, 0), spread_px))


def _plane(array: NDArray[Any]) -> Plane:
    """Declare to the type checker what OpenCV's annotations do not: float in, float out."""
    return np.asarray(array, np.float32)
