"""Holds the view state of a pair, and changes it: mode, zoom, place, divider."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import (
    QEasingCurve,
    QObject,
    QPointF,
    QRectF,
    QSizeF,
    QVariantAnimation,
    Signal,
)
from PySide6.QtWidgets import QStyle, QWidget

from enhance_gui.ui.compare.camera import Camera
from enhance_gui.ui.compare.mode import CompareMode
from enhance_gui.ui.compare.view_state import ViewState

GLIDE_MS: Final = 120
"""How long a change of zoom or place takes, so that the eye can follow it."""


class Viewport(QObject):
    """Changes the view state for buttons, keys and gestures. Points are in Qt's pixels."""

    changed = Signal()
    """The view state has changed."""
    divider_moved = Signal(QRectF, QRectF)
    """Where the divider stood, and where it stands now; nothing else has changed."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.state = ViewState(QSizeF(widget.size()))
        """The present view state, in pixels of the screen."""
        self.animation = ZoomAnimation(widget)
        """The animation that what is painted follows."""

    def see(self, state: ViewState) -> None:
        """Set the view state, without animation."""
        self.animation.stop()
        self.state = state
        self.changed.emit()

    def set_mode(self, mode: CompareMode) -> None:
        if mode is not self.state.mode:
            self.see(self.state.with_mode(mode))

    def peek(self, peeks: bool) -> None:
        """Show before in the whole view, or no longer."""
        if peeks is not self.state.peeks:
            self.see(self.state.peeking(peeks))

    def flip(self) -> None:
        """Show before in the whole view until the next call."""
        self.peek(not self.state.peeks)

    @property
    def zoom(self) -> float:
        return self.state.camera.zoom

    def fit(self) -> None:
        """Show the whole picture; a small one is enlarged to 200 % at most."""
        self._glide_to(self.state.camera.fit())

    def actual_size(self) -> None:
        """Show one pixel of the picture on one of the screen."""
        self._glide_to(self.state.camera.zoomed(1.0))

    def zoom_in(self) -> None:
        self._glide_to(self.state.camera.stepped(1))

    def zoom_out(self) -> None:
        self._glide_to(self.state.camera.stepped(-1))

    def zoom_by(self, factor: float, point: QPointF) -> None:
        """Zoom at once, as a wheel or fingers do; what is under a point of the view stays there."""
        self.see(self.state.with_camera(self._zoomed_at(point, self.zoom * factor)))

    def toggle_fit(self, point: QPointF) -> None:
        """Change between the whole picture and 100 % at a point of the view."""
        if self.state.camera.fitted:
            self._glide_to(self._zoomed_at(point, 1.0))
        else:
            self.fit()

    def pan(self, by: QPointF) -> None:
        """Move the picture."""
        self.see(self.state.with_camera(self.state.camera.moved(by * self.state.dpr)))

    def pan_by_share(self, by: QPointF) -> None:
        """Move the picture, in shares of its pane."""
        pane = self.state.camera.pane / self.state.dpr
        self.pan(QPointF(by.x() * pane.width(), by.y() * pane.height()))

    def set_divider(self, share: float) -> None:
        """Put the divider so far right, 0 to 1 of the visible picture."""
        self._slide(self.state.with_share(share))

    def move_divider_to(self, point: QPointF) -> None:
        """Put the divider under a point of the view."""
        self._slide(self.state.with_divider_at(point.x() * self.state.dpr))

    @property
    def divider_line(self) -> QRectF | None:
        """Where the divider stands; ``None``: there is none."""
        line, dpr = self.state.scene.divider, self.state.dpr
        if line is None:
            return None
        return QRectF(line.left() / dpr, line.top() / dpr, 0, line.height() / dpr)

    def _zoomed_at(self, point: QPointF, zoom: float) -> Camera:
        """Return the camera at another zoom; what is under a point of the view stays there."""
        there = point * self.state.dpr
        anchor = there - self.state.scene.pane_at(there).rect.topLeft()
        return self.state.camera.zoomed(zoom, anchor)

    def _glide_to(self, camera: Camera) -> None:
        """Set what is seen, and animate towards it."""
        shown = self.animation.camera(self.state.camera)
        self.see(self.state.with_camera(camera))
        self.animation.begin(shown, self.state.camera)

    def _slide(self, state: ViewState) -> None:
        old, self.state = self.divider_line, state
        new = self.divider_line
        if old is not None and new is not None:
            self.divider_moved.emit(old, new)


class ZoomAnimation(QObject):
    """Returns the camera to paint during the animation; the state itself changes at once.

    Where the system wants no motion the style's duration of animations is 0, and nothing is
    animated.
    """

    moved = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._start: Camera | None = None
        self._animation = QVariantAnimation(self)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self.moved)
        self._animation.finished.connect(self.stop)

    @property
    def running(self) -> bool:
        return self._start is not None

    def begin(self, start: Camera, end: Camera) -> None:
        """Start towards ``end``, which has to be passed to :meth:`camera` from now on."""
        self.stop()
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        duration_ms = min(GLIDE_MS, self._widget.style().styleHint(hint, None, self._widget))
        same = start.picture == end.picture and start.pane == end.pane
        if duration_ms > 0 and same and start != end and self._widget.isVisible():
            self._start = start
            self._animation.setDuration(duration_ms)
            self._animation.start()

    def stop(self) -> None:
        """End the animation at once."""
        self._start = None
        self._animation.stop()

    def camera(self, end: Camera) -> Camera:
        """Return the camera to paint now, on the way to ``end``."""
        if self._start is None:
            return end
        return between(self._start, end, float(self._animation.currentValue()))


def between(start: Camera, end: Camera, share: float) -> Camera:
    """Interpolate between two cameras; what both show at one place stays there."""
    zoom = start.zoom * (end.zoom / start.zoom) ** share
    # A place that stands still while the zoom changes lets the centre follow 1 / zoom.
    bend = share
    if abs(1 / end.zoom - 1 / start.zoom) > 1e-9:
        bend = (1 / zoom - 1 / start.zoom) / (1 / end.zoom - 1 / start.zoom)
    step = end.centre - start.centre
    return replace(end, zoom=zoom, centre=start.centre + QPointF(step.x() * bend, step.y() * bend))
