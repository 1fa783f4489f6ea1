"""The best that any schedule can do that knows the distribution, but not the draw.

Written apart from the program's own planner, on a plain fine grid, so that one does not vouch for
the other's mistakes. A schedule costs ``E[price · K + (t_K − T)]``.
"""

from __future__ import annotations

import math
from functools import cache

from tests.jobs.polling.shapes import Shape

_POINTS = 1500


@cache
def bayes_optimum(shape: Shape, price_s: float, points: int = _POINTS) -> float:
    """Return the least expected cost of a schedule, in seconds."""
    ages_s = _grid(shape, points)
    alive = [1 - shape.finished_by(age_s) for age_s in ages_s]
    alive_s = [0.0]
    for place in range(1, len(ages_s)):
        step_s = ages_s[place] - ages_s[place - 1]
        alive_s.append(alive_s[-1] + step_s * (alive[place] + alive[place - 1]) / 2)
    # Beyond the last point next to nothing is left; what it costs does not show.
    costs = [price_s] * len(ages_s)
    for place in range(len(ages_s) - 2, -1, -1):
        best = math.inf
        for later in range(place + 1, len(ages_s)):
            between_s = ages_s[later] - ages_s[place]
            # The looked-for wait is the time in between during which the task is finished.
            wait_s = between_s - (alive_s[later] - alive_s[place]) / alive[place]
            if price_s + wait_s >= best:
                break
            again = alive[later] / alive[place] * costs[later]
            best = min(best, price_s + wait_s + again)
        costs[place] = best
    return costs[0]


def _grid(shape: Shape, points: int) -> list[float]:
    """Return 0, then half the points even in log time and half even in chance."""
    low_s, high_s = shape.quantile_s(1e-4), shape.quantile_s(1 - 1e-5)
    half = points // 2
    by_age = {low_s * (high_s / low_s) ** (number / half) for number in range(half + 1)}
    by_chance = set(shape.even_sample_s(half))
    return [0.0, *sorted(by_age | by_chance)]
