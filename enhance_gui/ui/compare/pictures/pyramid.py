"""One picture in memory: a pyramid of halves, and beside it the detail that a zoom needs.

Memory of one picture: its pyramid has 24 megapixels at its foot at most, that is 128 MB with all
its halves. The detail has as many pixels as Qt's reader is allowed to decode (400 MB as the
program sets it), and is there only while the zoom needs it. Two pictures therefore hold 1.06 GB at
the very most, 0.26 GB when they fit the window; while others are read in their place, those add
their pyramids and, for every format but JPEG, one whole picture each (400 MB) while it is reduced.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage

from enhance_gui.ui.compare.camera import fractions
from enhance_gui.ui.compare.pictures.picture import PictureFile
from enhance_gui.ui.compare.pictures.pixels import halved
from enhance_gui.ui.compare.pictures.reading import (
    CannotShow,
    PictureFacts,
    can_read_parts,
    can_read_whole,
    halved_size,
    read_facts,
    read_part,
    read_whole,
)

FOOT_PX: Final = 24_000_000
"""Maximum pixels at the foot of a pyramid: a camera's picture fits as a whole."""
PART_PX: Final = 32_000_000
"""Maximum pixels of a detail that is only a part: a 4K window, four times."""
_TIP_SIDE_PX: Final = 256
"""Side in pixels below which the pyramid has no further halves."""
_HAIR: Final = 1e-6
_PART_MARGIN: Final = 0.5
"""Around what is visible, as a part of it: so far one can pan before another part is read."""


@dataclass(frozen=True, slots=True)
class Pyramid:
    """A picture at falling sizes, each half of the one before."""

    facts: PictureFacts
    halvings: int
    """How often the sides of the first level are halved already."""
    levels: tuple[QImage, ...]

    @property
    def size(self) -> QSize:
        """Sides of the picture itself, in pixels."""
        return QSize(self.facts.width_px, self.facts.height_px)

    @property
    def transparent(self) -> bool:
        return self.levels[0].hasAlphaChannel()

    def level_for(self, scale: float) -> QImage:
        """Return the smallest level that is not enlarged.

        :param scale: pixels of the screen for one pixel of the picture.
        """
        step = halvings_for(scale) - self.halvings
        return self.levels[min(max(0, step), len(self.levels) - 1)]


@dataclass(frozen=True, slots=True)
class Detail:
    """A picture, or a part of it, finer than its pyramid."""

    halvings: int
    part: QRectF
    """Where it lies, in fractions of the picture."""
    image: QImage

    def covers(self, place: QRectF) -> bool:
        """Return whether all of a place, in fractions of the picture, is here."""
        grown = self.part.adjusted(-_HAIR, -_HAIR, _HAIR, _HAIR)
        return grown.contains(place)


@dataclass(frozen=True, slots=True)
class DetailWanted:
    """The request to read a detail, so that a place is shown at its full sharpness."""

    halvings: int
    part: QRect
    """In pixels of the halved picture; all of it where that is allowed."""


def halvings_for(scale: float) -> int:
    """Return how often the sides may be halved without losing anything at this scale."""
    # A little tolerance: at exactly a half, one halving is right.
    return max(0, math.floor(math.log2(1 / scale) + 1e-6))


def load(file: PictureFile, known: Pyramid | None = None) -> Pyramid | CannotShow:
    """Read a picture, its finest level reduced where it is large. For a thread.

    :param known: is returned where it is that very file, unchanged.
    """
    try:
        facts = read_facts(file.path)
        if known is not None and known.facts == facts:
            return known
        halvings = _foot_halvings(facts)
        levels = [read_whole(facts, halvings)]
    except CannotShow as error:
        return error
    while max(levels[-1].width(), levels[-1].height()) > _TIP_SIDE_PX:
        levels.append(halved(levels[-1]))
    return Pyramid(facts, halvings, tuple(levels))


def _foot_halvings(facts: PictureFacts) -> int:
    halvings = 0
    while facts.pixels >> (2 * halvings) > FOOT_PX:
        halvings += 1
    return halvings


def detail_wanted(pyramid: Pyramid, scale: float, visible: QRectF) -> DetailWanted | None:
    """Return what to read for a place at a scale; ``None``: the pyramid is fine enough.

    :param scale: pixels of the screen for one pixel of the picture.
    :param visible: the place, in fractions of the picture.
    """
    halvings = halvings_for(scale)
    if halvings >= pyramid.halvings:
        return None
    whole = halved_size(pyramid.size, halvings)
    if can_read_whole(pyramid.facts, halvings):
        return DetailWanted(halvings, QRect(0, 0, whole.width(), whole.height()))
    if not can_read_parts(pyramid.facts):
        return None
    return DetailWanted(halvings, _part_around(visible, whole))


def _part_around(visible: QRectF, whole: QSize) -> QRect:
    """Return the visible place with room to pan, as large as a part may be."""
    width = visible.width() * whole.width()
    height = visible.height() * whole.height()
    grow = min(1 + 2 * _PART_MARGIN, math.sqrt(PART_PX / max(1.0, width * height)))
    part = QRectF(0, 0, width * grow, height * grow)
    centre = visible.center()
    part.moveCenter(QPointF(centre.x() * whole.width(), centre.y() * whole.height()))
    return part.toAlignedRect().intersected(QRect(0, 0, whole.width(), whole.height()))


def read_detail(pyramid: Pyramid, wanted: DetailWanted) -> Detail | CannotShow:
    """Read what was wanted. For a thread."""
    whole = halved_size(pyramid.size, wanted.halvings)
    try:
        if wanted.part.size() == whole:
            image = read_whole(pyramid.facts, wanted.halvings)
        else:
            image = read_part(pyramid.facts, wanted.halvings, wanted.part)
    except CannotShow as error:
        return error
    part = fractions(QRectF(wanted.part), QRectF(QPointF(), QSizeF(whole)))
    return Detail(wanted.halvings, part, image)
