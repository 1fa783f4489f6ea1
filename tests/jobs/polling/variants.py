"""Pollers to compare with, and pollers broken on purpose: the judge has to tell them apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.polled_task import PolledTask
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.polling.settings import PollerSettings

Change = Callable[[PollerSettings], PollerSettings]


def all_at_once(settings: PollerSettings) -> PollerSettings:
    """Keep no window."""
    return replace(settings, max_in_flight=1_000_000)


def gaps_times_three(settings: PollerSettings) -> PollerSettings:
    """Look three times too rarely: gaps go with the root of the price."""
    return replace(settings, request_value_s=9 * settings.price_s)


def gaps_by_three(settings: PollerSettings) -> PollerSettings:
    """Look three times too often."""
    return replace(settings, request_value_s=settings.price_s / 9)


def twice_the_budget(settings: PollerSettings) -> PollerSettings:
    """Send twice as fast as allowed."""
    return replace(settings, requests_per_s=2 * settings.requests_per_s)


def changed(change: Change) -> Callable[[PollerSettings, DurationModel, Random], Poller]:
    """Return a maker of pollers that live by changed settings."""

    def make(settings: PollerSettings, model: DurationModel, random: Random) -> Poller:
        return Poller(change(settings), model, random)

    return make


class DeafToRetryAfter(Poller):
    """Backs off as it sees fit, whatever the service asks for."""

    def busy(self, key: int | None, now_s: float, retry_after_s: float | None) -> None:
        super().busy(key, now_s, None)


class Stubborn(Poller):
    """Treats no answer like "not yet": no probe, no pause."""

    def unreachable(self, key: int | None, now_s: float) -> None:
        if key is not None:
            self._watch(self._tasks[key], now_s)

    def busy(self, key: int | None, now_s: float, retry_after_s: float | None) -> None:
        if key is not None:
            super().busy(key, now_s, retry_after_s)


class FixedGap(Poller):
    """Looks each so many seconds; all else is the program's."""

    gap_s = 1.0

    @classmethod
    def each(cls, gap_s: float) -> Callable[[PollerSettings, DurationModel, Random], Poller]:
        """Return a maker of pollers with this gap."""

        def make(settings: PollerSettings, model: DurationModel, random: Random) -> Poller:
            poller = cls(settings, model, random)
            poller.gap_s = gap_s
            return poller

        return make

    def _watch(self, task: PolledTask, now_s: float) -> None:
        task.planned_s = task.seen_s + self.gap_s
        self._tasks.schedule(task, max(now_s, task.planned_s))


class Plain(FixedGap):
    """Looks each so many seconds and keeps to the budget, as a plain client does: no window."""

    def create_due_s(self, now_s: float) -> float:
        return self._health.ready_s(now_s)
