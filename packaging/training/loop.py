"""Trains a net, and goes on where an earlier run was stopped."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from training import checkpoint, degradations, drawings, forward
from training.checkpoint import Checkpoint, OtherTraining
from training.ncnn_files import Convolution
from training.nets import Net
from training.optimiser import Optimiser
from training.patches import Batch, Material, Source
from training.photographs import BRIGHTNESS, Picture
from training.teacher import Teacher


@dataclass(frozen=True, slots=True)
class Course:
    """What is done in a training, besides what a net's own recipe says."""

    seed: int
    steps: int
    share_of_rate: float
    """Of the net's rates: the highest."""
    squared_from: float
    """Share of the steps after which the loss is d²: the mean square is what PSNR measures, but
    learns slowly from the start."""
    taught: float
    """Share of the loss that is the distance to what the teacher gives, where nets enlarge."""
    by_area: float
    """Share of the patches for enlarging that are reduced by area mean, which loses more; the
    others are reduced by bicubic."""


def from_the_start(net: Net) -> Course:
    """Return the course of a net whose weights are drawn."""
    return Course(1, net.steps, 1.0, squared_from=0.8, taught=0.5, by_area=0.6)


REFINING = Course(2, 4500, 0.2, squared_from=0.0, taught=0.25, by_area=0.75)
"""The course of a net that was exported: more of what it is judged by, in small steps."""

_DRAWN = 0.1
"""Of the patches."""
_CHARBONNIER = 1e-6
"""ε² of the loss √(d² + ε²): P. Charbonnier et al. (1994)."""
_WARM_UP_STEPS = 100
_LAST_RATE = 1e-3
"""Of the highest rate: where half a cosine ends."""
_BORDER_PX = 3
"""Of the input: what lies so near the rim lacks what is beyond it, and does not count."""
_STEPS_BETWEEN_CHECKPOINTS = 500
_MULTIPLIES_BFLOAT16 = ("avx512_bf16", "amx_bf16")
"""PyTorch's names of the instructions for it. Without them it is imitated, and a step takes twenty
times as long as in float32."""


def train(
    net: Net,
    pictures: list[Picture],
    path: Path,
    course: Course,
    threads: int,
    *,
    weights: list[Convolution] | None = None,
) -> None:
    """Train up to the last step, with a checkpoint at ``path`` every 500; print each in JSON.

    First it prints in which numbers the convolutions are computed. Goes on from the checkpoint if
    there is one, with the patches that would have come next.

    :param weights: to begin with; ``None``: they are drawn.
    :raises TeacherMissing: the net enlarges, and its teacher is not there.
    :raises OtherTraining: the checkpoint is of another net, or of another course.
    """
    seed, steps = course.seed, course.steps
    torch.set_num_threads(threads)
    computes_in = _fastest_numbers()
    print(json.dumps({"convolutions": str(computes_in).removeprefix("torch.")}), flush=True)
    found = checkpoint.read(path) if path.exists() else None
    if found and (found.net, found.seed, found.steps) != (net.name, seed, steps):
        raise OtherTraining(
            f"{path} is of another training ({found.net}, {found.steps} steps, seed {found.seed}): "
            "move it away."
        )
    optimiser = Optimiser(weights or forward.first_weights(net, seed), net.rate, net.muon_rate)
    if found:
        optimiser.restore(found)
    done, hours = (found.step, found.hours) if found else (0, 0.0)
    if done >= steps:
        return
    material = _material(net, pictures, course)
    losses: list[float] = []
    began_s = time.monotonic()
    for step, batch in enumerate(material.stream(seed, done), start=done + 1):
        if step > steps:
            return
        squared = step > course.squared_from * steps
        loss = _loss(
            net,
            optimiser.weights,
            batch,
            squared=squared,
            taught=course.taught,
            computes_in=computes_in,
        )
        optimiser.advance(loss, step, course.share_of_rate * _share_of_rate(step, steps))
        losses.append(float(loss.detach()))
        if step % _STEPS_BETWEEN_CHECKPOINTS == 0 or step == steps:
            mean_loss = float(np.mean(losses))
            losses.clear()
            spent = hours + (time.monotonic() - began_s) / 3600
            arrays = optimiser.arrays()
            written = Checkpoint(net.name, seed, step, steps, spent, mean_loss, arrays)
            checkpoint.write(written, path)
            said = {"step": step, "loss": round(mean_loss, 6), "hours": round(spent, 3)}
            print(json.dumps(said), flush=True)


def _material(net: Net, photographs: list[Picture], course: Course) -> Material:
    groups: list[tuple[float, list[Source]]] = []
    teacher = Teacher() if net.scale > 1 else None
    reductions = (
        (course.by_area, degradations.reduced_by_area),
        (1 - course.by_area, degradations.reduced_by_bicubic),
    )
    for share, pictures in ((1 - _DRAWN, photographs), (_DRAWN, drawings.draw())):
        if teacher is None:
            groups.append((share, [Source(one, one, one) for one in pictures]))
            continue
        for part, reduce in reductions:
            groups.append((share * part, [teacher.source(one, reduce) for one in pictures]))
    return Material(net, groups)


def _loss(
    net: Net,
    weights: forward.Weights,
    batch: Batch,
    *,
    squared: bool,
    taught: float,
    computes_in: torch.dtype,
) -> torch.Tensor:
    """Return how far a net's results are from the originals, and from what the teacher gave."""
    # The weights, and the picture that the detail is added to, stay float32.
    with torch.autocast("cpu", torch.bfloat16, enabled=computes_in == torch.bfloat16):
        given = forward.run(net, weights, forward.fed(batch.spoilt, batch.maps)).float()
    border = _BORDER_PX * net.scale
    within = (..., slice(border, -border), slice(border, -border))
    shares = torch.tensor(BRIGHTNESS).view(1, 3, 1, 1)

    def distance(wanted: NDArray[np.uint8]) -> torch.Tensor:
        target = torch.from_numpy(wanted.transpose(0, 3, 1, 2).astype(np.float32)) / 255
        differences = (given - target)[within]
        of_colours = _mean(differences, squared=squared)
        of_brightness = _mean((differences * shares).sum(1), squared=squared)
        return (1 - net.brightness) * of_colours + net.brightness * of_brightness

    if net.scale == 1:
        return distance(batch.original)
    return (1 - taught) * distance(batch.original) + taught * distance(batch.taught)


def _mean(differences: torch.Tensor, *, squared: bool) -> torch.Tensor:
    squares = torch.square(differences)
    return (squares if squared else torch.sqrt(squares + _CHARBONNIER)).mean()


def _fastest_numbers() -> torch.dtype:
    """Return bfloat16 where the processor multiplies it itself: as good at the end, and faster."""
    has = torch.cpu.get_capabilities()
    native = any(has.get(instruction, False) for instruction in _MULTIPLIES_BFLOAT16)
    return torch.bfloat16 if native else torch.float32


def _share_of_rate(step: int, steps: int) -> float:
    if step <= _WARM_UP_STEPS:
        return step / _WARM_UP_STEPS
    way = (step - _WARM_UP_STEPS) / max(1, steps - _WARM_UP_STEPS)
    return _LAST_RATE + (1 - _LAST_RATE) * 0.5 * (1 + math.cos(math.pi * way))
