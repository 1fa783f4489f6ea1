"""The planner's schedule is as good as the optimum worked out another way."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from enhance_gui.jobs.polling.distribution import Distribution
from enhance_gui.jobs.polling.schedule import plan
from tests.jobs.polling.optimum import bayes_optimum
from tests.jobs.polling.shapes import SHAPES, SHARP, Shape
from tests.jobs.polling.study import single_row


def known(shape: Shape) -> Distribution:
    """Return a shape as the planner would know it after endless experience."""
    low_s, high_s = shape.quantile_s(1e-6), shape.quantile_s(1 - 1e-7)
    edges_s = [low_s * (high_s / low_s) ** (number / 1000) for number in range(1001)]
    chances = [shape.finished_by(edge_s) for edge_s in edges_s]
    masses = [high - low for low, high in pairwise(chances)]
    return Distribution(edges_s, [mass / sum(masses) for mass in masses])


@pytest.mark.parametrize("shape", [*SHAPES, SHARP], ids=lambda shape: shape.name)
@pytest.mark.parametrize("price_s", [0.2, 0.5, 1.0])
def test_with_full_knowledge_the_schedule_costs_what_the_optimum_costs(
    shape: Shape, price_s: float
) -> None:
    schedule = plan(known(shape), price_s)
    polls, late_s = [], []
    for duration_s in shape.even_sample_s(2000):
        age_s, count = 0.0, 0
        while age_s < duration_s:
            age_s = schedule.next_age_s(age_s)
            count += 1
        polls.append(count)
        late_s.append(age_s - duration_s)
    assert single_row(shape, price_s, polls, late_s).ratio == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_the_optimum_does_not_hang_on_its_grid(shape: Shape) -> None:
    assert bayes_optimum(shape, 0.5, 700) == pytest.approx(bayes_optimum(shape, 0.5), rel=2e-3)


def test_for_an_even_hazard_the_optimum_is_the_textbooks() -> None:
    """Exponential durations: look each ``g``, where ``exp(g/m) = 1 + (g + price)/m`` (BHP 1963)."""
    mean_s, price_s = 20.0, 0.5
    edges_s = [0.0, *(1e-3 * 1.01**number for number in range(1300))]
    chances = [1 - math.exp(-edge_s / mean_s) for edge_s in edges_s]
    masses = [high - low for low, high in pairwise(chances)]
    schedule = plan(Distribution(edges_s, [mass / sum(masses) for mass in masses]), price_s)
    low_s, high_s = 0.0, 100.0
    for _ in range(60):
        gap_s = (low_s + high_s) / 2
        too_long = math.exp(gap_s / mean_s) > 1 + (gap_s + price_s) / mean_s
        low_s, high_s = (low_s, gap_s) if too_long else (gap_s, high_s)
    for age_s in (5.0, 20.0, 40.0):
        assert schedule.next_age_s(age_s) - age_s == pytest.approx(gap_s, rel=0.15)


def test_a_task_that_waits_first_is_left_alone_that_much_longer() -> None:
    durations = known(SHAPES[0])
    at_once = plan(durations, 0.5).next_age_s(0)
    assert plan(durations, 0.5, (60.0,)).next_age_s(0) == pytest.approx(60 + at_once, rel=0.03)


def test_beyond_all_that_is_known_looks_grow_rare_but_never_end() -> None:
    schedule = plan(known(SHAPES[0]), 0.5)
    assert schedule.next_age_s(1000) == 1060
    assert schedule.next_age_s(100) == pytest.approx(135)


def test_each_look_lies_after_the_last() -> None:
    schedule = plan(known(SHARP), 0.2)
    for number in range(3000):
        assert schedule.next_age_s(number / 10) > number / 10
