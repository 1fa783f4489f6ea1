"""Plans the next poll of a task by learned durations, its place in the queue and its age."""

from __future__ import annotations

import math

from enhance_gui.core.tasks.work_times import DurationSample
from enhance_gui.jobs.polling.distribution import Distribution
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.polled_task import PolledTask
from enhance_gui.jobs.polling.schedule import Schedule, plan
from enhance_gui.jobs.polling.service_queue import ServiceQueue, spread_of_waits_s
from enhance_gui.jobs.polling.settings import PollerSettings

_LONGEST_GAP_S = 120.0
_MINUTE_S, _HOUR_S, _DAY_S = 60.0, 3600.0, 86_400.0
_THINNED = ((7 * _DAY_S, _DAY_S), (_DAY_S, 15 * _MINUTE_S), (_HOUR_S, _MINUTE_S))
"""From this age on, at least this gap."""
_MAX_PLANS = 256
_OVERLONG_MIN_S = 10 * _MINUTE_S
_PACE_STEPS_AN_OCTAVE = 4
_SHORTEST_INTERVAL_S = 2.0
_FREE_GAP_S = 0.2
_FREE_GAP_A_AGE = 0.1
"""Between two polls where asking is free: a finish is noticed at once, or a tenth of the task's own
time later, whatever was learned of others. The first of all may have been the slowest: it waited
until the nets were read.
"""
_REQUESTS_AN_INTERVAL = 10
"""Of what the budget allows, one request in ten at most is there to show progress."""


class Planner:
    """Keeps the schedules that tasks share, and learns from each finish."""

    def __init__(
        self, settings: PollerSettings, durations: DurationModel, queue: ServiceQueue
    ) -> None:
        self.settings = settings
        self._durations = durations
        self._queue = queue
        self._reports_progress = False
        self._plans: dict[tuple[Distribution, int, int], Schedule] = {}

    def reported(self, task: PolledTask, polled_s: float, percent: int | None) -> None:
        """Note how far a task is, where the service reports it."""
        if percent is not None:
            self._reports_progress = True
            task.progress.take(percent, polled_s, None if task.resumed else task.began_s)

    def next_poll_s(self, task: PolledTask, at_work: int) -> float:
        """Return when to poll a task that was last known to be unfinished at ``seen_s``.

        :param at_work: how many tasks are worked on.
        """
        if task.position > 0:
            known_s = max(task.seen_s, self._queue.reported_s)
            gap_s = self._schedule(task).next_age_s(0)
        else:
            known_s = max(task.seen_s, task.began_after_s)
            since_s = max(0.0, known_s - task.began_s)
            gap_s = self._schedule(task).next_age_s(since_s) - known_s + task.began_s
        age_s = known_s - task.created_s
        min_s = next((gap for age, gap in _THINNED if age_s > age), self.settings.min_gap_s)
        gap_s = max(min_s, min(gap_s, _LONGEST_GAP_S))
        if (self._reports_progress or self.settings.reports_progress) and task.position == 0:
            interval_s = max(
                _SHORTEST_INTERVAL_S, _REQUESTS_AN_INTERVAL * at_work * self.settings.price_s
            )
            gap_s = task.progress.gap_s(gap_s, known_s, interval_s)
        if self.settings.asking_is_free and task.position == 0:
            worked_s = known_s - task.began_s
            gap_s = min(gap_s, max(_FREE_GAP_S * at_work, _FREE_GAP_A_AGE * worked_s))
        return known_s + gap_s

    def is_overlong(self, task: PolledTask, now_s: float) -> bool:
        """Return whether a task takes so long that others should not wait for it."""
        known = self._durations.distribution(task.type_id, task.megapixels)
        longest_s = max(_OVERLONG_MIN_S, 3 * known.quantile_s(0.99))
        return task.position == 0 and now_s - task.began_by_s > longest_s

    def remaining_s(self, task: PolledTask, now_s: float) -> float | None:
        """Return about the time that is left, by what the service reports of it or what others
        took in the median; ``None`` before either is known.
        """
        if task.position == 0 and (left_s := task.progress.left_s(now_s)) is not None:
            return left_s
        if self._durations.expected_s(task.type_id, task.megapixels) is None:
            return None
        known = self._durations.distribution(task.type_id, task.megapixels)
        if task.position > 0:
            wait_s = self._queue.places_before(task) * self._seconds_a_place(task)
            left_s = max(0.0, wait_s - (now_s - self._queue.reported_s))
            return left_s + known.quantile_s(0.5)
        age_s = max(0.0, now_s - task.began_s)
        done = known.finished_by(age_s)
        return max(0.0, known.quantile_s(done + (1 - done) / 2) - age_s)

    def finished(self, task: PolledTask, found_s: float) -> DurationSample | None:
        """Learn from a finish found at ``found_s``; return what is worth keeping, if anything."""
        by_s = found_s - task.began_after_s
        unsure_s = task.began_by_s - task.began_after_s
        # Held against what is usual, not against this task's own time: or else only samples of
        # long tasks would be kept, and the next would be thought to take still longer.
        usual_s = self._durations.distribution(task.type_id, task.megapixels).quantile_s(0.5)
        if task.is_late(found_s) or by_s <= 0 or unsure_s > usual_s:
            return None
        after_s = max(0.0, task.seen_s - task.began_by_s)
        sample = DurationSample(task.type_id, task.megapixels, after_s, by_s)
        self._durations.add(sample)
        return sample

    def _seconds_a_place(self, task: PolledTask) -> float:
        known = self._durations.distribution(task.type_id, task.megapixels)
        return self._queue.seconds_a_place(known.quantile_s(0.5) / 2)

    def _schedule(self, task: PolledTask) -> Schedule:
        known = self._durations.distribution(task.type_id, task.megapixels)
        if task.position == 0:
            return self._planned(known, 0, 0, (0.0,))
        # Positions and paces are rounded, so that tasks in like places share a schedule.
        places = _rounded(self._queue.places_before(task), 8)
        pace_step = round(math.log2(self._seconds_a_place(task)) * _PACE_STEPS_AN_OCTAVE)
        pace_s = 2 ** (pace_step / _PACE_STEPS_AN_OCTAVE)
        return self._planned(known, places, pace_step, spread_of_waits_s(places, pace_s))

    def _planned(
        self, known: Distribution, places: int, pace_step: int, waits_s: tuple[float, ...]
    ) -> Schedule:
        name = known, places, pace_step
        found = self._plans.get(name)
        if found is None:
            found = plan(known, self.settings.price_s, waits_s)
            if len(self._plans) >= _MAX_PLANS:
                self._plans.pop(next(iter(self._plans)))
            self._plans[name] = found
        return found


def _rounded(number: int, exact_up_to: int) -> int:
    """Round to eighths of an octave beyond the small numbers."""
    if number <= exact_up_to:
        return number
    return int(2 ** (round(math.log2(number) * 8) / 8))
