"""Saves and restores the main window's geometry and the layout of its list."""

from __future__ import annotations

# Not more of Qt: this is loaded before the window is shown.
from PySide6.QtCore import QByteArray

from enhance_gui.ui.widgets.fitting import resize_to_fit
from enhance_gui.ui.window.main_window import USUAL_SIZE, MainWindow


def restore_place(window: MainWindow, geometry: bytes) -> None:
    """Place the window, full or empty, where it was left; if that is not known, fit the screen."""
    if geometry:
        window.restoreGeometry(QByteArray(geometry))
    else:
        resize_to_fit(window, USUAL_SIZE)


def restore(window: MainWindow, geometry: bytes, look: str) -> None:
    """Restore the window's geometry and list; the usual size where that is not known."""
    from enhance_gui.ui.gallery.view import GalleryLayout

    restore_place(window, geometry)
    if look in {each.value for each in GalleryLayout}:
        window.pages.gallery.set_look(GalleryLayout(look))


def state_of(window: MainWindow) -> tuple[bytes, str]:
    """Return the geometry and the layout of the list, for :func:`restore`."""
    return bytes(window.saveGeometry().data()), window.pages.gallery.view.look.value
