"""Writes a net of our own as an ONNX file: a model of a user's, whose results are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from training.ncnn_files import INPUT, OUTPUT, Convolution
from training.nets import COLOURS, KERNEL_PX, SLOPE, Net

from tests.support.models import onnx_parts

_OPSET = 13
_FLOAT = 1
"""ONNX's number of float32."""


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
    """Write ``NAME.onnx``, its kernels in fp16; return its path."""
    path = folder / f"{net.name}.onnx"
    path.write_bytes(_model(net, weights))
    return path


def _model(net: Net, weights: Sequence[Convolution]) -> bytes:
    graph = _Graph()
    first, *inner, last = weights
    values = graph.active(graph.convolved(INPUT, first, net.fold))
    for one, two in zip(inner[::2], inner[1::2], strict=True):
        within = graph.active(graph.convolved(values, one))
        values = graph.then("Add", values, graph.convolved(within, two))
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
