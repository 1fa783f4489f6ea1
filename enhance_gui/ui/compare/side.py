"""One side of the comparison: its pixels, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSizeF

from enhance_gui.ui.compare.pictures.picture import PictureFile
from enhance_gui.ui.compare.pictures.pyramid import Pyramid

_SAME_SHAPE: Final = 0.03
"""The shapes of both sides may differ so far by rounding; a service may also cut to whole
blocks."""


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


def place_within(size: QSizeF, reference: QSizeF, target: QRectF) -> QRectF:
    """Return where a picture lies that is linked to another one, whose place is ``target``.

    The same shape covers the same place; another shape lies in the middle of it, undistorted.
    """
    shape = size.width() / size.height()
    wanted = reference.width() / reference.height()
    if abs(shape / wanted - 1) <= _SAME_SHAPE:
        return target
    fitted = size * min(target.width() / size.width(), target.height() / size.height())
    place = QRectF(target.topLeft(), fitted)
    place.moveCenter(target.center())
    return place
