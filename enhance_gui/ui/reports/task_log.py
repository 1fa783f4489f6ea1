"""The window of a task's log: what happened to it, step by step."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import (
    QFont,
    QGuiApplication,
    QPalette,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QDialog, QTextEdit, QWidget

from enhance_gui.core.clock import Clock
from enhance_gui.core.tasks.task import TaskEvent
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.gallery.state_texts import state_text
from enhance_gui.ui.gallery.texts import service_name, type_name
from enhance_gui.ui.reports.log_texts import last_word, log_lines
from enhance_gui.ui.widgets.basics import ElidedLabel, button, column, row
from enhance_gui.ui.widgets.fitting import come_to_front, resize_to_fit


class TaskLogWindow(QDialog):
    """The log as text that can be selected and copied; kept up to date while it is open."""

    def __init__(self, parent: QWidget, bridge: Bridge) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._clock = Clock()
        self._task_id: int | None = None
        self.setWindowTitle(tr("History"))
        resize_to_fit(self, QSize(560, 480))
        self._name = ElidedLabel("heading", Qt.TextElideMode.ElideMiddle)
        self._state = ElidedLabel("quiet")
        self._text = QTextEdit()
        self._text.setReadOnly(True)
        self._text.setProperty("kind", "log")
        self._text.document().setDocumentMargin(3.0)
        self._text.setAcceptRichText(False)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName(tr("History"))
        keys = Qt.TextInteractionFlag.TextSelectableByKeyboard
        self._text.setTextInteractionFlags(keys | Qt.TextInteractionFlag.TextSelectableByMouse)
        copy, close = button(tr("Copy")), button(tr("Close"))
        copy.setAccessibleName(tr("Copy the whole log"))
        copy.clicked.connect(self._copy)
        close.clicked.connect(self.close)
        layout = column(self._name, self._state, 8)
        layout.addWidget(self._text, 1)
        layout.addSpacing(8)
        layout.addLayout(row(None, copy, close))
        layout.setContentsMargins(24, 20, 24, 18)
        self.setLayout(layout)
        self._text.setFocus()
        bridge.log_read.connect(self._show_log)
        bridge.tasks.changed.connect(self._changed)

    @property
    def text(self) -> str:
        """The log as it is copied."""
        return self._text.toPlainText()

    def show_task(self, task_id: int) -> None:
        """Open the window, or have it show another task."""
        self._task_id = task_id
        self._name.show_text(self._bridge.items[task_id].name)
        self._state.show_text("")
        self._text.clear()
        self._bridge.read_log(task_id)
        come_to_front(self)

    def _changed(self, items: Sequence[Item]) -> None:
        task_id = self._task_id
        if task_id is None or not self.isVisible():
            return
        if any(item.task.id == task_id for item in items):
            self._bridge.read_log(task_id)

    def _show_log(self, task_id: int, events: Sequence[TaskEvent]) -> None:
        """Show what has happened so far; the place and the selection stay where they can."""
        item = self._bridge.items.get(task_id)
        if task_id != self._task_id or item is None:
            return
        state = state_text(item, self._clock.now_s())
        parts = (state, type_name(item.task), service_name(item.task.service))
        self._state.show_text(" · ".join(parts))
        bar = self._text.verticalScrollBar()
        place, at_end = bar.value(), bar.value() == bar.maximum()
        selected = self._text.textCursor()
        anchor, position = selected.anchor(), selected.position()
        self._text.clear()
        self._write(item, events)
        length = len(self.text)
        selected.setPosition(min(anchor, length))
        selected.setPosition(min(position, length), QTextCursor.MoveMode.KeepAnchor)
        self._text.setTextCursor(selected)
        bar.setValue(bar.maximum() if at_end and place else place)

    def _write(self, item: Item, events: Sequence[TaskEvent]) -> None:
        # Written piece by piece with a cursor: what comes from outside is never read as HTML.
        cursor = QTextCursor(self._text.document())
        plain, strong, quiet = self._formats()
        first, next_line = QTextBlockFormat(), QTextBlockFormat()
        first.setTopMargin(8.0)
        for number, line in enumerate(log_lines(item.task, events)):
            if number:
                cursor.insertBlock(first)
            cursor.insertText(f"{line.at}   ", quiet)
            cursor.insertText(line.text, strong)
            for detail in line.details:
                cursor.insertBlock(next_line)
                cursor.insertText(detail, plain)
        for number, text in enumerate(last_word(item.task)):
            cursor.insertBlock(first if not number else next_line)
            cursor.insertText(text, strong if not number else plain)

    def _formats(self) -> tuple[QTextCharFormat, QTextCharFormat, QTextCharFormat]:
        plain, strong, quiet = QTextCharFormat(), QTextCharFormat(), QTextCharFormat()
        palette = self._text.palette()
        plain.setForeground(palette.color(QPalette.ColorRole.Text))
        strong.setForeground(palette.color(QPalette.ColorRole.Text))
        strong.setFontWeight(QFont.Weight.DemiBold)
        quiet.setForeground(palette.color(QPalette.ColorRole.PlaceholderText))
        return plain, strong, quiet

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self._name.text()}\n{self.text}")
