"""How long the engine takes for large pictures, and how much memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from tests.benchmarks.engine.figures import Array, Figure
from tests.benchmarks.engine.methods import DEFAULT, QUICK, find_type, processor_s
from tests.benchmarks.engine.one_job import CORES, Cost, measured

MIB = 2**20
_ONE_MEGAPIXEL = (1024, 1024)
_CAMERA = (6000, 4000)
_LARGEST = (9216, 9216)
_CUT_SIDES_PX = (512, 512)
_MIDDLE_SIDES_PX = (1000, 1600)
"""Height and width of what is taken of a whole photograph."""
_MATRIX_SIDE = 1500
_TIMES = 3


@dataclass(frozen=True, slots=True)
class Run:
    """What one job took."""

    name: str
    megapixels: float
    cost: Cost

    @property
    def core_s(self) -> float:
        """Seconds on two cores that nobody else wants."""
        return self.cost.processor_s / CORES

    @property
    def core_s_a_megapixel(self) -> float:
        return self.core_s / self.megapixels

    def __str__(self) -> str:
        cost = self.cost
        cells = f"{cost.wall_s:.1f} s | {cost.processor_s:.1f} s | {self.core_s_a_megapixel:.2f} s"
        return (
            f"| {self.name} | {self.megapixels:.1f} | {cells} | {cost.peak_bytes / MIB:.0f} MiB |"
        )


def gigaflops() -> float:
    """Measure how fast one core multiplies matrices: what the computer gives at this moment."""
    matrix = np.random.default_rng(7).random((_MATRIX_SIDE, _MATRIX_SIDE), dtype=np.float32)
    best_s = min(processor_s(lambda: matrix @ matrix) for _ in range(_TIMES))
    return 2 * _MATRIX_SIDE**3 / best_s / 1e9


def judge_speed(
    cuts: Iterable[Array], whole: Iterable[Array], *, with_largest: bool
) -> list[Figure]:
    """Enhance large pictures in processes of their own; compare with the targets.

    :param cuts: reduced photographs, full of detail, which takes longest.
    :param whole: photographs as they come from cameras.
    :param with_largest: also pictures of 85 megapixels, which takes many minutes.
    """
    print(f"\nJobs in a worker, {CORES} threads; s/MP: processors ÷ {CORES} a megapixel:\n")
    print("| job | MP | wall | processors | s/MP | peak memory |\n|---|---|---|---|---|---|")
    detailed = [cut for cut in cuts if cut.shape[:2] == _CUT_SIDES_PX]
    middles = [_middle(each) for each in whole if _has_middle(each)]
    with TemporaryDirectory() as folder:
        jobs, of_cameras = _Jobs(detailed, Path(folder)), _Jobs(middles, Path(folder))
        default = jobs.run(f"{DEFAULT} ×2", _ONE_MEGAPIXEL, "png")
        quick = jobs.run(f"{QUICK} ×2", _ONE_MEGAPIXEL, "png")
        figures = [
            _at_most("default ×2, a megapixel of detail", default.core_s_a_megapixel, 2.5, "s"),
            _at_most("Quick ×2, a megapixel of detail", quick.core_s_a_megapixel, 0.6, "s"),
        ]
        if middles:
            camera = of_cameras.run(f"{DEFAULT} ×2", _CAMERA, "jpg")
            quick_camera = of_cameras.run(f"{QUICK} ×2", _CAMERA, "jpg")
            figures += [
                _at_most("default ×2, a camera's", camera.core_s_a_megapixel, 2.5, "s"),
                _at_most("Quick ×2, a camera's", quick_camera.core_s_a_megapixel, 0.6, "s"),
                _at_most("default, 24 → 96 MP", camera.core_s, 75, "s"),
                _at_most("memory, 24 MP", camera.cost.peak_bytes / MIB, 700, "MiB"),
            ]
        if find_type("AI detail ×4"):
            detail = jobs.run("AI detail ×4", _ONE_MEGAPIXEL, "png")
            figures += [
                _at_most("AI detail ×4, a megapixel", detail.core_s_a_megapixel, 95, "s"),
                _at_most("memory, AI detail", detail.cost.peak_bytes / MIB, 1.6 * 1024, "MiB"),
            ]
        if with_largest and middles:
            largest = of_cameras.run(f"{DEFAULT} ×2", _LARGEST, "jpg")
            growth = largest.core_s_a_megapixel / camera.core_s_a_megapixel
            figures += [
                _at_most("85 MP a megapixel, against 24 MP", growth, 1.2, "×"),
                _at_most("memory, 85 MP", largest.cost.peak_bytes / MIB, 700, "MiB"),
            ]
    return figures


class _Jobs:
    """Runs jobs with pictures that are made for them."""

    def __init__(self, pieces: list[Array], folder: Path) -> None:
        self._pieces = pieces
        self._folder = folder

    def run(self, name: str, size_px: tuple[int, int], extension: str) -> Run:
        enhance_type = find_type(name)
        assert enhance_type is not None, name
        source = self._folder / f"in.{extension}"
        Image.fromarray(_mosaic(self._pieces, size_px)).save(source, quality=92)
        cost = measured(enhance_type.id, source, self._folder)
        (self._folder / cost.name).unlink()
        done = Run(f"{name}, {extension}", size_px[0] * size_px[1] / 1e6, cost)
        print(done, flush=True)
        return done


def _has_middle(photograph: Array) -> bool:
    height_px, width_px = photograph.shape[:2]
    return bool(height_px >= _MIDDLE_SIDES_PX[0] and width_px >= _MIDDLE_SIDES_PX[1])


def _middle(photograph: Array) -> Array:
    height_px, width_px = _MIDDLE_SIDES_PX
    top, left = (photograph.shape[0] - height_px) // 2, (photograph.shape[1] - width_px) // 2
    # A part alone would keep the whole in memory.
    return photograph[top : top + height_px, left : left + width_px].copy()


def _mosaic(pieces: Sequence[Array], size_px: tuple[int, int]) -> Array:
    """Lay pieces of one size side by side until they fill a picture."""
    height_px, width_px = pieces[0].shape[:2]
    columns, rows = -(-size_px[0] // width_px), -(-size_px[1] // height_px)
    bands = [
        np.concatenate([pieces[(row * 3 + column) % len(pieces)] for column in range(columns)], 1)
        for row in range(rows)
    ]
    return np.ascontiguousarray(np.concatenate(bands)[: size_px[1], : size_px[0]])


def _at_most(name: str, value: float, target: float, unit: str) -> Figure:
    return Figure(name, value, target, unit, at_most=True)
