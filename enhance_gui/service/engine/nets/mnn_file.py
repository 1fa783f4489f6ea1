"""Writes nets as MNN reads them: as a table of FlatBuffers.

https://github.com/alibaba/MNN/tree/master/schema/default describes it: ``MNN.fbs`` has the numbers
of operators and of their parameters, and each ``.fbs`` file the places of fields in its tables.

Arrays have the shape (1, channels, height, width).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Final

import flatbuffers
import numpy as np
from numpy.typing import NDArray

from enhance_gui.service.engine.nets.ncnn_pair import Weights

_FIELDS: Final = 16
"""No table here has more."""
_OFFSET_BYTES: Final = 4
_CHANNELS: Final = 1
"""The axis."""
_AXES: Final = 4
_OPEN: Final = -1
"""A size that is known when a picture comes."""
_FLOAT, _INT32 = 1, 3
"""``DataType``."""
_HALVES: Final = 3
"""How weights are kept (``IDSTQuan.type``): as numbers of 16 bits."""
_BY_CHANNEL: Final = 1
"""The order in which places become channels (``DepthToSpaceMode``): PyTorch's."""


class _Operator(IntEnum):
    """``OpType``."""

    BINARY = 7
    CONCAT = 10
    CONST = 11
    CONVOLUTION = 12
    DECONVOLUTION = 17
    INPUT = 34
    INTERP = 35
    RELU = 69
    STRIDED_SLICE = 91
    DEPTH_TO_SPACE = 109
    SPACE_TO_DEPTH = 110


_PARAMETERS: Final = {
    _Operator.BINARY: 6,
    _Operator.CONCAT: 4,
    _Operator.CONST: 7,
    _Operator.CONVOLUTION: 9,
    _Operator.DECONVOLUTION: 9,
    _Operator.INPUT: 21,
    _Operator.INTERP: 22,
    _Operator.RELU: 51,
    _Operator.STRIDED_SLICE: 65,
    _Operator.DEPTH_TO_SPACE: 75,
    _Operator.SPACE_TO_DEPTH: 75,
}
"""``OpParameter``: the kind of table that describes it."""


class _Binary(IntEnum):
    """``BinaryOpOperation``."""

    ADD = 0
    MULTIPLY = 2


class Interpolation(IntEnum):
    """What stands between pixels (``Interp.resizeType``)."""

    NEAREST = 1
    BILINEAR = 2


_PLACES_OF_PIXELS: Final = {Interpolation.NEAREST: 4, Interpolation.BILINEAR: 2}
"""``CoordinateTransformationMode``: a pixel is where its corner is, or its centre."""


class _At(int):
    """Where in the file something stands."""


class _Byte(int):
    """A number of 8 bits."""


_Value = _At | _Byte | bool | int | float


