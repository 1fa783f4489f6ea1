"""FFDNet as ncnn reads it, from the file that PyTorch wrote; without PyTorch.

K. Zhang, W. Zuo, L. Zhang, "FFDNet: Toward a fast and flexible solution for CNN-based image
denoising" (IEEE Transactions on Image Processing 27, 2018): the picture at half its size in four
times the channels, with a map of the noise beside them, through twelve convolutions and back.

The net takes ``data`` (RGB from 0 to 1, even width and height) and ``noise`` (one channel of half
the width and height, its standard deviation on the same scale), and gives ``output`` (as ``data``).
"""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final, NamedTuple

_MAGIC_NUMBER: Final = 0x1950A86A20F9469CFC6C
_FORMAT: Final = 1001
"""Of PyTorch before 1.6: pickles one after the other, then the numbers of each tensor."""

_CHANNELS: Final = 96
_CONVOLUTIONS: Final = 12
_INPUTS: Final = 13
"""Three colours of 2 × 2 pixels, and the noise."""
_OUTPUTS: Final = 12
_HALF_PRECISION: Final = 0x01306B47
"""Tells ncnn that a layer's weights are numbers of 16 bits; the biases are always of 32."""

Tensors = dict[str, tuple[float, ...]]


class _Storage(NamedTuple):
    """Where a tensor's numbers stand."""

    key: str
    length: int


def describe(_: bytes = b"") -> bytes:
    """Return the net's layers, as an ncnn ``.param`` file."""
    lines = [
        "Input data 0 1 data",
        "Input noise 0 1 noise",
        # As PyTorch's pixel unshuffle: the four pixels of a colour lie beside each other.
        "Reorg halved 1 1 data halved 0=2 1=0",
        "Concat with-noise 2 1 halved noise blob0 0=0",
    ]
    channels = [_INPUTS, *[_CHANNELS] * (_CONVOLUTIONS - 1), _OUTPUTS]
    for index, (before, after) in enumerate(pairwise(channels)):
        relu = "" if after == _OUTPUTS else " 9=1"
        lines.append(
            f"Convolution conv{index} 1 1 blob{index} blob{index + 1} "
            f"0={after} 1=3 4=1 5=1 6={before * after * 9}{relu}"
        )
    lines.append(f"PixelShuffle doubled 1 1 blob{_CONVOLUTIONS} output 0=2 1=0")
    # Each layer here gives one blob.
    return "\n".join(["7767517", f"{len(lines)} {len(lines)}", *lines, ""]).encode()


def weights(file: bytes) -> bytes:
    """Return the net's weights, as an ncnn ``.bin`` file of half precision.

    :param file: what ``torch.save`` wrote of the colour net.
    :raises ValueError: it is another file.
    """
    tensors = read_tensors(file)
    result = bytearray()
    # Between two convolutions lies the function that has no weights.
    for index in range(0, 2 * _CONVOLUTIONS, 2):
        kernel, bias = tensors[f"model.{index}.weight"], tensors[f"model.{index}.bias"]
        result += struct.pack(f"<I{len(kernel)}e", _HALF_PRECISION, *kernel)
        result += struct.pack(f"<{len(bias)}f", *bias)
    return bytes(result)


def read_tensors(file: bytes) -> Tensors:
    """Return the numbers of each tensor by its name, in the order of its dimensions.

    Read with a pickle that knows tensors and nothing else, so that no file can run code.

    :raises ValueError: it is another file, or holds something else.
    """
    stream = io.BytesIO(file)
    try:
        head = [_OnlyTensors(stream).load() for _ in range(2)]
    except (pickle.UnpicklingError, EOFError) as error:
        raise ValueError("not a file of PyTorch's tensors") from error
    if head != [_MAGIC_NUMBER, _FORMAT]:
        raise ValueError(f"not a file of PyTorch's tensors of format {_FORMAT}")
    _, found, keys = (_OnlyTensors(stream).load() for _ in range(3))
    numbers: dict[str, tuple[float, ...]] = {}
    for key in keys:
        [count] = struct.unpack("<q", stream.read(8))
        numbers[key] = struct.unpack(f"<{count}f", stream.read(4 * count))
    return {name: numbers[storage.key] for name, storage in found.items()}


class _OnlyTensors(pickle.Unpickler):
    """Reads a dictionary of tensors that are each alone in their storage."""

    def find_class(self, module: str, name: str) -> Any:
        known: dict[str, Callable[..., object] | None] = {
            "collections.OrderedDict": OrderedDict,
            "torch._utils._rebuild_tensor_v2": _whole,
            "torch.FloatStorage": None,
        }
        if f"{module}.{name}" not in known:
            raise ValueError(f"a file of tensors must not hold {module}.{name}")
        return known[f"{module}.{name}"]

    def persistent_load(self, reference: Any) -> _Storage:
        _kind, _type, key, _device, length, _view = reference
        return _Storage(key, length)


def _whole(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> _Storage:
    dense, step = [], 1
    for side in reversed(shape):
        dense.append(step)
        step *= side
    if offset or tuple(reversed(dense)) != strides or step != storage.length:
        raise ValueError("a tensor must fill its storage")
    return storage
