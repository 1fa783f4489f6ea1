"""The layout of the view: panes, the picture in them, the divider. Pure geometry.

All lengths are in pixels of the screen, as in :mod:`enhance_gui.ui.compare.camera`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF

from enhance_gui.ui.compare.camera import Camera
from enhance_gui.ui.compare.mode import CompareMode, Side

GAP_PX: Final = 2
"""Between two panes, at a display scaling of 100 %."""


@dataclass(frozen=True, slots=True)
class Pane:
    """A part of the view that shows one side."""

    side: Side
    rect: QRectF
    """The camera looks through this."""
    clip: QRectF
    """And this much of it is painted."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The layout of the view at one moment."""

    panes: tuple[Pane, ...]
    camera: Camera
    divider: QRectF | None
    """The line between before and after, without width; ``None``: there is none."""

    def point_of(self, pane: Pane, place: QPointF) -> QPointF:
        """Return where a place, in fractions of the picture, lies in the view."""
        target = self.camera.target.translated(pane.rect.topLeft())
        return target.topLeft() + QPointF(place.x() * target.width(), place.y() * target.height())

    def pane_at(self, point: QPointF) -> Pane:
        """Return the pane under a point, the nearest one where it lies between two."""
        return min(self.panes, key=lambda pane: _distance(pane.clip, point))


def pane_size(mode: CompareMode, view: QSizeF, picture: QSizeF, dpr: float) -> QSizeF:
    """Return the size of each pane of a mode."""
    return _pane_rects(mode, view, picture, dpr)[0].size()


def arrange(
    mode: CompareMode, single: Side, view: QSizeF, camera: Camera, share: float, dpr: float
) -> Scene:
    """Lay out the view.

    :param single: the side that single mode shows.
    :param share: how far right the divider stands, 0 to 1 of the visible picture.
    """
    rects = _pane_rects(mode, view, camera.picture, dpr)
    if mode is CompareMode.SINGLE:
        return Scene((Pane(single, rects[0], rects[0]),), camera, None)
    if mode is CompareMode.SIDE_BY_SIDE:
        sides = zip(Side, rects, strict=True)
        return Scene(tuple(Pane(side, rect, rect) for side, rect in sides), camera, None)
    whole = rects[0]
    seen = camera.target.intersected(whole)
    line = round(seen.left() + share * seen.width())
    left = QRectF(0, 0, line, whole.height())
    right = QRectF(line, 0, whole.width() - line, whole.height())
    panes = (Pane(Side.BEFORE, whole, left), Pane(Side.AFTER, whole, right))
    return Scene(panes, camera, QRectF(line, seen.top(), 0, seen.height()))


def share_at(camera: Camera, x: float) -> float:
    """Return how far right of the visible picture ``x`` is, 0 to 1."""
    seen = camera.target.intersected(QRectF(QPointF(), camera.pane))
    if seen.width() <= 0:
        return 0.5
    return min(max((x - seen.left()) / seen.width(), 0.0), 1.0)


def _pane_rects(mode: CompareMode, view: QSizeF, picture: QSizeF, dpr: float) -> tuple[QRectF, ...]:
    whole = QRectF(QPointF(), view)
    if mode is not CompareMode.SIDE_BY_SIDE:
        return (whole,)
    gap = round(GAP_PX * dpr)
    wide = QSizeF((view.width() - gap) // 2, view.height())
    tall = QSizeF(view.width(), (view.height() - gap) // 2)
    # A broad picture is seen larger where the panes lie one above the other.
    if Camera(picture, tall).fit_zoom > Camera(picture, wide).fit_zoom:
        return QRectF(QPointF(), tall), QRectF(QPointF(0, tall.height() + gap), tall)
    return QRectF(QPointF(), wide), QRectF(QPointF(wide.width() + gap, 0), wide)


def _distance(rect: QRectF, point: QPointF) -> float:
    across = max(rect.left() - point.x(), point.x() - rect.right(), 0.0)
    down = max(rect.top() - point.y(), point.y() - rect.bottom(), 0.0)
    return across + down
