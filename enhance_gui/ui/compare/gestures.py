"""Handles mouse, touchpad, touch and keyboard in the comparison."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from enhance_gui.ui.compare.mode import CompareMode
from enhance_gui.ui.compare.viewport import Viewport

_NEAR_DIVIDER: Final = 16.0
"""The divider is grabbed within this distance of it, in Qt's pixels."""
_NOTCH: Final = 120.0
_ZOOM_A_NOTCH: Final = 1.25
_DIVIDER_STEP: Final = 0.01
_DIVIDER_STRIDE: Final = 0.1
_PAN_STEP: Final = 0.15
"""Of the pane."""

_ARROWS: Final = {
    Qt.Key.Key_Left: QPointF(1, 0),
    Qt.Key.Key_Right: QPointF(-1, 0),
    Qt.Key.Key_Up: QPointF(0, 1),
    Qt.Key.Key_Down: QPointF(0, -1),
}
"""Where the picture moves for each arrow key."""


class _Grip(Enum):
    NOTHING = "nothing"
    DIVIDER = "divider"
    PICTURE = "picture"


class GestureController:
    """Turns input events of a widget into changes of its viewport."""

    def __init__(self, widget: QWidget, viewport: Viewport) -> None:
        self._widget = widget
        self._viewport = viewport
        self._grip = _Grip.NOTHING
        self._last = QPointF()
        self._plain: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Plus: viewport.zoom_in,
            Qt.Key.Key_Equal: viewport.zoom_in,
            Qt.Key.Key_Minus: viewport.zoom_out,
            Qt.Key.Key_0: viewport.fit,
            Qt.Key.Key_1: viewport.actual_size,
        }

    def press(self, event: QMouseEvent) -> None:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            event.ignore()
            return
        left = event.button() is Qt.MouseButton.LeftButton
        near = left and self._near_divider(event.position())
        self._grip = _Grip.DIVIDER if near else _Grip.PICTURE
        self._last = event.position()
        self.point(event.position())

    def move(self, event: QMouseEvent) -> None:
        here = event.position()
        if self._grip is _Grip.DIVIDER:
            self._viewport.move_divider_to(here)
        elif self._grip is _Grip.PICTURE:
            self._viewport.pan(here - self._last)
        self._last = here
        self.point(here)

    def release(self, event: QMouseEvent) -> None:
        self._grip = _Grip.NOTHING
        self.point(event.position())

    def double_click(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and not self._near_divider(event.position()):
            self._viewport.toggle_fit(event.position())
        else:
            self.press(event)

    def point(self, here: QPointF) -> None:
        """Set the cursor shape to what a press would grab."""
        if self._grip is _Grip.DIVIDER or (
            self._grip is _Grip.NOTHING and self._near_divider(here)
        ):
            shape = Qt.CursorShape.SplitHCursor
        elif not self._viewport.look.camera.can_move:
            shape = Qt.CursorShape.ArrowCursor
        elif self._grip is _Grip.PICTURE:
            shape = Qt.CursorShape.ClosedHandCursor
        else:
            shape = Qt.CursorShape.OpenHandCursor
        if self._widget.cursor().shape() is not shape:
            self._widget.setCursor(shape)

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom with a wheel; pan with two fingers on a touchpad, where pinching zooms."""
        fingers = event.phase() is not Qt.ScrollPhase.NoScrollPhase
        if fingers and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._viewport.pan(QPointF(event.pixelDelta()))
        elif event.angleDelta().y():
            factor = _ZOOM_A_NOTCH ** (event.angleDelta().y() / _NOTCH)
            self._viewport.zoom_by(factor, event.position())
        event.accept()

    def native_gesture(self, event: QNativeGestureEvent) -> bool:
        """Zoom by pinching on a touchpad."""
        if event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self._viewport.zoom_by(1 + event.value(), event.position())
        elif event.gestureType() is Qt.NativeGestureType.SmartZoomNativeGesture:
            self._viewport.toggle_fit(event.position())
        else:
            return False
        return True

    def pinch(self, event: QGestureEvent) -> bool:
        """Zoom by pinching on a touch screen."""
        gesture = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(gesture, QPinchGesture):
            return False
        middle = self._widget.mapFromGlobal(gesture.hotSpot())
        self._viewport.zoom_by(gesture.scaleFactor(), middle)
        event.accept(gesture)
        return True

    def key(self, event: QKeyEvent) -> bool:
        """Handle a key; return whether it is used here."""
        action = self._action(event)
        if action is None:
            return False
        action()
        return True

    def means(self, event: QKeyEvent) -> bool:
        """Return whether a key is used here, so that no shortcut takes it."""
        return self._action(event) is not None

    def _action(self, event: QKeyEvent) -> Callable[[], None] | None:
        view = self._viewport
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        control = held == Qt.KeyboardModifier.ControlModifier
        if held & ~Qt.KeyboardModifier.ShiftModifier and not control:
            return None
        key = Qt.Key(event.key())
        if key in _ARROWS and (control or view.look.arrangement is not CompareMode.DIVIDER):
            return lambda: view.pan_by_share(_ARROWS[key] * _PAN_STEP)
        if control:
            return None
        if key in self._plain:
            return self._plain[key]
        if view.look.arrangement is CompareMode.DIVIDER:
            shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
            return self._divider_action(key, _DIVIDER_STRIDE if shift else _DIVIDER_STEP)
        if key is Qt.Key.Key_Space and view.look.can_flip:
            return view.flip
        return None

    def _divider_action(self, key: Qt.Key, step: float) -> Callable[[], None] | None:
        view = self._viewport
        places = {
            Qt.Key.Key_Left: view.look.share - step,
            Qt.Key.Key_Right: view.look.share + step,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: 1.0,
        }
        return (lambda: view.set_divider(places[key])) if key in places else None

    def _near_divider(self, here: QPointF) -> bool:
        line = self._viewport.divider_line
        return line is not None and (
            abs(here.x() - line.left()) <= _NEAR_DIVIDER and line.top() <= here.y() <= line.bottom()
        )
