"""Reads the pairs of files in which ncnn keeps nets: layers as text, and weights.

https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

_FORMAT: Final = "7767517"
_ARRAY_KEYS: Final = -23300
"""A key of this less n has an array for the key n."""
_HALVES: Final = (0x01306B47).to_bytes(4, "little")
"""Says that numbers of 16 bits follow."""
_SINGLES: Final = bytes(4)
_MULTIPLE_BYTES: Final = 4
_LARGEST: Final = float(np.finfo(np.float32).max)
_WHOLE_NUMBERS: Final = range(-(2**31), 2**31)
_NOTHING: Final[Mapping[int, int]] = MappingProxyType({})


class NotRead(Exception):
    """Files are damaged, or have something that is not known here."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A line of a ``.param`` file."""

    kind: str
    inputs: tuple[str, ...]
    """Names of the arrays that it takes."""
    outputs: tuple[str, ...]
    numbers: Mapping[int, float]
    arrays: Mapping[int, tuple[float, ...]]

    def number(self, key: int, allowed: range, usual: int | None = None) -> int:
        """Return a whole number.

        :param usual: what it is where the key is left out; ``None``: it may not be.
        :raises NotRead: there is none that is allowed.
        """
        value = self.numbers.get(key, usual)
        if value is None or self._whole(value) not in allowed:
            raise NotRead(f"{self.kind}: {key}={value}")
        return int(value)

    def array(self, key: int, count: int) -> tuple[float, ...]:
        """Return so many numbers.

        :raises NotRead: there are others.
        """
        values = self.arrays.get(key, ())
        if len(values) != count:
            raise NotRead(f"{self.kind}: {key}={values}")
        return values

    def whole_array(self, key: int, count: int) -> tuple[int, ...]:
        """Return so many whole numbers.

        :raises NotRead: there are others.
        """
        return tuple(self._whole(value) for value in self.array(key, count))

    def check(self, fixed: Mapping[int, int] = _NOTHING, keys: Collection[int] = ()) -> None:
        """Make sure that a layer says nothing but what is known.

        :param fixed: keys that may be there, with this value alone.
        :param keys: others that may be there.
        :raises NotRead: it says something else.
        """
        for key, value in (*self.numbers.items(), *self.arrays.items()):
            if key not in keys and fixed.get(key) != value:
                raise NotRead(f"{self.kind}: {key}={value}")

    def _whole(self, value: float) -> int:
        # A range would be gone through for what is no int.
        if value != int(value) or int(value) not in _WHOLE_NUMBERS:
            raise NotRead(f"{self.kind}: {value}")
        return int(value)


@dataclass(frozen=True, slots=True)
class Weights:
    """Those of a convolution."""

    kernel: NDArray[np.float16] | NDArray[np.float32]
    """Shape (out, in, height, width)."""
    bias: NDArray[np.float32]
    """Shape (out,)."""


def read_layers(text: str) -> list[Layer]:
    """Read a ``.param`` file.

    :raises NotRead: it is none.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if len(lines) < 3 or lines[0] != [_FORMAT] or lines[1][0] != str(len(lines) - 2):
        raise NotRead("no .param file, or not all of one")
    try:
        return [_layer(words) for words in lines[2:]]
    except (ValueError, IndexError, OverflowError) as error:
        raise NotRead(f"no .param file: {error}") from error


def _layer(words: list[str]) -> Layer:
    inputs_end = 4 + int(words[2])
    outputs_end = inputs_end + int(words[3])
    numbers: dict[int, float] = {}
    arrays: dict[int, tuple[float, ...]] = {}
    for word in words[outputs_end:]:
        key, _, value = word.partition("=")
        if int(key) <= _ARRAY_KEYS:
            count, *values = value.split(",")
            arrays[_ARRAY_KEYS - int(key)] = tuple(map(_finite, values))
            if len(values) != int(count):
                raise ValueError(word)
        else:
            numbers[int(key)] = _finite(value)
    inputs, outputs = tuple(words[4:inputs_end]), tuple(words[inputs_end:outputs_end])
    if len(inputs) + len(outputs) != outputs_end - 4 or not 0 < len(outputs) == len(set(outputs)):
        raise ValueError(" ".join(words[:4]))
    return Layer(words[0], inputs, outputs, numbers, arrays)


def _finite(text: str) -> float:
    value = float(text)
    if not abs(value) <= _LARGEST:
        raise ValueError(text)
    return value


class WeightReader:
    """Reads a ``.bin`` file from its beginning to its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def read(self, outputs: int, side_px: int, count: int, *, with_bias: bool) -> Weights:
        """Return the weights of the next convolution.

        :param outputs: how many channels it gives.
        :param side_px: of its kernel.
        :param count: of the numbers in its kernel.
        :param with_bias: whether it adds something; without, that is nothing but zeros.
        :raises NotRead: the file has others.
        """
        of_one = outputs * side_px**2
        if of_one < 1 or count < 1 or count % of_one:
            raise NotRead(f"{count} weights for {outputs} channels of {side_px} pixels")
        tag = self._take(len(_HALVES))
        if tag not in (_HALVES, _SINGLES):
            raise NotRead("weights of another kind")
        halves = tag == _HALVES
        size = count * (2 if halves else 4)
        data = self._take(size + -size % _MULTIPLE_BYTES)[:size]
        kernel = np.frombuffer(data, "<f2" if halves else "<f4")
        biases = self._take(4 * outputs) if with_bias else bytes(4 * outputs)
        bias = np.frombuffer(biases, "<f4")
        shape = outputs, count // of_one, side_px, side_px
        return Weights(kernel.reshape(shape), bias)

    def finish(self) -> None:
        """:raises NotRead: there are more weights."""
        if self._at != len(self._data):
            raise NotRead("more weights than layers")

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        self._at += count
        if len(taken) < count:
            raise NotRead("fewer weights than layers")
        return taken
