"""Makes the files that the program reads out of a checkpoint."""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tomlkit
import torch

from training import forward, loop, measure, optimiser, patches, teacher
from training.checkpoint import Checkpoint
from training.ncnn_files import INPUT, OUTPUT, Convolution, write_pair
from training.nets import Net
from training.photographs import PACKAGE, PHOTOGRAPHS
from training.running import Runner

_SIDE_PX = 96
_TOLERANCE = 0.004
"""One step of 255: by so much fp16 may change what a net makes of noise."""


class NotTheSame(Exception):
    """The exported net does something else than the trained one."""


def export(net: Net, found: Checkpoint, folder: Path) -> None:
    """Write ``NAME.param``, ``NAME.bin``, and ``NAME.toml`` with the recipe and the figures.

    Raises:
        NotTheSame: ncnn computes something else from the files than PyTorch from the
            checkpoint; the folder is as it was.
    """
    with tempfile.TemporaryDirectory(dir=folder) as made:
        written = write_weights(net, found, Path(made))
        runner = Runner(net, Path(made))
        _compare(net, optimiser.mean_weights(found), runner)
        recipe = Path(made) / f"{net.name}.toml"
        figures = list(measure.figures(net, runner))
        trainings = _trainings(net, found, folder / recipe.name)
        text = _recipe(net, trainings, figures, written)
        recipe.write_text(text, encoding="utf-8", newline="\n")
        for path in (*written, recipe):
            path.replace(folder / path.name)


def note_figures(recipe: Path, figures: list[measure.Figure]) -> None:
    """Write into a recipe what was measured, and where its net does as well as those of others.

    The program uses ``default`` and ``cleaner`` only there, or where those are not installed.
    """
    document = tomlkit.parse(recipe.read_text(encoding="utf-8"))
    document.update({**measure.reached(figures), "figures": _tables(figures)})
    recipe.write_text(tomlkit.dumps(document), encoding="utf-8", newline="\n")


def write_weights(net: Net, found: Checkpoint, folder: Path) -> tuple[Path, Path]:
    """Write ``NAME.param`` and ``NAME.bin`` alone; return their paths."""
    return write_pair(net, optimiser.mean_weights(found), folder)


def _compare(net: Net, weights: list[Convolution], runner: Runner) -> None:
    fed = np.random.default_rng(0).random((_SIDE_PX, _SIDE_PX, net.inputs), np.float32)
    values = torch.from_numpy(np.ascontiguousarray(fed.transpose(2, 0, 1)))[None]
    padded = forward.run(net, forward.tensors(weights), values)[0].numpy().transpose(1, 2, 0)
    margin_px = net.margin_px * net.scale
    wanted = padded[margin_px:-margin_px, margin_px:-margin_px]
    error = float(np.abs(runner.run(fed) - wanted).max())
    if error > _TOLERANCE:
        raise NotTheSame(f"{net.name}: ncnn differs from PyTorch by {error:.4f} of 1.")


def _trainings(net: Net, found: Checkpoint, committed: Path) -> dict[str, Any]:
    """Return the facts of a training; of one that refines also those of the one before it."""
    refines = found.seed == loop.REFINING.seed
    course = loop.REFINING if refines else loop.from_the_start(net)
    facts: dict[str, Any] = {
        "seed": found.seed,
        "steps": found.step,
        "steps_planned": found.steps,
        "hours": round(found.hours, 2),
        "loss": round(found.loss, 6),
        "rate": round(course.share_of_rate * net.rate, 8),
        "muon_rate": round(course.share_of_rate * net.muon_rate, 8),
        "brightness": net.brightness,
        "patches": patches.PATCHES,
        "patch_px": patches.PATCH_PX,
        "running_mean": optimiser.MEAN,
        "squared_from": course.squared_from,
        "package": PACKAGE,
    }
    if net.scale > 1:
        facts |= {"teacher": teacher.FILE, "taught": course.taught, "by_area": course.by_area}
    if not refines:
        return {"training": facts}
    before = tomlkit.parse(committed.read_text(encoding="utf-8")).unwrap()
    return {"training": before["training"], "refining": facts}


def _recipe(
    net: Net,
    trainings: dict[str, Any],
    figures: list[measure.Figure],
    written: Sequence[Path],
) -> str:
    facts: dict[str, Any] = {
        "scale": net.scale,
        "margin_px": net.margin_px,
        "multiple_px": net.fold,
        "maps": list(net.maps),
        "input": INPUT,
        "output": OUTPUT,
        "parameters": net.parameters,
        "licence": "MIT",
        **measure.reached(figures),
        "sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in written},
        **trainings,
        "photographs": [dataclasses.asdict(one) for one in PHOTOGRAPHS],
        "figures": _tables(figures),
    }
    document = tomlkit.document()
    document.add(tomlkit.comment(f"Made by: python packaging/train.py export {net.name}"))
    document.update(facts)
    return tomlkit.dumps(document)


def _tables(figures: list[measure.Figure]) -> list[dict[str, Any]]:
    tables = [dataclasses.asdict(figure) for figure in figures]
    return [{name: value for name, value in one.items() if value is not None} for one in tables]
