"""Pictures, a view and events for the tests of the comparison."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from enhance_gui.imaging.detail import most_detailed_place
from enhance_gui.ui.compare.pictures.picture import PictureFile
from enhance_gui.ui.compare.view import CompareView

RED, BLUE = (200, 30, 30), (30, 40, 200)
_TIMEOUT_S = 60.0


def wait_until(reached: Callable[[], bool]) -> None:
    """Run the event loop until something is so."""
    deadline_s = time.monotonic() + _TIMEOUT_S
    while not reached():
        assert time.monotonic() < deadline_s, "it did not come about"
        QApplication.processEvents()
        time.sleep(0.001)
    QApplication.processEvents()


def plain(path: Path, colour: tuple[int, ...], size: tuple[int, int] = (60, 40)) -> Path:
    """Write a picture of one colour."""
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(path)
    return path


def picture(path: Path, label: str = "After") -> PictureFile:
    return PictureFile(path, label)


@contextmanager
def shown_view(width: int = 400, height: int = 300) -> Iterator[CompareView]:
    """Show a view, and take it down again."""
    view = CompareView(search=most_detailed_place)
    view.resize(width, height)
    view.show()
    try:
        yield view
    finally:
        view.close()
        view.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def show(
    view: CompareView, before: Path | None, after: Path | None, *, at_detail: bool = False
) -> None:
    """Show a pair and wait for it."""
    view.show_pair(
        None if before is None else PictureFile(before, "Before"),
        None if after is None else PictureFile(after, "After"),
        at_detail=at_detail,
    )
    wait_until(lambda: not view.busy)


def seen(widget: QWidget) -> QImage:
    """Return what a widget looks like; a view, once it is where it was sent."""
    if isinstance(widget, CompareView):
        wait_until(lambda: not widget.viewport.animation.running)
    return widget.grab().toImage()


def colour_at(image: QImage, x: float, y: float) -> tuple[int, int, int]:
    """Return the colour at a point."""
    colour = QColor(image.pixel(int(x), int(y)))
    return colour.red(), colour.green(), colour.blue()


def near(one: tuple[int, ...], other: tuple[int, ...], off: int = 3) -> bool:
    return all(abs(a - b) <= off for a, b in zip(one[:3], other[:3], strict=True))


def press_key(
    widget: QWidget,
    key: Qt.Key,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> bool:
    """Press a key; return whether it meant something."""
    event = QKeyEvent(QEvent.Type.KeyPress, key, held)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def send_key(
    widget: QWidget, kind: QEvent.Type, key: Qt.Key, *, at_ms: int, repeats: bool = False
) -> None:
    """Press or release a key at a moment, by the clock of Qt's events."""
    event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, "", repeats)
    event.setTimestamp(at_ms)
    QApplication.sendEvent(widget, event)


def hold_space(widget: QWidget, for_ms: int) -> None:
    """Press Space and let it go after a time, which does not pass."""
    send_key(widget, QEvent.Type.KeyPress, Qt.Key.Key_Space, at_ms=1000)
    send_key(widget, QEvent.Type.KeyRelease, Qt.Key.Key_Space, at_ms=1000 + for_ms)


def _mouse(widget: QWidget, kind: QEvent.Type, at: QPointF, held: Qt.MouseButton) -> None:
    pressed = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else held
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else held
    event = QMouseEvent(
        kind, at, widget.mapToGlobal(at), button, pressed, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)


def drag(widget: QWidget, start: QPointF, end: QPointF) -> None:
    """Press, move in two steps, release."""
    left = Qt.MouseButton.LeftButton
    _mouse(widget, QEvent.Type.MouseButtonPress, start, left)
    _mouse(widget, QEvent.Type.MouseMove, (start + end) / 2, left)
    _mouse(widget, QEvent.Type.MouseMove, end, left)
    _mouse(widget, QEvent.Type.MouseButtonRelease, end, left)


def hover(widget: QWidget, at: QPointF) -> None:
    _mouse(widget, QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton)


def double_click(widget: QWidget, at: QPointF) -> None:
    left = Qt.MouseButton.LeftButton
    _mouse(widget, QEvent.Type.MouseButtonDblClick, at, left)
    _mouse(widget, QEvent.Type.MouseButtonRelease, at, left)


def turn_wheel(
    widget: QWidget,
    at: QPointF,
    turn: QPoint,
    *,
    fingers: QPoint | None = None,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Turn a wheel; or, with ``fingers``, move two fingers on a touchpad."""
    phase = Qt.ScrollPhase.NoScrollPhase if fingers is None else Qt.ScrollPhase.ScrollUpdate
    event = QWheelEvent(
        at,
        widget.mapToGlobal(at),
        fingers or QPoint(),
        turn,
        Qt.MouseButton.NoButton,
        held,
        phase,
        False,
    )
    QApplication.sendEvent(widget, event)
