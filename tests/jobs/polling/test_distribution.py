"""Durations of which only bounds are known are learned without a bias."""

from __future__ import annotations

import math
from random import Random

import pytest

from enhance_gui.core.tasks.work_times import DurationSample
from enhance_gui.jobs.polling.distribution import Distribution, fit
from enhance_gui.jobs.polling.durations import SAMPLES_KEPT, DurationModel
from tests.jobs.polling.shapes import BIMODAL, FAST, HEAVY, MID, SHAPES, Shape


def took(after_s: float, by_s: float) -> DurationSample:
    return DurationSample(1, 2.0, after_s, by_s)


def looked_at(shape: Shape, size: int, gap_s: float, seed: int = 1) -> list[DurationSample]:
    """Return samples as a poller gets them that looks each ``gap_s``, from a random phase on."""
    random = Random(seed)
    samples = []
    for _ in range(size):
        duration_s = shape.draw_s(random)
        by_s = random.uniform(0, gap_s)
        while by_s < duration_s:
            by_s += gap_s
        samples.append(took(max(0.0, by_s - gap_s), by_s))
    return samples


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
@pytest.mark.parametrize("gap_s", [0.5, 4.0])
def test_a_coarse_look_does_not_shift_what_is_learned(shape: Shape, gap_s: float) -> None:
    learned = fit(looked_at(shape, 200, gap_s), 15.0, 3.0)
    for age_s in (2, 4, 6, 8, 12, 20, 30, 60, 120, 200):
        assert learned.finished_by(age_s) == pytest.approx(shape.finished_by(age_s), abs=0.12)


def test_the_two_humps_stay_apart() -> None:
    learned = fit(looked_at(BIMODAL, 200, 2.0), 15.0, 3.0)
    between = learned.finished_by(60) - learned.finished_by(15)
    assert between < 0.06


def test_without_samples_the_prior_is_believed() -> None:
    prior = fit([], 15.0, 3.0)
    assert prior.quantile_s(0.5) == pytest.approx(15, rel=0.05)
    assert prior.finished_by(0) == 0
    assert prior.finished_by(1e9) == 1


def test_samples_far_from_the_prior_and_exact_ones_are_taken() -> None:
    learned = fit([took(7200.0, 7200.0)] * 50 + [took(0.0, 1e-4)], 15.0, 3.0)
    assert learned.quantile_s(0.5) == pytest.approx(7200, rel=0.2)


def test_quantiles_and_chances_are_inverse() -> None:
    learned = fit(looked_at(HEAVY, 50, 2.0), 15.0, 3.0)
    for chance in (0.01, 0.2, 0.5, 0.9, 0.99):
        assert learned.finished_by(learned.quantile_s(chance)) == pytest.approx(chance, abs=1e-6)


def test_chances_never_fall() -> None:
    learned = fit(looked_at(MID, 30, 3.0), 15.0, 3.0)
    chances = [learned.finished_by(number / 4) for number in range(2000)]
    assert chances == sorted(chances)
    assert isinstance(learned, Distribution)


def exact(duration_s: float, type_id: int = 1, megapixels: float = 2.0) -> DurationSample:
    return DurationSample(type_id, megapixels, duration_s, duration_s)


def test_nothing_is_expected_before_five_have_finished() -> None:
    model = DurationModel(exact(8.0) for _ in range(4))
    assert model.expected_s(1, 2.0) is None
    model.add(exact(8.0))
    assert model.expected_s(1, 2.0) == pytest.approx(8, rel=0.25)
    assert model.expected_s(2, 2.0) is None
    assert model.expected_s(1, 30.0) is None


def test_a_new_enhance_type_starts_from_what_the_service_is_known_to_be_like() -> None:
    model = DurationModel(exact(0.3) for _ in range(20))
    assert model.distribution(9, 2.0).quantile_s(0.5) == pytest.approx(0.3, rel=0.1)


def test_the_newest_samples_count_and_survive_a_restart() -> None:
    model = DurationModel(exact(100.0) for _ in range(SAMPLES_KEPT))
    for _ in range(SAMPLES_KEPT):
        model.add(exact(5.0))
    again = DurationModel(model.samples())
    assert len(again.samples()) == SAMPLES_KEPT
    assert again.expected_s(1, 2.0) == pytest.approx(5, rel=0.2)


@pytest.mark.parametrize(
    ("after_s", "by_s"),
    [(-1.0, 5.0), (5.0, 4.0), (0.0, 0.0), (0.0, math.inf), (math.nan, 5.0), (0.0, math.nan)],
)
def test_impossible_samples_are_left_out(after_s: float, by_s: float) -> None:
    model = DurationModel([DurationSample(1, 2.0, after_s, by_s)])
    assert model.samples() == []


def test_fast_shape_is_the_one_of_the_figures() -> None:
    assert FAST.quantile_s(0.5) == pytest.approx(8.0)
