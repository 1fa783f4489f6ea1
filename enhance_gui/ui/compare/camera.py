"""The part of a picture that a pane shows. Pure geometry.

All lengths are in pixels of the screen ("device pixels"), so that 100 % is one pixel of the
picture on one pixel of the screen whatever the display's scaling is; places in the picture are
fractions of its sides, which are the same in both pictures of a pair.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF

MAX_ZOOM: Final = 32.0
LARGEST_FIT: Final = 2.0
"""Fitting enlarges a small picture so far: the last zoom at which it is still drawn smooth."""
CRISP_ABOVE: Final = 2.0
"""Above this zoom each pixel is a square."""

_STEPS: Final = (
    *(0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.25, 1 / 3, 0.5, 2 / 3),
    *(1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0),
)
_STEP_SLACK: Final = 1.02
"""A zoom nearer to a step than this counts as being on it."""

_SAME_SHAPE: Final = 0.03
"""The shapes of both sides may differ so far by rounding; a service may also cut to whole
blocks."""


@dataclass(frozen=True, slots=True)
class Camera:
    """What a pane shows of a picture: its place and zoom."""

    picture: QSizeF
    """Sides of the picture whose pixels the zoom counts."""
    pane: QSizeF
    zoom: float = 1.0
    """Pixels of the screen for one pixel of the picture."""
    centre: QPointF = field(default_factory=lambda: QPointF(0.5, 0.5))
    """What lies in the middle of the pane, in fractions of the picture."""
    fitted: bool = True
    """Whether the whole picture stays in view when the pane changes."""

    @property
    def fit_zoom(self) -> float:
        """The zoom at which the whole picture just fits."""
        if self.picture.isEmpty() or self.pane.isEmpty():
            return 1.0
        across = self.pane.width() / self.picture.width()
        down = self.pane.height() / self.picture.height()
        return min(across, down, LARGEST_FIT)

    @property
    def min_zoom(self) -> float:
        """The minimum zoom: the whole picture fits, or each pixel has one of the screen."""
        return min(self.fit_zoom, 1.0)

    def fit(self) -> Camera:
        return replace(self, zoom=self.fit_zoom, centre=QPointF(0.5, 0.5), fitted=True)

    def zoomed(self, zoom: float, anchor: QPointF | None = None) -> Camera:
        """Change the zoom; what is under ``anchor`` (in the pane; its middle) stays there."""
        zoom = min(max(zoom, self.min_zoom), MAX_ZOOM)
        held = anchor if anchor is not None else self._middle
        turned = replace(self, zoom=zoom, fitted=False)
        centre = self.centre + self.place_at(held) - turned.place_at(held)
        return replace(turned, centre=centre).kept_in()

    def stepped(self, steps: int, anchor: QPointF | None = None) -> Camera:
        """Go to the next round zoom, in (+1) or out (-1)."""
        stops = sorted({*_STEPS, self.fit_zoom})
        if steps > 0:
            stop = next((each for each in stops if each > self.zoom * _STEP_SLACK), MAX_ZOOM)
        else:
            smaller = (each for each in reversed(stops) if each < self.zoom / _STEP_SLACK)
            stop = next(smaller, self.min_zoom)
        return self.fit() if stop == self.fit_zoom else self.zoomed(stop, anchor)

    def moved(self, by: QPointF) -> Camera:
        """Move the picture under the pane."""
        centre = self.place_at(self._middle - by)
        return replace(self, centre=centre, fitted=self.fitted and by.isNull()).kept_in()

    def at_rect(self, part: QRectF) -> Camera:
        """Show ``part``, in fractions of the picture, as large as the pane allows."""
        if part.isEmpty() or self.pane.isEmpty():
            return self
        zoom = min(
            self.pane.width() / (part.width() * self.picture.width()),
            self.pane.height() / (part.height() * self.picture.height()),
            MAX_ZOOM,
        )
        zoom = max(zoom, self.min_zoom)
        return replace(self, zoom=zoom, centre=part.center(), fitted=False).kept_in()

    def with_pane(self, pane: QSizeF) -> Camera:
        """Change the pane's size; the whole picture, or the same place, stays shown."""
        turned = replace(self, pane=pane)
        return turned.fit() if self.fitted else turned.zoomed(turned.zoom)

    def with_picture(self, picture: QSizeF) -> Camera:
        """Change to another version of the same picture, at the same place and size."""
        zoom = self.zoom * self.picture.width() / picture.width()
        turned = replace(self, picture=picture, zoom=zoom)
        return turned.fit() if self.fitted else turned.zoomed(zoom)

    @property
    def target(self) -> QRectF:
        """Where the whole picture lies, in the pane; its corner on a whole pixel."""
        size = self.picture * self.zoom
        left = self._middle.x() - self.centre.x() * size.width()
        top = self._middle.y() - self.centre.y() * size.height()
        return QRectF(QPointF(round(left), round(top)), size)

    @property
    def visible(self) -> QRectF:
        """Which part of the picture is seen, in fractions of it."""
        target = self.target
        if target.isEmpty():
            return QRectF()
        return fractions(target.intersected(QRectF(QPointF(), self.pane)), target)

    @property
    def can_move(self) -> bool:
        """Whether a part of the picture is out of view."""
        size = self.picture * self.zoom
        return size.width() > self.pane.width() + 1 or size.height() > self.pane.height() + 1

    def place_at(self, point: QPointF) -> QPointF:
        """Return what lies under a point of the pane, in fractions of the picture."""
        return QPointF(
            self.centre.x() + (point.x() - self._middle.x()) / (self.picture.width() * self.zoom),
            self.centre.y() + (point.y() - self._middle.y()) / (self.picture.height() * self.zoom),
        )

    @property
    def _middle(self) -> QPointF:
        return QPointF(self.pane.width() / 2, self.pane.height() / 2)

    def kept_in(self) -> Camera:
        """Move the picture so that no empty room is left beside one that could fill it."""
        size = self.picture * self.zoom
        return replace(
            self,
            centre=QPointF(
                _kept(self.centre.x(), self.pane.width(), size.width()),
                _kept(self.centre.y(), self.pane.height(), size.height()),
            ),
        )


def _kept(centre: float, pane: float, picture: float) -> float:
    if picture <= pane:
        return 0.5
    half = pane / 2 / picture
    return min(max(centre, half), 1 - half)


def fractions(part: QRectF, whole: QRectF) -> QRectF:
    """Return where a part lies in a rectangle, in fractions of its sides."""
    return QRectF(
        (part.left() - whole.left()) / whole.width(),
        (part.top() - whole.top()) / whole.height(),
        part.width() / whole.width(),
        part.height() / whole.height(),
    )


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
