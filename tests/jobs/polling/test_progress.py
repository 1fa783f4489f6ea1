"""A service that tells how far its tasks are is asked just often enough to show it."""

from __future__ import annotations

import math
from random import Random

import pytest

from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.work_times import DurationSample
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.polling.progress import Progress
from enhance_gui.jobs.polling.settings import PollerSettings
from tests.jobs.polling.shapes import Shape, one_hump
from tests.jobs.polling.study import BATCH_SHAPE, Scene, batch

# Counting its lines would take as long again.
pytestmark = pytest.mark.no_cover

LOOPBACK = PollerSettings(requests_per_s=20.0, reports_progress=True)


def learned(duration_s: float) -> DurationModel:
    """Return a model that knows well how long a task takes."""
    return DurationModel([DurationSample(1, 2.0, duration_s - 0.5, duration_s + 0.5)] * 50)


def looks_of(subject: Poller, ends_s: float, reported: str = "truth") -> list[float]:
    """Follow one task from moment 0 to its end; return the moments of the looks."""
    subject.create_sent(0.0)
    subject.created(1, 0.0, type_id=1, megapixels=2.0, queue_position=0)
    looks_s: list[float] = []
    while True:
        poll = subject.next_poll(looks_s[-1] if looks_s else 0.0)
        assert poll is not None
        now_s = poll[0]
        subject.poll_sent(1, now_s)
        looks_s.append(now_s)
        if now_s >= ends_s:
            subject.finished(1, now_s)
            return looks_s
        percents = {
            "truth": int(100 * now_s / ends_s),
            "nothing": None,
            "always 99": 99,
            "up and down": (98, 99)[len(looks_s) % 2],
            "up and up": min(100, len(looks_s)),
        }
        subject.answered(
            1, now_s, phase=Phase.PROCESSING, queue_position=0, percent=percents[reported]
        )


def test_progress_is_seen_each_two_seconds_where_the_end_is_known_from_others() -> None:
    looks_s = looks_of(Poller(LOOPBACK, learned(60), Random(1)), 60)
    gaps_s = [later - earlier for earlier, later in zip([0.0, *looks_s], looks_s, strict=False)]
    assert max(gaps_s) < 2.3
    assert len(looks_s) <= 36
    assert looks_s[-1] < 61


def test_a_service_that_was_not_known_to_tell_is_looked_at_as_planned_until_it_does() -> None:
    subject = Poller(PollerSettings(requests_per_s=20.0), learned(60), Random(1))
    subject.create_sent(0.0)
    subject.created(1, 0.0, type_id=1, megapixels=2.0, queue_position=0)
    assert (subject.next_poll(0.0) or (0.0, 1))[0] > 5
    subject.poll_sent(1, 40.0)
    subject.answered(1, 40.0, phase=Phase.PROCESSING, queue_position=0, percent=60)
    assert (subject.next_poll(40.0) or (0.0, 1))[0] < 43


def test_a_long_task_is_asked_about_fifty_times_or_so() -> None:
    subject = Poller(LOOPBACK, learned(3000), Random(1))
    assert len(looks_of(subject, 3000)) < 75


def test_a_service_with_a_small_budget_is_asked_rarely() -> None:
    gaps_s = []
    for requests_per_s in (20.0, 2.0, 0.5):
        settings = PollerSettings(requests_per_s=requests_per_s, reports_progress=True)
        looks_s = looks_of(Poller(settings, learned(200), Random(1)), 200)
        gaps_s.append(looks_s[-1] / len(looks_s))
    assert gaps_s[0] < 4.5
    assert 4.5 < gaps_s[1] < 7
    assert gaps_s[2] > 18


@pytest.mark.parametrize("reported", ["always 99", "up and down", "up and up"])
def test_odd_figures_bring_few_looks(reported: str) -> None:
    silent = PollerSettings(requests_per_s=20.0)
    without = looks_of(Poller(silent, DurationModel(), Random(1)), 1800, "nothing")
    looks_s = looks_of(Poller(LOOPBACK, DurationModel(), Random(1)), 1800, reported)
    assert len(looks_s) < len(without) + 105


@pytest.mark.parametrize(
    ("shape", "tasks"),
    [
        (one_hump("short", 0.3, 0.3), 100),
        (BATCH_SHAPE, 60),
        (one_hump("long", 30, 0.5), 20),
        (one_hump("very long", 300, 0.8), 10),
    ],
    ids=lambda value: value.name if isinstance(value, Shape) else "",
)
def test_to_be_told_costs_no_more_looks_and_finishes_are_noticed_no_later(
    shape: Shape, tasks: int
) -> None:
    without, reported = (
        batch(
            Scene(
                tasks, 2, 20.0, shape, latency_s=0.01, prior_median_s=1.0, reports_progress=mentions
            )
        )
        for mentions in (False, True)
    )
    assert reported.polls <= 1.2 * without.polls
    assert reported.mean_late_s <= 1.02 * without.mean_late_s
    assert reported.over_budget <= PollerSettings(requests_per_s=20.0).burst_size


def test_the_time_left_is_told_from_the_third_second_on_and_calm() -> None:
    reported = Progress()
    for now_s in (1.0, 2.0, 2.9):
        reported.take(int(5 * now_s), now_s, 0.0)
        assert reported.left_s(now_s) is None
    left_s = []
    for step in range(3, 19):
        # As a worker tells of tiles: in steps, some of them slow.
        reported.take(int(5 * step + 3 * math.sin(step)), step, 0.0)
        left_s.append(reported.left_s(step))
    assert all(
        known_s == pytest.approx(20 - step, abs=2.5)
        for step, known_s in zip(range(3, 19), left_s, strict=True)
    )


def test_between_two_steps_the_time_left_runs_down_but_not_to_nothing() -> None:
    reported = Progress()
    reported.take(40, 20.0, 0.0)
    left_s = []
    for step in range(21, 90):
        reported.take(40, step, 0.0)
        left_s.append(reported.left_s(step) or 0.0)
    assert left_s[0] == pytest.approx(28.5, abs=0.5)
    assert left_s[4] == pytest.approx(left_s[0] - 4)
    assert min(left_s) > 20


def test_a_second_attempt_counts_from_its_own_beginning() -> None:
    reported = Progress()
    reported.take(50, 10.0, 0.0)
    assert reported.left_s(10) == pytest.approx(10, rel=0.05)
    reported.take(1, 12.0, 0.0)
    assert reported.left_s(12) is None
    reported.take(51, 22.0, 0.0)
    assert reported.percent == 51
    assert reported.left_s(22) == pytest.approx(10, rel=0.05)


def test_a_task_of_an_earlier_run_counts_from_the_first_look() -> None:
    subject = Poller(LOOPBACK, DurationModel(), Random(1))
    subject.resume_polling(1, 5000.0, type_id=1, megapixels=2.0, age_s=4000)
    for now_s, percent in ((5000.0, 40), (5005.0, 50)):
        subject.poll_sent(1, now_s)
        subject.answered(1, now_s, phase=Phase.PROCESSING, queue_position=0, percent=percent)
    assert subject.remaining_s(1, 5005) == pytest.approx(25, rel=0.1)
