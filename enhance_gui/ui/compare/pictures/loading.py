"""Loads pairs and details off the UI thread; drops what is no longer wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, QTimer, Signal

from enhance_gui.ui.compare.mode import Side
from enhance_gui.ui.compare.pictures.picture import PictureFile
from enhance_gui.ui.compare.pictures.pyramid import (
    Detail,
    DetailWanted,
    Pyramid,
    detail_wanted,
    load,
    read_detail,
)
from enhance_gui.ui.compare.pictures.reading import CannotShow
from enhance_gui.ui.widgets.background import Background


@dataclass(frozen=True, slots=True)
class Shown:
    """One side: its pixels, or the sentence that stands in their place."""

    file: PictureFile
    pyramid: Pyramid | None
    sentence: str = ""

    @property
    def size(self) -> QSizeF | None:
        """Sides in pixels; ``None`` where it cannot be shown."""
        return None if self.pyramid is None else QSizeF(self.pyramid.size)


Pair = Mapping[Side, Shown]

Placing = Callable[[Pair], Callable[[], QPointF] | None]
"""Returns a function, for a thread, that finds the place at which a pair is opened; ``None``: it is
shown as a whole."""

_LEAVE_DETAIL_MS: Final = 3_000
"""How long a detail is kept after zooming out: users often zoom in again."""


class PairLoader(QObject):
    """Reads both sides of a pair and delivers them together."""

    ready = Signal(object, object)
    """A :data:`Pair`, and the place at which it is opened, ``None`` where it is shown whole."""

    def __init__(self, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._background = background
        self._ticket = 0
        self._is_placing = False
        self._waiting_for: dict[Side, PictureFile] = {}
        self._read: dict[Side, Shown] = {}

    @property
    def busy(self) -> bool:
        """Whether a pair is being loaded."""
        return bool(self._waiting_for) or self._is_placing

    def load(
        self, wanted: Mapping[Side, PictureFile], known: Pair, placing: Placing | None
    ) -> None:
        """Read a pair; an earlier one that is still being read is never delivered.

        :param known: pictures in memory, which are used again where the files are unchanged.
        :param placing: ``None``: the pair is shown as a whole.
        """
        self.stop()
        self._waiting_for = dict(wanted)
        for side, file in wanted.items():
            pyramids = (shown.pyramid for shown in known.values() if shown.pyramid is not None)
            reusable = next(
                (pyramid for pyramid in pyramids if pyramid.facts.path == file.path), None
            )
            work = partial(self._load, self._ticket, file, reusable)
            self._background.run(work, partial(self._take, self._ticket, side, placing))

    def stop(self) -> None:
        """Cancel loading: nothing is delivered any more."""
        self._ticket += 1
        self._waiting_for = {}
        self._is_placing = False
        self._read = {}

    def _load(
        self, ticket: int, file: PictureFile, known: Pyramid | None
    ) -> Pyramid | CannotShow | None:
        return load(file, known) if ticket == self._ticket else None

    def _take(
        self, ticket: int, side: Side, placing: Placing | None, result: Pyramid | CannotShow | None
    ) -> None:
        if ticket != self._ticket or result is None:
            return
        file = self._waiting_for.pop(side)
        if isinstance(result, Pyramid):
            self._read[side] = Shown(file, result)
        else:
            self._read[side] = Shown(file, None, str(result))
        if self._waiting_for:
            return
        work = None if placing is None else placing(self._read)
        if work is None:
            self.ready.emit(self._read, None)
        else:
            self._is_placing = True
            self._background.run(work, partial(self._place, ticket))

    def _place(self, ticket: int, place: QPointF) -> None:
        if ticket == self._ticket:
            self._is_placing = False
            self.ready.emit(self._read, place)


class DetailLoader(QObject):
    """Holds the detail of one side while the zoom needs it."""

    changed = Signal()
    """The pixels to paint have changed."""

    def __init__(self, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._background = background
        self._pyramid: Pyramid | None = None
        self._asked: DetailWanted | None = None
        self._failed = False
        self.detail: Detail | None = None
        """What can be painted over the pyramid."""
        self._leave = QTimer(self, singleShot=True, interval=_LEAVE_DETAIL_MS)
        self._leave.timeout.connect(self._drop)

    @property
    def busy(self) -> bool:
        """Whether finer pixels are being loaded."""
        return self._asked is not None

    def look_at(self, pyramid: Pyramid | None, scale: float, visible: QRectF) -> None:
        """Set what is shown now.

        :param scale: pixels of the screen for one pixel of the picture.
        :param visible: in fractions of the picture.
        """
        if pyramid is not self._pyramid:
            self._drop()
            self._pyramid = pyramid
            self._asked = None
            self._failed = False
        if pyramid is None:
            return
        wanted = detail_wanted(pyramid, scale, visible)
        if wanted is None:
            if self.detail is not None and not self._leave.isActive():
                self._leave.start()
            return
        self._leave.stop()
        if not (self._failed or self.busy or self._has(wanted.halvings, visible)):
            self._ask(pyramid, wanted)

    def _has(self, halvings: int, visible: QRectF) -> bool:
        detail = self.detail
        return detail is not None and detail.halvings <= halvings and detail.covers(visible)

    def _ask(self, pyramid: Pyramid, wanted: DetailWanted) -> None:
        self._asked = wanted
        self._background.run(partial(read_detail, pyramid, wanted), partial(self._take, pyramid))

    def _take(self, pyramid: Pyramid, result: Detail | CannotShow) -> None:
        if pyramid is not self._pyramid:
            self._release(result)
            return
        self._asked = None
        if isinstance(result, Detail):
            self._drop()
            self.detail = result
        else:
            # The file was readable a moment ago; its smaller pixels stay on the screen.
            self._failed = True
        self.changed.emit()

    def _drop(self) -> None:
        dropped, self.detail = self.detail, None
        if dropped is not None:
            self._release(dropped)

    def _release(self, dropped: object) -> None:
        # Giving back 400 MB takes longer than a frame; a thread holds the last reference.
        last = [dropped]
        self._background.run(last.clear, lambda _: None)
