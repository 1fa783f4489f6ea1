"""Computes nets with MNN, on the processor.

It takes two thirds of ncnn's time for them, half of it for deep ones, and a tenth of the memory.
"""

from __future__ import annotations

import tempfile
import threading
from contextlib import chdir
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np

from enhance_gui.service.engine.nets.ncnn_pair import NotRead
from enhance_gui.service.engine.nets.onnx import Planes
from enhance_gui.service.engine.nets.translation import Translated, translate

_FILE_NAME: Final = "net.mnn"
_FIRST_SIDE_PX: Final = 128
_DONE, _NO_MEMORY = 0, 1
"""``ErrorCode``."""


@cache
def load_mnn() -> ModuleType | None:
    """Load MNN; ``None``: it is not to be had here."""
    try:
        import MNN
    except ImportError:
        return None
    runtime: ModuleType = MNN
    return runtime


def read_mnn(param: Path, weights: Path, threads: int) -> MnnRun | None:
    """Read a net from ncnn's ``.param`` and ``.bin``.

    ``None``: MNN is not to be had here, or something of the net is not known.

    :param threads: that one run keeps busy.
    :raises OSError: the files cannot be read.
    """
    mnn = load_mnn()
    if mnn is None:
        return None
    try:
        net = translate(param.read_text(encoding="utf-8"), weights.read_bytes())
    except (NotRead, UnicodeDecodeError):
        return None
    return MnnRun(mnn, net, threads)


class MnnRun:
    """Runs a net with MNN, in any threads at once. See :class:`Run`."""

    _reading = threading.Lock()

    def __init__(self, mnn: ModuleType, net: Translated, threads: int) -> None:
        """
        :param mnn: of :func:`load_mnn`.
        :param threads: that one run keeps busy.
        """
        self.inputs, self.outputs = list(net.inputs), list(net.outputs)
        self._mnn = mnn
        self._net = net.data
        # In half precision, in which it would compute by itself where it can, processors differ.
        self._settings = {"backend": "CPU", "precision": "high", "numThread": threads}
        self._free: list[tuple[Any, Any]] = []
        """Interpreters that nobody uses at present, each with a session: they run one at a time."""

    def __call__(self, inputs: dict[str, Planes], result: str) -> Planes:
        """See :class:`Run`."""
        shapes = {name: planes.shape for name, planes in inputs.items()}
        try:
            one = self._free.pop()
        except IndexError:
            one = self._begun(shapes)
        try:
            _resize(*one, shapes)
            return self._run(*one, inputs, result)
        finally:
            self._free.append(one)

    def _begun(self, shapes: dict[str, tuple[int, ...]]) -> tuple[Any, Any]:
        """Return a new interpreter and session, for arrays with such relations of their sides.

        MNN chooses how it computes by the first size that it is given, and keeps to it. So that
        the same picture gives the same result every time, that size is always the same.
        """
        interpreter = self._read()
        session = interpreter.createSession(self._settings)
        whole_px = max(shape[1] for shape in shapes.values())
        sides_px = {name: _FIRST_SIDE_PX * shape[1] // whole_px for name, shape in shapes.items()}
        _resize(
            interpreter,
            session,
            {name: (shapes[name][0], side_px, side_px) for name, side_px in sides_px.items()},
        )
        return interpreter, session

    def _read(self) -> Any:
        # It reads nothing but files. By its name alone: on Windows it cannot open a path with
        # characters outside the code page.
        with self._reading, tempfile.TemporaryDirectory() as folder, chdir(folder):
            Path(_FILE_NAME).write_bytes(self._net)
            return self._mnn.Interpreter(_FILE_NAME)

    def _run(
        self, interpreter: Any, session: Any, inputs: dict[str, Planes], result: str
    ) -> Planes:
        for name, planes in inputs.items():
            interpreter.getSessionInput(session, name).copyFrom(self._wrapped(planes))
        status = interpreter.runSession(session)
        if status == _NO_MEMORY:
            raise MemoryError
        if status != _DONE:
            raise RuntimeError(f"MNN cannot compute it (error {status})")
        given = interpreter.getSessionOutput(session, result)
        made = self._wrapped(np.empty(given.getShape()[1:], np.float32))
        given.copyToHostTensor(made)
        return np.array(made.getNumpyData()[0], np.float32)

    def _wrapped(self, planes: Planes) -> Any:
        """Return an array as MNN's."""
        mnn = self._mnn
        shape, order = (1, *planes.shape), mnn.Tensor_DimensionType_Caffe
        return mnn.Tensor(shape, mnn.Halide_Type_Float, np.ascontiguousarray(planes), order)


def _resize(interpreter: Any, session: Any, shapes: dict[str, tuple[int, ...]]) -> None:
    for name, shape in shapes.items():
        interpreter.resizeTensor(interpreter.getSessionInput(session, name), (1, *shape))
    interpreter.resizeSession(session)
