"""Reads trained nets, and runs them over parts of a picture.

They come as ncnn's files, which MNN computes (``mnn.py``) wherever it can: by Winograd's method,
which saves more than half of the multiplications. ncnn, which takes half as long again, computes
what MNN does not know or where it is not to be had, and on graphics processors. Models that users
bring as ONNX (``onnx.py``) are ONNX Runtime's, which takes twice MNN's time for our own nets.

Memory grows with the part, so pictures are given in tiles (``tiles.map_blocks``). A tile brings
a margin as wide as the net sees; what is computed of the rest does not depend on how the picture
was cut.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import ncnn
import numpy as np
from numpy.typing import NDArray

from enhance_gui.core.services.model_files import find_model, find_net_files
from enhance_gui.service.engine.nets.mnn import MnnRun, load_mnn, read_mnn
from enhance_gui.service.engine.nets.onnx import Planes, Run, read_onnx, silenced

_LOG = logging.getLogger(__name__)

_TILES_AT_ONCE: Final = 4
_TILES_AT_ONCE_BY_NCNN: Final = 2
"""It takes twice as much memory."""
_SOFTWARE: Final = 3
"""ncnn's type of a "graphics processor" that the processor imitates, more slowly."""
_ALIKE: Final = 4.0
"""Of 255: half precision, in which graphics processors compute, differs by less."""

Colour = NDArray[np.float32]
"""Shape (height, width, 3): red, green, blue, 0 to 255."""


@dataclass(frozen=True, slots=True)
class NetFacts:
    """How a net is fed; of a net of our own, what ``NAME.toml`` beside its files says."""

    input: str
    """Name of the blob that takes the picture."""
    output: str
    scale: int
    """How many times as long the sides become."""
    margin_px: int
    """How far a pixel of the input reaches."""
    multiple_px: int = 1
    """What the sides of the input have to be multiples of."""
    maps: tuple[str, ...] = ()
    """Its further inputs beside the colours, each in a channel of one value."""
    map_blob: str = ""
    """Name of the blob that takes the maps at ``1 / multiple_px`` of the size; empty: they are
    further channels of ``input``."""
    reaches_others: bool = False
    """Whether a net of our own was measured to do as well as others', on what was no JPEG."""
    reaches_others_up_to_jpeg: float = 0.0
    """Up to which strength of JPEG it does."""

    def is_as_good(self, jpeg_strength: float) -> bool:
        """Return whether a net of our own does as well as others'.

        :param jpeg_strength: of the picture; 0: it was no JPEG, or none that is to be cleaned.
        """
        if jpeg_strength == 0:
            return self.reaches_others
        return jpeg_strength <= self.reaches_others_up_to_jpeg


# waifu2x ``upconv_7``: six convolutions of 3×3 without padding, then one of 4×4 that doubles.
_WAIFU2X = NetFacts("Input1", "Eltwise4", scale=2, margin_px=7)
_FOREIGN = {
    "waifu2x-photo": _WAIFU2X,
    **{f"waifu2x-photo-{level}": _WAIFU2X for level in range(4)},
    # RRDBNet. By its depth a pixel reaches much further; ``detail`` leaves out more where it shows.
    "realesrgan-x4plus": NetFacts("data", "output", scale=4, margin_px=5),
    # FFDNet: twelve convolutions of 3×3 at half the size.
    "ffdnet-color": NetFacts(
        "data", "output", 1, margin_px=24, multiple_px=2, maps=("noise",), map_blob="noise"
    ),
}


