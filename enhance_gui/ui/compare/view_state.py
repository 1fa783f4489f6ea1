"""The state of the view of a pair: mode, place, zoom, divider; and the layout that follows from it.

Immutable, and pure geometry. Points and lengths are in pixels of the screen, as in
:mod:`enhance_gui.ui.compare.camera`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF

from enhance_gui.ui.compare.camera import Camera, fractions, place_within
from enhance_gui.ui.compare.mode import CompareMode, Side

_NO_PICTURE: Final = QSizeF(1, 1)
_MIDDLE: Final = 0.5
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


@dataclass(frozen=True, slots=True)
class ViewState:
    """What a view shows of a pair."""

    view: QSizeF
    dpr: float = 1.0
    """Pixels of the screen for one of Qt's."""
    sizes: Mapping[Side, QSizeF | None] = field(default_factory=dict)
    """The sides there are, each with its picture's; ``None`` where that cannot be shown."""
    names: Mapping[Side, str] = field(default_factory=dict)
    """What the sides are called where they are not before and after; else empty."""
    mode: CompareMode = CompareMode.DIVIDER
    """The mode that was chosen."""
    share: float = _MIDDLE
    """How far right the divider stands, 0 to 1 of the visible picture."""
    camera: Camera = field(default_factory=lambda: Camera(_NO_PICTURE, _NO_PICTURE))
    peeks: bool = False
    """Whether the whole view shows before for the time being."""
    opened_at: QPointF | None = None
    """What lay in the middle when the pair was opened at 100 %; ``None``: it was opened fitted."""

    @property
    def is_as_opened(self) -> bool:
        """Whether a part is seen because the pair was opened so, and nobody has moved since."""
        camera = self.camera
        return camera.zoom == 1 and camera.centre == self.opened_at and camera.can_move

    @property
    def both(self) -> bool:
        return len(self.sizes) == len(Side)

    @property
    def arrangement(self) -> CompareMode:
        """The mode that is possible: one picture alone is shown singly, as is a peek."""
        return self.mode if self.both and not self.peeks else CompareMode.SINGLE

    @property
    def single(self) -> Side:
        """The side that is shown singly."""
        if len(self.sizes) == 1:
            return next(iter(self.sizes))
        return Side.BEFORE if self.peeks else Side.AFTER

    @property
    def counted(self) -> Side:
        """The side whose pixels the zoom counts: the after picture's where there is one."""
        only_before = self.sizes.get(Side.AFTER) is None and self.sizes.get(Side.BEFORE) is not None
        return Side.BEFORE if only_before else Side.AFTER

    @property
    def has_picture(self) -> bool:
        return any(size is not None for size in self.sizes.values())

    @property
    def scene(self) -> Scene:
        rects, camera = self._pane_rects(), self.camera
        if self.arrangement is CompareMode.SINGLE:
            return Scene((Pane(self.single, rects[0], rects[0]),), camera, None)
        if self.arrangement is CompareMode.SIDE_BY_SIDE:
            sides = zip(Side, rects, strict=True)
            return Scene(tuple(Pane(side, rect, rect) for side, rect in sides), camera, None)
        whole = rects[0]
        seen = camera.target.intersected(whole)
        line = round(seen.left() + self.share * seen.width())
        left = QRectF(0, 0, line, whole.height())
        right = QRectF(line, 0, whole.width() - line, whole.height())
        panes = (Pane(Side.BEFORE, whole, left), Pane(Side.AFTER, whole, right))
        return Scene(panes, camera, QRectF(line, seen.top(), 0, seen.height()))

    def _pane_rects(self) -> tuple[QRectF, ...]:
        view, picture, whole = self.view, self.camera.picture, QRectF(QPointF(), self.view)
        if self.arrangement is not CompareMode.SIDE_BY_SIDE:
            return (whole,)
        gap = round(GAP_PX * self.dpr)
        wide = QSizeF((view.width() - gap) // 2, view.height())
        tall = QSizeF(view.width(), (view.height() - gap) // 2)
        # A broad picture is seen larger where the panes lie one above the other.
        if Camera(picture, tall).fit_zoom > Camera(picture, wide).fit_zoom:
            return QRectF(QPointF(), tall), QRectF(QPointF(0, tall.height() + gap), tall)
        return QRectF(QPointF(), wide), QRectF(QPointF(wide.width() + gap, 0), wide)

    def place_of(self, side: Side) -> tuple[float, QRectF]:
        """Return the scale of a side and which part of it is seen, in fractions.

        The scale is in pixels of the screen for one pixel of that side's own picture.
        """
        size = self.sizes.get(side)
        if size is None:
            return 1.0, QRectF()
        place = place_within(size, self.camera.picture, self.camera.target)
        seen = place.intersected(QRectF(QPointF(), self.camera.pane))
        return place.width() / size.width(), fractions(seen, place)

    def pointed(self, point: QPointF) -> tuple[Side, QPointF]:
        """Return the side under a point, and the place there in fractions of the picture."""
        pane = self.scene.pane_at(point)
        return pane.side, self.camera.place_at(point - pane.rect.topLeft())

    # --- changes

    def with_view(self, view: QSizeF, dpr: float) -> ViewState:
        return replace(self, view=view, dpr=dpr).arranged()

    def with_mode(self, mode: CompareMode) -> ViewState:
        return replace(self, mode=mode, peeks=False).arranged()

    def with_sizes(
        self,
        sizes: Mapping[Side, QSizeF | None],
        same: bool,
        names: Mapping[Side, str] | None = None,
    ) -> ViewState:
        """Show another pair.

        :param same: it shows what is seen now, so place and zoom stay.
        :param names: where the sides are not before and after.
        """
        turned = replace(self, sizes=sizes, names=names or {})
        size = sizes.get(turned.counted) or _NO_PICTURE
        if same:
            return replace(turned, camera=self.camera.with_picture(size)).arranged()
        fresh = replace(turned, camera=Camera(size, self.camera.pane), share=_MIDDLE)
        return replace(fresh, peeks=False, opened_at=None).arranged()

    def opened(self, place: QPointF) -> ViewState:
        """Show a place at 100 %, in fractions of the picture."""
        camera = replace(self.camera.zoomed(1.0), centre=place).kept_in()
        return replace(self, camera=camera, opened_at=camera.centre)

    def peeking(self, peeks: bool) -> ViewState:
        """Show before in the whole view, or no longer."""
        return replace(self, peeks=peeks).arranged() if self.both else self

    def with_share(self, share: float) -> ViewState:
        return replace(self, share=min(max(share, 0.0), 1.0))

    def with_divider_at(self, x: float) -> ViewState:
        """Put the divider so far right in the view."""
        seen = self.camera.target.intersected(QRectF(QPointF(), self.camera.pane))
        return self.with_share((x - seen.left()) / seen.width() if seen.width() > 0 else _MIDDLE)

    def with_camera(self, camera: Camera) -> ViewState:
        return replace(self, camera=camera)

    def arranged(self) -> ViewState:
        return self.with_camera(self.camera.with_pane(self._pane_rects()[0].size()))


def _distance(rect: QRectF, point: QPointF) -> float:
    across = max(rect.left() - point.x(), point.x() - rect.right(), 0.0)
    down = max(rect.top() - point.y(), point.y() - rect.bottom(), 0.0)
    return across + down
