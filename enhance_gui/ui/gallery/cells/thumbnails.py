"""Makes thumbnails off the window's thread, only of what is visible, in a bounded cache."""

from __future__ import annotations

import os
import time
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import Final

from PySide6.QtCore import QObject, QRunnable, QThread, QThreadPool, Signal
from PySide6.QtGui import QImage, QPixmap

from enhance_gui.ui.gallery.cells.tiles import Stamp, TileSpec, read_tile, stamp_of

CACHE_BYTES: Final = 64 * 2**20
"""Maximum size of the cached tiles: 60 large ones of a sharp screen are 25 MiB."""

ENTRY_BYTES: Final = 1024
"""What an entry costs beside its pixels, so that those without any are bounded too."""

TRUST_S: Final = 10.0
"""A tile that was compared with its file this lately is shown without another check."""

WORKERS: Final = max(1, (os.cpu_count() or 2) - 1)
"""One core stays free for the window."""


@dataclass(slots=True)
class _Kept:
    stamp: Stamp | None
    pixmap: QPixmap | None
    checked_s: float

    @property
    def cost_bytes(self) -> int:
        if self.pixmap is None:
            return ENTRY_BYTES
        return ENTRY_BYTES + self.pixmap.width() * self.pixmap.height() * 4


@dataclass(frozen=True, slots=True)
class _Made:
    """The result of a worker thread."""

    spec: TileSpec
    stamp: Stamp | None = None
    image: QImage | None = None
    skipped: bool = False
    """Nobody wanted it any more when its turn came."""
    unchanged: bool = False
    """The file is the one that the tile was made of."""


class _Courier(QObject):
    """Carries a result to the window's thread."""

    made = Signal(object)


class _Job(QRunnable):
    """Makes one tile."""

    def __init__(self, spec: TileSpec, known: Stamp | None, courier: _Courier) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self._spec = spec
        self._known = known
        self._courier = courier
        self.unwanted = Event()

    def run(self) -> None:
        # The program may end while this works; then nobody is left to bring it to.
        with suppress(RuntimeError):
            self._courier.made.emit(self._result())

    def _result(self) -> _Made:
        spec = self._spec
        if self.unwanted.is_set():
            return _Made(spec, skipped=True)
        stamp = stamp_of(spec.path)
        if stamp is not None and stamp == self._known:
            return _Made(spec, stamp, unchanged=True)
        return _Made(spec, stamp, None if stamp is None else read_tile(spec))


class _Makers:
    """The threads and their jobs, kept apart from whoever orders, so that their end is certain.

    A window may be deleted, or collected, without notice, while they work. Jobs that are deleted
    before their turn, and a pool that is while it works, are more than Qt and Python promise to
    bear together.
    """

    def __init__(self) -> None:
        self.jobs: dict[TileSpec, _Job] = {}
        self.ended = False
        # Without a parent: whoever deletes a pool waits for its threads, and these may wait for
        # Python, which that one holds.
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(WORKERS)
        self._pool.setThreadPriority(QThread.Priority.LowPriority)

    def begin(self, job: _Job, spec: TileSpec) -> None:
        self.jobs[spec] = job
        self._pool.start(job)

    def end(self) -> None:
        """Begin nothing more, and wait for what was begun."""
        self.ended = True
        for job in self.jobs.values():
            job.unwanted.set()
        self._pool.waitForDone()


class Thumbnails(QObject):
    """Returns cached tiles at once, and makes those that are wanted."""

    ready = Signal(object)
    """The path of a picture with a new tile, or with none for certain."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        cache_bytes: int = CACHE_BYTES,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._cache_bytes = cache_bytes
        self._now_s = now_s
        self._kept: OrderedDict[TileSpec, _Kept] = OrderedDict()
        self.held_bytes = 0
        """The size of the cached tiles."""
        self._wanted: dict[TileSpec, None] = {}
        self._waiting: deque[TileSpec] = deque()
        self._makers = _Makers()
        self.destroyed.connect(self._makers.end)
        # Where it is only collected, and at the interpreter's end.
        weakref.finalize(self, self._makers.end)
        self._courier = _Courier()
        self._courier.made.connect(self._take)

    @property
    def busy(self) -> bool:
        """Whether something that is wanted is still to be made."""
        return bool(self._makers.jobs or self._waiting)

    def pixmap(self, spec: TileSpec) -> QPixmap | None:
        """Return the tile if it is there; never waits, never reads a file."""
        kept = self._kept.get(spec)
        if kept is None:
            return None
        self._kept.move_to_end(spec)
        return kept.pixmap

    def failed(self, spec: TileSpec) -> bool:
        """Return whether the file was found not to be a picture that can be shown."""
        kept = self._kept.get(spec)
        return kept is not None and kept.pixmap is None

    def want(self, specs: Iterable[TileSpec]) -> None:
        """Make these tiles, in this order; drop what was wanted before and is not now."""
        self._wanted = dict.fromkeys(specs)
        for spec, job in self._makers.jobs.items():
            if spec not in self._wanted:
                job.unwanted.set()
        self._waiting = deque(spec for spec in self._wanted if not self._is_fresh(spec))
        self._pump()

    def stop(self) -> None:
        """Start nothing more, and wait for what is being made; to be called before the end."""
        self._waiting.clear()
        self._makers.end()

    def _is_fresh(self, spec: TileSpec) -> bool:
        kept = self._kept.get(spec)
        return kept is not None and self._now_s() - kept.checked_s < TRUST_S

    def _pump(self) -> None:
        """Keep every worker busy, with one job in reserve, and no more: what is wanted changes."""
        makers = self._makers
        while self._waiting and len(makers.jobs) < 2 * WORKERS and not makers.ended:
            spec = self._waiting.popleft()
            if spec in makers.jobs:
                continue
            kept = self._kept.get(spec)
            stamp = None if kept is None else kept.stamp
            makers.begin(_Job(spec, stamp, self._courier), spec)

    def _take(self, made: _Made) -> None:
        self._makers.jobs.pop(made.spec, None)
        kept = self._kept.get(made.spec)
        if made.unchanged and kept is not None:
            kept.checked_s = self._now_s()
        elif made.unchanged or made.skipped:
            # Its tile was let go, or nobody wanted it, while the worker looked; that may be over.
            if made.spec in self._wanted:
                self._waiting.appendleft(made.spec)
        else:
            pixmap = None if made.image is None else QPixmap.fromImage(made.image)
            self._keep(made.spec, _Kept(made.stamp, pixmap, self._now_s()))
            self.ready.emit(made.spec.path)
        self._pump()

    def _keep(self, spec: TileSpec, kept: _Kept) -> None:
        old = self._kept.pop(spec, None)
        self.held_bytes += kept.cost_bytes - (0 if old is None else old.cost_bytes)
        self._kept[spec] = kept
        while self.held_bytes > self._cache_bytes and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self.held_bytes -= oldest.cost_bytes
