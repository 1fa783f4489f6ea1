"""The nets: their shapes, their inputs and how each is trained."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

COLOURS = 3
KERNEL_PX = 3
SLOPE = 0.1
"""Of every leaky ReLU."""


@dataclass(frozen=True, slots=True)
class Net:
    """A chain of 3×3 convolutions whose output is added to the (enlarged) picture.

    Plain convolutions at low resolution give most quality for a processor's time: run-times have
    Winograd kernels for just these.
    """

    name: str
    scale: int
    """1, or 2: how much longer the sides become."""
    maps: tuple[str, ...]
    """What the net is told beside the colours, each a channel of one value; how these are made
    stands in ``degradations.py``."""
    channels: int
    inner: int
    """How many convolutions from ``channels`` to ``channels``, in pairs whose input is added to
    their output."""
    fold: int
    """How much shorter the sides are inside than those of the input (pixel-unshuffle)."""
    rate: float
    """Adam's highest step width."""
    muon_rate: float
    """Muon's."""
    brightness: float
    """Share of the loss that is of the brightness; the rest is of red, green and blue."""
    steps: int

    @property
    def inputs(self) -> int:
        """Return the number of channels that are fed."""
        return COLOURS + len(self.maps)

    @property
    def shuffle(self) -> int:
        """Return how much longer the sides become from the last convolution to the output."""
        return self.scale * self.fold

    @property
    def widths(self) -> tuple[tuple[int, int], ...]:
        """Return the channels going into and out of each convolution."""
        ends = [self.inputs * self.fold**2, *[self.channels] * (self.inner + 1)]
        return tuple(pairwise([*ends, COLOURS * self.shuffle**2]))

    @property
    def parameters(self) -> int:
        """Return the number of weights and biases."""
        return sum(KERNEL_PX**2 * before * after + after for before, after in self.widths)

    @property
    def margin_px(self) -> int:
        """Return how far an input pixel reaches, in pixels of the input."""
        return len(self.widths) * (KERNEL_PX // 2) * self.fold


NETS = {
    net.name: net
    for net in (
        Net(
            "quick",
            2,
            ("jpeg",),
            32,
            8,
            fold=1,
            rate=1.5e-3,
            muon_rate=8e-4,
            brightness=0.9,
            steps=60_000,
        ),
        Net(
            "default",
            2,
            ("jpeg",),
            64,
            8,
            fold=1,
            rate=1e-3,
            muon_rate=6e-4,
            brightness=0.9,
            steps=45_000,
        ),
        Net(
            "cleaner",
            1,
            ("noise", "jpeg"),
            48,
            10,
            fold=2,
            rate=1.2e-3,
            muon_rate=7e-4,
            brightness=0.0,
            steps=13_500,
        ),
    )
}
