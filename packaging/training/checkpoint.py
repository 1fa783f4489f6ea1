"""Checkpoints: a training that was stopped at any moment goes on from the last."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class OtherTraining(Exception):
    """A checkpoint is of another training than the one that is to go on."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a training after a step."""

    net: str
    seed: int
    step: int
    steps: int
    """How many there are to be."""
    hours: float
    """Spent in training so far."""
    loss: float
    """Mean of the last steps, as the net was trained in them."""
    arrays: dict[str, NDArray[Any]]
    """By group and number. ``weights.0`` and ``mean.0`` (those to be used): kernels, shape
    (out, in × 9), and biases in turn; the optimisers' by their own names, with gaps."""

    def group(self, name: str) -> list[NDArray[Any]]:
        """Return the arrays of ``weights`` or ``mean``, in order."""
        found = {key: array for key, array in self.arrays.items() if key.startswith(f"{name}.")}
        return [found[f"{name}.{number}"] for number in range(len(found))]


def write(checkpoint: Checkpoint, path: Path) -> None:
    """Replace a checkpoint; one that is being written is never seen under its name."""
    facts = {
        "net": checkpoint.net,
        "seed": checkpoint.seed,
        "step": checkpoint.step,
        "steps": checkpoint.steps,
        "hours": checkpoint.hours,
        "loss": checkpoint.loss,
    }
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        arrays: dict[str, Any] = {**checkpoint.arrays, "facts": np.array(json.dumps(facts))}
        np.savez(file, **arrays)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def read(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        FileNotFoundError: There is none.
    """
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    return Checkpoint(**json.loads(str(arrays.pop("facts"))), arrays=arrays)
