"""How busy the computer is with other things: what a limit in seconds has to allow for."""

from __future__ import annotations

import os
import sys
import time
from typing import Final

_WORK_S: Final = 0.2


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


def in_time(taken_s: float, limit_s: float) -> bool:
    """Tell whether something would have kept to its limit on a computer that does nothing else.

    To be asked right after it.
    """
    return taken_s < limit_s or taken_s / contention() < limit_s
