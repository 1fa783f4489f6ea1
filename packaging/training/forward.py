"""The nets in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from training.ncnn_files import Convolution
from training.nets import COLOURS, KERNEL_PX, SLOPE, Net

Weights = list[tuple[torch.Tensor, torch.Tensor]]
"""Of each convolution: kernel, shape (out, in, 3, 3), and bias, shape (out,)."""

_LAST_SHARE = 0.1
"""The last convolution begins small, so that training begins near the plain enlargement."""


def first_weights(net: Net, seed: int) -> list[Convolution]:
    """Draw weights as K. He et al. do, "Delving deep into rectifiers" (2015)."""
    rng = np.random.default_rng(seed)
    weights: list[Convolution] = []
    for before, after in net.widths:
        spread = np.sqrt(2 / (KERNEL_PX**2 * before))
        kernel = rng.standard_normal((KERNEL_PX, KERNEL_PX, before, after), np.float32) * spread
        weights.append((kernel.astype(np.float32), np.zeros(after, np.float32)))
    weights[-1] = (weights[-1][0] * np.float32(_LAST_SHARE), weights[-1][1])
    return weights


def tensors(weights: list[Convolution]) -> Weights:
    """Return weights as PyTorch has them."""
    return [
        (
            torch.from_numpy(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))),
            torch.from_numpy(bias.copy()),
        )
        for kernel, bias in weights
    ]


def arrays(weights: Weights) -> list[Convolution]:
    """Return weights as they are exported."""
    return [
        (kernel.detach().permute(2, 3, 1, 0).contiguous().numpy(), bias.detach().numpy())
        for kernel, bias in weights
    ]


def fed(spoilt: NDArray[np.uint8], maps: NDArray[np.float32]) -> torch.Tensor:
    """Return the input: (pictures, colours and maps, height, width), 0 to 1.

    :param spoilt: shape (pictures, height, width, 3).
    :param maps: shape (pictures, maps).
    """
    colours = torch.from_numpy(spoilt.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255))
    told = torch.from_numpy(maps)[:, :, None, None].expand(-1, -1, *colours.shape[2:])
    # PyTorch computes fastest with the channels last in memory.
    return torch.cat([colours, told], 1).contiguous(memory_format=torch.channels_last)


def run(net: Net, weights: Weights, values: torch.Tensor) -> torch.Tensor:
    """Run a net on what ``fed`` returns; return (pictures, 3, height, width), 0 to 1."""
    unfolded = functional.pixel_unshuffle(values, net.fold) if net.fold > 1 else values
    within = _activated(_convolved(unfolded, weights[0]))
    inner = weights[1:-1]
    for one, two in zip(inner[::2], inner[1::2], strict=True):
        within = within + _convolved(_activated(_convolved(within, one)), two)
    detail = _convolved(within, weights[-1])
    if net.shuffle > 1:
        detail = functional.pixel_shuffle(detail, net.shuffle)
    base = values[:, :COLOURS]
    if net.scale > 1:
        base = functional.interpolate(
            base, scale_factor=net.scale, mode="bilinear", align_corners=False
        )
    return base + detail


def _convolved(values: torch.Tensor, weights: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    convolved: Any = functional.conv2d(values, *weights, padding=KERNEL_PX // 2)
    return convolved


def _activated(values: torch.Tensor) -> torch.Tensor:
    return functional.leaky_relu(values, SLOPE)
