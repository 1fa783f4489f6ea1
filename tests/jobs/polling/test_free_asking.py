"""Where a question costs nothing, a finish is noticed at once, whatever was learned before."""

from __future__ import annotations

from random import Random

import pytest

from enhance_gui.core.tasks.work_times import DurationSample
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.polling.settings import PollerSettings
from tests.jobs.polling.provider import Provider
from tests.jobs.polling.world import MEGAPIXELS, TYPE_ID, World

# Counting its lines would take as long again.
pytestmark = pytest.mark.no_cover

HERE = PollerSettings(requests_per_s=20.0, reports_progress=True, asking_is_free=True)
IDLE_S = 100.0
LATENCY_S = 0.01


def learned(*durations_s: float) -> DurationModel:
    samples = [DurationSample(TYPE_ID, MEGAPIXELS, each - 0.1, each + 0.1) for each in durations_s]
    return DurationModel(samples, prior_median_s=1.0)


def one_by_one(poller: Poller, durations_s: list[float], idle_s: float) -> World:
    """Have the poller see to one picture after the other; return the world of the last."""
    provider = Provider(1, reports_progress=True)
    now_s = 1000.0
    for duration_s in durations_s:
        world = World(poller, provider, [duration_s], latency_s=LATENCY_S, start_s=now_s)
        world.run()
        now_s = world.now_s + idle_s
    return world


@pytest.mark.parametrize("idle_s", [0.0, IDLE_S, 36 * IDLE_S])
@pytest.mark.parametrize("before_s", [(), (5.4,), (5.4, 2.0, 2.0), (60.0,) * 50, (0.2,) * 50])
@pytest.mark.parametrize("duration_s", [0.1, 0.3, 2.0, 20.0])
def test_a_single_picture_is_noticed_at_once_after_an_idle_time(
    idle_s: float, before_s: tuple[float, ...], duration_s: float
) -> None:
    for seed in range(4):
        poller = Poller(HERE, learned(*before_s), Random(seed))
        (outcome,) = one_by_one(poller, [0.2, duration_s], idle_s).diary.outcomes.values()
        assert outcome.late_s <= max(0.25, 0.12 * duration_s) + LATENCY_S
        assert outcome.polls <= 60


def test_a_batch_takes_half_the_budget_at_most() -> None:
    world = World(
        Poller(HERE, learned(60.0), Random(1)),
        Provider(4, reports_progress=True),
        [3.0] * 100,
        latency_s=LATENCY_S,
    )
    diary = world.run()
    took_s = max(diary.sent_s) - min(diary.sent_s)
    assert len(diary.sent_s) / took_s <= HERE.requests_per_s / 2
    assert diary.lateness_s[-1] <= 1.5
