"""Lays out the panels of the main window."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QSizePolicy, QWidget

from enhance_gui.core.clock import Clock
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.adding.review_strip import ReviewStrip
from enhance_gui.ui.widgets.basics import column, holder
from enhance_gui.ui.widgets.cards import Question, ScrollPage
from enhance_gui.ui.widgets.fitting import text_px
from enhance_gui.ui.widgets.toast import Toast
from enhance_gui.ui.window.attention import AttentionPanel
from enhance_gui.ui.window.footer import Footer
from enhance_gui.ui.window.header import Header
from enhance_gui.ui.window.outage_strip import OutageStrip
from enhance_gui.ui.window.outputs_panel import CropLocator
from enhance_gui.ui.window.pages import Pages

_MIN_STRIPS_PX: Final = 72
"""What is seen of the strips at least, with text of the usual size."""


class Strips(ScrollPage):
    """Holds what stands between the header and the pages; scrolls where these would be too low."""

    def __init__(self, layout: QLayout) -> None:
        super().__init__("", layout)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        # The keyboard goes through the buttons, and the area follows.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        height = max(0, self.content.heightForWidth(self.width()))
        return QSize(self.content.sizeHint().width(), height)

    def minimumSizeHint(self) -> QSize:
        width = self.content.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        return QSize(width, min(self.sizeHint().height(), text_px(_MIN_STRIPS_PX)))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


class Panels(QWidget):
    """Holds the panels, from top to bottom."""

    def __init__(self, choices: Choices, clock: Clock, crops: CropLocator) -> None:
        super().__init__()
        self.header = Header(choices)
        self.review = ReviewStrip()
        self.attention = AttentionPanel(choices.cost_of)
        self.question = Question()
        self.pages = Pages(clock, crops)
        self.outage = OutageStrip(clock, self.pages.model.waiting_for)
        self.footer = Footer()
        strips = Strips(column(self.outage, self.review, self.attention, self.question, spacing=0))
        self._above = holder(column(self.header, strips, spacing=0))
        self.setLayout(column(self._above, self.pages, self.footer, spacing=0, grows=self.pages))
        self.toast = Toast(self.pages, self.pages.gallery.selection, self.pages.result_page.below)

    def show_frame(self, shown: bool) -> None:
        """Show or hide what lies around the pages."""
        self._above.setVisible(shown)
        self.footer.setVisible(shown)
