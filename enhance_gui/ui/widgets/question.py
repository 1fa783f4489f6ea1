"""A bar under the header with a question that can wait, without a default answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy

from enhance_gui.ui.widgets.basics import button, label, row

Answer = tuple[str, Callable[[], object]]
"""The text of a button and what it does."""


class Question(QFrame):
    """Shows one question at a time; goes away with any answer."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "review")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._words = label(wraps=True)
        self.buttons: list[QPushButton] = []
        """Those of the answers, in order."""
        self._line = row(spacing=8)
        self._line.addWidget(self._words, 1)
        self._line.setContentsMargins(20, 10, 20, 10)
        self.setLayout(self._line)
        self.hide()

    def ask(self, words: str, answers: Sequence[Answer]) -> None:
        """Ask; an earlier question gives way."""
        self._words.setText(words)
        self.setAccessibleName(words)
        for old in self.buttons:
            old.hide()
            old.deleteLater()
        self.buttons = [self._button(*answer) for answer in answers]
        self.show()

    def _button(self, text: str, does: Callable[[], object]) -> QPushButton:
        made = button(text)
        made.clicked.connect(self.hide)
        made.clicked.connect(lambda _checked: does())
        self._line.addWidget(made)
        return made
