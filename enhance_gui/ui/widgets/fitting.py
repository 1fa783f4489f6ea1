"""Places windows: of a size that fits the screen, above the others."""

from __future__ import annotations

# Not more of Qt: this is loaded before the window is shown.
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

_FRAME_PX = QSize(8, 40)
"""What a desktop puts around a window, at most: edges and title."""

_USUAL_TEXT_PX = 12
"""Height of the letters for which lengths were chosen."""


def text_px(length_px: int) -> int:
    """Return a length that was chosen for text of the usual size, as the user's text needs it."""
    from PySide6.QtGui import QFontInfo, QGuiApplication

    size_px = QFontInfo(QGuiApplication.font()).pixelSize()
    return round(length_px * max(1.0, size_px / _USUAL_TEXT_PX))


def resize_to_fit(window: QWidget, usual: QSize) -> None:
    """Give a window its usual size, more for large text, or less where the screen is smaller."""
    resize_to_screen(window, QSize(text_px(usual.width()), text_px(usual.height())))


def resize_to_screen(window: QWidget, wanted: QSize) -> None:
    """Give a window a size, or less where the screen is smaller."""
    room = window.screen().availableGeometry().size() - _FRAME_PX
    window.resize(wanted.boundedTo(room))


def keep_on_screen(window: QWidget) -> None:
    """Shrink and move a window until all of it lies on its screen.

    Qt restores a size from a larger screen, or a smaller scaling, as it was.
    """
    if window.isMaximized() or window.isFullScreen():
        return
    screen = window.screen().availableGeometry()
    size = window.size().boundedTo(screen.size() - _FRAME_PX)
    room = screen.size() - size - _FRAME_PX
    window.resize(size)
    left = min(max(window.x(), screen.left()), screen.left() + room.width())
    top = min(max(window.y(), screen.top()), screen.top() + room.height())
    window.move(left, top)


def come_to_front(window: QWidget) -> None:
    """Show a window above the others, as far as the desktop lets it."""
    from PySide6.QtCore import Qt

    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
