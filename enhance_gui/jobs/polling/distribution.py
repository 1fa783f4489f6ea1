"""How long tasks take: a distribution fitted to durations of which only bounds are known.

A finish is never seen, only found: the task was alive at the last look and done at this one. Each
sample is therefore an interval, and the fit is maximum likelihood for interval-censored data by
expectation and maximisation with a smoothing step in each round (B. W. Silverman, M. C. Jones,
J. D. Wilson, D. W. Nychka, "A smoothed EM approach to indirect estimation problems", Journal of
the Royal Statistical Society B 52, 1990). Taking the moment of the look for that of the finish
instead would teach the poller its own schedule.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from statistics import NormalDist, quantiles, stdev

from enhance_gui.core.tasks.work_times import DurationSample

_CELLS = 260
_ROUNDS = 8
_PRIOR_SIGMA = 1.2
_REACH = 60.0
_STANDARD = NormalDist()


class Distribution:
    """The chance that a task is finished by an age, linear between the edges of cells."""

    def __init__(self, edges_s: Sequence[float], masses: Sequence[float]) -> None:
        """Take ``len(edges_s) - 1`` masses, one for each cell between two edges; they sum to 1."""
        self._edges_s = list(edges_s)
        self._cumulative = [0.0, *accumulate(masses)]
        self._cumulative[-1] = 1.0
        centres = ((low + high) / 2 for low, high in pairwise(self._edges_s))
        self.mean_s = sum(mass * centre for mass, centre in zip(masses, centres, strict=True))
        """Seconds that a task takes in the mean."""

    def finished_by(self, age_s: float, waits_s: Sequence[float] = (0.0,)) -> float:
        """Return the chance that a task takes at most ``age_s``.

        :param waits_s: equally likely waits before the service begins.
        """
        # Written out: a schedule asks for thousands of these, in the thread of the window.
        edges_s, cumulative = self._edges_s, self._cumulative
        count = len(edges_s)
        total = 0.0
        for wait_s in waits_s:
            work_s = age_s - wait_s
            cell = bisect_right(edges_s, work_s)
            if cell == count:
                total += 1.0
            elif cell:
                low_s, low = edges_s[cell - 1], cumulative[cell - 1]
                rise = cumulative[cell] - low
                total += low + rise * (work_s - low_s) / (edges_s[cell] - low_s)
        return total / len(waits_s)

    def quantile_s(self, chance: float) -> float:
        """Return the age by which a share ``chance`` of all tasks is finished."""
        cell = min(max(1, bisect_left(self._cumulative, chance)), len(self._edges_s) - 1)
        low, high = self._cumulative[cell - 1], self._cumulative[cell]
        share = (chance - low) / (high - low) if high > low else 1.0
        low_s, high_s = self._edges_s[cell - 1], self._edges_s[cell]
        return low_s + min(1.0, max(0.0, share)) * (high_s - low_s)


def fit(
    samples: Sequence[DurationSample], prior_median_s: float, prior_weight: float
) -> Distribution:
    """Fit a distribution to samples and a log-normal prior that counts for some samples."""
    middles = [max((sample.after_s + sample.by_s) / 2, 1e-3) for sample in samples]
    low_s = min([prior_median_s, *middles]) / _REACH
    high_s = max([prior_median_s, *middles]) * _REACH
    ratio = (high_s / low_s) ** (1 / _CELLS)
    edges_s = [low_s * ratio**number for number in range(_CELLS + 1)]
    prior = _log_normal_masses(edges_s, prior_median_s)
    if not samples:
        return Distribution(edges_s, prior)
    spans = [_span(sample, edges_s) for sample in samples]
    width = _blur_width(_bandwidth(middles) / math.log(ratio))
    share = prior_weight / (prior_weight + len(samples))
    masses = prior
    for _ in range(_ROUNDS):
        learned = _blurred(_reallotted(masses, spans), width)
        scale = (1 - share) / sum(learned)
        masses = [
            share * ours + scale * theirs for ours, theirs in zip(prior, learned, strict=True)
        ]
    return Distribution(edges_s, masses)


def _log_normal_masses(edges_s: list[float], median_s: float) -> list[float]:
    chances = [_STANDARD.cdf(math.log(edge / median_s) / _PRIOR_SIGMA) for edge in edges_s]
    total = chances[-1] - chances[0]
    return [(high - low) / total for low, high in pairwise(chances)]


def _span(sample: DurationSample, edges_s: list[float]) -> tuple[int, int]:
    """Return the first cell of an interval and the one after its last; at least one cell."""
    first = max(0, min(bisect_right(edges_s, sample.after_s), _CELLS) - 1)
    stop = min(_CELLS, bisect_left(edges_s, sample.by_s))
    return first, max(first + 1, stop)


def _reallotted(masses: list[float], spans: list[tuple[int, int]]) -> list[float]:
    """Spread each sample over its interval in proportion to what is believed so far."""
    cumulative = [0.0, *accumulate(masses)]
    steps = [0.0] * (_CELLS + 1)
    for first, stop in spans:
        weight = 1 / max(cumulative[stop] - cumulative[first], 1e-12)
        steps[first] += weight
        steps[stop] -= weight
    return [mass * weight for mass, weight in zip(masses, accumulate(steps), strict=False)]


def _bandwidth(middles: list[float]) -> float:
    """Return how far to blur, in units of log time: wide for few or for scattered samples."""
    if len(middles) < 3:
        return 0.5
    logs = [math.log(middle) for middle in middles]
    lower, _, upper = quantiles(logs, n=4)
    spread = min(stdev(logs), max(0.3, (upper - lower) / 1.34))
    return max(0.06, 0.6 * spread * math.pow(len(logs), -0.35))


def _blur_width(sigma_cells: float) -> int:
    """Return the odd width of a box which, applied three times, blurs like a Gaussian."""
    return 2 * round((math.sqrt(4 * sigma_cells**2 + 1) - 1) / 2) + 1


def _blurred(masses: list[float], width: int) -> list[float]:
    half = width // 2
    for _ in range(3):
        padded = [0.0] * (half + 1) + masses + [0.0] * half
        sums = list(accumulate(padded))
        masses = [(high - low) / width for low, high in zip(sums, sums[width:], strict=False)]
    return masses
