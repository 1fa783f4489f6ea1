"""Runs the cyclic garbage collector on the window's thread only, and returns memory.

Python collects them in whichever thread happens to allocate next. A widget that is part of a cycle
would then be destroyed by a worker thread, which Qt does not survive for long.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import Final

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS: Final = 1000

_M_ARENA_MAX: Final = -8
"""As in glibc's ``malloc.h``."""

_ARENAS: Final = 2


def share_arenas() -> None:
    """Have threads share their memory, where the C library is glibc.

    It would give each thread an arena of its own, and what is freed there serves no other: some
    megabytes for each of a dozen threads that seldom work at once.
    """
    if sys.platform == "linux":
        setting = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if setting is not None:
            setting(_M_ARENA_MAX, _ARENAS)


class GarbageCollector(QObject):
    """Collects at intervals, as much as Python itself would have by then."""

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.collect_if_due)
        self._timer.start()

    def collect_if_due(self) -> None:
        """Collect the oldest generation whose turn has come."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if thresholds[generation] and counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return

    def settle(self) -> None:
        """Freeze the objects that exist now: later collections skip them."""
        gc.freeze()

    def stop(self) -> None:
        """Leave collecting to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
