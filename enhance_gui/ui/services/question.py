"""A question inside the window, which blocks nothing while it waits for its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QPushButton, QWidget

from enhance_gui.ui.widgets.basics import button, column, label, row


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, as a button."""

    words: str
    do: Callable[[], object]
    kind: str = ""
    """That of its button."""


class Question(QFrame):
    """A card with a text and buttons; hidden while there is nothing to ask."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("kind", "attention-card")
        self.setAccessibleName(name)
        self._words = label("", wraps=True)
        self._detail = label("", "quiet", wraps=True)
        self.check = QCheckBox()
        """An extra option, where the question offers one."""
        self.check.setAccessibleName(name)
        self._buttons = row(spacing=8)
        self._buttons.addStretch(1)
        self._made: list[QPushButton] = []
        self._back_to: QWidget | None = None
        layout = column(self._words, self._detail, self.check, spacing=8)
        layout.addLayout(self._buttons)
        layout.setContentsMargins(16, 12, 16, 12)
        self.setLayout(layout)
        self.hide()

    def ask(
        self, words: str, answers: Sequence[Answer], *, detail: str = "", extra: str = ""
    ) -> None:
        """Ask; an earlier question is forgotten.

        The last answer is the one that changes nothing: Escape gives it.

        :param extra: text of a check box; empty: there is none.
        """
        self._clear()
        self._back_to = self.window().focusWidget()
        self._words.setText(words)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self.check.setText(extra)
        self.check.setAccessibleName(extra or self.accessibleName())
        self.check.setChecked(False)
        self.check.setVisible(bool(extra))
        self.setAccessibleDescription(words)
        for answer in answers:
            made = button(answer.words, answer.kind)
            made.clicked.connect(lambda _=False, answer=answer: self._answered(answer))
            made.installEventFilter(self)
            self._buttons.addWidget(made)
            self._made.append(made)
        self.show()
        self.buttons()[-1].setFocus()

    def buttons(self) -> list[QPushButton]:
        """Return the answers of the present question, in order."""
        return list(self._made)

    def dismiss(self) -> None:
        """Ask no more."""
        self._clear()
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Escape would close the window.
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            self.buttons()[-1].click()
            return True
        return False

    def _answered(self, answer: Answer) -> None:
        back_to = self._back_to
        self.dismiss()
        if back_to is not None and back_to.isVisible():
            back_to.setFocus()
        answer.do()

    def _clear(self) -> None:
        while self._made:
            made = self._made.pop()
            self._buttons.removeWidget(made)
            made.hide()
            made.deleteLater()
