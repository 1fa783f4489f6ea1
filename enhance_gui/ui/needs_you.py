"""Cards for what only goes on once the user has decided. No button is a default, none is modal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from enhance_gui.core.explanations import explain, sentence
from enhance_gui.core.tasks import TaskState
from enhance_gui.ui.bridge import LineChanged, LineState
from enhance_gui.ui.gallery.actions import Action
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.widgets import button, column, frame, label, row

MOST_CARDS: Final = 2
"""Cards shown at once; further tasks are counted and listed in the gallery."""

_TOKEN_KINDS: Final = ("token_missing", "token_refused")


@dataclass(frozen=True, slots=True)
class Card:
    """One decision."""

    key: str
    title: str
    meaning: str
    choices: tuple[tuple[str, str, Callable[[], None]], ...]
    """Text, tip and what it does."""


class NeedsYou(QFrame):
    """The panel of cards; hidden while nothing needs the user."""

    action_wanted = Signal(object, list)
    """An :class:`Action` and the ids of the tasks it is for."""
    go_on_wanted = Signal(str)
    """Send again to the service of this name."""
    services_wanted = Signal()
    list_wanted = Signal()
    """Show everything that needs the user in the gallery."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "attention")
        self.setAccessibleName("Needs you")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._items: dict[int, Item] = {}
        self._lines: dict[str, LineChanged] = {}
        self._later: set[str] = set()
        self._shown: list[tuple[str, str]] = []
        self._compact = False
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(20, 10, 20, 10)
        self._layout.setSpacing(8)
        self.hide()

    def hear_items(self, items: Iterable[Item], *, news: bool) -> None:
        """Take in what has changed.

        :param news: whether it has happened in this run; an old failure asks nothing any more.
        """
        for item in items:
            gone = _result_gone(item) and (news or item.task.id in self._items)
            if item.task.state is TaskState.IN_DOUBT or gone:
                self._items[item.task.id] = item
            else:
                self._items.pop(item.task.id, None)
                self._later.discard(f"task {item.task.id}")
        self._show()

    def hear_line(self, event: LineChanged) -> None:
        """Take in how a service stands."""
        by_user = event.failure is not None and event.failure.kind == "paused"
        if event.state is LineState.PAUSED and event.failure is not None and not by_user:
            self._lines[event.service] = event
            self._later.discard(f"line {event.service}")
        else:
            self._lines.pop(event.service, None)
        self._show()

    def set_compact(self, wanted: bool) -> None:
        """Take one line only, where a picture needs the room."""
        if wanted is not self._compact:
            self._compact = wanted
            self._shown = []
            self._show()

    def _show(self) -> None:
        cards = [card for card in self._cards() if card.key not in self._later]
        shown = [(card.key, card.title) for card in cards]
        if shown != self._shown:
            self._shown = shown
            self._rebuild(cards)
        self.setVisible(bool(cards))

    def _rebuild(self, cards: Sequence[Card]) -> None:
        while (old := self._layout.takeAt(0)) is not None:
            widget = old.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if self._compact and cards:
            self._layout.addWidget(self._one_line(cards))
            return
        for card in cards[:MOST_CARDS]:
            self._layout.addWidget(_widget(card))
        if len(cards) > MOST_CARDS:
            more = button(f"{len(cards) - MOST_CARDS} more need you: show them", "plain")
            more.clicked.connect(self.list_wanted)
            self._layout.addWidget(more)

    def _one_line(self, cards: Sequence[Card]) -> QWidget:
        words = cards[0].title if len(cards) == 1 else f"{len(cards)} decisions need you"
        show = button("Show", tip="Show what needs you in the list", name="Show what needs you")
        show.clicked.connect(self.list_wanted)
        line = QWidget()
        line.setLayout(row(label(words, "heading"), None, show))
        return line

    def _cards(self) -> Iterable[Card]:
        yield from map(self._line_card, self._lines.values())
        for item in self._items.values():
            yield self._doubt(item) if item.task.state is TaskState.IN_DOUBT else self._gone(item)

    def _line_card(self, event: LineChanged) -> Card:
        failure, service = event.failure, event.service
        assert failure is not None  # noqa: S101  only such are kept
        words = explain(failure)
        choices = [
            ("Continue", "Send again to this service", lambda: self.go_on_wanted.emit(service))
        ]
        if failure.kind in _TOKEN_KINDS:
            choices.insert(0, ("Services…", "Set the token", self.services_wanted.emit))
        meaning = f"{sentence(failure)}. {words.meaning} {words.next_step}"
        return Card(f"line {service}", f"{service} is paused", meaning, tuple(choices))

    def _doubt(self, item: Item) -> Card:
        task = item.task
        worst = f"sending it again could cost {task.charges_possible + 1} times"
        meaning = (
            f"It was sent to {task.service} and no answer came back: it may exist there and may "
            f"have been charged once. Waiting is free; {worst}."
        )
        key = f"task {task.id}"
        return Card(
            key,
            f"{item.name}: it may have been charged",
            meaning,
            (
                (
                    "Wait",
                    "Keep it; a proof that arrives later is followed",
                    lambda: self._wait(key),
                ),
                self._choice("Send again", Action.SEND_AGAIN, item),
                self._choice("Give up", Action.GIVE_UP, item),
            ),
        )

    def _gone(self, item: Item) -> Card:
        failure = item.task.failure
        assert failure is not None  # noqa: S101  that is what makes it gone
        key = f"task {item.task.id}"
        return Card(
            key,
            f"{item.name}: {explain(failure).title.lower()}",
            f"{explain(failure).meaning} {explain(failure).next_step}",
            (
                self._choice("Ask again (free)", Action.ASK_AGAIN, item),
                self._choice("Retry (costs again)", Action.RETRY, item),
                ("Leave it", "It stays in the list as failed", lambda: self._wait(key)),
            ),
        )

    def _choice(self, text: str, action: Action, item: Item) -> tuple[str, str, Callable[[], None]]:
        return text, "", lambda: self.action_wanted.emit(action, [item.task.id])

    def _wait(self, key: str) -> None:
        self._later.add(key)
        self._show()


def _result_gone(item: Item) -> bool:
    failure = item.task.failure
    return (
        item.task.state is TaskState.FAILED
        and failure is not None
        and failure.kind == "result_gone"
    )


def _widget(card: Card) -> QFrame:
    box = frame("attention-card", card.title)
    box.setAccessibleDescription(card.meaning)
    words = column(
        label(card.title, "heading", wraps=True), label(card.meaning, wraps=True), spacing=2
    )
    layout = row(spacing=8)
    layout.addLayout(words, 1)
    for text, tip, does in card.choices:
        choice = button(text, tip=tip, name=f"{text}: {card.title}")
        choice.clicked.connect(does)
        layout.addWidget(choice)
    layout.setContentsMargins(16, 10, 12, 10)
    box.setLayout(layout)
    return box
