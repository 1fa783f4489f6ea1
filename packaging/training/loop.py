"""Trains a net, and goes on where an earlier run was stopped."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import numpy as np
import torch

from training import checkpoint, forward, patches
from training.checkpoint import Checkpoint
from training.nets import Net
from training.onnx_file import Convolution
from training.photographs import Picture

SEED = 1

_CHARBONNIER = 1e-6
"""ε² of the loss √(d² + ε²): P. Charbonnier et al. (1994)."""
SQUARED_FROM = 0.8
"""Share of the steps after which the loss is d²: the mean square is what PSNR measures, but
learns slowly from the start."""
_STEEPEST = 0.06
"""Norm of the slopes of all weights, three times the usual; steeper ones are shortened, or one odd
patch throws a net with residuals off its way for good."""
_WARM_UP_STEPS = 100
_LAST_RATE = 1e-3
"""Of the highest rate: where half a cosine ends."""
_BORDER_PX = 3
"""Of the input: what lies so near the rim lacks what is beyond it, and does not count."""
MEAN = 0.999
"""Of what was there before each step in the running mean of the weights, which is what is used;
less in the beginning, so that it soon forgets the drawn ones."""
_STEPS_BETWEEN_CHECKPOINTS = 500
_MULTIPLIES_BFLOAT16 = ("avx512_bf16", "amx_bf16")
"""PyTorch's names of the instructions for it. Without them it is imitated, and a step takes twenty
times as long as in float32."""


def train(net: Net, pictures: list[Picture], path: Path, steps: int, threads: int) -> None:
    """Train up to a number of steps, with a checkpoint at ``path`` every 500; print each in JSON.

    First it prints in which numbers the convolutions are computed. Goes on from the checkpoint if
    there is one, with the patches that would have come next.
    """
    torch.set_num_threads(threads)
    computes_in = _fastest_numbers()
    print(json.dumps({"convolutions": str(computes_in).removeprefix("torch.")}), flush=True)
    found = checkpoint.read(path) if path.exists() else None
    state = _State(net, found, computes_in)
    done, hours = (found.step, found.hours) if found else (0, 0.0)
    losses: list[float] = []
    began_s = time.monotonic()
    for step, batch in enumerate(patches.stream(net, pictures, SEED, done), start=done + 1):
        if step > steps:
            return
        losses.append(state.advance(batch, step, steps))
        if step % _STEPS_BETWEEN_CHECKPOINTS == 0 or step == steps:
            mean_loss = float(np.mean(losses))
            losses.clear()
            spent = hours + (time.monotonic() - began_s) / 3600
            arrays = state.arrays()
            written = Checkpoint(net.name, SEED, step, steps, spent, mean_loss, arrays)
            checkpoint.write(written, path)
            said = {"step": step, "loss": round(mean_loss, 6), "hours": round(spent, 3)}
            print(json.dumps(said), flush=True)


class _State:
    """Weights, their running mean, and Adam's moments."""

    def __init__(self, net: Net, found: Checkpoint | None, computes_in: torch.dtype) -> None:
        """:param computes_in: the numbers of the convolutions: float32 or bfloat16."""
        self._net = net
        self._computes_in = computes_in
        self._flat = _read(found, "weights") if found else _drawn(net)
        for tensor in self._flat:
            tensor.requires_grad_()
        self._mean = _read(found, "mean") if found else [one.detach().clone() for one in self._flat]
        self._adam = torch.optim.Adam(self._flat, net.rate)
        if found:
            moments = zip(_read(found, "first"), _read(found, "second"), strict=True)
            for tensor, (one, two) in zip(self._flat, moments, strict=True):
                step = torch.tensor(float(found.step))
                self._adam.state[tensor] = {"step": step, "exp_avg": one, "exp_avg_sq": two}

    def advance(self, batch: patches.Batch, step: int, steps: int) -> float:
        """Take a step; return the loss (the mean of √(d² + ε²))."""
        for group in self._adam.param_groups:
            group["lr"] = _rate(step, steps) * self._net.rate
        original = torch.from_numpy(batch.original.transpose(0, 3, 1, 2).astype(np.float32))
        fed = forward.fed(batch.spoilt, batch.maps)
        # The weights, and the picture that the detail is added to, stay float32.
        narrower = self._computes_in == torch.bfloat16
        with torch.autocast("cpu", torch.bfloat16, enabled=narrower):
            given = forward.run(self._net, _paired(self._flat), fed).float()
        border = _BORDER_PX * self._net.scale
        within = slice(border, -border)
        squares = torch.square(given - original / 255)[:, :, within, within]
        absolute = torch.sqrt(squares + _CHARBONNIER).mean()
        self._adam.zero_grad()
        (absolute if step <= SQUARED_FROM * steps else squares.mean()).backward()
        torch.nn.utils.clip_grad_norm_(self._flat, _STEEPEST)
        self._adam.step()
        kept = min(MEAN, (1 + step) / (10 + step))
        with torch.no_grad():
            for mean, tensor in zip(self._mean, self._flat, strict=True):
                mean.lerp_(tensor, 1 - kept)
        return float(absolute.detach())

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all of it for a checkpoint."""
        moments = [self._adam.state[tensor] for tensor in self._flat]
        groups = {
            "weights": self._flat,
            "mean": self._mean,
            "first": [one["exp_avg"] for one in moments],
            "second": [one["exp_avg_sq"] for one in moments],
        }
        return {
            f"{group}.{number}": tensor.detach().numpy().copy(order="C")
            for group, all_of_it in groups.items()
            for number, tensor in enumerate(all_of_it)
        }


def _fastest_numbers() -> torch.dtype:
    """Return bfloat16 where the processor multiplies it itself: as good at the end, and faster."""
    has = torch.cpu.get_capabilities()
    native = any(has.get(instruction, False) for instruction in _MULTIPLIES_BFLOAT16)
    return torch.bfloat16 if native else torch.float32


def _drawn(net: Net) -> list[torch.Tensor]:
    drawn = forward.tensors(forward.first_weights(net, SEED))
    return [tensor for pair in drawn for tensor in pair]


def _rate(step: int, steps: int) -> float:
    if step <= _WARM_UP_STEPS:
        return step / _WARM_UP_STEPS
    way = (step - _WARM_UP_STEPS) / max(1, steps - _WARM_UP_STEPS)
    return _LAST_RATE + (1 - _LAST_RATE) * 0.5 * (1 + math.cos(math.pi * way))


def weights_of(found: Checkpoint) -> list[Convolution]:
    """Return the running mean of the weights of a checkpoint."""
    return forward.arrays(_paired(_read(found, "mean")))


def _read(found: Checkpoint, group: str) -> list[torch.Tensor]:
    read = [torch.from_numpy(array) for array in found.group(group)]
    return [forward.laid(tensor) if tensor.dim() == 4 else tensor for tensor in read]


def _paired(flat: list[torch.Tensor]) -> forward.Weights:
    return list(zip(flat[::2], flat[1::2], strict=True))
