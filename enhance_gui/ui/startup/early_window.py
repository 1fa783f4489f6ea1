"""Shows the window empty, before all that it holds is loaded."""

from __future__ import annotations

import re
import sys
from typing import Final

# Not Qt, nor QEvent: to load their many enumerations takes longer than to show the window.
from PySide6.QtCore import QByteArray, QEventLoop, QTimer
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from enhance_gui import __version__
from enhance_gui.core.resources import resource
from enhance_gui.ui.startup.qt_application import Application
from enhance_gui.ui.widgets.fitting import keep_on_screen, resize_to_screen
from enhance_gui.ui.window.main_window import USUAL_SIZE, MainWindow

_HALF: Final = 128
"""Of the greatest lightness: a window darker than that belongs to a dark theme."""

_TURN_S: Final = 0.0001
"""How long another thread may hold Python's lock. Painting gives it away at each call of Qt's, and
would wait a turn for each while a thread reads a long text: at the usual 5 ms, seconds."""

PAINT_LIMIT_MS: Final = 300
"""A window that is hidden from its start, by a window manager say, is never painted."""


def start_qt() -> QApplication:
    """Return the application, which the window and all else belong to."""
    sys.setswitchinterval(_TURN_S)
    application = QApplication.instance() or Application(["enhance-gui"])
    assert isinstance(application, QApplication)  # noqa: S101  none without widgets
    application.setApplicationName("Enhance GUI")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("enhance-gui")
    # The end of the last window must not end the loop under the coroutine that shuts down.
    application.setQuitOnLastWindowClosed(False)
    return application


def open_empty(geometry: bytes, theme: object) -> MainWindow:
    """Show the window where it was left, and wait until it can be seen.

    :param geometry: as Qt wrote it; empty: unknown.
    :param theme: "light" or "dark"; anything else: that of the system.
    """
    window = MainWindow()
    background = _background(theme, is_dark=window.palette().window().color().lightness() < _HALF)
    # Of two colours, since naming a role would load the palette's enumerations: 30 ms.
    window.setPalette(QPalette(background, background))
    restore_place(window, geometry)
    # No coroutine runs yet, so a loop of Qt's own stops nobody else's work.
    loop = QEventLoop()
    window.painted.connect(loop.quit)
    QTimer.singleShot(PAINT_LIMIT_MS, loop.quit)
    window.show()
    loop.exec()
    window.setPalette(QPalette())
    return window


def restore_place(window: MainWindow, geometry: bytes) -> None:
    """Place the window, full or empty, where it was left; if that is not known, fit the screen."""
    if geometry:
        window.restoreGeometry(QByteArray(geometry))
        keep_on_screen(window)
    else:
        # Not by the text's size: to look for the fonts takes longer than to show the window.
        resize_to_screen(window, USUAL_SIZE)


def _background(theme: object, *, is_dark: bool) -> QColor:
    name = theme if theme in ("light", "dark") else "dark" if is_dark else "light"
    # Searched, not read as TOML, whose reader takes milliseconds to load.
    colours = resource("style/colours.toml").read_text(encoding="utf-8")
    lines = rf'^\[{name}\](?:\n(?!\[).*)*?\nwindow = "(#\w+)"$'
    found = re.search(lines, colours, re.MULTILINE)
    return QColor(found[1]) if found else QPalette().window().color()
