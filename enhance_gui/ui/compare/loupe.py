"""The loupe: both pictures around one place at 100 % or 200 %, whatever the view's zoom is."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Signal
from PySide6.QtWidgets import QWidget

from enhance_gui.ui.compare.camera import Camera
from enhance_gui.ui.compare.view_state import ViewState

ZOOMS: Final = (1.0, 2.0)
"""In the order in which they are gone through."""

_LENS: Final = 210.0
"""The side of the window on one picture, in Qt's pixels."""
_SMALLEST_LENS: Final = 48.0
_HEIGHT_SHARE: Final = 0.55
"""Of the view at most."""
GAP: Final = 2.0
_MARGIN: Final = 8.0
"""Between the loupe and the border of the view."""
_DISTANCE: Final = 26.0
"""Between the loupe and the place that it shows, which stays visible."""
FRAME: Final = 3.0
"""What is painted around it."""


class Loupe(QObject):
    """Whether there is a loupe, its zoom, and where it is. Points are in Qt's pixels."""

    changed = Signal()
    """It was switched on or off, or enlarges more or less."""
    moved = Signal(QPointF)
    """It was at this point before."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self.zoom = 0.0
        """Pixels of the screen for one of the picture; 0: there is no loupe."""
        self.point = QPointF()
        """The place of the view that it shows, or would: it follows the pointer."""

    @property
    def is_on(self) -> bool:
        return self.zoom > 0

    def cycle(self) -> None:
        """Go on to the next zoom, and from the last one to none."""
        box = QRectF(self._view.rect())
        if self.point.isNull() or not box.contains(self.point):
            self.point = box.center()
        later = (zoom for zoom in ZOOMS if zoom > self.zoom)
        self._set(next(later, 0.0))

    def switch_off(self) -> None:
        self._set(0.0)

    def move_to(self, point: QPointF) -> None:
        """Show what is under another point of the view."""
        box = self._view.rect()
        before = self.point
        self.point = QPointF(
            min(max(point.x(), 0.0), float(box.width())),
            min(max(point.y(), 0.0), float(box.height())),
        )
        if self.is_on and before != self.point:
            self.moved.emit(before)

    def _set(self, zoom: float) -> None:
        if zoom != self.zoom:
            self.zoom = zoom
            self.changed.emit()


def lens_rects(view: QSizeF, point: QPointF, count: int) -> list[QRectF]:
    """Return where the windows on the pictures lie, side by side, near a point of the view."""
    across = (view.width() - 2 * _MARGIN - (count - 1) * GAP) / count
    side = max(_SMALLEST_LENS, min(_LENS, across, view.height() * _HEIGHT_SHARE))
    box = QRectF(0, 0, count * side + (count - 1) * GAP, side)
    box.moveCenter(point)
    box.moveBottom(point.y() - _DISTANCE)
    if box.top() < _MARGIN:
        box.moveTop(point.y() + _DISTANCE)
    # Not out of the view, even if it then lies on its place.
    box.moveTop(max(_MARGIN, min(box.top(), view.height() - _MARGIN - side)))
    box.moveLeft(max(_MARGIN, min(box.left(), view.width() - _MARGIN - box.width())))
    return [
        QRectF(box.left() + number * (side + GAP), box.top(), side, side) for number in range(count)
    ]


def lens_state(state: ViewState, zoom: float, point: QPointF) -> ViewState:
    """Return what a window of the loupe shows: the place under a point of the view, at a zoom."""
    _, place = state.pointed(point * state.dpr)
    side = lens_rects(state.view / state.dpr, point, len(state.sizes) or 1)[0].width() * state.dpr
    camera = Camera(state.camera.picture, QSizeF(side, side), zoom, place, fitted=False)
    return replace(state, camera=camera)


def covered_rect(state: ViewState, zoom: float, point: QPointF) -> QRectF:
    """Return what of the view a loupe paints over, with the mark of its place."""
    rects = lens_rects(state.view / state.dpr, point, len(state.sizes) or 1)
    box = rects[0].united(rects[-1]).united(mark_rect(state, zoom, point))
    return box.adjusted(-FRAME - 1, -FRAME - 1, FRAME + 1, FRAME + 1)


def mark_rect(state: ViewState, zoom: float, point: QPointF) -> QRectF:
    """Return which part of the view a window of the loupe shows."""
    side = lens_state(state, zoom, point).camera.pane.width() / state.dpr
    part = side * state.camera.zoom / zoom
    return QRectF(point.x() - part / 2, point.y() - part / 2, part, part)
