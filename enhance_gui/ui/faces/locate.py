"""Finds the place of a face's crop in the picture, off the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QRectF, Signal

from enhance_gui.core.images.areas import Place
from enhance_gui.ui.widgets.background import Background

Locate = Callable[[Path, Path], Place | None]
"""Returns the place of a crop's file in a picture's file; ``None`` if it is not found."""


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
            self._answer(number, picture, crop)
        else:
            self._background.run(partial(self._look, picture, crop), self._take)

    def stop(self) -> None:
        """Report nothing any more."""
        self._wanted = None

    def _look(self, picture: Path, crop: Path) -> dict[tuple[Path, Path], QRectF | None]:
        """Search in a thread; nothing is found out if it is not wanted any more by then."""
        if self._wanted is None or self._wanted[1:] != (picture, crop):
            return {}
        place = self._locate(picture, crop)
        return {(picture, crop): None if place is None else QRectF(*place[:4])}

    def _take(self, found: dict[tuple[Path, Path], QRectF | None]) -> None:
        self._known |= found
        if self._wanted is not None and self._wanted[1:] in found:
            self._answer(*self._wanted)

    def _answer(self, number: int, picture: Path, crop: Path) -> None:
        self._wanted = None
        place = self._known[picture, crop]
        if place is None:
            self.missed.emit(number)
        else:
            self.found.emit(number, place)
