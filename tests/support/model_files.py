"""Tiny models of the kinds that users bring, written byte by byte."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float32]


def _varint(number: int) -> bytes:
    made = b""
    while number > 127:
        made += bytes([number & 127 | 128])
        number >>= 7
    return made + bytes([number])


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _text(field: int, content: bytes | str) -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _tensor(name: str, values: Weights) -> bytes:
    dims = b"".join(_number(1, side) for side in values.shape)
    return dims + _number(2, 1) + _text(8, name) + _text(9, values.astype("<f4").tobytes())


def _ints(name: str, values: Sequence[int]) -> bytes:
    listed = b"".join(_number(8, value) for value in values)
    return _text(5, _text(1, name) + listed + _number(20, 7))


def _int(name: str, value: int) -> bytes:
    return _text(5, _text(1, name) + _number(3, value) + _number(20, 2))


def _node(kind: str, inputs: Sequence[str], output: str, attributes: bytes = b"") -> bytes:
    named = b"".join(_text(1, each) for each in inputs)
    return _text(1, named + _text(2, output) + _text(4, kind) + attributes)


def _value(name: str, sides: Sequence[int | str]) -> bytes:
    shape = b"".join(
        _text(1, _number(1, side) if isinstance(side, int) else _text(2, side)) for side in sides
    )
    return _text(1, name) + _text(2, _text(1, _number(1, 1) + _text(2, shape)))


def write_onnx(
    path: Path, weights: Weights, *, stride: int = 1, shuffle: int = 1, bias: float = 0.0
) -> Path:
    """Write a convolution without padding and, where ``shuffle`` is above 1, a pixel shuffle.

    :param weights: shape (outputs, inputs, kernel, kernel).
    """
    outputs, inputs, kernel, _ = weights.shape
    attributes = _ints("kernel_shape", [kernel, kernel]) + _ints("strides", [stride, stride])
    nodes = _node("Conv", ["in", "w", "b"], "made" if shuffle > 1 else "out", attributes)
    if shuffle > 1:
        how = _text(5, _text(1, "mode") + _text(4, "CRD") + _number(20, 3))
        nodes += _node("DepthToSpace", ["made"], "out", _int("blocksize", shuffle) + how)
    graph = nodes + _text(2, "graph")
    graph += _text(5, _tensor("w", weights))
    graph += _text(5, _tensor("b", np.full(outputs, bias, np.float32)))
    graph += _text(11, _value("in", [1, inputs, "h", "w"]))
    graph += _text(12, _value("out", [1, outputs // shuffle**2, "H", "W"]))
    opset = _text(8, _text(1, "") + _number(2, 13))
    path.write_bytes(_number(1, 8) + _text(7, graph) + opset)
    return path


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
