"""Puts the window back as it was left, and notes how it is left."""

from __future__ import annotations

from enhance_gui.core.settings.window_state import WindowState
from enhance_gui.ui.gallery.view import GalleryLayout
from enhance_gui.ui.startup.early_window import restore_place
from enhance_gui.ui.window.main_window import MainWindow


def restore_window(window: MainWindow, state: WindowState) -> None:
    """Put the window back where it was, with the layout that its list had."""
    restore_place(window, state.geometry)
    window.intake.open_folder = state.open_folder
    if state.look in {each.value for each in GalleryLayout}:
        window.pages.gallery.set_layout(GalleryLayout(state.look))
    window.pages.gallery.view.shown.set_folding(state.stacks_open, state.stacks_apart)


def restore_page(window: MainWindow, state: WindowState) -> None:
    """Show the picture that was shown before the restart, unless another one is shown already."""
    if state.shown_task and window.pages.currentWidget() is window.pages.gallery:
        window.pages.open(state.shown_task)


def state_of(window: MainWindow, starts: int) -> WindowState:
    """Return how the window is left.

    :param starts: how often it was opened.
    """
    pages = window.pages
    shows_one = window.restart_wanted and pages.currentWidget() is pages.result_page
    folding = pages.gallery.view.shown.folding
    return WindowState(
        bytes(window.saveGeometry().data()),
        pages.gallery.view.shown_layout.value,
        starts,
        window.intake.open_folder,
        folding.all_open,
        folding.apart,
        (pages.result_page.task_id or 0) if shows_one else 0,
    )
