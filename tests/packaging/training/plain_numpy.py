"""What a net computes, in numpy: apart from what trains it and from what writes its files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from training.ncnn_files import Convolution
from training.nets import Net

Values = NDArray[np.float32]
"""Shape (height, width, channels)."""


def drawn(net: Net) -> list[Convolution]:
    """Draw weights that keep values about as large as they are, none of them the same."""
    rng = np.random.default_rng(3)

    def draw(*shape: int, spread: float) -> Values:
        return (spread * rng.standard_normal(shape)).astype(np.float32)

    return [
        (draw(3, 3, before, after, spread=(9 * before) ** -0.5), draw(after, spread=0.25))
        for before, after in net.widths
    ]


def run(net: Net, weights: Sequence[Convolution], fed: Values) -> Values:
    """Return what a net gives."""
    values = _active(_convolved(_unshuffled(fed, net.fold), weights[0]))
    inner = weights[1:-1]
    for one, two in zip(inner[::2], inner[1::2], strict=True):
        values = values + _convolved(_active(_convolved(values, one)), two)
    base = fed[..., :3]
    if net.scale == 2:
        base = _doubled(_doubled(base, 0), 1)
    return base + _shuffled(_convolved(values, weights[-1]), net.shuffle)


def _active(values: Values) -> Values:
    return np.where(values > 0, values, np.float32(0.1) * values)


def _convolved(values: Values, weights: Convolution) -> Values:
    kernel, bias = weights
    height, width = values.shape[:2]
    padded = np.pad(values, ((1, 1), (1, 1), (0, 0)))
    total = np.zeros((height, width, len(bias)), np.float32) + bias
    for row in range(3):
        for column in range(3):
            total += padded[row : row + height, column : column + width] @ kernel[row, column]
    return total


def _shuffled(values: Values, factor: int) -> Values:
    height, width, channels = values.shape
    large = np.empty((height * factor, width * factor, channels // factor**2), np.float32)
    for row in range(factor):
        for column in range(factor):
            large[row::factor, column::factor] = values[..., row * factor + column :: factor**2]
    return large


def _unshuffled(values: Values, factor: int) -> Values:
    height, width, channels = values.shape
    small = np.empty((height // factor, width // factor, channels * factor**2), np.float32)
    for row in range(factor):
        for column in range(factor):
            small[..., row * factor + column :: factor**2] = values[row::factor, column::factor]
    return small


def _doubled(values: Values, axis: int) -> Values:
    """Enlarge along an axis: what is new lies a quarter of a pixel from the middle of the old."""
    last = values.shape[axis] - 1
    before = np.take(values, [0, *range(last)], axis)
    after = np.take(values, [*range(1, last + 1), last], axis)
    near = np.float32(0.75) * values
    pair = np.stack([near + np.float32(0.25) * one for one in (before, after)], axis + 1)
    return pair.reshape([side * (1 + (one == axis)) for one, side in enumerate(values.shape)])
