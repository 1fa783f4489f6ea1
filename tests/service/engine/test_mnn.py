"""Nets that came as ncnn's files, computed by MNN."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from enhance_gui.core.services.model_files import find_net_files
from enhance_gui.service.engine import WorkJob, run_work
from enhance_gui.service.engine.catalogue import UPSCALE_2
from enhance_gui.service.engine.nets import mnn, nets
from enhance_gui.service.engine.nets.mnn import MnnRun
from enhance_gui.service.engine.nets.ncnn_pair import NotRead
from enhance_gui.service.engine.nets.nets import find_net, read_run
from enhance_gui.service.engine.nets.translation import translate
from tests.service.engine.photographs import photograph
from tests.support.models.tiny import write_ncnn

pytestmark = pytest.mark.skipif(mnn.load_mnn() is None, reason="MNN is not made for this Python")

OWN = ("quick", "default", "cleaner")
FOREIGN = (
    "waifu2x-photo",
    "waifu2x-photo-0",
    "waifu2x-photo-3",
    "ffdnet-color",
    "realesrgan-x4plus",
)

INPUT = "Input in 0 1 data"
CONVOLUTION = "Convolution c 1 1 data made 0=3 1=3 4=1 5=1 6=81"
WITH_INPUT = "\n".join(["Split s 1 2 data same also", CONVOLUTION.replace("data", "same")])
OF_THREE = (3, 3, 3)
LAYERS = {
    "ReLU, nearest": ([f"{CONVOLUTION} 9=1", "Interp i 1 1 made out 0=1 1=2.0 2=2.0"], OF_THREE),
    "leaky ReLU, bilinear": (
        [f"{CONVOLUTION} 9=2 -23310=1,0.2", "Interp i 1 1 made out 0=2 1=3 2=3"],
        OF_THREE,
    ),
    "sum": ([WITH_INPUT, "BinaryOp e 2 1 made also out 0=0"], OF_THREE),
    "weighted sum": (
        [WITH_INPUT, "Eltwise e 2 1 made also out 0=1 -23301=2,0.2,1.0"],
        OF_THREE,
    ),
    "channels": (
        [
            WITH_INPUT,
            "Concat e 2 1 made also both 0=0",
            "Slice k 1 2 both rest out -23300=2,4,-233",
        ],
        OF_THREE,
    ),
    "crop": (
        [CONVOLUTION, "Crop k 1 1 made out -23309=2,2,3 -23310=2,-4,-1 -23311=2,1,2"],
        OF_THREE,
    ),
    "unshuffle": ([CONVOLUTION, "Reorg k 1 1 made out 0=2 1=0"], OF_THREE),
    "shuffle": (
        [
            "Convolution c 1 1 data made 0=12 1=1 5=1 6=36",
            "PixelShuffle k 1 1 made out 0=2",
        ],
        (3, 12, 1),
    ),
    "sum with itself": (
        [
            CONVOLUTION,
            "Split s 1 2 made one other",
            "Eltwise e 2 1 one other out 0=1 -23301=2,0.2,0.5",
        ],
        OF_THREE,
    ),
    "every key": (
        ["Convolution c 1 1 data out 0=3 1=3 11=3 2=1 12=1 3=1 13=1 4=1 14=1 15=1 5=1 6=81 9=0"],
        OF_THREE,
    ),
    "deconvolution": (["Deconvolution c 1 1 data out 0=5 1=4 3=2 4=3 5=1 6=240"], (3, 5, 4)),
}
"""Layers after the input, and a convolution's channels taken and given and its kernel's side."""


@pytest.fixture(name="without_mnn")
def _without_mnn(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have MNN be missing, as for a Python that it is not made for."""
    monkeypatch.setitem(sys.modules, "MNN", None)
    mnn.load_mnn.cache_clear()
    nets.find_net.cache_clear()
    yield
    mnn.load_mnn.cache_clear()
    nets.find_net.cache_clear()


def weights(*shapes: tuple[int, int, int], halves: bool = False) -> bytes:
    """Return weights of convolutions; shapes: channels taken and given, and the kernel's side."""
    rng, data = np.random.default_rng(3), b""
    for taken, given, side_px in shapes:
        kernel = rng.standard_normal((given, taken, side_px, side_px)) / 5
        kind, tag = ("<f2", 0x01306B47) if halves else ("<f4", 0)
        numbers = kernel.astype(kind).tobytes()
        data += struct.pack("<I", tag) + numbers + bytes(-len(numbers) % 4)
        data += rng.standard_normal(given).astype("<f4").tobytes()
    return data


def param_of(*layers: str) -> str:
    """Return a ``.param`` file of an input and these layers."""
    lines = "\n".join([INPUT, *layers]).splitlines()
    given = sum(int(line.split()[3]) for line in lines)
    return "\n".join(["7767517", f"{len(lines)} {given}", *lines, ""])


def written(folder: Path, layers: list[str], data: bytes) -> list[Path]:
    """Write a pair of files."""
    param, numbers = folder / "net.param", folder / "net.bin"
    param.write_text(param_of(*layers), "ascii")
    numbers.write_bytes(data)
    return [param, numbers]


