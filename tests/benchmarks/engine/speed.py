"""How long the engine takes for large pictures, and how much memory."""

from __future__ import annotations

from collections.abc import Iterable
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


def judge_speed(cuts: Iterable[Array], *, with_largest: bool) -> list[Figure]:
    """Enhance large pictures in processes of their own; compare with the targets.

    :param with_largest: also pictures of 85 megapixels, which takes many minutes.
    """
    print(f"\nJobs in a worker, {CORES} threads; s/MP: processors ÷ {CORES} a megapixel:\n")
    print("| job | MP | wall | processors | s/MP | peak memory |\n|---|---|---|---|---|---|")
    cuts = list(cuts)
    with TemporaryDirectory() as folder:
        jobs = _Jobs(cuts, Path(folder))
        default = jobs.run(f"{DEFAULT} ×2", _ONE_MEGAPIXEL, "png")
        quick = jobs.run(f"{QUICK} ×2", _ONE_MEGAPIXEL, "png")
        camera = jobs.run(f"{DEFAULT} ×2", _CAMERA, "jpg")
        figures = [
            _at_most("default ×2, a megapixel", default.core_s_a_megapixel, 2.5, "s"),
            _at_most("Quick ×2, a megapixel", quick.core_s_a_megapixel, 0.6, "s"),
            _at_most("default, 24 → 96 MP", camera.core_s, 75, "s"),
            _at_most("memory, 24 MP", camera.cost.peak_bytes / MIB, 700, "MiB"),
        ]
        if find_type("AI detail ×4"):
            detail = jobs.run("AI detail ×4", _ONE_MEGAPIXEL, "png")
            figures += [
                _at_most("AI detail ×4, a megapixel", detail.core_s_a_megapixel, 95, "s"),
                _at_most("memory, AI detail", detail.cost.peak_bytes / MIB, 1.6 * 1024, "MiB"),
            ]
        if with_largest:
            largest = jobs.run(f"{DEFAULT} ×2", _LARGEST, "jpg")
            growth = largest.core_s_a_megapixel / camera.core_s_a_megapixel
            figures += [
                _at_most("85 MP a megapixel, against 24 MP", growth, 1.2, "×"),
                _at_most("memory, 85 MP", largest.cost.peak_bytes / MIB, 700, "MiB"),
            ]
    return figures


class _Jobs:
    """Runs jobs with pictures that are made for them."""

    def __init__(self, cuts: list[Array], folder: Path) -> None:
        self._cuts = cuts
        self._folder = folder

    def run(self, name: str, size_px: tuple[int, int], extension: str) -> Run:
        enhance_type = find_type(name)
        assert enhance_type is not None, name
        source = self._folder / f"in.{extension}"
        Image.fromarray(_mosaic(self._cuts, size_px)).save(source, quality=92)
        cost = measured(enhance_type.id, source, self._folder)
        (self._folder / cost.name).unlink()
        done = Run(f"{name}, {extension}", size_px[0] * size_px[1] / 1e6, cost)
        print(done, flush=True)
        return done


def _mosaic(cuts: Iterable[Array], size_px: tuple[int, int]) -> Array:
    """Lay whole cuts side by side until they fill a picture."""
    whole = [cut for cut in cuts if cut.shape[:2] == (512, 512)]
    columns, rows = (-(-length_px // 512) for length_px in size_px)
    bands = [
        np.concatenate([whole[(row * 3 + column) % len(whole)] for column in range(columns)], 1)
        for row in range(rows)
    ]
    return np.ascontiguousarray(np.concatenate(bands)[: size_px[1], : size_px[0]])


def _at_most(name: str, value: float, target: float, unit: str) -> Figure:
    return Figure(name, value, target, unit, at_most=True)
