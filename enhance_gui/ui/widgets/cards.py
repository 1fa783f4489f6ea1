"""Cards: what belongs together, and decisions of the user, none of whose choices is a default."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QFrame, QLayout, QPushButton, QScrollArea, QWidget

from enhance_gui.core.text.joining import titled
from enhance_gui.ui.widgets.basics import Part, button, clear, column, frame, holder, label, row
from enhance_gui.ui.widgets.flow_layout import FlowLayout, TextAndButtons


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice, as a button."""

    text: str
    tip: str = ""
    does: Callable[[], object] = lambda: None
    kind: str = ""
    """That of its button."""


@dataclass(frozen=True, slots=True)
class Card:
    """One decision of the user."""

    key: str
    title: str
    meaning: str
    choices: tuple[Choice, ...]

    @property
    def text(self) -> tuple[str, ...]:
        """All texts that are shown: cards with the same texts look alike."""
        return (self.key, self.title, self.meaning, *(choice.text for choice in self.choices))


def card_widget(card: Card) -> QFrame:
    """Return a card to show."""
    title, meaning = label(card.title, "heading", wraps=True), label(card.meaning, wraps=True)
    texts = column(title, meaning, spacing=2)
    layout = TextAndButtons(holder(texts))
    for each in card.choices:
        choice = button(each.text, tip=each.tip, name=titled(each.text, card.title))
        choice.clicked.connect(each.does)
        layout.addWidget(choice)
    box = frame("attention-card", card.title, column(layout, margins=(16, 10, 12, 10)))
    box.setAccessibleDescription(card.meaning)
    return box


class Question(QFrame):
    """Asks one thing at a time, and blocks nothing; goes away with any answer.

    Without a name it is a bar under the header that can wait: it leaves the keyboard alone.
    """

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._is_bar = not name
        self._back_to: QWidget | None = None
        self._text = label(wraps=True)
        self._detail = label("", "quiet", wraps=True)
        self._extra, self._answers = column(), FlowLayout(spacing=8)
        self.buttons: list[QPushButton] = []
        """Those of the answers, in order."""
        texts = column(self._text, self._detail, self._extra)
        if self._is_bar:
            self.setProperty("kind", "review")
            layout = TextAndButtons(holder(texts), holder(self._answers))
            self.setLayout(column(layout, margins=(20, 10, 20, 10)))
        else:
            self.setProperty("kind", "attention-card")
            self.setLayout(column(texts, row(None, self._answers), margins=(16, 12, 16, 12)))
            within = Qt.ShortcutContext.WidgetWithChildrenShortcut
            # Escape would close the window.
            escape = QShortcut(Qt.Key.Key_Escape, self, context=within)
            escape.activated.connect(self._leave_all)
        self.hide()

    def ask(
        self,
        text: str,
        choices: Sequence[Choice],
        *,
        detail: str = "",
        extra: QWidget | None = None,
    ) -> None:
        """Ask; an earlier question is forgotten.

        The last choice is the one that changes nothing: Escape makes it.

        :param extra: a further option, which goes away with the question.
        """
        self.dismiss()
        self._text.setText(text)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        if extra is not None:
            self._extra.addWidget(extra)
        for choice in choices:
            made = button(choice.text, choice.kind, tip=choice.tip)
            made.clicked.connect(lambda _=False, choice=choice: self._answered(choice))
            self._answers.addWidget(made)
            self.buttons.append(made)
        self.show()
        if self._is_bar:
            self.setAccessibleName(text)
        else:
            self.setAccessibleDescription(text)
            self._back_to = self.window().focusWidget()
            self.buttons[-1].setFocus()

    def dismiss(self) -> None:
        """Ask no more."""
        clear(self._extra)
        clear(self._answers)
        self.buttons = []
        self.hide()

    def _leave_all(self) -> None:
        self.buttons[-1].click()

    def _answered(self, choice: Choice) -> None:
        self.dismiss()
        if self._back_to is not None and self._back_to.isVisible():
            self._back_to.setFocus()
        choice.does()


class ScrollPage(QScrollArea):
    """A page that scrolls where the window is too small."""

    def __init__(self, name: str, layout: QLayout) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.content = holder(layout)
        self.setWidget(self.content)


def section(title: str, *parts: Part, text: str = "") -> QFrame:
    """Return a card of parts, under a title and some words about them."""
    sentences = [label(text, "quiet", wraps=True)] if text else []
    layout = column(
        label(title, "heading"), *sentences, *parts, spacing=12, margins=(18, 14, 18, 16)
    )
    return frame("card", title, layout)
