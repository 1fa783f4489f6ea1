"""Reads a pair of files of ncnn and computes what the net in them gives, in numpy.

Written from ncnn's description of its layers and apart from what writes the files.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Planes = NDArray[np.float32]
"""Shape (channels, height, width)."""


class Pair:
    """A net out of ``NAME.param`` and ``NAME.bin``."""

    def __init__(self, param: Path) -> None:
        magic, counts, *texts = param.read_text(encoding="ascii").splitlines()
        assert magic == "7767517"
        self._layers = [_Layer(text) for text in texts]
        blobs = sum(len(layer.after) for layer in self._layers)
        assert counts == f"{len(texts)} {blobs}"
        data = param.with_suffix(".bin").read_bytes()
        self._weights: dict[str, tuple[Planes, Planes]] = {}
        begin = 0
        for layer in self._layers:
            if layer.kind == "Convolution":
                self._weights[layer.name], begin = _weights(layer, data, begin)
        assert begin == len(data), "the file ends with the last weights"

    @property
    def parameters(self) -> int:
        return sum(kernel.size + bias.size for kernel, bias in self._weights.values())

    def run(self, fed: Planes) -> Planes:
        blobs: dict[str, Planes] = {}
        for layer in self._layers:
            before = [blobs[name] for name in layer.before]
            made = [fed] if layer.kind == "Input" else self._made(layer, before)
            blobs.update(zip(layer.after, made, strict=True))
        return blobs["out"]

    def _made(self, layer: _Layer, before: list[Planes]) -> list[Planes]:
        values = before[0]
        match layer.kind:
            case "Split":
                return [values, values]
            case "Slice":
                assert layer.options["-23300"] == "2,3,-233"
                return [values[:3], values[3:]]
            case "BinaryOp":
                assert layer.options["0"] == "0"
                return [values + before[1]]
            case "Convolution":
                return [_convolved(layer, values, *self._weights[layer.name])]
            case "PixelShuffle":
                return [_shuffled(values, int(layer.options["0"]))]
            case "Reorg":
                return [_unshuffled(values, int(layer.options["0"]))]
            case "Interp":
                assert layer.options == {"0": "2", "1": "2", "2": "2"}
                return [_doubled(_doubled(values, 1), 2)]
        raise AssertionError(layer.kind)


class _Layer:
    def __init__(self, text: str) -> None:
        self.kind, self.name, before, after, *rest = text.split()
        blobs = int(before) + int(after)
        self.before = rest[: int(before)]
        self.after = rest[int(before) : blobs]
        self.options = dict(option.split("=") for option in rest[blobs:])


def _weights(layer: _Layer, data: bytes, begin: int) -> tuple[tuple[Planes, Planes], int]:
    outputs, size = int(layer.options["0"]), int(layer.options["6"])
    assert struct.unpack_from("<I", data, begin) == (0x01306B47,)
    kernel = np.frombuffer(data, "<f2", size, begin + 4).astype(np.float32)
    begin += 4 + (2 * size + 3) // 4 * 4
    bias = np.frombuffer(data, "<f4", outputs, begin).astype(np.float32)
    return (kernel.reshape(outputs, -1, 3, 3), bias), begin + 4 * outputs


def _convolved(layer: _Layer, values: Planes, kernel: Planes, bias: Planes) -> Planes:
    assert (layer.options["1"], layer.options["4"], layer.options["5"]) == ("3", "1", "1")
    height, width = values.shape[1:]
    padded = np.pad(values, ((0, 0), (1, 1), (1, 1)))
    total = np.zeros((kernel.shape[0], height, width), np.float32) + bias[:, None, None]
    for row in range(3):
        for column in range(3):
            part = padded[:, row : row + height, column : column + width]
            total += np.tensordot(kernel[:, :, row, column], part, 1)
    if "9" not in layer.options:
        return total
    assert (layer.options["9"], layer.options["-23310"]) == ("2", "1,0.1")
    return np.where(total > 0, total, np.float32(0.1) * total)


def _shuffled(values: Planes, factor: int) -> Planes:
    channels, height, width = values.shape
    large = np.empty((channels // factor**2, height * factor, width * factor), np.float32)
    for row in range(factor):
        for column in range(factor):
            large[:, row::factor, column::factor] = values[row * factor + column :: factor**2]
    return large


def _unshuffled(values: Planes, factor: int) -> Planes:
    channels, height, width = values.shape
    small = np.empty((channels * factor**2, height // factor, width // factor), np.float32)
    for row in range(factor):
        for column in range(factor):
            small[row * factor + column :: factor**2] = values[:, row::factor, column::factor]
    return small


def _doubled(values: Planes, axis: int) -> Planes:
    """Enlarge along an axis: new values lie a quarter from an old one's middle."""
    last = values.shape[axis] - 1
    before = np.take(values, [0, *range(last)], axis)
    after = np.take(values, [*range(1, last + 1), last], axis)
    near = np.float32(0.75) * values
    pair = np.stack([near + np.float32(0.25) * one for one in (before, after)], axis + 1)
    shape = list(values.shape)
    shape[axis] *= 2
    return pair.reshape(shape)
