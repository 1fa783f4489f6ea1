"""Tiny models of the kinds that users bring."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.support.models import onnx_parts
from tests.support.models.onnx_parts import model, node, planes, tensor

Weights = NDArray[np.float32]


def write_onnx(
    path: Path,
    weights: Weights,
    *,
    stride: int = 1,
    shuffle: int = 1,
    bias: float = 0.0,
    side_px: int = 0,
    half: bool = False,
) -> Path:
    """Write a convolution without padding and, where ``shuffle`` is above 1, a pixel shuffle.

    :param weights: shape (outputs, inputs, kernel, kernel).
    :param side_px: of the only size that it takes; 0: any size.
    :param half: everything is float16, the input too.
    """
    outputs, inputs = weights.shape[:2]
    kind = np.float16 if half else np.float32
    made = "made" if shuffle > 1 else "out"
    nodes = [node("Conv", ["in", "w", "b"], made, strides=[stride, stride])]
    if shuffle > 1:
        nodes.append(node("DepthToSpace", ["made"], "out", blocksize=shuffle, mode="CRD"))
    biases = np.full(outputs, bias, kind)
    written = model(
        nodes,
        [tensor("w", weights.astype(kind)), tensor("b", biases)],
        [planes("in", inputs, side_px=side_px, half=half)],
        [planes("out", outputs // shuffle**2, half=half)],
        opset=13,
    )
    path.write_bytes(written)
    return path


def onnx_with_weights_at(location: str) -> bytes:
    """Return a model whose 3 × 3 weights are said to be in another file."""
    field, number = onnx_parts._bytes, onnx_parts._number
    sides = b"".join(number(1, side) for side in (3, 3, 1, 1))
    where = field(13, field(1, "location") + field(2, location)) + number(14, 1)
    weights = sides + number(2, 1) + field(8, "w") + where
    steps = [node("Conv", ["in", "w"], "out")]
    return model(steps, [weights], [planes("in", 3)], [planes("out", 3)], opset=13)


def write_ncnn(folder: Path, name: str, factor: int, source: str = "data") -> Path:
    """Write a pair of files that repeats each pixel; return the ``.param`` file."""
    weights = repeating(factor)
    outputs = weights.shape[0]
    lines = [
        "7767517",
        "3 3",
        f"Input in 0 1 {source}",
        f"Convolution c 1 1 {source} made 0={outputs} 1=1 5=0 6={weights.size}",
        f"PixelShuffle p 1 1 made output 0={factor}",
    ]
    (folder / f"{name}.bin").write_bytes(struct.pack("<I", 0) + weights.tobytes())
    param = folder / f"{name}.param"
    param.write_text("\n".join(lines) + "\n", "ascii")
    return param


def repeating(factor: int) -> Weights:
    """Return the weights of a net that repeats each pixel ``factor`` times in both directions."""
    weights = np.zeros((3 * factor**2, 3, 1, 1), np.float32)
    for channel in range(3):
        weights[channel * factor**2 : (channel + 1) * factor**2, channel] = 1
    return weights
