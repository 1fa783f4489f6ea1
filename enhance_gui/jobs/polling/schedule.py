"""When to poll a task next: the optimal inspection schedule of a known distribution.

With ``price_s`` seconds of waiting for one request and ``T`` the moment of the finish, a schedule
``t1 < t2 < …`` costs ``E[price · K + (t_K − T)]``, where ``t_K`` is the first poll at or after
``T``. This is the inspection problem of R. E. Barlow, L. C. Hunter and F. Proschan ("Optimum
checking procedures", Journal of SIAM 11, 1963), solved here by dynamic programming on a grid whose
steps follow ``sqrt(2 · price / hazard)``, the smooth approximation of the optimal gap. So the grid
is fine just where the answer is: in the tail of a heavy distribution as well as at a late mode.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from enhance_gui.jobs.polling.distribution import Distribution

_STEPS_A_GAP = 6
_LONGEST_STEP = 0.05
_MAX_STEPS = 600
_FIRST_CHANCE = 5e-4
_LAST_CHANCE = 1 - 1e-3
_GAP_A_AGE_BEYOND = 0.35
_LONGEST_GAP_BEYOND_S = 60.0


class Schedule:
    """Gives the age of the next poll of a task that is known to be unfinished at some age."""

    def __init__(self, ages_s: list[float], next_ages_s: list[float]) -> None:
        self._ages_s = ages_s
        self._next_ages_s = next_ages_s

    def next_age_s(self, age_s: float) -> float:
        """Return the age at which to look next; beyond all that is known, looks grow rare."""
        place = bisect_right(self._ages_s, age_s) - 1
        if place + 1 >= len(self._ages_s):
            return age_s + min(_GAP_A_AGE_BEYOND * age_s, _LONGEST_GAP_BEYOND_S)
        if self._ages_s[place + 1] - age_s < age_s - self._ages_s[place]:
            place += 1
        return self._next_ages_s[place]


def plan(durations: Distribution, price_s: float, waits_s: Sequence[float] = (0.0,)) -> Schedule:
    """Work out the schedule for tasks that first wait, then take their time.

    :param waits_s: equally likely waits before the service begins.
    """

    ages_s, chances = _grid(durations, price_s, waits_s)
    return Schedule(ages_s, _best_next(ages_s, chances, price_s))


def _grid(
    durations: Distribution, price_s: float, waits_s: Sequence[float]
) -> tuple[list[float], list[float]]:
    """Return the ages to choose from, and the chance to be finished by each."""
    age_s = min(waits_s) + durations.quantile_s(_FIRST_CHANCE)
    last_s = max(waits_s) + durations.quantile_s(_LAST_CHANCE)
    done = durations.finished_by(age_s, waits_s)
    ages_s, chances = [0.0, age_s], [0.0, done]
    while age_s < last_s and len(ages_s) <= _MAX_STEPS:
        longest_s = _LONGEST_STEP * age_s
        soon = durations.finished_by(age_s + longest_s, waits_s)
        hazard = (soon - done) / (longest_s * max(1 - done, 1e-9))
        gap_s = math.sqrt(2 * price_s / hazard) if hazard > 0 else math.inf
        age_s += min(longest_s, gap_s / _STEPS_A_GAP)
        done = durations.finished_by(age_s, waits_s)
        ages_s.append(age_s)
        chances.append(done)
    return ages_s, chances


def _best_next(ages_s: list[float], chances: list[float], price_s: float) -> list[float]:
    """Return for each age of the grid the age of the best next look, from the last age down."""
    areas = [0.0]
    for place in range(1, len(ages_s)):
        step_s = ages_s[place] - ages_s[place - 1]
        areas.append(areas[-1] + step_s * (chances[place] + chances[place - 1]) / 2)
    beyond_s = min(_GAP_A_AGE_BEYOND * ages_s[-1], _LONGEST_GAP_BEYOND_S)
    # What the looks from an age on cost, in the mean, where that age may not be reached.
    later_costs = [0.0] * len(ages_s)
    later_costs[-1] = (1 - chances[-1]) * (price_s + beyond_s / 2)
    next_ages_s = [0.0] * len(ages_s)
    next_ages_s[-1] = ages_s[-1] + beyond_s
    for place in range(len(ages_s) - 2, -1, -1):
        age_s, chance, area = ages_s[place], chances[place], areas[place]
        alive = max(1 - chance, 1e-12)
        best = math.inf
        best_place = place + 1
        for later in range(place + 1, len(ages_s)):
            # Waiting only: E[(u - T) 1(t < T <= u)] is the area between F and F(t).
            minimum = price_s + (areas[later] - area - chance * (ages_s[later] - age_s)) / alive
            if minimum >= best:
                break  # the wait alone costs more from here on
            cost = minimum + later_costs[later] / alive
            if cost < best:
                best, best_place = cost, later
        later_costs[place] = (1 - chance) * best
        next_ages_s[place] = ages_s[best_place]
    return next_ages_s
