"""A dialog for entering many addresses, with a live count of those that can be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from enhance_gui.core.images.inputs.drop_data import CUT, Dropped, read_text
from enhance_gui.core.text.i18n import number, plural, tr
from enhance_gui.ui.widgets.basics import button, column, label, row, single_shot
from enhance_gui.ui.widgets.fitting import resize_to_fit

COUNT_MS: Final = 120
"""Counting starts after this long without typing."""

_MAX_INPUTS: Final = 10_000
"""At most so many inputs are counted, since counting must not block the window."""

_MAX_LINES: Final = 500
"""Beyond these no line is named: to look for it must not block the window."""

_PROBLEMS_PX: Final = 110

_HINT: Final = "https://example.org/picture.jpg\nhttps://example.org/another.png"


class AddDialog(QDialog):
    """Takes addresses and paths, one a line, or any text that holds addresses."""

    entered = Signal(object)
    """What was found, when the user has confirmed it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Add addresses"))
        resize_to_fit(self, QSize(640, 420))
        self._found = Dropped()
        self.field = QPlainTextEdit()
        # No language writes addresses and paths from right to left.
        self.field.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.field.setAccessibleName(tr("Addresses of pictures"))
        self.field.setPlaceholderText(_HINT)
        self.field.setTabChangesFocus(True)
        self._count = label("", "heading")
        self.problems = QPlainTextEdit()
        self.problems.setReadOnly(True)
        self.problems.setTabChangesFocus(True)
        self.problems.setAccessibleName(tr("Not usable"))
        self.problems.setMaximumHeight(_PROBLEMS_PX)
        self.problems.hide()
        self.add_button = button(tr("Add"), "primary", tip=tr("Add them (Ctrl+Return)"))
        # Not the button's own: that would not work before the count has caught up.
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self._confirm)
        self.add_button.clicked.connect(self._confirm)
        cancel = button(tr("Cancel"), tip=tr("Close without adding (Esc)"))
        cancel.clicked.connect(self.reject)
        self._rest = single_shot(self, COUNT_MS, self.count)
        self.field.textChanged.connect(self._rest.start)
        head = label(tr("Addresses of pictures, or paths of files, one per line"), wraps=True)
        layout = column(head, self.field, self._count, self.problems, spacing=12, grows=self.field)
        layout.addLayout(row(None, cancel, self.add_button))
        layout.setContentsMargins(24, 20, 24, 20)
        self.setLayout(layout)
        self.count()

    def count(self) -> None:
        """Parse the text and show how much of it can be used."""
        self._found = read_text(self.field.toPlainText(), _MAX_INPUTS)
        usable, unusable = len(self._found.inputs), len(self._found.unusable)
        self._count.setText(count_text(usable, unusable))
        cut = [tr(CUT)] if self._found.is_cut else []
        problems = [*cut, *with_lines(self._found.unusable, self.field.toPlainText())]
        self.problems.setPlainText("\n".join(problems))
        self.problems.setVisible(bool(problems))
        self.add_button.setEnabled(usable > 0)
        text = tr("Add {count}").format(count=number(usable))
        self.add_button.setText(text if usable > 1 else tr("Add"))

    def _confirm(self) -> None:
        self.count()
        if self._found.inputs:
            self.entered.emit(self._found)
            self.accept()


def with_lines(problems: Sequence[str], text: str) -> list[str]:
    """Return what is wrong with parts of a text, each with the line in which that stands."""
    lines: dict[str, int] = {}
    for line, each in enumerate(text.split("\n", _MAX_LINES)[:_MAX_LINES], start=1):
        if len(lines) == len(problems):
            break
        for problem in read_text(each).unusable:
            if problem in problems:
                lines.setdefault(problem, line)
    message = tr("Line {line}: {problem}")
    return [
        message.format(line=number(lines[each]), problem=each) if each in lines else each
        for each in problems
    ]


def count_text(usable: int, unusable: int) -> str:
    """Return how many inputs a text holds, as a text: "12 addresses, 2 not usable"."""
    text = plural("{count} address", "{count} addresses", usable).format(count=number(usable))
    if not unusable:
        return text
    return tr("{addresses}, {count} not usable").format(addresses=text, count=number(unusable))