@pytest.mark.parametrize("name", [*OWN, *FOREIGN])
def test_mnn_computes_what_ncnn_computes(name: str, request: pytest.FixtureRequest) -> None:
    assert isinstance(read_run(find_net_files(name), 1), MnnRun)
    tile = photograph("coffee")[100:190, 150:226].astype(np.float32)
    given = _computed(name, tile)
    request.getfixturevalue("without_mnn")
    assert not isinstance(read_run(find_net_files(name), 1), MnnRun)
    expected = _computed(name, tile)
    assert given.shape == expected.shape
    assert np.abs(given - expected).max() < 0.3
    assert np.abs(given - expected).mean() < 0.01


def _computed(name: str, tile: nets.Colour) -> nets.Colour:
    net = find_net(name)
    assert net is not None
    return net(tile, jpeg=0.3, noise=0.1)


@pytest.mark.parametrize("halves", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_each_layer_does_what_it_does_in_ncnn(name: str, halves: bool, tmp_path: Path) -> None:
    layers, shape = LAYERS[name]
    files = written(tmp_path, layers, weights(shape, halves=halves))
    planes = np.random.default_rng(5).random((3, 20, 26)).astype(np.float32)
    ours, theirs = read_run(files, 1), nets._NcnnRun(files[0], files[1], 1, None)
    assert isinstance(ours, MnnRun)
    assert (ours.inputs, set(ours.outputs)) == (theirs.inputs, set(theirs.outputs))
    given, expected = (run({"data": planes}, "out") for run in (ours, theirs))
    assert given.shape == expected.shape
    assert np.abs(given - expected).max() < 1e-4


def test_two_threads_with_pictures_of_different_sizes_do_not_disturb_each_other() -> None:
    net = find_net("quick")
    assert net is not None
    photo = photograph("coffee").astype(np.float32)
    tiles = [photo[:side_px, : side_px + 7] for side_px in (40, 61, 90, 120) * 5]
    alone = [net(tile) for tile in tiles]
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(net, tiles))
    assert all(np.array_equal(*both) for both in zip(alone, together, strict=True))


@pytest.mark.parametrize("name", ["default", "ffdnet-color"])
def test_a_picture_gives_the_same_after_other_ones_of_any_size(name: str) -> None:
    photo = photograph("coffee").astype(np.float32)
    made = []
    for first_px in (64, 116, 200):
        nets.find_net.cache_clear()
        net = find_net(name)
        assert net is not None
        net(photo[:first_px, :first_px])
        made.append(net(photo[:90, :100], noise=0.1))
    assert np.array_equal(made[0], made[1])
    assert np.array_equal(made[0], made[2])


@pytest.mark.parametrize(
    ("layers", "data"),
    [
        ([CONVOLUTION], b""),
        ([CONVOLUTION], weights(OF_THREE)[:-1]),
        ([CONVOLUTION], weights(OF_THREE) + b"0"),
        ([CONVOLUTION], b"\x01" + weights(OF_THREE)[1:]),
        *(
            ([CONVOLUTION.replace(key, value)], weights(OF_THREE))
            for key, value in (
                ("6=81", "6=80"),
                ("6=81", "6=inf"),
                ("6=81", "6=1e30"),
                ("4=1", "4=2147483648"),
                ("5=1", "5=2"),
                ("4=1", "4=-20"),
                ("4=1", "4=0.5"),
                ("0=3", "0=0"),
                ("6=81", "6=81 9=4"),
                ("6=81", "6=81 9=2"),
                ("6=81", "6=81 2=2"),
                ("6=81", "6=81 x=2"),
                ("data", "other"),
                ("made", "data"),
            )
        ),
        *(
            ([CONVOLUTION, layer], weights(OF_THREE))
            for layer in (
                "Swish s 1 1 made out",
                "PixelShuffle s 1 1 made out 0=0",
                "PixelShuffle s 1 1 made out 0=65536",
                "Slice k 1 2 made out out -23300=2,1,-233",
                "Slice k 1 2 made out rest -23300=2,1e30,-233",
                "Slice k 1 3 made out more rest -23300=3,2147483647,2147483647,-233",
                "Split k 0 1 out",
                "Reorg k 1 2 made out rest 0=2",
                "Crop k 1 1 made out -23309=2,2,3 -23310=2,0,-1 -23311=2,1,2",
                "Crop k 1 1 made out -23309=2,-233,3 -23310=2,-1,-1 -23311=2,1,2",
                "Eltwise k 2 1 made made out 0=1 -23301=2,1e300,1",
                "Interp s 1 1 made out 0=3 1=2 2=2",
                "Slice s 1 2 made one other -23300=2,1,1",
                "Crop k 1 1 made out -23309=1,2 -23310=1,-4 -23311=1,0",
                "BinaryOp s 1 1 made out 0=0",
                "BinaryOp s 99 1 made out 0=0",
            )
        ),
    ],
)
def test_what_is_damaged_or_not_known_is_not_translated(layers: list[str], data: bytes) -> None:
    with pytest.raises(NotRead):
        translate(param_of(*layers), data)


