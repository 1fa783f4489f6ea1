"""The main window: places its panels, and forwards Qt's events.

It is made empty, so that it can be shown before what it holds is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# Not Qt, nor QEvent: to load their many enumerations takes longer than to show the window.
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import (
        QCloseEvent,
        QDragEnterEvent,
        QDragLeaveEvent,
        QDropEvent,
        QPaintEvent,
    )

    from enhance_gui.core.clock import Clock
    from enhance_gui.ui.adding.choices import Choices
    from enhance_gui.ui.bridges.account_bridge import AccountBridge
    from enhance_gui.ui.bridges.service_bridge import ServiceBridge
    from enhance_gui.ui.bridges.task_bridge import Bridge
    from enhance_gui.ui.widgets.theme import ThemeManager
    from enhance_gui.ui.window.outputs_panel import CropLocator

USUAL_SIZE = QSize(1180, 780)


class MainWindow(QMainWindow):
    """The main window with everything in it."""

    closing = Signal()
    painted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(QGuiApplication.applicationDisplayName())
        self.resize(USUAL_SIZE)
        self.close_wanted = False
        self.restart_wanted = False
        """Whether the program is to start again once it has ended."""
        self._may_close: Callable[[Callable[[], object]], bool] = lambda _end: True

    def fill(
        self,
        bridge: Bridge,
        account: AccountBridge,
        services: ServiceBridge,
        choices: Choices,
        theme: ThemeManager,
        clock: Clock,
        crops: CropLocator,
    ) -> None:
        """Put everything into the window, which may be shown already."""
        # Loaded here, not above: it takes longer than to show the window.
        from PySide6.QtWidgets import QLineEdit

        from enhance_gui.core.services.connection_test import passed
        from enhance_gui.ui.adding.add_images import AddImages
        from enhance_gui.ui.window.announcer import TITLE, Announcer
        from enhance_gui.ui.window.batch_progress import ended_text
        from enhance_gui.ui.window.commands import build_menus
        from enhance_gui.ui.window.handlers import CommandHandlers
        from enhance_gui.ui.window.panels import Panels
        from enhance_gui.ui.window.secondary import SideWindows
        from enhance_gui.ui.window.update_prompt import UpdateNews
        from enhance_gui.ui.window.view_updater import ViewUpdater

        self.setWindowTitle(TITLE)
        self.setAcceptDrops(True)
        panels = Panels(choices, clock, crops)
        self.setCentralWidget(panels)
        self.header, self.review, self.attention = panels.header, panels.review, panels.attention
        self.pages, self.footer, self.toast = panels.pages, panels.footer, panels.toast
        self.bridge = bridge
        self.announcer = Announcer(self, notify=choices.preferences.notify)
        updater = ViewUpdater(panels, bridge, choices, self.announcer, clock)
        self.batch_progress = batch = updater.batch_progress
        self.closing.connect(lambda: self.announcer.window_closed(batch.progress))
        self.intake = AddImages(bridge, choices, self)
        self.side_windows = SideWindows(self, choices, theme, bridge, account, services)
        self._may_close = self.side_windows.may_end
        self.side_windows.restart_wanted.connect(self.restart)
        handlers = CommandHandlers(
            self, panels, bridge, account, choices, self.intake, self.side_windows, clock
        )
        batch.changed.connect(
            lambda progress: handlers.batch_report.show_batch(progress.ids, ended_text(progress))
        )
        updater.report_wanted.connect(handlers.batch_report.choose_file)
        self.commands = build_menus(self, handlers)
        self.updates = UpdateNews(panels, account, choices, self.side_windows)
        choices.changed.connect(
            lambda: account.hold_to(choices.preferences, choices.max_at_a_time())
        )
        account.message.connect(self.toast.show_message)
        services.message.connect(self.toast.show_message)
        for report in (services.token_failed, services.token_not_kept):
            report.connect(lambda _, text: self.toast.show_message(text))
        services.profiles_changed.connect(choices.offer_services)
        services.renamed.connect(choices.rename_service)
        services.tried.connect(
            lambda profile, test: bridge.service_tested(profile.name, passed=passed(test))
        )
        services.token_set.connect(bridge.token_set)
        self.footer.pause.toggled.connect(self.commands["pause"].setChecked)
        for field in self.findChildren(QLineEdit):
            field.setAcceptDrops(False)  # the whole window takes drops

    # -- Qt's events ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.intake.drag_entered(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.intake.drag_left(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.intake.dropped(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._may_close(self.close):
            event.ignore()
            return
        # The signal may have no receiver yet.
        self.close_wanted = True
        self.closing.emit()
        event.accept()

    def restart(self) -> None:
        """Close, and have the program start again; what would be lost is asked about before."""
        if self._may_close(self.restart):
            self.restart_wanted = True
            self.close()

    def stop(self) -> None:
        """Stop what runs by itself: the last call."""
        self.announcer.close()
        self.pages.gallery.view.stop()
