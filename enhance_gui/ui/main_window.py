"""The window: places its panels, and hands on what Qt tells it."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QLineEdit, QMainWindow

from enhance_gui.core.clock import Clock
from enhance_gui.ui.announcer import TITLE, Announcer
from enhance_gui.ui.bridge import Bridge
from enhance_gui.ui.choices import Choices
from enhance_gui.ui.commands import Name, build_menus
from enhance_gui.ui.gallery.view import GalleryLook
from enhance_gui.ui.intake import Intake
from enhance_gui.ui.news import News
from enhance_gui.ui.panels import Panels
from enhance_gui.ui.result_parts import Crops
from enhance_gui.ui.theme import Look
from enhance_gui.ui.windows import SideWindows
from enhance_gui.ui.wishes import Wishes

USUAL_SIZE = QSize(1180, 780)


class MainWindow(QMainWindow):
    """Everything the user sees."""

    closing = Signal()

    def __init__(
        self, bridge: Bridge, choices: Choices, look: Look, clock: Clock, crops: Crops
    ) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self.resize(USUAL_SIZE)
        self.setAcceptDrops(True)
        panels = Panels(choices, clock, crops)
        self.setCentralWidget(panels)
        self.header, self.review, self.needs_you = panels.header, panels.review, panels.needs_you
        self.pages, self.footer, self.notice = panels.pages, panels.footer, panels.notice
        self.bridge = bridge
        self.announcer = Announcer(self, notify=choices.preferences.notify)
        self.tally = News(panels, bridge, choices, self.announcer).tally
        self.intake = Intake(bridge, choices, self)
        self.side_windows = SideWindows(self, choices, look, bridge)
        wishes = Wishes(self, panels, bridge, choices, self.intake, self.side_windows)
        self.commands = build_menus(self, wishes.handlers())
        self.footer.pause_chosen.connect(self.commands[Name.PAUSE].setChecked)
        for field in self.findChildren(QLineEdit):
            field.setAcceptDrops(False)  # the whole window takes drops

    # -- Qt's events ------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.intake.drag_entered(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.intake.drag_left(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.intake.dropped(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        event.accept()

    # -- from outside -----------------------------------------------------------------------------

    def restore(self, geometry: bytes, look: str) -> None:
        """Be as it was left; of the usual size where that is not known."""
        if geometry:
            self.restoreGeometry(QByteArray(geometry))
        if look in {each.value for each in GalleryLook}:
            self.pages.gallery.set_look(GalleryLook(look))

    def state(self) -> tuple[bytes, str]:
        """Return the geometry and the look of the list, for :meth:`restore`."""
        return bytes(self.saveGeometry().data()), self.pages.gallery.view.look.value

    def come_to_front(self) -> None:
        """Show the window above the others, as far as the desktop lets it."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def stop(self) -> None:
        """Stop what runs by itself: the last call."""
        self.announcer.close()
        self.pages.gallery.view.stop()
