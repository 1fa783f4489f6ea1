"""Asks waifu2x what it makes of reduced photographs: the nets that enlarge learn from that as well.

waifu2x's net for photographs (MIT, N. Nagadomi) has seen many more of them. Its answer lacks what
cannot be known from the reduced picture, which the original has and which no net can learn.

``packaging/models.py`` puts its file into the environment.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import model_list
import numpy as np
import torch
from environment import MODELS
from numpy.typing import NDArray
from torch.nn import functional

from training.patches import Source
from training.photographs import Picture

FILE = "waifu2x-photo.bin"

_WIDTHS = (3, 16, 32, 64, 128, 128, 256)
"""Channels of its six convolutions of 3 × 3 without a border; a doubling one of 4 × 4 follows."""
_KERNEL_PX, _LAST_KERNEL_PX, _LAST_BORDER_PX = 3, 4, 3
_SLOPE = 0.1
"""Of its leaky ReLUs."""
_MARGIN_PX = 7
_TAG_BYTES = 4
_TILE_PX = 256


class TeacherMissing(Exception):
    """waifu2x's net is not in the environment, or not the right one."""


class Teacher:
    """waifu2x's net ``upconv_7``."""

    def __init__(self) -> None:
        """Read it from this environment.

        :raises TeacherMissing: it is not there.
        """
        path = Path(sys.prefix) / MODELS / FILE
        data = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(data).hexdigest() != _sha256():
            raise TeacherMissing(
                f"{path} is not there, or damaged: remove it if it is there, then run "
                f"python3 packaging/models.py {sys.prefix}"
            )
        self._layers: list[tuple[torch.Tensor, torch.Tensor]] = []
        for before, after in pairwise(_WIDTHS):
            kernel, bias, data = _layer(data, before, after, _KERNEL_PX)
            self._layers.append((kernel, bias))
        kernel, bias, _ = _layer(data, _WIDTHS[-1], _WIDTHS[0], _LAST_KERNEL_PX)
        self._last = (kernel.transpose(0, 1).contiguous(), bias)

    def source(self, picture: Picture, reduce: Callable[[Picture, int], Picture]) -> Source:
        """Reduce a picture and enlarge it again; an odd last row or column is left out."""
        height_px, width_px = (side // 2 * 2 for side in picture.shape[:2])
        original = np.ascontiguousarray(picture[:height_px, :width_px])
        small = reduce(original, 2)
        return Source(original, small, self._enlarged(small))

    def _enlarged(self, small: Picture) -> Picture:
        margins = ((_MARGIN_PX, _MARGIN_PX), (_MARGIN_PX, _MARGIN_PX), (0, 0))
        padded = np.pad(small, margins, "reflect").transpose(2, 0, 1)
        height_px, width_px = small.shape[:2]
        large = np.empty((2 * height_px, 2 * width_px, 3), np.uint8)
        for top in range(0, height_px, _TILE_PX):
            for left in range(0, width_px, _TILE_PX):
                side_px = _TILE_PX + 2 * _MARGIN_PX
                made = self._run(padded[:, top:, left:][:, :side_px, :side_px])
                rows, columns = (
                    slice(2 * top, 2 * top + 2 * _TILE_PX),
                    slice(2 * left, 2 * left + 2 * _TILE_PX),
                )
                large[rows, columns] = np.clip(np.rint(made * 255), 0, 255)
        return large

    def _run(self, tile: Picture) -> NDArray[np.float32]:
        """Compute in float32: the net gives the picture itself, for which less is too coarse."""
        values = torch.from_numpy(tile.astype(np.float32) / np.float32(255))[None]
        with torch.no_grad():
            for kernel, bias in self._layers:
                values = functional.leaky_relu(functional.conv2d(values, kernel, bias), _SLOPE)
            made = functional.conv_transpose2d(
                values, *self._last, stride=2, padding=_LAST_BORDER_PX
            )
        given: NDArray[np.float32] = made[0].permute(1, 2, 0).numpy()
        return given


def _sha256() -> str:
    models = (model for source in model_list.ALL for model in source.models)
    return next(model.sha256 for model in models if model.name == FILE)


def _layer(
    data: bytes, before: int, after: int, side_px: int
) -> tuple[torch.Tensor, torch.Tensor, bytes]:
    """Read a kernel, shape (out, in, height, width), and a bias; return what follows as well.

    As ncnn keeps them: a tag, numbers of 16 bits up to a multiple of four bytes, biases of 32 bits.
    """
    count = before * after * side_px**2
    kernel = np.frombuffer(data, "<f2", count, _TAG_BYTES).astype(np.float32)
    at = _TAG_BYTES + -(-2 * count // 4) * 4
    bias = np.frombuffer(data, "<f4", after, at).copy()
    shaped = kernel.reshape(after, before, side_px, side_px)
    return torch.from_numpy(shaped), torch.from_numpy(bias), data[at + 4 * after :]
