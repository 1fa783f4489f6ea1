"""Translates nets from ncnn's files to MNN's.

Known are the layers of the nets that the program brings along, and of others like them:
https://github.com/Tencent/ncnn/wiki/operators
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from enhance_gui.service.engine.nets.mnn_file import Interpolation, MnnFile
from enhance_gui.service.engine.nets.ncnn_pair import (
    Layer,
    NotRead,
    WeightReader,
    Weights,
    read_layers,
)

_CHANNELS, _SIDE_PX, _STRIDE, _BORDER_PX, _WITH_BIAS, _COUNT, _ACTIVATION, _SLOPE = (
    0, 1, 3, 4, 5, 6, 9, 10,
)  # fmt: skip
"""Keys of a convolution."""
_OF_ANY: Final = (_CHANNELS, _SIDE_PX, _BORDER_PX, _WITH_BIAS, _COUNT)
_ANY_COUNT: Final = range(1, 2**31)
_SIDES_PX: Final = range(1, 65)
_BORDERS_PX: Final = range(65)
_FACTORS: Final = range(1, 17)
_PARTS: Final = range(1, 2**16)
"""Of channels."""
_LINEAR, _RELU, _LEAKY_RELU = range(3)
_ADD, _SUM = 0, 1
_TO_THE_REST: Final = -233
_HEIGHT_AND_WIDTH: Final = (1, 2)
"""As ncnn counts axes; MNN has one before them."""


@dataclass(frozen=True, slots=True)
class Translated:
    """A net as MNN reads it."""

    data: bytes
    inputs: tuple[str, ...]
    """Names of the arrays that it takes."""
    outputs: tuple[str, ...]
    """Names of the arrays that it gives."""


def translate(param: str, weights: bytes) -> Translated:
    """Return a net that computes what a pair of ncnn's files says.

    :param param: the text of its ``.param`` file.
    :param weights: its ``.bin`` file.
    :raises NotRead: the files are damaged, or have something that is not known here.
    """
    layers = read_layers(param)
    reader, file = WeightReader(weights), MnnFile()
    taken = {name for layer in layers for name in layer.inputs}
    for layer in layers:
        known = _KINDS.get(layer.kind)
        if known is None or len(layer.inputs) not in known.sources:
            raise NotRead(f"{layer.kind} of {len(layer.inputs)}")
        if len(layer.outputs) not in known.outputs:
            raise NotRead(f"{layer.kind} gives {len(layer.outputs)}")
        if not all(name in file for name in layer.inputs):
            raise NotRead(f"{layer.kind} takes what no layer gives")
        if any(name in file for name in layer.outputs):
            raise NotRead(f"{layer.kind} gives what another layer gives")
        known.add(file, layer, reader)
    reader.finish()
    inputs = tuple(layer.outputs[0] for layer in layers if layer.kind == "Input")
    given = (name for layer in layers if layer.kind != "Split" for name in layer.outputs)
    outputs = tuple(name for name in given if name not in taken)
    if not inputs or not outputs:
        raise NotRead("a net that takes or gives nothing")
    return Translated(file.finish(outputs), inputs, outputs)


def _input(file: MnnFile, layer: Layer, _reader: WeightReader) -> None:
    # The size that it may name is that of no picture.
    layer.check(keys=(0, 1, 2))
    file.input(layer.outputs[0])


def _convolution(file: MnnFile, layer: Layer, reader: WeightReader) -> None:
    side_px, border_px = _sides_px(layer)
    usual = {**_usual(side_px, border_px), _STRIDE: 1, 13: 1}
    layer.check(usual, keys=(*_OF_ANY, _ACTIVATION, _SLOPE))
    activation = layer.number(_ACTIVATION, range(_LEAKY_RELU + 1), _LINEAR)
    output = layer.outputs[0]
    convolved = f"{output} before ReLU" if activation == _LEAKY_RELU else output
    file.convolve(
        layer.inputs[0],
        convolved,
        _read(layer, side_px, reader),
        border_px=border_px,
        relu=activation == _RELU,
    )
    if activation == _LEAKY_RELU:
        file.flatten_below_zero(convolved, output, *layer.array(_SLOPE, 1))


def _deconvolution(file: MnnFile, layer: Layer, reader: WeightReader) -> None:
    side_px, border_px = _sides_px(layer)
    stride = layer.number(_STRIDE, _FACTORS, 1)
    usual = {**_usual(side_px, border_px), _ACTIVATION: _LINEAR, 13: stride}
    layer.check(usual, keys=(*_OF_ANY, _STRIDE))
    file.deconvolve(
        layer.inputs[0],
        layer.outputs[0],
        _read(layer, side_px, reader),
        stride=stride,
        lost_px=border_px,
    )


def _sides_px(layer: Layer) -> tuple[int, int]:
    """Return the sides of a kernel and of the border."""
    return layer.number(_SIDE_PX, _SIDES_PX), layer.number(_BORDER_PX, _BORDERS_PX, 0)


def _usual(side_px: int, border_px: int) -> dict[int, int]:
    """Return keys whose values follow from others, or are always these."""
    return {11: side_px, 14: border_px, 15: border_px, 16: border_px, 2: 1, 12: 1, 18: 0}


def _read(layer: Layer, side_px: int, reader: WeightReader) -> Weights:
    count = layer.number(_COUNT, _ANY_COUNT)
    with_bias = layer.number(_WITH_BIAS, range(2), 0) == 1
    return reader.read(layer.number(_CHANNELS, _ANY_COUNT), side_px, count, with_bias=with_bias)


def _sum(file: MnnFile, layer: Layer, _reader: WeightReader) -> None:
    layer.check({0: _ADD})
    file.add(layer.inputs, layer.outputs[0])


def _weighted_sum(file: MnnFile, layer: Layer, _reader: WeightReader) -> None:
    layer.check({0: _SUM}, keys=(1,))
    output = layer.outputs[0]
    weighted = []
    weights = layer.array(1, len(layer.inputs))
    for number, (name, weight) in enumerate(zip(layer.inputs, weights, strict=True)):
        if weight == 1:
            weighted.append(name)
        else:
            weighted.append(f"{output} of {number}")
            file.multiply(name, weighted[-1], weight)
    file.add(weighted, output)


def _concatenation(file: MnnFile, layer: Layer, _reader: WeightReader) -> None:
    layer.check({0: 0})
    file.join(layer.inputs, layer.outputs[0])


def _crop(file: MnnFile, layer: Layer, _reader: WeightReader) -> None:
    layer.check(keys=(9, 10, 11))
    if layer.whole_array(11, 2) != _HEIGHT_AND_WIDTH:
        raise NotRead("a part of some channels")
    begins, ends = (layer.whole_array(key, 2) for key in (9, 10))
    if min(begins) < 0 or 0 in ends:
        raise NotRead("another way to name a part")
    spans = zip(_HEIGHT_AND_WIDTH, begins, ends, strict=True)
    file.cut(
        layer.inputs[0],
        layer.outputs[0],
        {1 + axis: (begin, None if end == _TO_THE_REST else end) for axis, begin, end in spans},
    )


def _slice(file: MnnFile, layer: Layer, _reader: WeightReader) -> None:
    layer.check({1: 0}, keys=(0,))
    counts = layer.whole_array(0, len(layer.outputs))
    if not all(count in _PARTS for count in counts[:-1]) or counts[-1] != _TO_THE_REST:
        raise NotRead(f"parts of {counts} channels")
    begin = 0
    for name, count in zip(layer.outputs, counts, strict=True):
        end = None if count == _TO_THE_REST else begin + count
        file.cut(layer.inputs[0], name, {1: (begin, end)})
        begin += count


def _interpolation(file: MnnFile, layer: Layer, _reader: WeightReader) -> None:
    layer.check(keys=(0, 1, 2))
    factor = layer.number(1, _FACTORS)
    if layer.number(2, _FACTORS) != factor:
        raise NotRead("another interpolation")
    kind = Interpolation(layer.number(0, range(1, 1 + len(Interpolation))))
    file.enlarge(layer.inputs[0], layer.outputs[0], factor, kind)


def _shuffle(file: MnnFile, layer: Layer, _reader: WeightReader) -> None:
    layer.check({1: 0}, keys=(0,))
    file.shuffle(layer.inputs[0], layer.outputs[0], layer.number(0, _FACTORS))


def _unshuffle(file: MnnFile, layer: Layer, _reader: WeightReader) -> None:
    layer.check({1: 0}, keys=(0,))
    file.unshuffle(layer.inputs[0], layer.outputs[0], layer.number(0, _FACTORS))


def _split(file: MnnFile, layer: Layer, _reader: WeightReader) -> None:
    for name in layer.outputs:
        file.name_again(layer.inputs[0], name)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of layer that is known."""

    sources: range
    """How many arrays it may take."""
    add: Callable[[MnnFile, Layer, WeightReader], None]
    outputs: range = range(1, 2)
    """How many it may give."""


_NONE, _ONE, _TWO, _SOME = range(1), range(1, 2), range(2, 3), range(1, 100)

_KINDS: Final = {
    "BinaryOp": _Kind(_TWO, _sum),
    "Concat": _Kind(_SOME, _concatenation),
    "Convolution": _Kind(_ONE, _convolution),
    "Crop": _Kind(_ONE, _crop),
    "Deconvolution": _Kind(_ONE, _deconvolution),
    "Eltwise": _Kind(_TWO, _weighted_sum),
    "Input": _Kind(_NONE, _input),
    "Interp": _Kind(_ONE, _interpolation),
    "PixelShuffle": _Kind(_ONE, _shuffle),
    "Reorg": _Kind(_ONE, _unshuffle),
    "Slice": _Kind(_ONE, _slice, _SOME),
    "Split": _Kind(_ONE, _split, _SOME),
}
