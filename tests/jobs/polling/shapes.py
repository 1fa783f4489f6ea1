"""Four shapes of durations, from service to service as different as can be expected."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from random import Random
from statistics import NormalDist

_STANDARD = NormalDist()


@dataclass(frozen=True, slots=True)
class LogNormal:
    """One hump."""

    median_s: float
    sigma: float

    def finished_by(self, age_s: float) -> float:
        if age_s <= 0:
            return 0.0
        return _STANDARD.cdf(math.log(age_s / self.median_s) / self.sigma)


@dataclass(frozen=True, slots=True)
class Shape:
    """A mixture of humps, with their weights."""

    name: str
    humps: tuple[tuple[float, LogNormal], ...]

    def finished_by(self, age_s: float) -> float:
        """Return the chance that a task takes at most ``age_s``."""
        return sum(weight * hump.finished_by(age_s) for weight, hump in self.humps)

    def draw_s(self, random: Random) -> float:
        """Draw one duration."""
        weights = [weight for weight, _ in self.humps]
        hump = random.choices([hump for _, hump in self.humps], weights)[0]
        return random.lognormvariate(math.log(hump.median_s), hump.sigma)

    def quantile_s(self, chance: float) -> float:
        """Return the age by which a share ``chance`` of all tasks is finished."""
        low_s, high_s = 1e-3, 1e6
        for _ in range(50):
            middle_s = math.sqrt(low_s * high_s)
            if self.finished_by(middle_s) < chance:
                low_s = middle_s
            else:
                high_s = middle_s
        return high_s

    def even_sample_s(self, size: int) -> list[float]:
        """Return a sample without luck: the middles of ``size`` equally likely parts."""
        return list(_even_sample_s(self, size))


@cache
def _even_sample_s(shape: Shape, size: int) -> tuple[float, ...]:
    return tuple(shape.quantile_s((number + 0.5) / size) for number in range(size))


def one_hump(name: str, median_s: float, sigma: float) -> Shape:
    """Return a log-normal shape."""
    return Shape(name, ((1.0, LogNormal(median_s, sigma)),))


FAST = one_hump("fast, median 8 s", 8, 0.5)
MID = one_hump("mid, median 30 s", 30, 0.6)
HEAVY = one_hump("heavy tail, median 30 s", 30, 1.2)
BIMODAL = Shape("bimodal, 5 s / 120 s", ((0.8, LogNormal(5, 0.3)), (0.2, LogNormal(120, 0.3))))
SHAPES = (FAST, MID, HEAVY, BIMODAL)
SHARP = Shape("sharp bimodal, 5 s / 120 s", ((0.8, LogNormal(5, 0.2)), (0.2, LogNormal(120, 0.2))))