@pytest.mark.parametrize("text", ["", "7767517\n1 1\n", "1234\n1 1\nInput in 0 1 data\n"])
def test_what_is_no_param_file_is_not_translated(text: str) -> None:
    with pytest.raises(NotRead):
        translate(text, b"")


@pytest.mark.parametrize("layer", ["", "Sigmoid s 1 1 output out"])
def test_what_mnn_does_not_know_is_computed_by_ncnn(layer: str, tmp_path: Path) -> None:
    param = write_ncnn(tmp_path, "net", 2)
    lines = param.read_text("ascii").splitlines() + [layer] * bool(layer)
    param.write_text("\n".join([lines[0], "4 4" if layer else "3 3", *lines[2:], ""]), "ascii")
    run = read_run([param, param.with_suffix(".bin")], 1)
    assert isinstance(run, MnnRun) is (layer == "")
    planes = np.random.default_rng(5).random((3, 20, 26)).astype(np.float32)
    made = run({"data": planes}, "out" if layer else "output")[:, ::2, ::2]
    assert np.abs(made - (1 / (1 + np.exp(-planes)) if layer else planes)).max() < 1e-5


def test_where_there_are_only_files_a_net_is_read_from_one(monkeypatch: pytest.MonkeyPatch) -> None:
    tile = photograph("coffee")[100:190, 150:226].astype(np.float32)
    expected = _computed("quick", tile)
    monkeypatch.delattr(os, "memfd_create", raising=False)
    nets.find_net.cache_clear()
    assert np.array_equal(_computed("quick", tile), expected)


_SHORT_OF_MEMORY = """
import resource, numpy as np
from enhance_gui.service.engine.nets.nets import find_net
net = find_net("default")
small, large = (np.full((side_px, side_px, 3), 99, np.float32) for side_px in (100, 900))
first = net(small)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
limits = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (used + 2**26, limits[1]))
try:
    net(large)
except MemoryError:
    print("too large")
resource.setrlimit(resource.RLIMIT_AS, limits)
print(np.array_equal(net(small), first))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads its own memory from /proc")
def test_a_picture_too_large_for_the_memory_is_told_and_the_next_one_is_done() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SHORT_OF_MEMORY], capture_output=True, text=True, check=True
    )
    said = [line for line in done.stdout.splitlines() if line in ("too large", "True", "False")]
    assert said == ["too large", "True"]


def test_what_was_kept_from_tile_to_tile_is_given_back_after_a_job(tmp_path: Path) -> None:
    source = tmp_path / "in.png"
    Image.fromarray(photograph("coffee")[:64, :64]).save(source)
    run_work(WorkJob(UPSCALE_2, source, tmp_path, "x7Qb", 2))
    assert all(not run._free for run in mnn._RUNS)
    net = find_net("default")
    assert net is not None
    net(photograph("coffee")[:64, :64].astype(np.float32))
    assert any(run._free for run in mnn._RUNS)


@pytest.mark.parametrize(
    ("layers", "shapes"),
    [
        (["Convolution c 1 1 data out 0=3 1=3 4=1 5=1 6=108"], [(4, 3, 3)]),
        (
            [CONVOLUTION, "Convolution d 1 1 made out 0=3 1=3 4=1 5=1 6=432"],
            [OF_THREE, (16, 3, 3)],
        ),
        (
            [WITH_INPUT.replace("4=1", "4=0"), "BinaryOp e 2 1 made also out 0=0"],
            [OF_THREE],
        ),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_an_error(
    layers: list[str], shapes: list[tuple[int, int, int]], tmp_path: Path
) -> None:
    run = read_run(written(tmp_path, layers, weights(*shapes)), 1)
    assert isinstance(run, MnnRun)
    with pytest.raises(RuntimeError, match="do not fit each other"):
        run({"data": np.zeros((3, 20, 20), np.float32)}, "out")


def test_what_computes_knows_no_address_to_report_to() -> None:
    """MNN's tools, which the program never starts, do; what it loads is another library."""
    runtime = mnn.load_mnn()
    assert runtime is not None
    (library,) = Path(str(runtime.__file__)).parents[1].glob("_mnncengine*")
    assert re.search(rb"aliyun|alibaba-inc|aliyuncs", library.read_bytes()) is None


_JOB = """
import sys
from pathlib import Path
from enhance_gui.service.engine import WorkJob
from enhance_gui.service.work.slot import WorkerSlot
if __name__ == "__main__":
    slot = WorkerSlot(2**31)
    job = WorkJob(6, Path(sys.argv[1]), Path(sys.argv[2]), "x7Qb", 2)
    result = slot.run("one", job, 60.0)
    slot.close()
    print(result.after.name)
"""


def test_what_mnn_says_of_itself_is_not_in_the_output_of_the_command(tmp_path: Path) -> None:
    source, script = tmp_path / "in.png", tmp_path / "job.py"
    Image.fromarray(photograph("coffee")[:64, :64]).save(source)
    script.write_text(_JOB, "utf-8")
    done = subprocess.run(
        [sys.executable, script, source, tmp_path], capture_output=True, text=True, check=True
    )
    assert done.stdout == "x7Qb-after.png\n"
