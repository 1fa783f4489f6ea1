"""Quality and speed of the enhancement engine, beside what others do.

Run ``python -m tests.benchmarks.engine FOLDER``; prints tables in Markdown and each figure with its
target, and ends with 1 where one is missed. Into the folder come the photographs that are fetched
(200 MB), a plot of quality against time and sheets of crops to look at.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date
from pathlib import Path

import cv2

from tests.benchmarks.engine.drawing import draw_sheet, plot
from tests.benchmarks.engine.figures import Figure, print_figures
from tests.benchmarks.engine.finding_faces import judge_faces
from tests.benchmarks.engine.methods import find_methods
from tests.benchmarks.engine.one_job import CORES
from tests.benchmarks.engine.repairing import (
    judge_leaving_alone,
    judge_portraits,
    judge_restoring,
)
from tests.benchmarks.engine.sources import WITHOUT_FACES, Photographs
from tests.benchmarks.engine.speed import gigaflops, judge_speed
from tests.benchmarks.engine.upscaling import Cuts, judge_four_times, judge_jpeg, judge_twice, score

_PARTS = ("upscaling", "repairing", "faces", "portraits", "speed")


def main() -> int:
    """Measure what is asked for and return 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine")
    parser.add_argument("folder", type=Path, help="for photographs, plot and sheets")
    parser.add_argument("--parts", nargs="+", choices=_PARTS, default=_PARTS)
    parser.add_argument("--largest", action="store_true", help="also 85 megapixels, many minutes")
    arguments = parser.parse_args()
    folder: Path = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    # Jobs come with it, but the first look for faces is before any.
    cv2.setNumThreads(CORES)
    print(f"{date.today()}; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f};", end=" ")  # noqa: DTZ011
    print(f"one core multiplies matrices at {gigaflops():.0f} GFLOP/s", flush=True)
    photographs = Photographs(folder)
    figures: list[Figure] = []
    for part in arguments.parts:
        made = _judge(part, photographs, folder, with_largest=arguments.largest)
        print_figures(made)
        figures += made
    print(f"\nload at the end: {os.getloadavg()[0]:.1f}")
    return 0 if all(figure.is_met for figure in figures) else 1


def _judge(
    part: str, photographs: Photographs, folder: Path, *, with_largest: bool
) -> list[Figure]:
    cuts = photographs.cuts()
    if part == "upscaling":
        return _judge_upscaling(cuts, folder)
    if part == "repairing":
        return judge_restoring(cuts) + judge_leaving_alone(cuts)
    if part == "faces":
        return judge_faces(photographs)
    if part == "portraits":
        return judge_portraits(photographs)
    everything = [cut for each in cuts.values() for cut in each.values()]
    whole = (photographs.whole(*one) for one in WITHOUT_FACES if photographs.has(*one))
    return judge_speed(everything, whole, with_largest=with_largest)


def _judge_upscaling(cuts: Cuts, folder: Path) -> list[Figure]:
    methods = find_methods()
    twice, four_times = (score(methods, cuts, factor) for factor in (2, 4))
    plot(twice, folder / "quality.svg")
    for scores in (twice, four_times):
        draw_sheet(scores, folder / f"crops-{scores.factor}.png")
    return [*judge_twice(twice, methods), *judge_four_times(four_times), *judge_jpeg(cuts)]


if __name__ == "__main__":
    sys.exit(main())
