"""The nets in JAX."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from training.nets import COLOURS, KERNEL_PX, SLOPE, Net

Weights = list[dict[str, Any]]
"""Of each convolution: ``kernel``, shape (3, 3, in, out), and ``bias``, shape (out,)."""

_LAST_SHARE = 0.1
"""The last convolution begins small, so that training begins near the plain enlargement."""


def first_weights(net: Net, seed: int) -> Weights:
    """Draw weights as K. He et al. do, "Delving deep into rectifiers" (2015)."""
    rng = np.random.default_rng(seed)
    weights: Weights = []
    for before, after in net.widths:
        spread = np.sqrt(2 / (KERNEL_PX**2 * before))
        kernel = rng.standard_normal((KERNEL_PX, KERNEL_PX, before, after), np.float32) * spread
        weights.append({"kernel": kernel.astype(np.float32), "bias": np.zeros(after, np.float32)})
    weights[-1]["kernel"] = weights[-1]["kernel"] * np.float32(_LAST_SHARE)
    return weights


def run(net: Net, weights: Weights, fed: Any) -> Any:
    """Run a net on (pictures, height, width, colours and maps), values 0 to 1."""
    values = _activated(_convolved(_unshuffled(fed, net.fold), weights[0]))
    inner = weights[1:-1]
    if net.residual:
        for one, two in zip(inner[::2], inner[1::2], strict=True):
            values = values + _convolved(_activated(_convolved(values, one)), two)
    else:
        for one in inner:
            values = _activated(_convolved(values, one))
    detail = _shuffled(_convolved(values, weights[-1]), net.shuffle)
    return _enlarged(fed[..., :COLOURS], net.scale) + detail


def _convolved(values: Any, weights: dict[str, Any]) -> Any:
    convolved = jax.lax.conv_general_dilated(
        values, weights["kernel"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    return convolved + weights["bias"]


def _activated(values: Any) -> Any:
    return jnp.where(values > 0, values, SLOPE * values)


def _enlarged(values: Any, scale: int) -> Any:
    if scale == 1:
        return values
    pictures, height, width, channels = values.shape
    return jax.image.resize(values, (pictures, height * scale, width * scale, channels), "bilinear")


def _shuffled(values: Any, factor: int) -> Any:
    pictures, height, width, channels = values.shape
    parts = values.reshape(pictures, height, width, channels // factor**2, factor, factor)
    return parts.transpose(0, 1, 4, 2, 5, 3).reshape(
        pictures, height * factor, width * factor, channels // factor**2
    )


def _unshuffled(values: Any, factor: int) -> Any:
    if factor == 1:
        return values
    pictures, height, width, channels = values.shape
    parts = values.reshape(pictures, height // factor, factor, width // factor, factor, channels)
    return parts.transpose(0, 1, 3, 5, 2, 4).reshape(
        pictures, height // factor, width // factor, channels * factor**2
    )
