"""Lays out the panels of the main window."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from enhance_gui.core.clock import Clock
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.adding.review_strip import ReviewStrip
from enhance_gui.ui.widgets.basics import column, holder
from enhance_gui.ui.widgets.cards import Question
from enhance_gui.ui.widgets.toast import Toast
from enhance_gui.ui.window.attention import AttentionPanel
from enhance_gui.ui.window.footer import Footer
from enhance_gui.ui.window.header import Header
from enhance_gui.ui.window.outage_strip import OutageStrip
from enhance_gui.ui.window.outputs_panel import CropLocator
from enhance_gui.ui.window.pages import Pages


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
        self._above = holder(
            column(
                self.header,
                self.outage,
                self.review,
                self.attention,
                self.question,
                spacing=0,
            )
        )
        self.setLayout(column(self._above, self.pages, self.footer, spacing=0, grows=self.pages))
        self.toast = Toast(self.pages, self.pages.gallery.selection, self.pages.result_page.below)

    def show_frame(self, shown: bool) -> None:
        """Show or hide what lies around the pages."""
        self._above.setVisible(shown)
        self.footer.setVisible(shown)