class Net:
    """A trained net that was read from its files."""

    def __init__(self, facts: NetFacts, run: Run) -> None:
        self.facts = facts
        self._run = run

    @property
    def takes_little_memory(self) -> bool:
        """Return whether it is MNN that computes it."""
        return isinstance(self._run, MnnRun)

    def __call__(self, tile: Colour, **maps: float) -> Colour:
        """Run the net; its margin is missing from what comes back, ``scale`` times the rest.

        :param tile: with a margin of ``facts.margin_px`` on each side.
        :param maps: values of 0 to 1 for ``facts.maps``; a map that is not named is 0.
        """
        facts = self.facts
        height_px, width_px = tile.shape[:2]
        below, right = -height_px % facts.multiple_px, -width_px % facts.multiple_px
        fed = tile
        if below or right:
            fed = np.asarray(
                cv2.copyMakeBorder(tile, 0, below, 0, right, cv2.BORDER_REFLECT_101), np.float32
            )
        values = np.array([maps.get(name, 0.0) for name in facts.maps], np.float32)[:, None, None]
        channels = 3 if facts.map_blob else 3 + len(values)
        planes = np.empty((channels, *fed.shape[:2]), np.float32)
        np.divide(fed.transpose(2, 0, 1), np.float32(255), out=planes[:3])
        inputs = {facts.input: planes}
        if facts.map_blob:
            sides = (side // facts.multiple_px for side in fed.shape[:2])
            # A Mat of an array uses the array's memory, so that has to be there in full.
            inputs[facts.map_blob] = np.ascontiguousarray(
                np.broadcast_to(values, (len(values), *sides))
            )
        else:
            planes[3:] = values
        result = self._without_margin(self._run(inputs, facts.output), height_px, width_px)
        # What follows takes three times as long where the colours lie apart in memory.
        together = np.empty((*result.shape[1:], result.shape[0]), np.float32)
        np.multiply(result.transpose(1, 2, 0), np.float32(255), out=together)
        return together

    def _without_margin(self, result: Planes, height_px: int, width_px: int) -> Planes:
        """Cut the margin off, where the net has not done so."""
        facts = self.facts
        height_px = (height_px - 2 * facts.margin_px) * facts.scale
        width_px = (width_px - 2 * facts.margin_px) * facts.scale
        if result.shape[1] <= height_px + facts.multiple_px:
            begin_px = 0
        else:
            begin_px = facts.margin_px * facts.scale
        return result[:, begin_px : begin_px + height_px, begin_px : begin_px + width_px]


def _read_ncnn(param: Path, weights: Path, threads: int, graphics: int | None) -> ncnn.Net:
    """:raises RuntimeError: it is none."""
    net = ncnn.Net()
    # Counts when the files are read, too: the kernels are laid out for it.
    net.opt.num_threads = threads
    # By itself it would compute in half precision where the processor can, and differently on
    # each.
    net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = False
    # Threads that wait for each other in a loop take the processor from those that work.
    net.opt.openmp_blocktime = 0
    if graphics is not None:
        net.opt.use_vulkan_compute = True
        net.set_vulkan_device(graphics)
    # By its name alone: on Windows ncnn cannot open a path with characters outside the code page.
    with chdir(weights.parent), silenced():
        statuses = net.load_param(param.name), net.load_model(weights.name)
    if statuses != (0, 0):
        raise RuntimeError(f"ncnn cannot read {param.name} and {weights.name}")
    return net


def read_run(files: Sequence[Path], threads: int, graphics: int | None = None) -> Run:
    """Read a net from an ONNX file, or from ncnn's ``.param`` and the ``.bin`` beside it.

    :param graphics: the graphics processor that computes ncnn's; ``None``: the processor does.
    :raises OSError: the ONNX file cannot be read.
    :raises RuntimeError: it is none.
    """
    if len(files) == 1:
        return read_onnx(files[0].read_bytes(), threads)
    run = read_mnn(files[0], files[1], threads) if graphics is None else None
    return run or _NcnnRun(files[0], files[1], threads, graphics)


class _NcnnRun:
    """Runs a net with ncnn, in any threads at once."""

    def __init__(self, param: Path, weights: Path, threads: int, graphics: int | None) -> None:
        self._net = _read_ncnn(param, weights, threads, graphics)
        self.inputs = list(self._net.input_names())
        self.outputs = list(self._net.output_names())

    def __call__(self, inputs: dict[str, Planes], result: str) -> Planes:
        """See :class:`Run`."""
        # By itself ncnn would keep the memory for each size of picture.
        blobs, workspace = ncnn.PoolAllocator(), ncnn.PoolAllocator()
        with self._net.create_extractor() as extractor:
            extractor.set_blob_allocator(blobs)
            extractor.set_workspace_allocator(workspace)
            for blob, array in inputs.items():
                extractor.input(blob, ncnn.Mat(array))
            status, given = extractor.extract(result)
            if status != 0:  # it gives no reason, and there is no other
                raise MemoryError
            made = np.array(given, np.float32)
            del given  # before what its memory belongs to
        return made


def working_graphics() -> int | None:
    """Return the first graphics processor that computes a net as the processor does.

    May end the process, and write to standard error.
    """
    files = find_net_files("waifu2x-photo")
    if not files:
        return None
    tile = np.linspace(0, 255, 3 * 48 * 48, dtype=np.float32).reshape(48, 48, 3)
    expected = Net(_WAIFU2X, read_run(files, 1))(tile)
    for number in range(ncnn.get_gpu_count()):
        if ncnn.get_gpu_info(number).type() == _SOFTWARE:
            continue
        given = Net(_WAIFU2X, read_run(files, 1, number))(tile)
        if float(np.abs(given - expected).max()) < _ALIKE:
            return number
    return None


def tiles_at_once() -> int:
    """Return how many tiles a small net is to be run on at the same time.

    Threads with a tile each do not have to wait for each other after every layer, and each does
    what is done with its tile before and after the net. But each takes memory of its own.
    """
    limit = _TILES_AT_ONCE_BY_NCNN if load_mnn() is None else _TILES_AT_ONCE
    return min(limit, cv2.getNumThreads())


@cache
def find_net(name: str, threads: int = 1, graphics: int | None = None) -> Net | None:
    """Read a net by its name; ``None``: its files are not here, which is logged once.

    Of a net of our own, ``NAME.toml`` beside its files describes its inputs.

    :param threads: that one run keeps busy. MNN rounds differently with one thread than with
        more: so that all computers give the same, small nets keep to one.
    """
    files = find_net_files(name)
    if not files:
        _LOG.warning(
            "The trained net %s is not installed: a simpler method does its work, with a plainer "
            "result.",
            name,
        )
        return None
    return Net(_FOREIGN.get(name) or _own_facts(name), read_run(files, threads, graphics))


def _own_facts(name: str) -> NetFacts:
    path = find_model(f"{name}.toml")
    if path is None:
        raise RuntimeError(f"{name}.toml is missing beside {name}.bin")
    reported = tomllib.loads(path.read_text(encoding="utf-8"))
    # Beside these it says how the net was trained.
    known = {
        field.name: reported[field.name] for field in fields(NetFacts) if field.name in reported
    }
    return NetFacts(**{**known, "maps": tuple(known["maps"])})
