"""Finds what holds up the thread of the window, and for how long.

A timer of Qt's beats in it; another thread looks where it is each time a beat is late. A block
counts twice: as it passed on the clock, and as long as the program itself was the cause, which is
what can be compared on a computer that does other things at the same time.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, QTimer

from tests.support.contention import OwnTime

BEAT_MS = 10
LATE_S = 0.025
"""Since the last beat; then the thread is looked at, every :data:`LOOK_S`."""
LOOK_S = 0.005
DEPTHS = (30, 20, 15, 10, 5)
"""So many of the innermost calls are looked at, as many as there are."""

_OF_CALL = ("f_code", "f_lineno")


@dataclass
class Block:
    """A time in which the thread of the window has answered nothing."""

    phase: str
    clock_ms: float
    own_ms: float
    """Without what other programs are the cause of."""
    work_ms: float
    """What the thread has computed."""
    stacks: Counter[str] = field(default_factory=Counter)
    """Where it was seen, and how often."""


class Heartbeat(QObject):
    """Measures from its first :meth:`enter` on."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        """All beats, one each; only those that are late have stacks."""
        self._phase = ""
        self._stacks: Counter[str] = Counter()
        self._beat_s = time.perf_counter()
        self._ended = threading.Event()
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._thread = threading.get_ident()
        self._looking = threading.Thread(target=self._look, name="looks at the window's thread")

    def enter(self, phase: str) -> None:
        """Count what comes now to another phase."""
        if not self._phase:
            self._own, self._work_s = OwnTime(), time.thread_time()
            self._beat_s = time.perf_counter()
            self._timer.start()
            self._looking.start()
        else:
            self._beat()
        self._phase = phase
        print(f"{phase} …", file=sys.stderr, flush=True)

    def stop(self) -> None:
        self._timer.stop()
        self._ended.set()
        self._looking.join()

    def _beat(self) -> None:
        before_s, self._beat_s = self._beat_s, time.perf_counter()
        work_before_s, self._work_s = self._work_s, time.thread_time()
        stacks, self._stacks = self._stacks, Counter()
        clock_s = self._beat_s - before_s
        # What others waited for may be reported only after the beat in which they did.
        own_s = min(clock_s, self._own.lap_s())
        work_s = self._work_s - work_before_s
        self.blocks.append(Block(self._phase, clock_s * 1e3, own_s * 1e3, work_s * 1e3, stacks))

    def _look(self) -> None:
        while not self._ended.wait(LOOK_S):
            if time.perf_counter() - self._beat_s > LATE_S:
                self._stacks[_text(self._calls())] += 1

    def _calls(self) -> tuple[Any, ...]:
        """Return codes and lines of the window's thread, innermost first; a few if it is idle."""
        for depth in DEPTHS:
            # Python's lock is kept from the frames to the figures, as it is within one call of C:
            # a frame that is held has its function's locals live on, a painter of Qt's among them.
            of_thread = map(itemgetter(self._thread), iter(sys._current_frames, None))
            with suppress(AttributeError):
                return next(map(_GETTERS[depth], of_thread))
        return ()


_GETTERS: Final = {
    depth: attrgetter(*(f"{'f_back.' * n}{what}" for n in range(depth) for what in _OF_CALL))
    for depth in DEPTHS
}


def _text(calls: tuple[Any, ...]) -> str:
    """Return the program's own calls and the innermost of all, which stands last."""
    each = [*zip(calls[::2], calls[1::2], strict=True)][::-1]
    return " > ".join(
        f"{Path(code.co_filename).name}:{line} {code.co_name}"
        for number, (code, line) in enumerate(each, 1)
        if "enhance_gui" in code.co_filename or number == len(each)
    )
