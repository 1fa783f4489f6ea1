"""Makes thumbnails off the window's thread, only of what is visible, in a bounded cache."""

from __future__ import annotations

import atexit
import logging
import os
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Final

from PySide6.QtCore import QObject, QThread, QThreadPool, Signal
from PySide6.QtGui import QImage, QPixmap

from enhance_gui.ui.widgets.background import Background
from enhance_gui.ui.widgets.tiles import Stamp, TileSpec, read_tile, stamp_of

CACHE_BYTES: Final = 64 * 2**20
"""Maximum size of the cached tiles: 60 large ones of a sharp screen are 25 MiB."""

ENTRY_BYTES: Final = 1024
"""What an entry costs beside its pixels, so that those without any are bounded too."""

TRUST_S: Final = 10.0
"""A tile that was compared with its file this lately is shown without another check."""

_log = logging.getLogger(__name__)

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
    """The result of a thread."""

    stamp: Stamp | None
    image: QImage | None = None
    unchanged: bool = False
    """The file is the one that the tile was made of."""


def _make(spec: TileSpec, known: Stamp | None, unwanted: Event) -> _Made | None:
    """Make a tile in a thread; ``None``: nobody wanted it any more when its turn came."""
    if unwanted.is_set():
        return None
    stamp = stamp_of(spec.path)
    if stamp is not None and stamp == known:
        return _Made(stamp, unchanged=True)
    try:
        return _Made(stamp, None if stamp is None else read_tile(spec))
    # A picture that meets a fault of the program has no tile; those behind it get theirs.
    except Exception:  # noqa: BLE001
        _log.exception("a tile could not be made")
        return _Made(stamp)


class _Makers:
    """The threads and what they are at, kept apart from whoever orders, so that their end is
    certain: a window may be deleted, or collected, without notice, while they work.
    """

    def __init__(self) -> None:
        self.unwanted: dict[TileSpec, Event] = {}
        """Of each tile that is being made, or is about to be."""
        self.ended = False
        self.pool = QThreadPool()
        self.pool.setMaxThreadCount(WORKERS)
        self.pool.setThreadPriority(QThread.Priority.LowPriority)
        atexit.register(self.end)

    def end(self) -> None:
        """Begin nothing more, and wait for what was begun."""
        atexit.unregister(self.end)
        if self.ended:
            return  # at the program's end the pool may be gone by now
        self.ended = True
        for unwanted in self.unwanted.values():
            unwanted.set()
        self.pool.waitForDone()


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
        self._background = Background(self, self._makers.pool)

    @property
    def busy(self) -> bool:
        """Whether something that is wanted is still to be made."""
        return bool(self._makers.unwanted or self._waiting)

    def pixmap(self, spec: TileSpec) -> QPixmap | None:
        """Return the tile if it is there; never waits, never reads a file."""
        kept = self._kept.get(spec)
        if kept is None:
            return None
        self._kept.move_to_end(spec)
        return kept.pixmap

    def tile(self, spec: TileSpec) -> QPixmap | None:
        """Return the tile if it is there; else make it, after those that are wanted already."""
        if spec not in self._kept and spec not in self._waiting:
            self._wanted[spec] = None
            self._waiting.append(spec)
            self._pump()
        return self.pixmap(spec)

    def failed(self, spec: TileSpec) -> bool:
        """Return whether the file was found not to be a picture that can be shown."""
        kept = self._kept.get(spec)
        return kept is not None and kept.pixmap is None

    def want(self, specs: Iterable[TileSpec]) -> None:
        """Make these tiles, in this order; drop what was wanted before and is not now."""
        self._wanted = dict.fromkeys(specs)
        for spec, unwanted in self._makers.unwanted.items():
            if spec not in self._wanted:
                unwanted.set()
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
        while self._waiting and len(makers.unwanted) < 2 * WORKERS and not makers.ended:
            spec = self._waiting.popleft()
            if spec in makers.unwanted:
                continue
            kept = self._kept.get(spec)
            stamp = None if kept is None else kept.stamp
            unwanted = makers.unwanted[spec] = Event()
            self._background.run(partial(_make, spec, stamp, unwanted), partial(self._take, spec))

    def _take(self, spec: TileSpec, made: _Made | None) -> None:
        del self._makers.unwanted[spec]
        kept = self._kept.get(spec)
        if made is not None and made.unchanged and kept is not None:
            kept.checked_s = self._now_s()
        elif made is None or made.unchanged:
            # Its tile was let go, or nobody wanted it, while the thread looked; that may be over.
            if spec in self._wanted:
                self._waiting.appendleft(spec)
        else:
            pixmap = None if made.image is None else QPixmap.fromImage(made.image)
            self._keep(spec, _Kept(made.stamp, pixmap, self._now_s()))
            self.ready.emit(spec.path)
        self._pump()

    def _keep(self, spec: TileSpec, kept: _Kept) -> None:
        old = self._kept.pop(spec, None)
        self.held_bytes += kept.cost_bytes - (0 if old is None else old.cost_bytes)
        self._kept[spec] = kept
        while self.held_bytes > self._cache_bytes and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self.held_bytes -= oldest.cost_bytes
