"""Where in the picture a face's crop is, looked for off the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QRectF, Signal

from enhance_gui.core.images.areas import Place
from enhance_gui.ui.compare.background import Background

Locate = Callable[[Path, Path], Place | None]
"""Finds where a crop's file is in a picture's, or does not find it."""


@dataclass(frozen=True, slots=True)
class _Looked:
    place: Place | None


class CropFinder(QObject):
    """Looks for crops, each once; only the last one asked for is answered."""

    found = Signal(int, QRectF)
    """The face's number, and where it is, in fractions of the picture."""
    missed = Signal(int)
    """It is not to be found: the crop itself is all there is to show."""

    def __init__(self, locate: Locate, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._locate = locate
        self._background = Background(self)
        self._known: dict[tuple[Path, Path], QRectF | None] = {}
        self._wanted: tuple[int, Path, Path] | None = None

    def find(self, number: int, picture: Path, crop: Path) -> None:
        """Look for a crop; the answer is a signal, at once where it is known already."""
        self._wanted = (number, picture, crop)
        if (picture, crop) in self._known:
            self._answer()
            return
        self._background.run(partial(self._look, picture, crop), partial(self._take, picture, crop))

    def stop(self) -> None:
        """Want no answer any more."""
        self._wanted = None

    def _look(self, picture: Path, crop: Path) -> _Looked | None:
        """Look, in a thread; ``None``: not wanted any more when its turn came."""
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
