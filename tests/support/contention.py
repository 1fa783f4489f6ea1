"""How busy the computer is with other things: what a limit in seconds has to allow for."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_WORK_S: Final = 0.2
_TRIES: Final = 3


def contention() -> float:
    """Return how many times longer work takes than it would if nobody else worked; at least 1.

    Now, or on the average of the last minute, whichever is more: what was timed may have met
    others who have just finished.
    """
    begin_s, begin_cpu_s = time.perf_counter(), time.process_time()
    while time.process_time() - begin_cpu_s < _WORK_S:
        pass
    now = (time.perf_counter() - begin_s) / (time.process_time() - begin_cpu_s)
    lately = 0.0 if sys.platform == "win32" else os.getloadavg()[0] / (os.cpu_count() or 1)
    return max(1.0, now, lately)


def own_time_s() -> float:
    """Return a time that stands still while this thread waits for a processor that others have.

    Where the system does not tell how long it waited, the time goes on all the same.
    """
    now_s = time.perf_counter()
    try:
        reported = Path("/proc/thread-self/schedstat").read_text()
    except OSError:
        return now_s
    return now_s - int(reported.split()[1]) / 1e9


class OwnTime:
    """Measures how long this thread is held up by its own process, and not by other programs.

    What it computes itself counts, page faults included, and what it waits for: the disk, a lock,
    Python's own lock as long as another thread of this process works with it. What does not count
    is waiting for a processor: of this thread, and of the others while this one sleeps, since one
    of them may have what it waits for. Of the latter only as much as those threads have not worked
    meanwhile, and not that of threads that have ended since. Under Linux; elsewhere all time
    counts.
    """

    def __init__(self) -> None:
        self._thread = threading.get_native_id()
        self._before = self._now()

    def lap_s(self) -> float:
        """Return what counts of the time since the last call."""
        before, now = self._before, self._now()
        self._before = now
        elapsed_s = now.at_s - before.at_s
        worked_s = now.worked_s - before.worked_s
        others_worked_s = now.all_worked_s - before.all_worked_s - worked_s
        waited_s = {
            thread: waited_s - before.waited_s.get(thread, 0.0)
            for thread, waited_s in now.waited_s.items()
        }
        own_wait_s = waited_s.pop(self._thread, 0.0)
        slept_s = max(0.0, elapsed_s - worked_s - own_wait_s)
        unexplained_s = max(0.0, slept_s - others_worked_s)
        return elapsed_s - own_wait_s - min(unexplained_s, sum(waited_s.values()))

    def _now(self) -> _Moment:
        waited_s = dict(_waits_s())
        return _Moment(time.perf_counter(), time.thread_time(), time.process_time(), waited_s)


@dataclass(frozen=True, slots=True)
class _Moment:
    at_s: float
    worked_s: float
    all_worked_s: float
    """By all threads of the process."""
    waited_s: dict[int, float]
    """For a processor, by thread."""


def _waits_s() -> Iterator[tuple[int, float]]:
    if sys.platform != "linux":
        return
    for thread in os.listdir("/proc/self/task"):  # noqa: PTH208  many times a second
        with suppress(OSError):  # it has ended
            file = os.open(f"/proc/self/task/{thread}/schedstat", os.O_RDONLY)
            try:
                yield int(thread), int(os.read(file, 100).split()[1]) / 1e9
            finally:
                os.close(file)


def in_time(taken_s: float, limit_s: float) -> bool:
    """Tell whether something would have kept to its limit on a computer that does nothing else.

    To be asked right after it.
    """
    return taken_s < limit_s or taken_s / contention() < limit_s


def assert_in_time(measure: Callable[[], float], limit_s: float) -> None:
    """Assert that something keeps to its limit at least once in a few tries.

    A computer that stands still for seconds holds it up now and then; a mistake does each time.

    :param measure: does it, and returns how many seconds that took.
    """
    taken_s: list[float] = []
    while not taken_s or not in_time(taken_s[-1], limit_s):
        assert len(taken_s) < _TRIES, f"it took {taken_s} s; the limit is {limit_s} s"
        taken_s.append(measure())