class MnnFile:
    """A net that is being written, operator by operator; arrays go by their names."""

    def __init__(self) -> None:
        self._builder = flatbuffers.Builder()
        # By itself it leaves out what is usual, which is not known here.
        self._builder.ForceDefaults(True)
        self._operators: list[_At] = []
        self._names: list[str] = []
        self._arrays: dict[str, int] = {}
        """Their numbers; some have several names."""

    def __contains__(self, name: str) -> bool:
        """Tell whether an operator gives an array of this name."""
        return name in self._arrays

    def input(self, output: str) -> None:
        """Name what the net takes."""
        self._add(_Operator.INPUT, [], output, {0: self._vector([1, _OPEN, _OPEN, _OPEN])})

    def name_again(self, source: str, output: str) -> None:
        """Give an array one more name."""
        self._arrays[output] = self._arrays[source]

    def convolve(
        self, source: str, output: str, weights: Weights, *, border_px: int, relu: bool
    ) -> None:
        """Add a convolution.

        :param border_px: of zeros, on each side.
        :param relu: whether what is below zero becomes zero.
        """
        outputs, inputs, height_px, width_px = weights.kernel.shape
        facts = self._convolution(inputs, outputs, (width_px, height_px), border_px, 1, relu=relu)
        bias = self._vector(weights.bias)
        if weights.kernel.dtype == np.float16:
            kernel = self._vector(np.frombuffer(weights.kernel.tobytes(), np.int8))
            fields = {0: facts, 2: bias, 3: self._table({0: kernel, 2: _HALVES})}
        else:
            fields = {0: facts, 1: self._vector(weights.kernel.ravel()), 2: bias}
        self._add(_Operator.CONVOLUTION, [source], output, fields)

    def deconvolve(
        self, source: str, output: str, weights: Weights, *, stride: int, lost_px: int
    ) -> None:
        """Add a transposed convolution.

        :param lost_px: of each side of what it gives.
        """
        outputs, inputs, height_px, width_px = weights.kernel.shape
        facts = self._convolution(inputs, outputs, (width_px, height_px), lost_px, stride)
        kernel = np.ascontiguousarray(weights.kernel.transpose(1, 0, 2, 3), np.float32)
        fields = {0: facts, 1: self._vector(kernel.ravel()), 2: self._vector(weights.bias)}
        self._add(_Operator.DECONVOLUTION, [source], output, fields)

    def flatten_below_zero(self, source: str, output: str, slope: float) -> None:
        """Add a leaky ReLU."""
        self._add(_Operator.RELU, [source], output, {0: slope})

    def add(self, sources: Sequence[str], output: str) -> None:
        """Add two arrays."""
        self._add(_Operator.BINARY, sources, output, {0: int(_Binary.ADD), 1: 1})

    def multiply(self, source: str, output: str, by: float) -> None:
        """Multiply an array by a number."""
        factor = self._constant(f"{output} factor", np.array([by], np.float32), ())
        fields = {0: int(_Binary.MULTIPLY), 1: 1}
        self._add(_Operator.BINARY, [source, factor], output, fields)

    def join(self, sources: Sequence[str], output: str) -> None:
        """Put the channels of arrays one after the other."""
        self._add(_Operator.CONCAT, sources, output, {0: _CHANNELS})

    def cut(self, source: str, output: str, spans: Mapping[int, tuple[int, int | None]]) -> None:
        """Cut a part out of an array.

        :param spans: for an axis, its begin and end as Python has them in a slice.
        """
        begins, ends, to_the_end = [0] * _AXES, [0] * _AXES, 2**_AXES - 1
        for axis, (begin, end) in spans.items():
            begins[axis] = begin
            if end is not None:
                ends[axis] = end
                to_the_end -= 2**axis
        given = {"begins": begins, "ends": ends, "steps": [1] * _AXES}
        constants = [
            self._constant(f"{output} {name}", np.array(values, np.int32), (_AXES,))
            for name, values in given.items()
        ]
        fields = {0: _INT32, 1: _FLOAT, 2: 0, 3: to_the_end}
        self._add(_Operator.STRIDED_SLICE, [source, *constants], output, fields)

    def enlarge(self, source: str, output: str, factor: int, kind: Interpolation) -> None:
        """Interpolate to ``factor`` times the sides."""
        places = _Byte(_PLACES_OF_PIXELS[kind])
        fields = {0: float(factor), 1: float(factor), 4: int(kind), 10: places}
        self._add(_Operator.INTERP, [source], output, fields)

    def shuffle(self, source: str, output: str, factor: int) -> None:
        """Turn channels into ``factor`` times the sides."""
        fields = {0: factor, 1: _Byte(_BY_CHANNEL)}
        self._add(_Operator.DEPTH_TO_SPACE, [source], output, fields)

    def unshuffle(self, source: str, output: str, factor: int) -> None:
        """Turn sides into channels: what :meth:`shuffle` turns back."""
        fields = {0: factor, 1: _Byte(_BY_CHANNEL)}
        self._add(_Operator.SPACE_TO_DEPTH, [source], output, fields)

    def finish(self, outputs: Sequence[str]) -> bytes:
        """Return the file.

        :param outputs: first names of the arrays that the net gives.
        """
        fields = {
            3: self._list(self._operators),
            4: self._list([self._text(name) for name in outputs]),
            7: self._list([self._text(name) for name in self._names]),
        }
        self._builder.Finish(self._table(fields))
        return bytes(self._builder.Output())

    def _convolution(
        self,
        inputs: int,
        outputs: int,
        kernel_px: tuple[int, int],
        border_px: int,
        stride: int,
        *,
        relu: bool = False,
    ) -> _At:
        """Write what a convolution is like, without its weights."""
        fields = {
            **dict(enumerate((border_px, border_px, *kernel_px, stride, stride))),
            10: outputs,
            11: inputs,
            12: relu,
        }
        return self._table(fields)

    def _constant(self, name: str, values: NDArray[Any], shape: Sequence[int]) -> str:
        of, where = (_FLOAT, 7) if values.dtype == np.float32 else (_INT32, 5)
        fields = {0: self._vector(list(shape)), 1: _Byte(0), 2: of, where: self._vector(values)}
        self._add(_Operator.CONST, [], name, fields)
        return name

    def _add(
        self,
        operator: _Operator,
        sources: Sequence[str],
        output: str,
        parameters: Mapping[int, _Value],
    ) -> None:
        self._arrays[output] = len(self._names)
        self._names.append(output)
        fields = {
            0: self._vector([self._arrays[name] for name in sources]),
            1: _Byte(_PARAMETERS[operator]),
            2: self._table(parameters),
            3: self._text(output),
            4: self._vector([self._arrays[output]]),
            5: int(operator),
        }
        self._operators.append(self._table(fields))

    def _table(self, fields: Mapping[int, _Value]) -> _At:
        """Write a table; its fields go by their places."""
        builder = self._builder
        builder.StartObject(_FIELDS)
        for place, value in fields.items():
            if isinstance(value, _At):
                builder.PrependUOffsetTRelativeSlot(place, value, 0)
            elif isinstance(value, _Byte):
                builder.PrependInt8Slot(place, value, 0)
            elif isinstance(value, bool):
                builder.PrependBoolSlot(place, value, False)
            elif isinstance(value, int):
                builder.PrependInt32Slot(place, value, 0)
            else:
                builder.PrependFloat32Slot(place, value, 0.0)
        return _At(builder.EndObject())

    def _vector(self, values: NDArray[Any] | Sequence[int]) -> _At:
        array = values if isinstance(values, np.ndarray) else np.array(values, np.int32)
        return _At(self._builder.CreateNumpyVector(array))

    def _text(self, text: str) -> _At:
        return _At(self._builder.CreateString(text))

    def _list(self, items: Sequence[_At]) -> _At:
        """Write a list of what stands elsewhere."""
        self._builder.StartVector(_OFFSET_BYTES, len(items), _OFFSET_BYTES)
        for item in reversed(items):
            self._builder.PrependUOffsetTRelative(item)
        return _At(self._builder.EndVector())
