"""Figures with their targets, and how near two pictures are."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.uint8]
"""Shape (height, width, 3), RGB."""

_LUMA = np.array([0.299, 0.587, 0.114])
_EQUAL_DB = 99.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that has to hold."""

    name: str
    value: float
    target: float
    unit: str
    at_most: bool = False
    """Whether the target is the largest that may be; else it is the smallest."""

    @property
    def is_met(self) -> bool:
        return self.value <= self.target if self.at_most else self.value >= self.target

    def __str__(self) -> str:
        sign = "≤" if self.at_most else "≥"
        met = "met" if self.is_met else "MISSED"
        return f"| {self.name} | {self.value:.2f} {self.unit} | {sign} {self.target:g} | {met} |"


def print_figures(figures: list[Figure]) -> None:
    """Print a table in Markdown."""
    print("\n| figure | measured | target | |\n|---|---|---|---|")
    for figure in figures:
        print(figure, flush=True)


def luma_psnr_db(one: Array, other: Array) -> float:
    """Return the peak signal-to-noise ratio of the brightness (ITU-R BT.601)."""
    return _psnr_db((one.astype(np.float64) - other) @ _LUMA)


def rgb_psnr_db(one: Array, other: Array) -> float:
    """Return the peak signal-to-noise ratio over all channels."""
    return _psnr_db(one.astype(np.float64) - other)


def _psnr_db(difference: NDArray[np.float64]) -> float:
    error = float(np.mean(difference**2))
    return _EQUAL_DB if error == 0 else float(10 * np.log10(255**2 / error))


def shrunk(pixels: Array, factor: int) -> Array:
    """Reduce by area mean."""
    size_px = (pixels.shape[1] // factor, pixels.shape[0] // factor)
    return np.asarray(cv2.resize(pixels, size_px, interpolation=cv2.INTER_AREA), np.uint8)


def noisy(pixels: Array, deviation: float) -> Array:
    """Add the same normal noise at every call."""
    grain = np.random.default_rng(7).normal(0, deviation, pixels.shape)
    return np.clip(np.rint(pixels + grain), 0, 255).astype(np.uint8)
