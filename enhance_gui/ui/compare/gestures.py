"""Mouse, touchpad, touch and keyboard in the comparison."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import Enum
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QSizeF, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from enhance_gui.ui.compare.loupe import Loupe
from enhance_gui.ui.compare.mode import CompareMode
from enhance_gui.ui.compare.viewport import Viewport

_NEAR_DIVIDER: Final = 16.0
"""The divider is grabbed within this distance of it, in Qt's pixels."""
_NOTCH: Final = 120.0
_ZOOM_A_NOTCH: Final = 1.25
_DIVIDER_STEP: Final = 0.01
_DIVIDER_STRIDE: Final = 0.1
_LOUPE_STEP: Final = 8.0
"""In Qt's pixels."""
_LOUPE_STRIDE: Final = 48.0
_PAN_STEP: Final = 0.15
"""Of the pane."""
_TAP_MS: Final = 300
"""A key that is held longer shows before only while it is held."""

_ARROWS: Final = {
    Qt.Key.Key_Left: QPointF(1, 0),
    Qt.Key.Key_Right: QPointF(-1, 0),
    Qt.Key.Key_Up: QPointF(0, 1),
    Qt.Key.Key_Down: QPointF(0, -1),
}
"""Where the picture moves for each arrow key."""

_KEYBOARD: Final = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class _Grip(Enum):
    NOTHING = "nothing"
    DIVIDER = "divider"
    PICTURE = "picture"


