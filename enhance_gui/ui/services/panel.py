"""Lays out the window of the services."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.services.service_list import ServiceList
from enhance_gui.ui.settings.page import show_message
from enhance_gui.ui.widgets.basics import ElidedLabel, button, column, frame, label, row
from enhance_gui.ui.widgets.cards import Question
from enhance_gui.ui.widgets.fitting import text_px

_LIST_WIDTH_PX: Final = 236
_SCROLL_BAR_PX: Final = 26
"""Room that the cards of a page leave free for its scroll bar."""


class ServicesPanel(QDialog):
    """Has the list on the left; on the right a head, a page, and its buttons."""

    def __init__(self, parent: QWidget, *pages: QWidget) -> None:
        """:param pages: what is shown under the head, one at a time."""
        super().__init__(parent)
        self.list = ServiceList()
        self.new = button(tr("Connect a service…"), tip=tr("Add a service to the list"))
        self.title = ElidedLabel("title")
        self.duplicate = button(tr("Duplicate"), tip=tr("Begin another one like it"))
        self.export = button(tr("Export…"), tip=tr("Export a file without the token"))
        self.delete = button(tr("Delete…"), tip=tr("Remove the service from the list"))
        self.note = label("", "quiet", wraps=True)
        self.note.hide()
        self.question = Question(tr("Before it continues"))
        self.pages = QStackedWidget()
        # Before the layout is set: the order of the Tab key is that in which widgets get a parent.
        for page in pages:
            self.pages.addWidget(page)
        self.unsaved = label("", "quiet", wraps=True)
        self.discard = button(tr("Discard"), tip=tr("Go back to what is saved"))
        self.save = button(tr("Save"), "primary", tip=tr("Keep the changes (Ctrl+S)"))
        self.save.setShortcut("Ctrl+S")
        self.close_button = button(tr("Close"), tip=tr("Close this window (Esc)"))
        side = column(self.list, self.new, spacing=10, margins=(10, 16, 10, 14))
        left = frame("side", "", side)
        left.setFixedWidth(text_px(_LIST_WIDTH_PX))
        right = column(
            row(self.title, self.duplicate, self.export, self.delete, grows=self.title),
            self.note,
            column(self.question, margins=(2, 0, _SCROLL_BAR_PX, 0)),
            self.pages,
            row(self.unsaved, self.discard, self.save, self.close_button, grows=self.unsaved),
            spacing=12,
            grows=self.pages,
            margins=(18, 16, 18, 14),
        )
        self.setLayout(row(left, right, spacing=0, grows=right))

    def show_message(self, text: str, *, bad: bool = False) -> None:
        """Show a message about the page; empty: none."""
        show_message(self.note, text, problem=bad)
