"""Runs an exported net over a picture, as the program does."""

from __future__ import annotations

from pathlib import Path

import ncnn
import numpy as np
from numpy.typing import NDArray

from training.ncnn_files import INPUT, OUTPUT
from training.nets import Net
from training.photographs import Picture

Values = NDArray[np.float32]
"""Shape (height, width, channels), 0 to 1."""


class Runner:
    """A net read from its pair of files."""

    def __init__(self, net: Net, folder: Path) -> None:
        self._net = net
        self._ncnn = ncnn.Net()
        # By itself it would compute in half precision where the processor can.
        self._ncnn.opt.use_fp16_arithmetic = False
        self._ncnn.load_param(str(folder / f"{net.name}.param"))
        self._ncnn.load_model(str(folder / f"{net.name}.bin"))

    def __call__(self, picture: Picture, maps: dict[str, float]) -> Picture:
        """Return the picture enlarged or cleaned; a map that is not named is 0."""
        net = self._net
        height_px, width_px = picture.shape[:2]
        margin_px = net.margin_px
        extra = [(margin_px, margin_px + -side % net.fold) for side in (height_px, width_px)]
        padded = np.pad(picture, (*extra, (0, 0)), "reflect").astype(np.float32) / 255
        told = [np.full(padded.shape[:2], maps.get(name, 0.0), np.float32) for name in net.maps]
        given = self.run(np.dstack([padded, *told]))
        cut = given[: height_px * net.scale, : width_px * net.scale]
        return np.clip(np.rint(cut * 255), 0, 255).astype(np.uint8)

    def run(self, fed: Values) -> Values:
        """Return what the net makes of colours and maps, less its margin."""
        extractor = self._ncnn.create_extractor()
        # A Mat of an array uses the array's memory, and does not keep it.
        planes = np.ascontiguousarray(fed.transpose(2, 0, 1))
        extractor.input(INPUT, ncnn.Mat(planes))
        _, given = extractor.extract(OUTPUT)
        return np.array(given, np.float32).transpose(1, 2, 0)
