"""Makes small copies of picture files off the UI thread, and keeps a bounded number."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from enhance_gui.ui.compare.background import Background
from enhance_gui.ui.compare.pictures.reading import CannotShow, read_facts, read_small

_MAX: Final = 100
"""Kept at most; about 0.3 MB each on a screen of double density."""


class Thumbnails(QObject):
    """Hands out small copies, at once where they are there, with a signal where not."""

    arrived = Signal()
    """Another copy is ready."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._made: OrderedDict[tuple[Path, int], QImage] = OrderedDict()
        self._asked: set[tuple[Path, int]] = set()

    @property
    def busy(self) -> bool:
        """Whether a copy is being made."""
        return bool(self._asked)

    def get(self, path: Path, side_px: int) -> QImage | None:
        """Return a copy whose longer side has ``side_px`` at most; null where it has no pixels.

        ``None``: it is being made.
        """
        key = (path, side_px)
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key]
        if key not in self._asked:
            self._asked.add(key)
            self._background.run(partial(_small, path, side_px), partial(self._take, key))
        return None

    def _take(self, key: tuple[Path, int], image: QImage) -> None:
        self._asked.discard(key)
        self._made[key] = image
        while len(self._made) > _MAX:
            self._made.popitem(last=False)
        self.arrived.emit()


def _small(path: Path, side_px: int) -> QImage:
    try:
        return read_small(read_facts(path), side_px)
    except CannotShow:
        return QImage()
