"""Writes a net as the pair of files that ncnn reads, and reads its weights out of them.

``.param`` has the layers, as text; ``.bin`` has the weights. The format is ncnn's:
https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure

In these files the convolutions add nothing around what they get, so a net returns ``scale`` times
the size of its input without the margin. Nothing is computed of what would be cut off afterwards: a
sixth of the work for a tile of 96 pixels.
"""

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
_TAG = struct.pack("<I", 0x01306B47)
"""Says that a convolution's kernel is in fp16."""
_MULTIPLE_BYTES = 4
_THE_REST = -233
_BILINEAR = 2
_LEAKY = 2
_SUM = "0=0"
_HEIGHT_AND_WIDTH = "-23311=2,1,2"
_LOST_PX = KERNEL_PX // 2
"""Of each side in a convolution."""

Array = NDArray[np.float32]
Convolution = tuple[Array, Array]
"""Kernel, shape (3, 3, in, out), and bias, shape (out,)."""


class UnfitWeights(Exception):
    """Weights are not those of the net, or no numbers of fp16."""


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
    if not all((np.abs(kernel) <= np.finfo(np.float16).max).all() for kernel, _ in weights):
        raise UnfitWeights("A weight is no number that fp16 can hold.")
    layers, numbers = (folder / f"{net.name}.{ending}" for ending in ("param", "bin"))
    layers.write_text(_text(net), encoding="ascii", newline="\n")
    numbers.write_bytes(b"".join(_bytes(kernel, bias) for kernel, bias in weights))
    return layers, numbers


def read_weights(net: Net, path: Path) -> list[Convolution]:
    """Read the weights of a net out of its ``.bin``.

    Raises:
        UnfitWeights: They are those of another net.
    """
    data, weights = path.read_bytes(), []
    for before, after in net.widths:
        count = KERNEL_PX**2 * before * after
        bias_begins = len(_TAG) + _filled(2 * count)
        if data[: len(_TAG)] != _TAG or len(data) < bias_begins + 4 * after:
            raise UnfitWeights(f"{path} has other convolutions than {net.name}.")
        kernel = np.frombuffer(data, "<f2", count, len(_TAG)).astype(np.float32)
        laid = kernel.reshape(after, before, KERNEL_PX, KERNEL_PX).transpose(2, 3, 1, 0)
        bias = np.frombuffer(data, "<f4", after, bias_begins).copy()
        weights.append((np.ascontiguousarray(laid), bias))
        data = data[bias_begins + 4 * after :]
    if data:
        raise UnfitWeights(f"{path} has other convolutions than {net.name}.")
    return weights


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

    def then(self, kind: str, before: Sequence[str], options: str) -> str:
        """Add a layer with one output; return its name."""
        after = f"blob{len(self.texts)}"
        self.add(kind, before, [after], options)
        return after

    def split(self, before: str) -> tuple[str, str]:
        """Let two layers use a blob."""
        one, two = f"blob{len(self.texts)}a", f"blob{len(self.texts)}b"
        self.add("Split", [before], [one, two], "")
        return one, two

    def cropped(self, before: str, border_px: int) -> str:
        """Cut the border of a blob off."""
        cut = f"-23309=2,{border_px},{border_px} -23310=2,{-border_px},{-border_px}"
        return self.then("Crop", [before], f"{cut} {_HEIGHT_AND_WIDTH}")

    def text(self) -> str:
        """Return the file's text."""
        head = [str(_FORMAT), f"{len(self.texts)} {self._blobs}"]
        return "\n".join([*head, *self.texts, ""])


def _text(net: Net) -> str:
    layers = _Layers()
    layers.add("Input", [], [INPUT], "")
    fed, whole = layers.split(INPUT)
    if net.fold > 1:
        fed = layers.then("Reorg", [fed], f"0={net.fold}")
    first, *inner, last = net.widths
    values = layers.then("Convolution", [fed], _options(first, active=True))
    for one, two in zip(inner[::2], inner[1::2], strict=True):
        kept, values = layers.split(values)
        values = layers.then("Convolution", [values], _options(one, active=True))
        values = layers.then("Convolution", [values], _options(two, active=False))
        kept = layers.cropped(kept, 2 * _LOST_PX)
        values = layers.then("BinaryOp", [kept, values], _SUM)
    values = layers.then("Convolution", [values], _options(last, active=False))
    detail = layers.then("PixelShuffle", [values], f"0={net.shuffle}")
    base = "colours"
    layers.add("Slice", [whole], [base, "told"], f"-23300=2,{COLOURS},{_THE_REST}")
    if net.scale > 1:
        base = layers.then("Interp", [base], f"0={_BILINEAR} 1={net.scale} 2={net.scale}")
    base = layers.cropped(base, net.margin_px * net.scale)
    layers.add("BinaryOp", [base, detail], [OUTPUT], _SUM)
    return layers.text()


def _options(width: tuple[int, int], *, active: bool) -> str:
    size = KERNEL_PX**2 * math.prod(width)
    plain = f"0={width[1]} 1={KERNEL_PX} 5=1 6={size}"
    return f"{plain} 9={_LEAKY} -23310=1,{SLOPE}" if active else plain


def _bytes(kernel: Array, bias: Array) -> bytes:
    halves = kernel.transpose(3, 2, 0, 1).astype("<f2").tobytes()
    filling = bytes(_filled(len(halves)) - len(halves))
    return _TAG + halves + filling + bias.astype("<f4").tobytes()


def _filled(length_bytes: int) -> int:
    return -(-length_bytes // _MULTIPLE_BYTES) * _MULTIPLE_BYTES
