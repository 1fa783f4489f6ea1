"""Writes a net as an ONNX file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training import onnx_parts
from training.nets import COLOURS, KERNEL_PX, SLOPE, Net

INPUT = "data"
OUTPUT = "out"

_OPSET = 13
_FLOAT = 1
"""ONNX's number of float32."""

Array = NDArray[np.float32]
Convolution = tuple[Array, Array]
"""Kernel, shape (3, 3, in, out), and bias, shape (out,)."""


class UnfitWeights(Exception):
    """Weights are not those of the net, or no numbers of fp16."""


class _Graph:
    """A net's nodes and tensors while they grow."""

    def __init__(self) -> None:
        self.nodes: list[bytes] = []
        self.tensors: list[bytes] = []

    def constant(self, values: NDArray[np.generic]) -> str:
        """Add numbers; return their name."""
        name = f"constant{len(self.tensors)}"
        self.tensors.append(onnx_parts.tensor(name, values))
        return name

    def then(self, kind: str, *inputs: str, **attributes: onnx_parts.Attribute) -> str:
        """Add a node; return its output's name."""
        output = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(onnx_parts.node(kind, inputs, output, **attributes))
        return output

    def convolved(self, values: str, weights: Convolution, fold: int = 1) -> str:
        """Add a convolution.

        :param fold: how much shorter the sides become. A kernel over pixels that were folded into
            channels is one that is as many times as wide, and moves by as many pixels.
        """
        kernel, bias = weights
        before = kernel.shape[2] // fold**2
        unfolded = kernel.reshape(KERNEL_PX, KERNEL_PX, before, fold, fold, -1)
        side_px = KERNEL_PX * fold
        laid = unfolded.transpose(5, 2, 0, 3, 1, 4).reshape(-1, before, side_px, side_px)
        held = self.constant(laid.astype(np.float16))
        return self.then(
            "Conv",
            values,
            self.then("Cast", held, to=_FLOAT),
            self.constant(bias),
            kernel_shape=[side_px] * 2,
            strides=[fold] * 2,
            pads=[KERNEL_PX // 2 * fold] * 4,
        )

    def active(self, values: str) -> str:
        """Add a leaky ReLU."""
        return self.then("LeakyRelu", values, alpha=SLOPE)


def write_onnx(net: Net, weights: Sequence[Convolution], folder: Path) -> Path:
    """Write ``NAME.onnx``; return its path.

    Kernels are rounded to fp16, which halves the file, and made float32 again when it is read.

    Raises:
        UnfitWeights: The weights are not those of the net, or too large for fp16.
    """
    shapes = [(kernel.shape, bias.shape) for kernel, bias in weights]
    wanted = [((KERNEL_PX, KERNEL_PX, *width), width[1:]) for width in net.widths]
    if shapes != wanted:
        raise UnfitWeights(f"{net.name} has other convolutions than these: {shapes}")
    if not all((np.abs(kernel) <= np.finfo(np.float16).max).all() for kernel, _ in weights):
        raise UnfitWeights("A weight is no number that fp16 can hold.")
    path = folder / f"{net.name}.onnx"
    path.write_bytes(_model(net, weights))
    return path


def _model(net: Net, weights: Sequence[Convolution]) -> bytes:
    graph = _Graph()
    first, *inner, last = weights
    values = graph.active(graph.convolved(INPUT, first, net.fold))
    if net.residual:
        for one, two in zip(inner[::2], inner[1::2], strict=True):
            within = graph.active(graph.convolved(values, one))
            values = graph.then("Add", values, graph.convolved(within, two))
    else:
        for one in inner:
            values = graph.active(graph.convolved(values, one))
    values = graph.convolved(values, last)
    detail = graph.then("DepthToSpace", values, blocksize=net.shuffle, mode="CRD")
    ends = [graph.constant(np.array([number], np.int64)) for number in (0, COLOURS, 1)]
    base = graph.then("Slice", INPUT, *ends)
    if net.scale > 1:
        scales = graph.constant(np.array([1, 1, net.scale, net.scale], np.float32))
        # The mode of coordinates is ONNX's own, but OpenCV wants to be told.
        how = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
        base = graph.then("Resize", base, "", scales, **how)
    graph.nodes.append(onnx_parts.node("Add", [base, detail], OUTPUT))
    return onnx_parts.model(
        graph.nodes,
        graph.tensors,
        [onnx_parts.planes(INPUT, net.inputs)],
        [onnx_parts.planes(OUTPUT, COLOURS)],
        opset=_OPSET,
    )
