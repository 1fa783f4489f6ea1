"""The panels of the window, and how they lie in it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from enhance_gui.core.clock import Clock
from enhance_gui.ui.choices import Choices
from enhance_gui.ui.footer import Footer
from enhance_gui.ui.header import Header
from enhance_gui.ui.needs_you import NeedsYou
from enhance_gui.ui.notice import Notice
from enhance_gui.ui.pages import Pages
from enhance_gui.ui.question import Question
from enhance_gui.ui.result_parts import Crops
from enhance_gui.ui.review_strip import ReviewStrip
from enhance_gui.ui.widgets import column


class Panels(QWidget):
    """From top to bottom."""

    def __init__(self, choices: Choices, clock: Clock, crops: Crops) -> None:
        super().__init__()
        self.header = Header(choices)
        self.review = ReviewStrip()
        self.needs_you = NeedsYou(choices.cost_of)
        self.question = Question()
        self.pages = Pages(clock, crops)
        self.footer = Footer()
        layout = column(self.header, self.review, self.needs_you, self.question, spacing=0)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.footer)
        self.setLayout(layout)
        self.notice = Notice(self.pages, self.pages.room_of_verbs)
