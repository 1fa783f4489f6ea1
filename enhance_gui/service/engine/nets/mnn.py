"""Computes nets with MNN, on the processor.

It takes two thirds of ncnn's time for them, half of it for deep ones, and half of the memory.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from contextlib import chdir
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from weakref import WeakSet

import numpy as np

from enhance_gui.service.engine.nets.ncnn_pair import NotRead
from enhance_gui.service.engine.nets.onnx import Planes
from enhance_gui.service.engine.nets.translation import Translated, translate

_FILE_NAME: Final = "net.mnn"
_FIRST_SIDE_PX: Final = 128
_DONE: Final = 0
_PLANNED_MEMORY: Final = 0
"""What ``getSessionInfo`` is asked for: none, where the sizes of arrays could not be worked out."""
_CHANGING_FOLDER: Final = threading.Lock()
_LOG = logging.getLogger(__name__)
_RUNS: Final[WeakSet[MnnRun]] = WeakSet()
"""All there are."""


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
    except (NotRead, UnicodeDecodeError) as error:
        _LOG.info("ncnn computes %s, not MNN: %s", param.name, error)
        return None
    return MnnRun(mnn, net, threads)


def give_back_memory() -> None:
    """Free what nets keep from one tile for the next, where none is computed at the moment."""
    for run in tuple(_RUNS):
        run.give_back_memory()


class MnnRun:
    """Runs a net with MNN, in any threads at once. See :class:`Run`."""

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
        _RUNS.add(self)

    def give_back_memory(self) -> None:
        """Free what is kept for the next arrays."""
        self._free.clear()

    def __call__(self, inputs: dict[str, Planes], result: str) -> Planes:
        """See :class:`Run`."""
        shapes = {name: planes.shape for name, planes in inputs.items()}
        try:
            one = self._free.pop()
        except IndexError:
            one = self._begun(shapes)
        _resize(*one, shapes)
        made = self._run(*one, inputs, result)
        # After an error it could end the process.
        self._free.append(one)
        return made

    def _begun(self, shapes: dict[str, tuple[int, ...]]) -> tuple[Any, Any]:
        """Return a new interpreter and session, for arrays with such relations of their sides.

        MNN chooses how it computes by the first size that it is given, and keeps to it. So that
        the same picture gives the same result every time, that size is always the same.

        :raises RuntimeError: the net's layers do not fit each other, or these arrays.
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
        if not interpreter.getSessionInfo(session, _PLANNED_MEMORY):
            raise RuntimeError("its layers do not fit each other, or the picture")
        return interpreter, session

    def _read(self) -> Any:
        """:raises RuntimeError: no temporary file can be written."""
        # It reads nothing but files.
        if hasattr(os, "memfd_create"):
            number = os.memfd_create(_FILE_NAME)
            with os.fdopen(number, "wb") as file:
                file.write(self._net)
                file.flush()
                return self._mnn.Interpreter(f"/proc/self/fd/{number}")
        # By its name alone: on Windows it cannot open a path with characters outside the code page.
        try:
            with _CHANGING_FOLDER, tempfile.TemporaryDirectory() as folder, chdir(folder):
                Path(_FILE_NAME).write_bytes(self._net)
                return self._mnn.Interpreter(_FILE_NAME)
        except OSError as error:
            raise RuntimeError(f"no temporary file can be written: {error}") from error

    def _run(
        self, interpreter: Any, session: Any, inputs: dict[str, Planes], result: str
    ) -> Planes:
        """:raises MemoryError: there is not enough."""
        for name, planes in inputs.items():
            interpreter.getSessionInput(session, name).copyFrom(self._wrapped(planes))
        # It has fitted an array of another size: what is wrong now is that it is too large.
        if interpreter.runSession(session) != _DONE:
            raise MemoryError
        given = interpreter.getSessionOutput(session, result)
        shape = given.getShape()[1:]
        if min(shape) < 1:
            raise RuntimeError("it gives an empty picture")
        made = self._wrapped(np.empty(shape, np.float32))
        given.copyToHostTensor(made)
        return np.array(made.getNumpyData()[0], np.float32)

    def _wrapped(self, planes: Planes) -> Any:
        """Return an array as MNN's, which is a copy.

        :raises MemoryError: there is not enough.
        """
        mnn = self._mnn
        shape, order = (1, *planes.shape), mnn.Tensor_DimensionType_Caffe
        contiguous = np.ascontiguousarray(planes)
        try:
            return mnn.Tensor(shape, mnn.Halide_Type_Float, contiguous, order)
        except TypeError as error:  # it says nothing of memory, but the types are right
            raise MemoryError from error


def _resize(interpreter: Any, session: Any, shapes: dict[str, tuple[int, ...]]) -> None:
    for name, shape in shapes.items():
        interpreter.resizeTensor(interpreter.getSessionInput(session, name), (1, *shape))
    interpreter.resizeSession(session)
