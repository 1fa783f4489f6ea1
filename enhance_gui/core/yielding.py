"""Slows long Python loops down, so that the window stays responsive."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

T = TypeVar("T")

SHORT_TURN_S: Final = 0.001
"""Below this a process has asked for short turns of Python's lock, since it has a window."""

_WORK_S: Final = 0.001
_REST_S: Final = 0.002


def unhurried(items: Iterable[T]) -> Iterator[T]:
    """Yield ``items``, sleeping two thirds of the time where the window would otherwise freeze.

    What a window does asks for Python's lock anew at each event and at many calls, and waits a
    turn for each while a thread computes: painting takes tens of times as long. A thread that
    rests makes it take half as long again, however often it asks.
    """
    is_beside = threading.current_thread() is not threading.main_thread()
    if not is_beside or sys.getswitchinterval() > SHORT_TURN_S:
        yield from items
        return
    until_s = time.monotonic() + _WORK_S
    for item in items:
        yield item
        if time.monotonic() > until_s:
            time.sleep(_REST_S)
            until_s = time.monotonic() + _WORK_S
