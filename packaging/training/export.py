"""Makes the files that the program reads out of a checkpoint."""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import tomlkit
import torch

from training import forward, loop, measure, optimiser, patches, teacher
from training.checkpoint import Checkpoint
from training.nets import Net
from training.onnx_file import INPUT, OUTPUT, Convolution, write_onnx
from training.photographs import PACKAGE, PHOTOGRAPHS
from training.running import Runner

_SIDE_PX = 64
_TOLERANCE = 0.004
"""One step of 255: by so much fp16 may change what a net makes of noise."""


class NotTheSame(Exception):
    """The exported net does something else than the trained one."""


def export(net: Net, found: Checkpoint, folder: Path) -> None:
    """Write ``NAME.onnx`` and ``NAME.toml`` with the recipe and the figures.

    Raises:
        NotTheSame: ONNX Runtime computes something else from the file than PyTorch from the
            checkpoint; the folder is as it was.
    """
    with tempfile.TemporaryDirectory(dir=folder) as made:
        written = write_weights(net, found, Path(made))
        runner = Runner(net, Path(made))
        _compare(net, optimiser.mean_weights(found), runner)
        recipe = Path(made) / f"{net.name}.toml"
        figures = list(measure.figures(net, runner))
        recipe.write_text(_recipe(net, found, figures, written), encoding="utf-8", newline="\n")
        for path in (written, recipe):
            path.replace(folder / path.name)


def note_whether_reached(recipe: Path, figures: list[measure.Figure]) -> None:
    """Write into a recipe whether its net does as well as those of others.

    The program uses ``default`` and ``cleaner`` only then, or where those are not installed.
    """
    document = tomlkit.parse(recipe.read_text(encoding="utf-8"))
    document.update(measure.reached(figures))
    recipe.write_text(tomlkit.dumps(document), encoding="utf-8", newline="\n")


def write_weights(net: Net, found: Checkpoint, folder: Path) -> Path:
    """Write ``NAME.onnx`` alone; return its path."""
    return write_onnx(net, optimiser.mean_weights(found), folder)


def _compare(net: Net, weights: list[Convolution], runner: Runner) -> None:
    fed = np.random.default_rng(0).random((_SIDE_PX, _SIDE_PX, net.inputs), np.float32)
    values = torch.from_numpy(np.ascontiguousarray(fed.transpose(2, 0, 1)))[None]
    wanted = forward.run(net, forward.tensors(weights), values)[0].numpy().transpose(1, 2, 0)
    error = float(np.abs(runner.run(fed) - wanted).max())
    if error > _TOLERANCE:
        raise NotTheSame(f"{net.name}: ONNX Runtime differs from PyTorch by {error:.4f} of 1.")


def _taught(net: Net) -> dict[str, Any]:
    """Return who taught a net that enlarges, and how much of its loss that is."""
    return {} if net.scale == 1 else {"teacher": teacher.FILE, "taught": loop.TAUGHT}


def _recipe(net: Net, found: Checkpoint, figures: list[measure.Figure], written: Path) -> str:
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
        "sha256": {written.name: hashlib.sha256(written.read_bytes()).hexdigest()},
        "training": {
            "seed": found.seed,
            "steps": found.step,
            "steps_planned": found.steps,
            "hours": round(found.hours, 2),
            "loss": round(found.loss, 6),
            "rate": net.rate,
            "muon_rate": net.muon_rate,
            "brightness": net.brightness,
            "patches": patches.PATCHES,
            "patch_px": patches.PATCH_PX,
            "running_mean": optimiser.MEAN,
            "squared_from": loop.SQUARED_FROM,
            "package": PACKAGE,
            **_taught(net),
        },
        "photographs": [dataclasses.asdict(one) for one in PHOTOGRAPHS],
        "figures": [
            {name: value for name, value in dataclasses.asdict(figure).items() if value is not None}
            for figure in figures
        ],
    }
    document = tomlkit.document()
    document.add(tomlkit.comment(f"Made by: python packaging/train.py export {net.name}"))
    document.update(facts)
    return tomlkit.dumps(document)
