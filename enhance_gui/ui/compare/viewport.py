"""Holds the view state of a pair, and changes it: mode, zoom, place, divider."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Signal
from PySide6.QtWidgets import QWidget

from enhance_gui.ui.compare.animation import ZoomAnimation
from enhance_gui.ui.compare.mode import CompareMode
from enhance_gui.ui.compare.view_state import ViewState


class Viewport(QObject):
    """Changes the view state for buttons, keys and gestures. Points are in Qt's pixels."""

    changed = Signal()
    """The view state has changed."""
    divider_moved = Signal(QRectF, QRectF)
    """Where the divider stood, and where it stands now; nothing else has changed."""
    mode_changed = Signal(CompareMode)
    zoom_changed = Signal(float)

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.look = ViewState(QSizeF(widget.size()))
        """The present view state, in pixels of the screen."""
        self.glide = ZoomAnimation(widget)
        """The animation that what is painted follows."""

    def see(self, look: ViewState) -> None:
        """Set the view state, without animation."""
        self.glide.stop()
        zoom_before, self.look = self.zoom, look
        self.changed.emit()
        if look.camera.zoom != zoom_before:
            self.zoom_changed.emit(look.camera.zoom)

    @property
    def mode(self) -> CompareMode:
        """The mode that was chosen."""
        return self.look.mode

    def set_mode(self, mode: CompareMode) -> None:
        if mode is not self.mode:
            self.see(self.look.with_mode(mode))
            self.mode_changed.emit(mode)

    def flip(self) -> None:
        """In single mode, show the other side."""
        self.see(self.look.flipped())

    @property
    def zoom(self) -> float:
        return self.look.camera.zoom

    def fit(self) -> None:
        """Show the whole picture; a small one is enlarged to 200 % at most."""
        self._glide_to(self.look.fitted())

    def actual_size(self) -> None:
        """Show one pixel of the picture on one of the screen."""
        self._glide_to(self.look.zoomed(1.0))

    def zoom_in(self) -> None:
        self._glide_to(self.look.stepped(1))

    def zoom_out(self) -> None:
        self._glide_to(self.look.stepped(-1))

    def zoom_by(self, factor: float, point: QPointF) -> None:
        """Zoom at once, as a wheel or fingers do; what is under a point of the view stays there."""
        self.see(self.look.zoomed(self.zoom * factor, point * self.look.dpr))

    def toggle_fit(self, point: QPointF) -> None:
        """Change between the whole picture and 100 % at a point of the view."""
        if self.look.camera.fitted:
            self._glide_to(self.look.zoomed(1.0, point * self.look.dpr))
        else:
            self.fit()

    def pan(self, by: QPointF) -> None:
        """Move the picture."""
        self.see(self.look.moved(by * self.look.dpr))

    def pan_by_share(self, by: QPointF) -> None:
        """Move the picture, in shares of its pane."""
        self.see(self.look.moved_by_share(by))

    def set_divider(self, share: float) -> None:
        """Put the divider so far right, 0 to 1 of the visible picture."""
        self._slide(self.look.with_share(share))

    def move_divider_to(self, point: QPointF) -> None:
        """Put the divider under a point of the view."""
        self._slide(self.look.with_divider_at(point * self.look.dpr))

    @property
    def divider_line(self) -> QRectF | None:
        """Where the divider stands; ``None``: there is none."""
        line, dpr = self.look.scene.divider, self.look.dpr
        if line is None:
            return None
        return QRectF(line.left() / dpr, line.top() / dpr, 0, line.height() / dpr)

    def _glide_to(self, look: ViewState) -> None:
        """Set the view state, and animate towards it."""
        shown = self.glide.camera(self.look.camera)
        self.see(look)
        self.glide.begin(shown, self.look.camera)

    def _slide(self, look: ViewState) -> None:
        old, self.look = self.divider_line, look
        new = self.divider_line
        if old is not None and new is not None:
            self.divider_moved.emit(old, new)
