"""Lays out the parts of the services' window."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.services.question import Question
from enhance_gui.ui.services.service_list import ServiceList
from enhance_gui.ui.widgets.basics import ElidedLabel, button, column, frame, label, row

_LIST_WIDTH_PX: Final = 236
_SCROLL_BAR_PX: Final = 26
"""Room that the cards of a page leave free for its scroll bar."""


class ServicesPanel(QWidget):
    """Shows the list on the left; on the right a head, a page, and its buttons."""

    def __init__(self, *pages: QWidget) -> None:
        super().__init__()
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
        for page in pages:
            self.pages.addWidget(page)
        self.unsaved = label("", "quiet", wraps=True)
        self.discard = button(tr("Discard"), tip=tr("Go back to what is saved"))
        self.save = button(tr("Save"), "primary", tip=tr("Keep the changes (Ctrl+S)"))
        self.save.setShortcut("Ctrl+S")
        self.close_button = button(tr("Close"), tip=tr("Close this window (Esc)"))
        layout = row(self._side(), spacing=0)
        layout.addLayout(self._main(), 1)
        self.setLayout(layout)

    def say(self, words: str, *, bad: bool = False) -> None:
        """Show a message about the page; empty: none."""
        self.note.setProperty("kind", "problem" if bad else "quiet")
        self.note.style().polish(self.note)
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def _side(self) -> QWidget:
        side = frame("side")
        side.setFixedWidth(_LIST_WIDTH_PX)
        inside = column(self.list, self.new, spacing=10)
        inside.setContentsMargins(10, 16, 10, 14)
        side.setLayout(inside)
        return side

    def _main(self) -> QVBoxLayout:
        main = column(spacing=12)
        main.addLayout(_line(self.title, self.duplicate, self.export, self.delete))
        main.addWidget(self.note)
        asked = column(self.question)
        asked.setContentsMargins(2, 0, _SCROLL_BAR_PX, 0)
        main.addLayout(asked)
        main.addWidget(self.pages, 1)
        main.addLayout(_line(self.unsaved, self.discard, self.save, self.close_button))
        main.setContentsMargins(18, 16, 18, 14)
        return main


def _line(wide: QWidget, *others: QWidget) -> QHBoxLayout:
    line = row(spacing=8)
    line.addWidget(wide, 1)
    for other in others:
        line.addWidget(other)
    return line
