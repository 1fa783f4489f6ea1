"""Writes a net as a pair of files that ncnn reads: ``.param`` (text) and ``.bin`` (weights)."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.nets import COLOURS, KERNEL_PX, SLOPE, Net

INPUT = "data"
OUTPUT = "out"

_FORMAT = 7767517
_HALF_FLOATS = 0x01306B47
"""Says that a convolution's kernel is in fp16."""
_THE_REST = -233
_BILINEAR = 2
_LEAKY = 2

Array = NDArray[np.float32]
Convolution = tuple[Array, Array]
"""Kernel, shape (3, 3, in, out), and bias, shape (out,)."""


class UnfitWeights(Exception):
    """Weights are not those of the net, or no numbers of fp16."""


class _Layers:
    """The text of a ``.param`` file while it grows."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._blobs = 0

    def add(self, kind: str, before: Sequence[str], after: Sequence[str], options: str) -> None:
        """Add a layer from blobs to blobs."""
        name = f"{kind.lower()}{len(self.texts)}"
        counts = f"{len(before)} {len(after)}"
        self.texts.append(" ".join([kind, name, counts, *before, *after, options]).rstrip())
        self._blobs += len(after)

    def then(self, kind: str, before: str, options: str) -> str:
        """Add a layer with one input and one output; return the latter's name."""
        after = f"blob{len(self.texts)}"
        self.add(kind, [before], [after], options)
        return after

    def split(self, before: str) -> tuple[str, str]:
        """Let two layers use a blob."""
        one, two = f"blob{len(self.texts)}a", f"blob{len(self.texts)}b"
        self.add("Split", [before], [one, two], "")
        return one, two

    def text(self) -> str:
        """Return the file's text."""
        head = [str(_FORMAT), f"{len(self.texts)} {self._blobs}"]
        return "\n".join([*head, *self.texts, ""])


def write_pair(net: Net, weights: Sequence[Convolution], folder: Path) -> tuple[Path, Path]:
    """Write ``NAME.param`` and ``NAME.bin``; return their paths.

    Kernels are rounded to fp16, which halves the file.

    Raises:
        UnfitWeights: The weights are not those of the net, or too large for fp16.
    """
    shapes = [(kernel.shape, bias.shape) for kernel, bias in weights]
    wanted = [((KERNEL_PX, KERNEL_PX, *width), width[1:]) for width in net.widths]
    if shapes != wanted:
        raise UnfitWeights(f"{net.name} has other convolutions than these: {shapes}")
    param, binary = folder / f"{net.name}.param", folder / f"{net.name}.bin"
    binary.write_bytes(b"".join(_bytes(kernel, bias) for kernel, bias in weights))
    param.write_text(_text(net), encoding="ascii", newline="\n")
    return param, binary


def _text(net: Net) -> str:
    layers = _Layers()
    layers.add("Input", [], [INPUT], "")
    fed, whole = layers.split(INPUT)
    if net.fold > 1:
        fed = layers.then("Reorg", fed, f"0={net.fold}")
    first, *inner, last = net.widths
    values = layers.then("Convolution", fed, _options(first, active=True))
    if net.residual:
        for one, two in zip(inner[::2], inner[1::2], strict=True):
            kept, values = layers.split(values)
            values = layers.then("Convolution", values, _options(one, active=True))
            values = layers.then("Convolution", values, _options(two, active=False))
            values = _sum(layers, kept, values)
    else:
        for one in inner:
            values = layers.then("Convolution", values, _options(one, active=True))
    values = layers.then("Convolution", values, _options(last, active=False))
    detail = layers.then("PixelShuffle", values, f"0={net.shuffle}")
    base = "colours"
    layers.add("Slice", [whole], [base, "told"], f"-23300=2,{COLOURS},{_THE_REST}")
    if net.scale > 1:
        base = layers.then("Interp", base, f"0={_BILINEAR} 1={net.scale} 2={net.scale}")
    layers.add("BinaryOp", [base, detail], [OUTPUT], "0=0")
    return layers.text()


def _sum(layers: _Layers, one: str, other: str) -> str:
    after = f"blob{len(layers.texts)}"
    layers.add("BinaryOp", [one, other], [after], "0=0")
    return after


def _options(width: tuple[int, int], *, active: bool) -> str:
    size = KERNEL_PX**2 * math.prod(width)
    plain = f"0={width[1]} 1={KERNEL_PX} 4={KERNEL_PX // 2} 5=1 6={size}"
    return f"{plain} 9={_LEAKY} -23310=1,{SLOPE}" if active else plain


def _bytes(kernel: Array, bias: Array) -> bytes:
    if not (np.abs(kernel) <= np.finfo(np.float16).max).all():
        raise UnfitWeights("A weight is no number that fp16 can hold.")
    halves = kernel.transpose(3, 2, 0, 1).astype("<f2").tobytes()
    tag, filling = struct.pack("<I", _HALF_FLOATS), bytes(-len(halves) % 4)
    return tag + halves + filling + bias.astype("<f4").tobytes()
