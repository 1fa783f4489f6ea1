"""Runs an exported net over a picture, as the program does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from training.nets import Net
from training.onnx_file import INPUT, OUTPUT
from training.photographs import Picture

Values = NDArray[np.float32]
"""Shape (height, width, channels), 0 to 1."""


class Runner:
    """A net read from its file."""

    def __init__(self, net: Net, folder: Path) -> None:
        self._net = net
        self._session = onnxruntime.InferenceSession((folder / f"{net.name}.onnx").read_bytes())

    def __call__(self, picture: Picture, maps: dict[str, float]) -> Picture:
        """Return the picture enlarged or cleaned; a map that is not named is 0."""
        net = self._net
        height_px, width_px = picture.shape[:2]
        margin_px = net.margin_px
        extra = [(margin_px, margin_px + -side % net.fold) for side in (height_px, width_px)]
        padded = np.pad(picture, (*extra, (0, 0)), "reflect").astype(np.float32) / 255
        told = [np.full(padded.shape[:2], maps.get(name, 0.0), np.float32) for name in net.maps]
        given = self.run(np.dstack([padded, *told]))
        begin_px = margin_px * net.scale
        cut = given[begin_px:, begin_px:][: height_px * net.scale, : width_px * net.scale]
        return np.clip(np.rint(cut * 255), 0, 255).astype(np.uint8)

    def run(self, fed: Values) -> Values:
        """Return what the net makes of colours and maps, without a margin."""
        planes = np.ascontiguousarray(fed.transpose(2, 0, 1))
        (given,) = self._session.run([OUTPUT], {INPUT: planes[None]})
        values: Values = given[0].transpose(1, 2, 0)
        return values
