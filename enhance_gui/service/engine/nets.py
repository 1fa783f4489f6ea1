"""Trained nets: read one, and run it over a part of a picture.

ncnn computes them: on two cores it needs half the time of OpenCV's ``dnn`` for the same output.
Memory grows with the part, so pictures are given in tiles (``tiles.map_blocks``). A tile brings
a margin as wide as the net sees; what is computed of the rest does not depend on how the picture
was cut.
"""

from __future__ import annotations

import logging
import tomllib
from contextlib import chdir
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import ncnn
import numpy as np
from numpy.typing import NDArray

from enhance_gui.service.engine.model_files import find_model

_LOG = logging.getLogger(__name__)

Colour = NDArray[np.float32]
"""Shape (height, width, 3): red, green, blue, 0 to 255."""


@dataclass(frozen=True, slots=True)
class NetFacts:
    """How a net is fed."""

    source: str
    """Name of the blob that takes the picture."""
    result: str
    scale: int
    """How many times as long the sides become."""
    margin_px: int
    """How far a pixel of the input reaches."""
    multiple_px: int = 1
    """What the sides of the input have to be multiples of."""
    maps: tuple[str, ...] = ()
    """What it is told beside the colours, each in a channel of one value."""
    map_blob: str = ""
    """Name of the blob that takes the maps at ``1 / multiple_px`` of the size; empty: they are
    further channels of ``source``."""


# waifu2x ``upconv_7``: six convolutions of 3×3 without padding, then one of 4×4 that doubles.
_WAIFU2X = NetFacts("Input1", "Eltwise4", scale=2, margin_px=7)
_FOREIGN = {
    "waifu2x-photo": _WAIFU2X,
    **{f"waifu2x-photo-{level}": _WAIFU2X for level in range(4)},
    # FFDNet: twelve convolutions of 3×3 at half the size.
    "ffdnet-color": NetFacts(
        "data", "output", 1, margin_px=24, multiple_px=2, maps=("noise",), map_blob="noise"
    ),
}


class Net:
    """A trained net that was read from its pair of files."""

    def __init__(self, facts: NetFacts, param: Path, weights: Path, threads: int) -> None:
        self.facts = facts
        self._net = ncnn.Net()
        # Counts when the files are read, too: the kernels are laid out for it.
        self._net.opt.num_threads = threads
        # By itself it would compute in half precision where the processor can, and differently
        # on each.
        self._net.opt.use_fp16_arithmetic = False
        self._net.opt.use_bf16_storage = False
        # As ``prepare_worker`` asks of GCC's threads: not to wait for each other in a loop. This is
        # for those of LLVM.
        self._net.opt.openmp_blocktime = 0
        # By its name alone: on Windows ncnn cannot open a path with signs outside the code page.
        with chdir(weights.parent):
            statuses = self._net.load_param(param.name), self._net.load_model(weights.name)
        if statuses != (0, 0):
            raise RuntimeError(f"ncnn cannot read {param.name} and {weights.name}")

    def __call__(self, tile: Colour, **maps: float) -> Colour:
        """Run the net; its margin is missing from what comes back, ``scale`` times the rest.

        :param tile: with a margin of ``facts.margin_px`` on each side.
        :param maps: values of 0 to 1 for ``facts.maps``; a map that is not named is 0.
        """
        facts = self.facts
        height_px, width_px = tile.shape[:2]
        below, right = -height_px % facts.multiple_px, -width_px % facts.multiple_px
        fed = cv2.copyMakeBorder(tile, 0, below, 0, right, cv2.BORDER_REFLECT_101)
        planes = np.asarray(fed, np.float32).transpose(2, 0, 1) / np.float32(255)
        told = np.array([maps.get(name, 0.0) for name in facts.maps], np.float32)[:, None, None]
        # A Mat of an array uses the array's memory, so the arrays live until the end.
        if facts.map_blob:
            inner = [side // facts.multiple_px for side in planes.shape[1:]]
            inputs = {
                facts.source: np.ascontiguousarray(planes),
                facts.map_blob: np.ascontiguousarray(np.broadcast_to(told, (len(told), *inner))),
            }
        else:
            layers = np.broadcast_to(told, (len(told), *planes.shape[1:]))
            inputs = {facts.source: np.ascontiguousarray(np.concatenate([planes, layers]))}
        result = self._compute(inputs).transpose(1, 2, 0) * np.float32(255)
        return self._without_margin(result, height_px, width_px)

    def _compute(self, inputs: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        with self._net.create_extractor() as extractor:
            for blob, array in inputs.items():
                extractor.input(blob, ncnn.Mat(array))
            status, given = extractor.extract(self.facts.result)
            if status != 0:  # it tells no reason, and there is no other
                raise MemoryError
            return np.array(given, np.float32)

    def _without_margin(self, result: Colour, height_px: int, width_px: int) -> Colour:
        """Cut the margin off, where the net has not done so."""
        facts = self.facts
        height_px = (height_px - 2 * facts.margin_px) * facts.scale
        width_px = (width_px - 2 * facts.margin_px) * facts.scale
        if result.shape[0] <= height_px + facts.multiple_px:
            begin_px = 0
        else:
            begin_px = facts.margin_px * facts.scale
        return result[begin_px : begin_px + height_px, begin_px : begin_px + width_px]


def find_net(name: str) -> Net | None:
    """Read a net by its name; ``None``: its files are not here, which is logged once.

    Uses as many threads as OpenCV was given. Of a net of our own, ``NAME.toml`` beside its files
    tells how it is fed.
    """
    return read_net(name, cv2.getNumThreads())


@cache
def read_net(name: str, threads: int) -> Net | None:
    """See :func:`find_net`."""
    param, weights = find_model(f"{name}.param"), find_model(f"{name}.bin")
    if param is None or weights is None:
        _LOG.warning(
            "The trained net %s is not installed: a simpler method does its work, with a plainer "
            "result.",
            name,
        )
        return None
    return Net(_FOREIGN.get(name) or _own_facts(name), param, weights, threads)


def has_net(name: str) -> bool:
    """Tell whether the files of a net are here."""
    return find_model(f"{name}.param") is not None and find_model(f"{name}.bin") is not None


def _own_facts(name: str) -> NetFacts:
    path = find_model(f"{name}.toml")
    if path is None:
        raise RuntimeError(f"{name}.toml is missing beside {name}.param")
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return NetFacts(
        told["input"],
        told["output"],
        scale=told["scale"],
        margin_px=told["margin_px"],
        multiple_px=told["multiple_px"],
        maps=tuple(told["maps"]),
    )