class GestureWidget(QWidget):
    """Turns the user's input into changes of its viewport."""

    def __init__(self) -> None:
        super().__init__()
        self.viewport = view = Viewport(self)
        self.loupe = Loupe(self)
        self._grip = _Grip.NOTHING
        self._last = QPointF()
        self._pointer: QPointF | None = None
        self._pressed_ms: int | None = None
        """When Space went down to peek, by the clock of Qt's events; ``None``: it is up, or ends
        a peek."""
        self._loupe_pressed_ms: int | None = None
        """The same of L, where it has switched the loupe on."""
        self._by_keyboard = False
        """What brought the focus here: who comes with the mouse needs no ring."""
        self._plain: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Plus: view.zoom_in,
            Qt.Key.Key_Equal: view.zoom_in,
            Qt.Key.Key_Minus: view.zoom_out,
            Qt.Key.Key_0: view.fit,
            Qt.Key.Key_1: view.actual_size,
        }
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        if sys.platform != "darwin":
            # There, Qt makes the same gesture out of the touchpad's own, which is handled below.
            self.grabGesture(Qt.GestureType.PinchGesture)

    def event(self, event: QEvent) -> bool:
        handled = False
        if isinstance(event, QNativeGestureEvent):
            handled = self._native_gesture(event)
        elif isinstance(event, QGestureEvent):
            handled = self._pinch(event)
        elif event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            # So that no shortcut takes a key that is used here.
            handled = self._action(event) is not None
        elif event.type() is QEvent.Type.DevicePixelRatioChange:
            self._fill_widget()
        if handled:
            event.accept()
        return handled or super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fill_widget()

    def _fill_widget(self) -> None:
        dpr = self.devicePixelRatioF()
        self.viewport.see(self.viewport.state.with_view(QSizeF(self.size()) * dpr, dpr))

    # --- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._mark_keyboard(here=False)
        self._press(event)

    def _press(self, event: QMouseEvent) -> None:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            event.ignore()
            return
        left = event.button() is Qt.MouseButton.LeftButton
        near = left and self._near_divider(event.position())
        self._grip = _Grip.DIVIDER if near else _Grip.PICTURE
        self._last = event.position()
        self._show_grip(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        here = event.position()
        self._point(here)
        if self._grip is _Grip.DIVIDER:
            self.viewport.move_divider_to(here)
        elif self._grip is _Grip.PICTURE:
            self.viewport.pan(here - self._last)
        self._last = here
        self._show_grip(here)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = _Grip.NOTHING
        self._show_grip(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and not self._near_divider(event.position()):
            self.viewport.toggle_fit(event.position())
        else:
            self._press(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(None)

    def _point(self, point: QPointF | None) -> None:
        self._pointer = point
        if point is not None:
            self.loupe.move_to(point)
        if self.viewport.state.arrangement is CompareMode.SIDE_BY_SIDE:
            self.update()

    def _show_grip(self, here: QPointF) -> None:
        """Set the cursor shape to what a press would grab."""
        if self._grip is _Grip.DIVIDER or (
            self._grip is _Grip.NOTHING and self._near_divider(here)
        ):
            shape = Qt.CursorShape.SplitHCursor
        elif not self.viewport.state.camera.can_move:
            shape = Qt.CursorShape.ArrowCursor
        elif self._grip is _Grip.PICTURE:
            shape = Qt.CursorShape.ClosedHandCursor
        else:
            shape = Qt.CursorShape.OpenHandCursor
        if self.cursor().shape() is not shape:
            self.setCursor(shape)

    def _near_divider(self, here: QPointF) -> bool:
        line = self.viewport.divider_line
        return line is not None and (
            abs(here.x() - line.left()) <= _NEAR_DIVIDER and line.top() <= here.y() <= line.bottom()
        )

    # --- wheel, touchpad and touch screen

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with a wheel; pan with two fingers on a touchpad, where pinching zooms."""
        fingers = event.phase() is not Qt.ScrollPhase.NoScrollPhase
        if fingers and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.viewport.pan(QPointF(event.pixelDelta()))
        elif event.angleDelta().y():
            factor = _ZOOM_A_NOTCH ** (event.angleDelta().y() / _NOTCH)
            self.viewport.zoom_by(factor, event.position())
        event.accept()

    def _native_gesture(self, event: QNativeGestureEvent) -> bool:
        """Zoom by pinching on a touchpad."""
        if event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self.viewport.zoom_by(1 + event.value(), event.position())
        elif event.gestureType() is Qt.NativeGestureType.SmartZoomNativeGesture:
            self.viewport.toggle_fit(event.position())
        else:
            return False
        return True

    def _pinch(self, event: QGestureEvent) -> bool:
        """Zoom by pinching on a touch screen."""
        gesture = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(gesture, QPinchGesture):
            return False
        self.viewport.zoom_by(gesture.scaleFactor(), self.mapFromGlobal(gesture.hotSpot()))
        event.accept(gesture)
        return True

    # --- keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self._action(event)
        if action is None:
            super().keyPressEvent(event)
        else:
            action()
            self._mark_keyboard(here=True)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Space, Qt.Key.Key_L) or event.isAutoRepeat():
            super().keyReleaseEvent(event)
        elif event.key() == Qt.Key.Key_Space:
            pressed_ms, self._pressed_ms = self._pressed_ms, None
            if pressed_ms is not None and event.timestamp() - pressed_ms > _TAP_MS:
                self.viewport.peek(False)
        else:
            pressed_ms, self._loupe_pressed_ms = self._loupe_pressed_ms, None
            if pressed_ms is not None and event.timestamp() - pressed_ms > _TAP_MS:
                self.loupe.switch_off()

    def _press_loupe(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self._loupe_pressed_ms = None if self.loupe.is_on else event.timestamp()
            self.loupe.cycle()

    def _press_space(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self._pressed_ms = None if self.viewport.state.peeks else event.timestamp()
            self.viewport.flip()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        # Its release goes to another widget.
        if self._pressed_ms is not None:
            self._pressed_ms = None
            self.viewport.peek(False)
        self._loupe_pressed_ms = None
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in _KEYBOARD:
            self._by_keyboard = True
        self.update()

    def _mark_keyboard(self, *, here: bool) -> None:
        self._by_keyboard = here
        self.update()

    def _action(self, event: QKeyEvent) -> Callable[[], None] | None:
        view = self.viewport
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        control = held == Qt.KeyboardModifier.ControlModifier
        if held & ~Qt.KeyboardModifier.ShiftModifier and not control:
            return None
        key = Qt.Key(event.key())
        if not control and (action := self._loupe_action(event)) is not None:
            return action
        if key in _ARROWS and (control or view.state.arrangement is not CompareMode.DIVIDER):
            return lambda: view.pan_by_share(_ARROWS[key] * _PAN_STEP)
        if control:
            return None
        if key in self._plain:
            return self._plain[key]
        if key is Qt.Key.Key_Space and view.state.both:
            return lambda: self._press_space(event)
        if view.state.arrangement is CompareMode.DIVIDER:
            shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
            return self._divider_action(key, _DIVIDER_STRIDE if shift else _DIVIDER_STEP)
        return None

    def _loupe_action(self, event: QKeyEvent) -> Callable[[], None] | None:
        loupe, key = self.loupe, Qt.Key(event.key())
        if key is Qt.Key.Key_L and self.viewport.state.has_picture:
            return lambda: self._press_loupe(event)
        if not loupe.is_on:
            return None
        if key is Qt.Key.Key_Escape:
            return loupe.switch_off
        if key in _ARROWS:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            step = _LOUPE_STRIDE if shift else _LOUPE_STEP
            return lambda: loupe.move_to(loupe.point - _ARROWS[key] * step)
        return None

    def _divider_action(self, key: Qt.Key, step: float) -> Callable[[], None] | None:
        view = self.viewport
        places = {
            Qt.Key.Key_Left: view.state.share - step,
            Qt.Key.Key_Right: view.state.share + step,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: 1.0,
        }
        return (lambda: view.set_divider(places[key])) if key in places else None
