"""Reads ONNX models, which users bring, from bytes, and runs them over arrays.

ONNX Runtime computes them: it needs half the time of OpenCV, and it knows all of ONNX's operators.
Where it is not to be had, OpenCV takes its place.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

LARGE_BYTES: Final = 8_000_000
"""A model of more gives back the memory that it computed in; a smaller one keeps it for the next
picture."""

Planes = NDArray[np.float32]
"""Shape (channels, height, width)."""

_FATAL: Final = 4
"""ONNX Runtime's number of the only messages that are let through."""
_AS_REQUESTED: Final = 1
"""ONNX Runtime's number of the way for its memory to grow by what is needed. By itself it doubles,
and a worker's memory is limited."""
_NO_MEMORY: Final = re.compile("allocate memory|bad.alloc")
_BEFORE_THE_REASON: Final = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ")
_REASON_CHARACTERS: Final = 160
_STANDARD_ERROR: Final = 2


@contextmanager
def silenced() -> Iterator[None]:
    """Discard what native libraries and drivers write to standard error."""
    try:
        kept = os.dup(_STANDARD_ERROR)
    except OSError:  # there is none
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), _STANDARD_ERROR)
        yield
    finally:
        os.dup2(kept, _STANDARD_ERROR)
        os.close(kept)


class Run(Protocol):
    """A model that was read."""

    inputs: list[str]
    """Names of the arrays that it takes."""
    outputs: list[str]
    """Names of the arrays that it gives."""

    def __call__(self, inputs: dict[str, Planes], result: str) -> Planes:
        """Return the result of this name.

        :raises RuntimeError: it cannot be computed.
        :raises MemoryError: there is not enough.
        """


def read_onnx(model: bytes, threads: int) -> Run:
    """Read a model; nothing but its own bytes is ever read.

    :raises RuntimeError: it is none, or its weights are in another file; a sentence says so.
    """
    runtime = load_runtime()
    return _OpenCvRun(model) if runtime is None else OnnxRun(runtime, model, threads)


@cache
def load_runtime() -> ModuleType | None:
    """Load ONNX Runtime; ``None``: it is not to be had here. Takes a tenth of a second."""
    try:
        # It looks for graphics processors, and prints a message where it finds none.
        with silenced():
            import onnxruntime
    except ImportError:
        return None
    runtime: ModuleType = onnxruntime
    runtime.set_default_logger_severity(_FATAL)
    # On Windows the system would record what is computed.
    runtime.disable_telemetry_events()
    kind, place = runtime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, runtime.OrtMemType.DEFAULT
    runtime.create_and_register_allocator(
        runtime.OrtMemoryInfo("Cpu", kind, 0, place),
        runtime.OrtArenaCfg({"arena_extend_strategy": _AS_REQUESTED}),
    )
    return runtime


class OnnxRun:
    """Runs a model with ONNX Runtime."""

    def __init__(self, runtime: ModuleType, model: bytes, threads: int) -> None:
        """Read a model.

        :param runtime: of :func:`load_runtime`.
        :raises RuntimeError: it is none, or its weights are in another file.
        """
        try:
            self._session = runtime.InferenceSession(
                model, _options(runtime, threads), providers=["CPUExecutionProvider"]
            )
        # Its errors have nothing in common but this.
        except Exception as error:
            if "External data" in str(error):
                raise RuntimeError(
                    "its weights are in another file; save it with its weights inside, as one file"
                ) from error
            raise _translated(error, "read") from error
        taken = self._session.get_inputs()
        self._halves = {input_.name for input_ in taken if input_.type == "tensor(float16)"}
        self._run_options = runtime.RunOptions()
        if len(model) > LARGE_BYTES:
            self._run_options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self.inputs = [input_.name for input_ in taken]
        self.outputs = [output.name for output in self._session.get_outputs()]

    def __call__(self, inputs: dict[str, Planes], result: str) -> Planes:
        """See :class:`Run`."""
        fed = {
            name: planes[None].astype(np.float16) if name in self._halves else planes[None]
            for name, planes in inputs.items()
        }
        try:
            (made,) = self._session.run([result], fed, self._run_options)
        except Exception as error:
            raise _translated(error, "compute") from error
        return _one_picture(made)


class _OpenCvRun:
    """Runs a model with OpenCV, in twice the time."""

    _alone = threading.Lock()
    """For one array at a time: a net keeps what it was fed with, and its result; and the standard
    error that is silenced is that of all threads."""

    def __init__(self, model: bytes) -> None:
        try:
            with silenced():
                self._net = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
        except cv2.error as error:
            raise _opencv_failed(error, "read") from error
        # It does not expose their names, and takes none as that of the first.
        self.inputs = [""]
        self.outputs = list(self._net.getUnconnectedOutLayersNames())

    def __call__(self, inputs: dict[str, Planes], result: str) -> Planes:
        """See :class:`Run`."""
        with self._alone:
            for name, planes in inputs.items():
                self._net.setInput(planes[None], name)
            try:
                with silenced():
                    made = self._net.forward(result)
            except cv2.error as error:
                raise _opencv_failed(error, "compute") from error
            return _one_picture(made).copy()


def _options(runtime: ModuleType, threads: int) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Plans the memory for each size of picture, which takes more of it and saves no time.
    options.enable_mem_pattern = False
    for key, value in {
        # Threads that wait for each other in a loop take the processor from those that work.
        "session.intra_op.allow_spinning": "0",
        "session.use_env_allocators": "1",
        # Weights in other files are looked for below this, where nothing is.
        "session.model_external_initializers_file_folder_path": os.devnull,
    }.items():
        options.add_session_config_entry(key, value)
    return options


def _one_picture(made: NDArray[Any]) -> Planes:
    return np.asarray(made[0] if made.ndim == 4 else made, np.float32)


def _translated(error: Exception, verb: str) -> Exception:
    text = _BEFORE_THE_REASON.sub("", str(error))
    if _NO_MEMORY.search(text):
        return MemoryError()
    return RuntimeError(f"ONNX Runtime cannot {verb} it ({_short(text)})")


def _opencv_failed(error: cv2.error, verb: str) -> Exception:
    if error.code == cv2.Error.StsNoMem:
        return MemoryError()
    return RuntimeError(f"OpenCV cannot {verb} it ({_short(str(error.err))})")


def _short(text: str) -> str:
    return " ".join(text.split())[:_REASON_CHARACTERS]
