"""The state of the view of a pair: mode, place, zoom, divider. Immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF

from enhance_gui.ui.compare.camera import Camera, fractions, place_within
from enhance_gui.ui.compare.mode import CompareMode, Side
from enhance_gui.ui.compare.scene import Scene, arrange, pane_size, share_at

_NO_PICTURE: Final = QSizeF(1, 1)
_MIDDLE: Final = 0.5


@dataclass(frozen=True, slots=True)
class ViewState:
    """What a view shows of a pair.

    Points and lengths are in pixels of the screen, as in :mod:`enhance_gui.ui.compare.camera`.
    """

    view: QSizeF
    dpr: float = 1.0
    """Pixels of the screen for one of Qt's."""
    sizes: Mapping[Side, QSizeF | None] = field(default_factory=dict)
    """The sides there are, each with its picture's; ``None`` where that cannot be shown."""
    mode: CompareMode = CompareMode.DIVIDER
    """The mode that was chosen."""
    chosen: Side = Side.AFTER
    """The side that single mode shows."""
    share: float = _MIDDLE
    """How far right the divider stands, 0 to 1 of the visible picture."""
    camera: Camera = field(default_factory=lambda: Camera(_NO_PICTURE, _NO_PICTURE))
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
        """The mode that is possible: one picture alone is shown singly."""
        return self.mode if self.both else CompareMode.SINGLE

    @property
    def single(self) -> Side:
        """The side that is shown singly."""
        return next(iter(self.sizes)) if len(self.sizes) == 1 else self.chosen

    @property
    def can_flip(self) -> bool:
        return self.both and self.mode is CompareMode.SINGLE

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
        return arrange(self.arrangement, self.single, self.view, self.camera, self.share, self.dpr)

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
        return replace(self, mode=mode).arranged()

    def with_sizes(self, sizes: Mapping[Side, QSizeF | None], same: bool) -> ViewState:
        """Show another pair.

        :param same: it shows what is seen now, so place and zoom stay.
        """
        turned = replace(self, sizes=sizes)
        size = sizes.get(turned.counted) or _NO_PICTURE
        if same:
            return replace(turned, camera=self.camera.with_picture(size)).arranged()
        fresh = replace(turned, camera=Camera(size, self.camera.pane), share=_MIDDLE)
        return replace(fresh, chosen=Side.AFTER, opened_at=None).arranged()

    def opened(self, place: QPointF) -> ViewState:
        """Show a place at 100 %, in fractions of the picture."""
        camera = replace(self.camera.zoomed(1.0), centre=place).kept_in()
        return replace(self, camera=camera, opened_at=camera.centre)

    def flipped(self) -> ViewState:
        return replace(self, chosen=self.chosen.other) if self.can_flip else self

    def with_share(self, share: float) -> ViewState:
        return replace(self, share=min(max(share, 0.0), 1.0))

    def with_divider_at(self, point: QPointF) -> ViewState:
        return self.with_share(share_at(self.camera, point.x()))

    def with_camera(self, camera: Camera) -> ViewState:
        return replace(self, camera=camera)

    def arranged(self) -> ViewState:
        pane = pane_size(self.arrangement, self.view, self.camera.picture, self.dpr)
        return self.with_camera(self.camera.with_pane(pane))
