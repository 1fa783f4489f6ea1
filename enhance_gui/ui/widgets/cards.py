"""A decision of the user as a card: what it is about, and the choices, none of them a default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QFrame

from enhance_gui.ui.widgets.basics import button, column, frame, label, row


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice, as a button."""

    text: str
    tip: str
    does: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Card:
    """One decision of the user."""

    key: str
    title: str
    meaning: str
    choices: tuple[Choice, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """All texts that are shown: cards with the same texts look alike."""
        return (self.key, self.title, self.meaning, *(choice.text for choice in self.choices))


def card_widget(card: Card) -> QFrame:
    """Return a card to show."""
    box = frame("attention-card", card.title)
    box.setAccessibleDescription(card.meaning)
    words = column(
        label(card.title, "heading", wraps=True), label(card.meaning, wraps=True), spacing=2
    )
    layout = row(spacing=8)
    layout.addLayout(words, 1)
    for each in card.choices:
        choice = button(each.text, tip=each.tip, name=f"{each.text}: {card.title}")
        choice.clicked.connect(each.does)
        layout.addWidget(choice)
    layout.setContentsMargins(16, 10, 12, 10)
    box.setLayout(layout)
    return box
