"""How near to the truth enlarging comes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from tests.benchmarks.engine.figures import Array, Figure, luma_psnr_db, shrunk
from tests.benchmarks.engine.methods import (
    BICUBIC,
    DEFAULT,
    QUICK,
    WAIFU2X,
    Method,
    enhanced,
    find_type,
    processor_s,
)

Cuts = Mapping[str, Mapping[str, Array]]
"""Photographs by set and name."""

ORIGINAL = "original"

_SOME = 4
_JPEG_QUALITY = 50
_TOLERANCE_DB = 0.005
"""Two ways of rounding the same."""


@dataclass(frozen=True)
class Scores:
    """What each method reached at one factor."""

    factor: int
    sets: Mapping[str, tuple[str, ...]]
    """Names of the photographs of each set."""
    psnr_db: dict[str, dict[str, float]] = field(default_factory=dict)
    """By method and photograph; of the brightness."""
    pictures: dict[str, Mapping[str, Array]] = field(default_factory=dict)
    """By method and photograph; of the method "original", the truth."""
    processors_s: dict[str, float] = field(default_factory=dict)
    """By method: the time of processors for an input megapixel."""

    def gain_db(self, method: str, names: Iterable[str]) -> float:
        """Return by how much the mean is above bicubic's, where the method was measured."""
        of_method, of_bicubic = self.psnr_db[method], self.psnr_db[BICUBIC]
        return mean(of_method[name] - of_bicubic[name] for name in names if name in of_method)

    @property
    def some_names(self) -> tuple[str, ...]:
        """The photographs that slow methods are measured with, and that are drawn.

        All are in the public domain: the sheet may be shown to anybody.
        """
        return self.sets["A"][:_SOME]

    @property
    def all_names(self) -> tuple[str, ...]:
        return tuple(name for names in self.sets.values() for name in names)


def score(methods: Iterable[Method], cuts: Cuts, factor: int) -> Scores:
    """Reduce each photograph by area mean, enlarge it again and compare; print a table."""
    scores = Scores(factor, {name: tuple(photographs) for name, photographs in cuts.items()})
    truths = {name: truth for photographs in cuts.values() for name, truth in photographs.items()}
    scores.pictures[ORIGINAL] = truths
    heads = "".join(f" {name} |" for name in truths)
    print(f"\n×{factor}: gain over bicubic in each set, time for an input megapixel,")
    print(f"PSNR of the brightness, in dB\n\n| | A | B | processors | wall |{heads}")
    print(f"|---|---|---|---|---|{'---|' * len(truths)}")
    for method in methods:
        if factor in method.factors:
            print(_score_one(scores, method), flush=True)
    return scores


def _score_one(scores: Scores, method: Method) -> str:
    """Enlarge photographs by one method; return its line of the table."""
    factor, truths = scores.factor, scores.pictures[ORIGINAL]
    names = scores.some_names if method.is_slow else scores.all_names
    smalls = {name: shrunk(truths[name], factor) for name in names}
    made: dict[str, Array] = {}

    def enlarge() -> None:
        made.update((name, method.enlarge(small, factor)) for name, small in smalls.items())

    begin_s = time.perf_counter()
    used_s = processor_s(enlarge)
    wall_s = time.perf_counter() - begin_s
    megapixels = sum(small.shape[0] * small.shape[1] for small in smalls.values()) / 1e6
    scores.processors_s[method.name] = used_s / megapixels
    scores.pictures[method.name] = made
    reached_db = {name: luma_psnr_db(picture, truths[name]) for name, picture in made.items()}
    scores.psnr_db[method.name] = reached_db
    gains = "".join(
        f" {scores.gain_db(method.name, set_):+.2f} |" if reached_db.keys() & set_ else " |"
        for set_ in scores.sets.values()
    )
    times = f" {used_s / megapixels:.2f} s | {wall_s / megapixels:.2f} s |"
    cells = "".join(f" {reached_db[name]:.2f} |" if name in reached_db else " |" for name in truths)
    return f"| {method.name} |{gains}{times}{cells}"


def judge_twice(scores: Scores, methods: Iterable[Method]) -> list[Figure]:
    """Compare ×2 with its targets."""
    names = scores.all_names
    default = scores.psnr_db[DEFAULT]
    plain = [scores.psnr_db[method.name] for method in methods if method.is_plain]
    above_plain = min(default[name] - max(each[name] for each in plain) for name in names)
    figures = [Figure("×2: above the best classical tool, least of all", above_plain, 0.0, "dB")]
    if WAIFU2X in scores.psnr_db:
        waifu2x_db = scores.gain_db(WAIFU2X, names)
        above = scores.gain_db(DEFAULT, names) - waifu2x_db
        below = waifu2x_db - scores.gain_db(QUICK, names)
        figures += [
            Figure("×2: above waifu2x with one back-projection", above, -_TOLERANCE_DB, "dB"),
            Figure("Quick ×2: below waifu2x", below, 0.25, "dB", at_most=True),
        ]
    return figures


def judge_four_times(scores: Scores) -> list[Figure]:
    """Compare ×4 with its targets."""
    targets_db = {"A": 1.2, "B": 1.3}
    return [
        Figure(f"×4: above bicubic, set {name}", scores.gain_db(DEFAULT, names), target_db, "dB")
        for (name, names), target_db in zip(scores.sets.items(), targets_db.values(), strict=True)
    ]


def judge_jpeg(cuts: Cuts) -> list[Figure]:
    """Enlarge reduced photographs that were compressed; compare with bicubic."""
    upscale = find_type(f"{DEFAULT} ×2")
    assert upscale is not None
    gains_db = []
    for truth in (
        photograph for photographs in cuts.values() for photograph in photographs.values()
    ):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "in.jpg"
            Image.fromarray(shrunk(truth, 2)).save(path, quality=_JPEG_QUALITY)
            with Image.open(path) as image:
                large = image.convert("RGB").resize(truth.shape[1::-1], Image.Resampling.BICUBIC)
            after, _ = enhanced(upscale.id, path)
        gains_db.append(luma_psnr_db(after, truth) - luma_psnr_db(np.asarray(large), truth))
    return [
        Figure(
            f"×2 of a JPEG of quality {_JPEG_QUALITY}: above Pillow's bicubic",
            mean(gains_db),
            0.8,
            "dB",
        )
    ]
