"""Counts what the service does, and shows it in the form that Prometheus reads.

Labels have few values: calls, codes, enhance types. No task, no user and no address is one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from enhance_gui import __version__

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

_CALL_BOUNDS_S: Final = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0)
_WORK_BOUNDS_S: Final = (0.5, 2.0, 5.0, 15.0, 60.0, 300.0, 1800.0)


class Durations:
    """How long something took, each time: a histogram."""

    def __init__(self, bounds_s: tuple[float, ...]) -> None:
        """:param bounds_s: upper bounds of its buckets; one without a bound is added."""
        self._bounds_s = bounds_s
        self._counts = [0] * (len(bounds_s) + 1)
        self.sum_s = 0.0

    def add(self, took_s: float) -> None:
        """Count one."""
        self._counts[bisect_left(self._bounds_s, took_s)] += 1
        self.sum_s += took_s

    def buckets(self) -> list[tuple[str, float]]:
        """Return each bound with how many took no longer."""
        bounds = [*map(str, self._bounds_s), "+Inf"]
        return list(zip(bounds, map(float, accumulate(self._counts)), strict=True))


class Tally:
    """What was counted since the service started."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        """By call and code."""
        self.ended: Counter[tuple[int, str]] = Counter()
        """Tasks, by enhance type and how they ended."""
        self.call_s: dict[str, Durations] = {}
        """By call."""
        self.work_s: dict[int, Durations] = {}
        """How long workers had tasks, by enhance type."""

    def note_answer(self, call: str, code: int, took_s: float) -> None:
        """Count an answered request."""
        self.answers[call, code] += 1
        self.call_s.setdefault(call, Durations(_CALL_BOUNDS_S)).add(took_s)

    def note_end(self, type_id: int, outcome: str, took_s: float) -> None:
        """Count a task that ended."""
        self.ended[type_id, outcome] += 1
        self.work_s.setdefault(type_id, Durations(_WORK_BOUNDS_S)).add(took_s)


@dataclass(frozen=True, slots=True)
class Gauges:
    """What holds at this moment."""

    queued: int
    processing: int
    busy_workers: int
    idle_workers: int
    free_bytes: int
    uploads_bytes: int
    is_ready: bool


@dataclass(frozen=True, slots=True)
class Exposition:
    """The text of the metrics, and its content type."""

    text: bytes
    media_type: str


def expose(tally: Tally, gauges: Gauges) -> Exposition:
    """Write the metrics."""
    # Loaded with the first question: most services of this program are never asked.
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.process_collector import ProcessCollector
    from prometheus_client.registry import Collector

    class Families(Collector):
        def collect(self) -> Iterable[Metric]:
            return [*_counters(tally), *_durations(tally), *_gauges(gauges)]

    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(Families())
    return Exposition(generate_latest(registry), CONTENT_TYPE_LATEST)


def _counters(tally: Tally) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, InfoMetricFamily

    yield InfoMetricFamily("enhance_gui", "The program.", {"version": __version__})
    answers = CounterMetricFamily(
        "enhance_gui_requests", "Answered requests.", labels=("call", "code")
    )
    for (call, code), count in tally.answers.items():
        answers.add_metric((call, str(code)), count)
    yield answers
    ended = CounterMetricFamily(
        "enhance_gui_tasks_ended", "Tasks that ended.", labels=("type", "outcome")
    )
    for (type_id, outcome), count in tally.ended.items():
        ended.add_metric((str(type_id), outcome), count)
    yield ended


def _durations(tally: Tally) -> Iterator[Metric]:
    from prometheus_client.core import HistogramMetricFamily

    calls = HistogramMetricFamily(
        "enhance_gui_request_duration_seconds", "How long answers took.", labels=("call",)
    )
    for call, durations in tally.call_s.items():
        calls.add_metric((call,), durations.buckets(), durations.sum_s)
    yield calls
    work = HistogramMetricFamily(
        "enhance_gui_work_duration_seconds", "How long workers had tasks.", labels=("type",)
    )
    for type_id, durations in tally.work_s.items():
        work.add_metric((str(type_id),), durations.buckets(), durations.sum_s)
    yield work


def _gauges(gauges: Gauges) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    tasks = GaugeMetricFamily("enhance_gui_tasks", "Unfinished tasks.", labels=("status",))
    tasks.add_metric(("queued",), gauges.queued)
    tasks.add_metric(("processing",), gauges.processing)
    yield tasks
    workers = GaugeMetricFamily("enhance_gui_workers", "Workers.", labels=("state",))
    workers.add_metric(("busy",), gauges.busy_workers)
    workers.add_metric(("idle",), gauges.idle_workers)
    yield workers
    for name, text, value in (
        ("disk_free_bytes", "Free space of the disk.", gauges.free_bytes),
        ("uploads_bytes", "What uploads take together.", gauges.uploads_bytes),
        ("ready", "Whether tasks are taken.", gauges.is_ready),
    ):
        yield GaugeMetricFamily(f"enhance_gui_{name}", text, value)
