"""What the program has learned about how long tasks take, by enhance type and picture size."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from statistics import median

from enhance_gui.core.tasks.work_times import DurationSample
from enhance_gui.jobs.polling.distribution import Distribution, fit

SAMPLES_KEPT = 200
"""Newest samples that count for one enhance type and picture size."""
_PRIOR_WEIGHT = 3.0
_MIN_LEARNED = 5


class _Bucket:
    """Samples of one enhance type and a range of picture sizes, and the fit to them."""

    def __init__(self) -> None:
        self.samples: deque[DurationSample] = deque(maxlen=SAMPLES_KEPT)
        self.fitted: Distribution | None = None
        self._until_refit = 0

    def add(self, sample: DurationSample) -> None:
        self.samples.append(sample)
        self._until_refit -= 1
        if self._until_refit <= 0:
            self.fitted = None

    def refit(self, prior_median_s: float) -> Distribution:
        self.fitted = fit(self.samples, prior_median_s, _PRIOR_WEIGHT)
        self._until_refit = max(1, len(self.samples) // 10)
        return self.fitted


class DurationModel:
    """Learns durations; the newest samples of each enhance type and picture size count.

    :meth:`samples` is what to keep on disk, :meth:`add` is how to feed it back.
    """

    def __init__(
        self, samples: Iterable[DurationSample] = (), *, prior_median_s: float = 15.0
    ) -> None:
        self._prior_median_s = prior_median_s
        self._buckets: dict[tuple[int, int], _Bucket] = {}
        for sample in samples:
            self.add(sample)

    def add(self, sample: DurationSample) -> None:
        """Learn from one finished task. Samples that say nothing are left out."""
        if not 0 <= sample.after_s <= sample.by_s < math.inf or sample.by_s <= 0:
            return
        self._bucket(sample.type_id, sample.megapixels).add(sample)

    def samples(self) -> list[DurationSample]:
        """Return all samples that count, the oldest of each bucket first."""
        return [sample for bucket in self._buckets.values() for sample in bucket.samples]

    def distribution(self, type_id: int, megapixels: float) -> Distribution:
        """Return what is believed about a task; the same object until that changes."""
        bucket = self._bucket(type_id, megapixels)
        return bucket.fitted or bucket.refit(self._prior_for(bucket))

    def expected_s(self, type_id: int, megapixels: float) -> float | None:
        """Return the median duration, or ``None`` before enough tasks have finished."""
        bucket = self._buckets.get(_key(type_id, megapixels))
        if bucket is None or len(bucket.samples) < _MIN_LEARNED:
            return None
        return self.distribution(type_id, megapixels).quantile_s(0.5)

    def _bucket(self, type_id: int, megapixels: float) -> _Bucket:
        return self._buckets.setdefault(_key(type_id, megapixels), _Bucket())

    def _prior_for(self, bucket: _Bucket) -> float:
        """Return the median to start from: that of the service's other tasks, where known."""
        others = [
            (sample.after_s + sample.by_s) / 2
            for other in self._buckets.values()
            if other is not bucket
            for sample in list(other.samples)[-20:]
        ]
        return median(others) if len(others) >= _MIN_LEARNED else self._prior_median_s


def _key(type_id: int, megapixels: float) -> tuple[int, int]:
    """Return the bucket of a task: pictures within a factor of four belong together."""
    return type_id, round(math.log(min(max(megapixels, 0.01), 1000.0), 4))
