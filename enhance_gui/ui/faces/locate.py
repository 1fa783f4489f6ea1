"""Finds the place of a face's crop in the picture, off the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QRectF, Signal

from enhance_gui.core.images.areas import Place
from enhance_gui.ui.widgets.background import Background

Locate = Callable[[Path, Path], Place | None]
"""Returns the place of a crop's file in a picture's file; ``None`` if it is not found."""


@dataclass(frozen=True, slots=True)
class _Looked:
    place: Place | None


class CropFinder(QObject):
    """Searches for crops, each once; reports only the last one asked for."""

    found = Signal(int, QRectF)
    """The face's number, and where it is, in fractions of the picture."""
    missed = Signal(int)
    """The crop was not found: only the crop itself can be shown."""

    def __init__(self, locate: Locate, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._locate = locate
        self._background = Background(self)
        self._known: dict[tuple[Path, Path], QRectF | None] = {}
        self._wanted: tuple[int, Path, Path] | None = None

    def find(self, number: int, picture: Path, crop: Path) -> None:
        """Find a crop; a signal reports it, at once where it is known already."""
        self._wanted = (number, picture, crop)
        if (picture, crop) in self._known:
            self._answer()
            return
        self._background.run(partial(self._look, picture, crop), partial(self._take, picture, crop))

    def stop(self) -> None:
        """Report nothing any more."""
        self._wanted = None

    def _look(self, picture: Path, crop: Path) -> _Looked | None:
        """Search in a thread; ``None``: not wanted any more when its turn came."""
        if not self._wants(picture, crop):
            return None
        return _Looked(self._locate(picture, crop))

    def _take(self, picture: Path, crop: Path, looked: _Looked | None) -> None:
        if looked is None:
            return
        place = looked.place
        self._known[picture, crop] = None if place is None else QRectF(*place[:4])
        if self._wants(picture, crop):
            self._answer()

    def _wants(self, picture: Path, crop: Path) -> bool:
        wanted = self._wanted
        return wanted is not None and wanted[1:] == (picture, crop)

    def _answer(self) -> None:
        if self._wanted is None:
            return
        number, picture, crop = self._wanted
        self._wanted = None
        place = self._known[picture, crop]
        if place is None:
            self.missed.emit(number)
        else:
            self.found.emit(number, place)
