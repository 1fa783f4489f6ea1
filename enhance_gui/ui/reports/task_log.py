"""The window of a task's log: what happened to it, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, Qt
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
from enhance_gui.ui.gallery.texts import type_name
from enhance_gui.ui.reports.log_texts import last_word, log_lines
from enhance_gui.ui.widgets.basics import ElidedLabel, button, column, row
from enhance_gui.ui.widgets.fitting import come_to_front

_GAP_PX: Final = 8.0
_MARGIN_PX: Final = 10.0


class TaskLog(QObject):
    """Opens the window, and keeps it up to date while it is open."""

    def __init__(self, bridge: Bridge, window: QWidget, clock: Clock | None = None) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._window = window
        self._clock = Clock() if clock is None else clock
        self._dialog: TaskLogWindow | None = None
        self._task_id: int | None = None
        bridge.log_read.connect(self._show_log)
        bridge.tasks.changed.connect(self._changed)

    @property
    def dialog(self) -> TaskLogWindow | None:
        """The window, once it was opened."""
        return self._dialog

    def show_task(self, task_id: int) -> None:
        """Open the window, or have it show another task."""
        if self._dialog is None:
            self._dialog = TaskLogWindow(self._window)
        self._task_id = task_id
        self._dialog.say_name(self._bridge.items[task_id].name)
        self._bridge.read_log(task_id)
        come_to_front(self._dialog)

    def _changed(self, items: Sequence[Item]) -> None:
        shown = self._dialog is not None and self._dialog.isVisible()
        task_id = self._task_id
        if shown and task_id is not None and any(item.task.id == task_id for item in items):
            self._bridge.read_log(task_id)

    def _show_log(self, task_id: int, events: Sequence[TaskEvent]) -> None:
        item = self._bridge.items.get(task_id)
        if self._dialog is not None and task_id == self._task_id and item is not None:
            self._dialog.show_log(item, events, self._clock.now_s())


class TaskLogWindow(QDialog):
    """The log as text that can be selected and copied."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("History"))
        self.resize(560, 480)
        self._name = ElidedLabel("heading", Qt.TextElideMode.ElideMiddle)
        self._state = ElidedLabel("quiet")
        self._text = QTextEdit()
        self._text.setReadOnly(True)
        self._text.document().setDocumentMargin(_MARGIN_PX)
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

    @property
    def text(self) -> str:
        """The log as it is copied."""
        return self._text.toPlainText()

    def say_name(self, name: str) -> None:
        """Begin to show another task."""
        self._name.say(name)
        self._state.say("")
        self._text.clear()

    def show_log(self, item: Item, events: Sequence[TaskEvent], now_s: float) -> None:
        """Show what has happened so far; the place and the selection stay where they can."""
        self._state.say(f"{state_text(item, now_s)} · {type_name(item.task)}")
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
        first.setTopMargin(_GAP_PX)
        next_line.setLeftMargin(0)
        for number, line in enumerate(log_lines(item.task, events)):
            if number:
                cursor.insertBlock(first)
            cursor.insertText(f"{line.at}   ", quiet)
            cursor.insertText(line.words, strong)
            for detail in line.details:
                cursor.insertBlock(next_line)
                cursor.insertText(detail, plain)
        for number, said in enumerate(last_word(item.task)):
            cursor.insertBlock(first if not number else next_line)
            cursor.insertText(said, strong if not number else plain)

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
