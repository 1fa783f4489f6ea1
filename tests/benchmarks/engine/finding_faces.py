"""Whether faces are found, and how soon."""

from __future__ import annotations

import time
from statistics import mean

from enhance_gui.service.engine.people.faces import find_faces
from tests.benchmarks.engine.figures import Array, Figure, shrunk
from tests.benchmarks.engine.methods import processor_s
from tests.benchmarks.engine.one_job import CORES
from tests.benchmarks.engine.sources import FACES, WITHOUT_FACES, Photographs

_TIMES = 5


def judge_faces(photographs: Photographs) -> list[Figure]:
    """Count what is found in pictures with faces and in others."""
    pictures = {
        (package, file): photographs.whole(package, file)
        for package, file in FACES
        if photographs.has(package, file)
    }
    there = sum(len(FACES[each]) for each in pictures)
    without = [photographs.whole(*each) for each in WITHOUT_FACES if photographs.has(*each)]
    counts = {
        factor: [_count(shrunk(pixels, factor), each) for each, pixels in pictures.items()]
        for factor in (1, 2, 4)
    }
    hits = {factor: sum(hit for hit, _ in found) for factor, found in counts.items()}
    false = sum(total - hit for hit, total in counts[1])
    false += sum(len(find_faces(pixels)) for pixels in without)
    wall_s, processors_s = zip(*map(_time, pictures.values()), strict=True)
    print(f"\nFaces: {there} in {len(pictures)} pictures, none in {len(without)}.", flush=True)
    print(f"{1000 * mean(processors_s):.0f} ms of processors a picture with faces.")
    return [
        Figure("faces found, full size", hits[1], there, f"of {there}"),
        Figure("faces found, half size", hits[2], 0.9 * there, f"of {there}"),
        Figure("faces found, quarter size", hits[4], 0.9 * there, f"of {there}"),
        Figure(f"false faces, {len(without)} pictures without", false, 0, "", at_most=True),
        Figure(
            f"faces: processors ÷ {CORES} a picture (wall: {1000 * mean(wall_s):.0f} ms)",
            1000 * mean(processors_s) / CORES,
            30,
            "ms",
            at_most=True,
        ),
    ]


def _count(pixels: Array, picture: tuple[str, str]) -> tuple[int, int]:
    """Return how many of the picture's faces are found, and how many are in all."""
    height_px, width_px = pixels.shape[:2]
    found = find_faces(pixels)
    hits = 0
    for across, down in FACES[picture]:
        x, y = across * width_px, down * height_px
        hits += any(
            0 <= x - face.left_px <= face.side_px and 0 <= y - face.top_px <= face.side_px
            for face in found
        )
    return hits, len(found)


def _time(pixels: Array) -> tuple[float, float]:
    """Return the seconds and the seconds of processors that a look takes, the shortest of some."""
    walls_s, processors_s = [], []
    for _ in range(_TIMES):
        begin_s = time.perf_counter()
        processors_s.append(processor_s(lambda: find_faces(pixels)))
        walls_s.append(time.perf_counter() - begin_s)
    return min(walls_s), min(processors_s)
