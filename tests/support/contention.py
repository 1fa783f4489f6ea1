"""How busy the computer is with other things: what a limit in seconds has to allow for."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
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
        told = Path("/proc/thread-self/schedstat").read_text()
    except OSError:
        return now_s
    return now_s - int(told.split()[1]) / 1e9


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
