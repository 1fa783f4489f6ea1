"""Animates a change of zoom or place, so that the eye can follow it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEasingCurve, QObject, QPointF, QVariantAnimation, Signal
from PySide6.QtWidgets import QStyle, QWidget

from enhance_gui.ui.compare.camera import Camera

GLIDE_MS: Final = 120


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
