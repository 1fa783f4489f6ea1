"""Full screen: the whole window, or one picture with nothing around it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QMainWindow, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.compare.bar import CompareBar
from enhance_gui.ui.compare.view import CompareView
from enhance_gui.ui.widgets.basics import row, single_shot, tool
from enhance_gui.ui.window.panels import Panels

SHOWN_MS: Final = 2500
"""How long the controls stay after the mouse has moved."""
_GAP_PX: Final = 16


class FullScreen(QObject):
    """Fills the screen with the window; on the page of a picture, with the picture alone."""

    changed = Signal(bool)
    """Whether the screen is filled."""

    def __init__(self, window: QMainWindow, panels: Panels) -> None:
        super().__init__(window)
        self._window = window
        self._panels = panels
        self._page = panels.pages.result_page
        self._state_before = window.windowState()
        self._alone = False
        self._controls = FloatingControls(self._page.view)
        self._controls.leave_wanted.connect(self.toggle)
        self._page.full_screen_wanted.connect(self.toggle)
        panels.pages.currentChanged.connect(self._leave_picture)

    def toggle(self) -> None:
        """Fill the screen, or be a window again."""
        if self._alone or self._window.isFullScreen():
            self._show_alone(False)
            self._window.setWindowState(self._state_before & ~Qt.WindowState.WindowFullScreen)
        else:
            self._state_before = self._window.windowState()
            self._show_alone(self._panels.pages.currentWidget() is self._page)
            self._window.setWindowState(self._state_before | Qt.WindowState.WindowFullScreen)
        self.changed.emit(self._window.isFullScreen())

    def _leave_picture(self) -> None:
        if self._alone and self._panels.pages.currentWidget() is not self._page:
            self.toggle()

    def _show_alone(self, alone: bool) -> None:
        self._alone = alone
        self._window.menuBar().setVisible(not alone)
        self._panels.show_frame(not alone)
        self._page.show_alone(alone)
        self._controls.set_on(alone)


class FloatingControls(QFrame):
    """The controls of a comparison over its lower edge, while the mouse moves or is on them."""

    leave_wanted = Signal()

    def __init__(self, view: CompareView) -> None:
        super().__init__(view)
        self._view = view
        self.setProperty("kind", "card")
        self.setAccessibleName(tr("How to compare"))
        leave = tool("✕", tip=tr("Leave full screen (F11)"), name=tr("Leave full screen"))
        leave.clicked.connect(self.leave_wanted)
        self.setLayout(row(CompareBar(view), leave, margins=(0, 0, 8, 0)))
        self._idle = single_shot(self, SHOWN_MS, self._hide_if_idle)
        self.hide()

    def set_on(self, on: bool) -> None:
        """Follow the mouse from now on, or no longer."""
        if on:
            self._view.installEventFilter(self)
            self._come()
        else:
            self._view.removeEventFilter(self)
            self._idle.stop()
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseMove:
            self._come()
        elif event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _come(self) -> None:
        self._place()
        self.show()
        self.raise_()
        self._idle.start()

    def _place(self) -> None:
        size, room = self.sizeHint(), self._view.size()
        width = min(size.width(), room.width() - 2 * _GAP_PX)
        left, top = (room.width() - width) // 2, room.height() - size.height() - _GAP_PX
        self.setGeometry(left, top, width, size.height())

    def _hide_if_idle(self) -> None:
        focused = self._view.window().focusWidget()
        if self.underMouse() or (isinstance(focused, QWidget) and self.isAncestorOf(focused)):
            self._idle.start()
        else:
            self.hide()
