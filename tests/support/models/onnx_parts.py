"""The parts of an ONNX file in protobuf's wire format.

Numbers of fields and types are those of ``onnx.proto`` (https://onnx.ai), IR version 8.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any

from numpy.typing import NDArray

_IR_VERSION = 8
_FLOAT, _INT64, _FLOAT16 = 1, 7, 10
_TYPES = {"float32": _FLOAT, "int64": _INT64, "float16": _FLOAT16}

Attribute = int | float | str | Sequence[int]


def tensor(name: str, values: NDArray[Any]) -> bytes:
    """Return numbers of float32, float16 or int64 that a model holds."""
    dims = b"".join(_number(1, side) for side in values.shape)
    raw = values.astype(values.dtype.newbyteorder("<")).tobytes()
    return dims + _number(2, _TYPES[values.dtype.name]) + _bytes(8, name) + _bytes(9, raw)


def node(kind: str, inputs: Sequence[str], output: str, **attributes: Attribute) -> bytes:
    """Return a step of a model: an operator of ONNX from values to a value."""
    named = b"".join(_bytes(1, each) for each in inputs) + _bytes(2, output) + _bytes(4, kind)
    return named + b"".join(_bytes(5, _attribute(*each)) for each in attributes.items())


def planes(name: str, channels: int, *, side_px: int = 0, half: bool = False) -> bytes:
    """Return an input or output: one picture as planes, float32 or float16.

    :param side_px: of the only size that it has; 0: any size.
    """
    sides = [_number(1, side_px)] * 2 if side_px else [_bytes(2, f"{name} {one}") for one in "hw"]
    shape = b"".join(_bytes(1, side) for side in (_number(1, 1), _number(1, channels), *sides))
    kind = _number(1, _FLOAT16 if half else _FLOAT)
    return _bytes(1, name) + _bytes(2, _bytes(1, kind + _bytes(2, shape)))


def model(
    nodes: Iterable[bytes],
    tensors: Iterable[bytes],
    inputs: Iterable[bytes],
    outputs: Iterable[bytes],
    *,
    opset: int,
) -> bytes:
    """Return a file's bytes.

    :param opset: the version of the operators.
    """
    graph = _bytes(2, "net")
    for field, parts in ((1, nodes), (5, tensors), (11, inputs), (12, outputs)):
        graph += b"".join(_bytes(field, part) for part in parts)
    return _number(1, _IR_VERSION) + _bytes(7, graph) + _bytes(8, _number(2, opset))


def _attribute(name: str, value: Attribute) -> bytes:
    match value:
        case int():
            held, kind = _number(3, value), 2
        case float():
            held, kind = _varint(2 << 3 | 5) + struct.pack("<f", value), 1
        case str():
            held, kind = _bytes(4, value), 3
        case _:
            held, kind = b"".join(_number(8, each) for each in value), 7
    return _bytes(1, name) + held + _number(20, kind)


def _varint(number: int) -> bytes:
    made = b""
    while number > 127:
        made += bytes([number & 127 | 128])
        number >>= 7
    return made + bytes([number])


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _bytes(field: int, content: bytes | str) -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return _varint(field << 3 | 2) + _varint(len(content)) + content
