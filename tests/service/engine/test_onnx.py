"""ONNX models: computed right, by whatever is there, and out of nothing but their bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from training.ncnn_files import INPUT, OUTPUT
from training.nets import NETS, Net

from enhance_gui.service.engine.nets import onnx
from enhance_gui.service.engine.nets.onnx import LARGE_BYTES, load_runtime, read_onnx
from tests.packaging.training import plain_numpy
from tests.service.engine.photographs import photograph
from tests.support.models import tiny
from tests.support.models.onnx_nets import write_onnx

_RUNTIME = load_runtime()
needs_onnx_runtime = pytest.mark.skipif(_RUNTIME is None, reason="ONNX Runtime is not here")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux counts memory")


@pytest.fixture(params=["ONNX Runtime", "OpenCV"])
def _computed_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "OpenCV":
        monkeypatch.setattr(onnx, "load_runtime", lambda: None)
    elif _RUNTIME is None:
        pytest.skip("ONNX Runtime is not here")


@pytest.fixture(name="model")
def _model(tmp_path: Path) -> Path:
    """Return a small model that doubles."""
    return write_onnx(NETS["quick"], plain_numpy.drawn(NETS["quick"]), tmp_path)


@pytest.mark.usefixtures("_computed_by")
@pytest.mark.parametrize("net", NETS.values(), ids=NETS)
def test_it_computes_what_the_weights_say(net: Net, tmp_path: Path) -> None:
    weights = plain_numpy.drawn(net)
    run = read_onnx(write_onnx(net, weights, tmp_path).read_bytes(), 1)
    rng = np.random.default_rng(5)
    # Another size, and the same again: then the one before must not change.
    sizes_px = ((24, 36), (12, 20), (12, 20))
    fed = [rng.random((*size_px, net.inputs), np.float32) for size_px in sizes_px]
    given = [run({INPUT: np.ascontiguousarray(each.transpose(2, 0, 1))}, OUTPUT) for each in fed]
    for values, made in zip(fed, given, strict=True):
        wanted = plain_numpy.run(net, weights, values).transpose(2, 0, 1)
        assert made.shape == wanted.shape
        # fp16 has 11 bits.
        assert np.abs(made - wanted).max() < np.abs(wanted).max() / 500


def test_more_threads_give_the_same_picture(model: Path) -> None:
    data = model.read_bytes()
    colours = photograph("coffee")[:150, :203].transpose(2, 0, 1).astype(np.float32) / 255
    fed = np.concatenate([colours, np.zeros_like(colours[:1])])
    one, two = (read_onnx(data, threads)({INPUT: fed}, OUTPUT) for threads in (1, 2))
    assert np.abs(one - two).max() * 255 < 1e-3


@pytest.mark.usefixtures("_computed_by")
def test_arrays_in_threads_at_once_give_what_each_gives_alone(model: Path) -> None:
    run = read_onnx(model.read_bytes(), 1)
    rng = np.random.default_rng(6)
    fed = [{INPUT: rng.random((4, 64, 64), np.float32)} for _ in range(24)]
    alone = [run(each, OUTPUT) for each in fed]
    error_before = os.fstat(2)
    with ThreadPoolExecutor(4) as threads:
        at_once = list(threads.map(lambda each: run(each, OUTPUT), fed))
    assert all(np.array_equal(one, other) for one, other in zip(alone, at_once, strict=True))
    # Where libraries are silenced meanwhile, they are not for ever.
    assert os.path.samestat(os.fstat(2), error_before)


@needs_onnx_runtime
@pytest.mark.parametrize("where", ["weights.bin", "../weights.bin", "{}/weights.bin"])
def test_weights_in_another_file_are_refused_and_not_looked_for(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken as a path from the working folder, the file would be found."""
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    for folder in (tmp_path, inside):
        np.ones((3, 3, 1, 1), "<f4").tofile(folder / "weights.bin")
    with pytest.raises(RuntimeError, match="its weights are in another file; save it"):
        read_onnx(tiny.onnx_with_weights_at(where.format(tmp_path)), 1)


@pytest.mark.usefixtures("_computed_by")
def test_what_is_no_model_is_refused_in_a_sentence_and_nothing_is_written(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    net = NETS["cleaner"]
    whole = write_onnx(net, plain_numpy.drawn(net), tmp_path).read_bytes()
    for data in (b"no model", b"", whole[: len(whole) // 2]):
        with pytest.raises(RuntimeError, match=r"^(ONNX Runtime|OpenCV) cannot read it \(\w.*\)$"):
            read_onnx(data, 1)
    with pytest.raises(RuntimeError, match=r"^(ONNX Runtime|OpenCV) cannot compute it \(.*\)$"):
        read_onnx(whole, 1)({INPUT: np.zeros((net.inputs, 15, 15), np.float32)}, OUTPUT)
    assert capfd.readouterr().err == ""


_GIVES_BACK = """
import sys, numpy
from enhance_gui.service.engine.nets.onnx import read_onnx
def resident_bytes():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
run = read_onnx(open(sys.argv[1], "rb").read(), 1)
fed = numpy.ones((1500, 96, 96), numpy.float32)
before = resident_bytes()
run({"in": fed}, "out")
print((resident_bytes() - before) / fed.nbytes)
"""
_IS_TOO_LARGE = """
import sys, numpy, resource
from enhance_gui.service.engine.nets.onnx import read_onnx
run = read_onnx(open(sys.argv[1], "rb").read(), 1)
fed = numpy.zeros((4, 1000, 1000), numpy.float32)
in_use = int(open("/proc/self/statm").read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (in_use + 2**27, in_use + 2**27))
try:
    run({"data": fed}, "out")
except MemoryError:
    print("told")
"""


def _reported_by(script: str, *arguments: str | Path) -> str:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    # What comes before is MNN's, of the processor.
    return done.stdout.splitlines()[-1]


@needs_linux
@needs_onnx_runtime
def test_a_large_model_gives_its_memory_back(tmp_path: Path) -> None:
    weights = np.zeros((1500, 1500, 1, 1), np.float32)
    assert weights.nbytes > LARGE_BYTES
    path = tiny.write_onnx(tmp_path / "large.onnx", weights)
    # Its result is given back with the next.
    assert float(_reported_by(_GIVES_BACK, path)) < 1.3


@needs_linux
@needs_onnx_runtime
def test_a_picture_that_the_memory_is_too_small_for_is_told_so(model: Path) -> None:
    assert _reported_by(_IS_TOO_LARGE, model) == "told"


@needs_onnx_runtime
def test_a_worker_does_not_load_it_before_it_is_needed() -> None:
    script = "import sys; from enhance_gui.service.engine import prepare_worker; prepare_worker();"
    assert _reported_by(f"{script} print('cv2' in sys.modules, 'onnxruntime' in sys.modules)") == (
        "True False"
    )


@needs_onnx_runtime
def test_what_computes_pictures_cannot_send_anything_anywhere() -> None:
    """From 1.29 on, ONNX Runtime is built with what reports its use to its maker."""
    assert _RUNTIME is not None
    folder = Path(str(_RUNTIME.__file__)).parent / "capi"
    (library,) = folder.glob("onnxruntime_pybind11_state*")
    assert b"events.data.microsoft" not in library.read_bytes()
