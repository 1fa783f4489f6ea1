"""Places windows: of a size that fits the screen, above the others."""

from __future__ import annotations

# Not more of Qt: this is loaded before the window is shown.
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

_FRAME_PX = QSize(8, 40)
"""What a desktop puts around a window, at most: edges and title."""


def resize_to_fit(window: QWidget, usual: QSize) -> None:
    """Give a window its usual size, or less where the screen is smaller."""
    room = window.screen().availableGeometry().size() - _FRAME_PX
    window.resize(usual.boundedTo(room))


def come_to_front(window: QWidget) -> None:
    """Show a window above the others, as far as the desktop lets it."""
    from PySide6.QtCore import Qt

    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
