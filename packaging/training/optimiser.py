"""Moves a net's weights down the slopes of its loss.

Muon (K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024) moves the
kernels within a net, in steps that use all directions of a kernel alike: in a trial it was after
2,000 steps where Adam was after 2,800. Adam moves the first and the last kernel and all biases.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from training import forward
from training.checkpoint import Checkpoint
from training.ncnn_files import Convolution
from training.nets import KERNEL_PX

_STEEPEST = 0.06
"""Norm of the slopes of all weights, three times the usual; steeper ones are shortened, or one odd
patch throws a net with residuals off its way for good."""
MEAN = 0.999
"""Of what was there before each step in the running mean of the weights, which is what is used;
less in the beginning, so that it soon forgets the drawn ones."""
_OF_ADAM = ("exp_avg", "exp_avg_sq")
_OF_MUON = ("momentum_buffer",)


class Optimiser:
    """Weights, their running mean, and the state of Adam and Muon."""

    def __init__(self, weights: list[Convolution], adam_rate: float, muon_rate: float) -> None:
        """Begin with these weights.

        :param adam_rate: Adam's highest step width.
        :param muon_rate: Muon's.
        """
        self._flat = [tensor for pair in weights for tensor in _flat(*pair)]
        for tensor in self._flat:
            tensor.requires_grad_()
        self._mean = [one.detach().clone() for one in self._flat]
        # Kernels and biases come in turn.
        self._within = self._flat[2:-2:2]
        chosen = {id(tensor) for tensor in self._within}
        others = [tensor for tensor in self._flat if id(tensor) not in chosen]
        self._rates = (adam_rate, muon_rate)
        self._adam = torch.optim.Adam(others, adam_rate)
        self._muon = torch.optim.Muon(
            self._within, muon_rate, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"
        )

    @property
    def weights(self) -> forward.Weights:
        """The weights, to compute with."""
        return _paired(self._flat)

    def advance(self, loss: torch.Tensor, step: int, share: float) -> None:
        """Take a step down a loss.

        :param step: its number, from 1.
        :param share: of the highest step widths.
        """
        for optimiser, rate in zip((self._adam, self._muon), self._rates, strict=True):
            optimiser.zero_grad()
            for group in optimiser.param_groups:
                group["lr"] = share * rate
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._flat, _STEEPEST)
        self._adam.step()
        self._muon.step()
        kept = min(MEAN, (1 + step) / (10 + step))
        with torch.no_grad():
            for mean, tensor in zip(self._mean, self._flat, strict=True):
                mean.lerp_(tensor, 1 - kept)

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return all of it for a checkpoint."""
        groups = {"weights": self._flat, "mean": self._mean}
        kept = {
            f"{group}.{number}": tensor.detach().numpy().copy()
            for group, tensors in groups.items()
            for number, tensor in enumerate(tensors)
        }
        for number, tensor in enumerate(self._flat):
            optimiser, names = self._of(tensor)
            for name in names:
                kept[f"{name}.{number}"] = optimiser.state[tensor][name].numpy().copy()
        return kept

    def restore(self, found: Checkpoint) -> None:
        """Go on where a checkpoint was written."""
        with torch.no_grad():
            for group, tensors in (("weights", self._flat), ("mean", self._mean)):
                for tensor, array in zip(tensors, found.group(group), strict=True):
                    tensor.copy_(torch.from_numpy(array))
        for number, tensor in enumerate(self._flat):
            optimiser, names = self._of(tensor)
            state = optimiser.state[tensor]
            for name in names:
                state[name] = torch.from_numpy(found.arrays[f"{name}.{number}"].copy())
            if optimiser is self._adam:
                state["step"] = torch.tensor(float(found.step))

    def _of(self, tensor: torch.Tensor) -> tuple[torch.optim.Optimizer, tuple[str, ...]]:
        if any(tensor is one for one in self._within):
            return self._muon, _OF_MUON
        return self._adam, _OF_ADAM


def mean_weights(found: Checkpoint) -> list[Convolution]:
    """Return the running mean of the weights of a checkpoint."""
    return forward.arrays(_paired([torch.from_numpy(array) for array in found.group("mean")]))


def _flat(kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> tuple[torch.Tensor, ...]:
    """Return a kernel as the matrix that Muon needs, a row for each channel that it gives."""
    rows = kernel.transpose(3, 2, 0, 1).reshape(kernel.shape[3], -1)
    return torch.from_numpy(np.ascontiguousarray(rows)), torch.from_numpy(bias.copy())


def _paired(flat: list[torch.Tensor]) -> forward.Weights:
    kernels = [kernel.view(len(kernel), -1, KERNEL_PX, KERNEL_PX) for kernel in flat[::2]]
    return list(zip(kernels, flat[1::2], strict=True))
