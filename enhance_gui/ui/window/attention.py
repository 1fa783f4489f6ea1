"""Cards for what only goes on once the user has decided. No button is a default, none is modal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from enhance_gui.core.errors import TokenMissing
from enhance_gui.core.picture_errors import ResultGone
from enhance_gui.core.service_errors import ALL_TASKS_UNKNOWN, TokenRefused
from enhance_gui.core.storage_errors import KEYRING_KINDS
from enhance_gui.core.tasks.spending import is_held
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.detail import as_sentence
from enhance_gui.core.text.explanations import PAUSED, explain, explain_pause
from enhance_gui.core.text.i18n import number, plural, short_number, tr
from enhance_gui.core.text.joining import sentences
from enhance_gui.ui.bridges.task_bridge import ServiceStatus, ServiceStatusChanged
from enhance_gui.ui.gallery.actions import TaskAction
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.gallery.retry import CostOf
from enhance_gui.ui.gallery.texts import form_of, service_name
from enhance_gui.ui.widgets.basics import ElidedLabel, button, clear, holder, row
from enhance_gui.ui.widgets.cards import Card, Choice, card_widget

MAX_CARDS: Final = 2
"""Cards shown at once; further tasks are counted and listed in the gallery."""

_TOKEN_KINDS: Final = (TokenMissing.kind, TokenRefused.kind, ALL_TASKS_UNKNOWN)


class AttentionPanel(QFrame):
    """The panel of cards; hidden while nothing needs the user."""

    action_wanted = Signal(object, list)
    """An :class:`TaskAction` and the ids of the tasks it is for."""
    unpause_wanted = Signal(str)
    """Send again to the service of this name."""
    more_wanted = Signal(str)
    """Let the service of this name charge more than the limits."""
    limit_wanted = Signal()
    """Change a limit on spending."""
    services_wanted = Signal()
    token_wanted = Signal(str)
    """Enter the token of the service of this name, for this run."""
    list_wanted = Signal()
    """Show everything that needs the user in the gallery."""

    def __init__(self, cost_of: CostOf) -> None:
        super().__init__()
        self.setProperty("kind", "attention")
        self.setAccessibleName(tr("Needs your attention"))
        self._cost_of = cost_of
        self._items: dict[int, Item] = {}
        self._lines: dict[str, tuple[ServiceStatusChanged, Failure]] = {}
        self._later: set[str] = set()
        self._shown: list[tuple[str, ...]] = []
        self._compact = False
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(20, 10, 20, 10)
        self._layout.setSpacing(8)
        self.hide()

    def on_items(self, items: Iterable[Item], *, is_new: bool) -> None:
        """Update the cards after changes of items.

        :param news: whether it has happened in this run; what is old shows no card any more, unless
            it is in doubt or a limit holds it.
        """
        for item in items:
            of_now = is_new or item.task.id in self._items
            twice = item.task.accepted_twice and item.task.may_have_cost
            reported = of_now and (_result_gone(item) or twice)
            asks = item.task.state is TaskState.IN_DOUBT or _waits_for_limit(item)
            if asks or reported:
                self._items[item.task.id] = item
            else:
                self._items.pop(item.task.id, None)
                self._later -= {f"doubt {item.task.id}", f"gone {item.task.id}"}
        self._show()

    def forget(self, ids: Iterable[int]) -> None:
        """Remove the cards of tasks that were removed from the list."""
        for task_id in ids:
            self._items.pop(task_id, None)
        self._show()

    def on_service_status(self, event: ServiceStatusChanged) -> None:
        """Update the card of a service."""
        failure = event.failure
        if event.state is ServiceStatus.PAUSED and failure is not None and failure.kind != PAUSED:
            self._lines[event.service] = (event, failure)
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

    # -- showing ----------------------------------------------------------------------------------

    def _show(self) -> None:
        cards = [card for card in self._cards() if card.key not in self._later]
        sentences = [card.text for card in cards]
        if sentences != self._shown:
            self._shown = sentences
            self._rebuild(cards)
        self.setVisible(bool(cards))

    def _rebuild(self, cards: Sequence[Card]) -> None:
        clear(self._layout)
        if self._compact and cards:
            self._layout.addWidget(self._one_line(cards))
            return
        for card in cards[:MAX_CARDS]:
            self._layout.addWidget(card_widget(card))
        rest = len(cards) - MAX_CARDS
        if rest > 0:
            text = plural(
                "{count} more needs your attention: show it",
                "{count} more need your attention: show them",
                rest,
            )
            more = button(text.format(count=rest), "plain")
            more.clicked.connect(self.list_wanted)
            self._layout.addWidget(more)

    def _one_line(self, cards: Sequence[Card]) -> QWidget:
        message = plural(
            "{count} decision waits for you", "{count} decisions wait for you", len(cards)
        )
        text = cards[0].title if len(cards) == 1 else message.format(count=len(cards))
        show = button(
            tr("Show"),
            tip=tr("Show in the list what needs your attention"),
            name=tr("Show what needs your attention"),
        )
        show.clicked.connect(self.list_wanted)
        shown = ElidedLabel("heading", Qt.TextElideMode.ElideMiddle)
        shown.show_text(text)
        return holder(row(shown, show, grows=shown))

    def _cards(self) -> Iterable[Card]:
        for service, (_, failure) in self._lines.items():
            yield self._paused(service, failure)
        held = [item for item in self._items.values() if _waits_for_limit(item)]
        for service in dict.fromkeys(item.task.service for item in held):
            yield self._limit(service, [each for each in held if each.task.service == service])
        for item in self._items.values():
            if _waits_for_limit(item):
                continue
            if item.task.state is TaskState.IN_DOUBT:
                yield self._doubt(item)
            elif _result_gone(item):
                yield self._gone(item)
            else:
                yield self._twice(item)

    # -- services ---------------------------------------------------------------------------------

    def _paused(self, service: str, failure: Failure) -> Card:
        key = f"line {service}"
        no_manager = failure.kind in KEYRING_KINDS
        unpause = Choice(
            tr("Try again") if no_manager else tr("Continue"),
            tr("Ask the password manager again")
            if no_manager
            else tr("Send again to this service"),
            lambda: self.unpause_wanted.emit(service),
        )
        for_now = Choice(
            tr("Enter token for this session…"),
            tr("Use a token that you paste, until you quit"),
            lambda: self.token_wanted.emit(service),
        )
        leave = self._leave(
            key, tr("Leave paused"), tr("What waits is kept; Continue in the list sends it later")
        )
        token = Choice(tr("Services…"), tr("Set the token"), self.services_wanted.emit)
        choices: tuple[Choice, ...] = (unpause, leave)
        if no_manager:
            choices = (for_now, *choices)
        elif failure.kind in _TOKEN_KINDS:
            choices = (token, *choices)
        title = tr("{service} is paused").format(service=service_name(service))
        return Card(key, title, explain_pause(failure), choices)

    def _limit(self, service: str, held: Sequence[Item]) -> Card:
        """Return the card of a limit: what was reached, what the next task costs, what waits."""
        newest = held[-1].task
        failure = newest.failure
        assert failure is not None  # noqa: S101  that is what holds it
        # What is held later is another question, also where this one was put off.
        key = f"limit {service} {newest.id}"
        text = plural(
            "{service}: {count} picture waits for your decision on a spending limit",
            "{service}: {count} pictures wait for your decision on a spending limit",
            len(held),
        )
        title = text.format(service=service_name(service), count=number(len(held)))
        meaning = sentences(as_sentence(failure.detail), explain(failure).meaning)
        more = Choice(
            tr("Allow more today"),
            tr(
                "No limit on {service} for what waits now, nor for the rest of today; after a "
                "restart you are asked again"
            ).format(service=service_name(service)),
            lambda: self.more_wanted.emit(service),
        )
        change = Choice(
            tr("Change the limit…"),
            tr("In the settings; with a higher one it goes on"),
            self.limit_wanted.emit,
        )
        kept = tr("What waits is kept, and asked about again at the next start")
        leave = self._leave(key, tr("Leave paused"), kept)
        return Card(key, title, meaning, (more, change, leave))

    # -- tasks ------------------------------------------------------------------------------------

    def _doubt(self, item: Item) -> Card:
        key = f"doubt {item.task.id}"
        happened = tr(
            "It was sent to {service} and no reliable answer came back: it may exist there "
            "and may have been charged. Waiting is free."
        ).format(service=service_name(item.task.service))
        wait = self._leave(key, tr("Wait"), tr("Keep it; a proof that arrives later is followed"))
        again = self._choice(
            tr("Send again"),
            tr("A second attempt; the first may have been charged"),
            item,
            TaskAction.SEND_AGAIN,
        )
        give_up = self._choice(
            tr("Give up"), tr("Write it off; it is not sent again"), item, TaskAction.GIVE_UP
        )
        title = tr("{name}: it may have been charged").format(name=item.name)
        return Card(key, title, sentences(happened, self._worst(item)), (wait, again, give_up))

    def _worst(self, item: Item) -> str:
        """Return what another attempt could cost beyond what one would."""
        task = item.task
        cost, times = self._cost_of(task.service, task.type_id), task.charges_possible + 1
        if not cost:
            if times <= 2:
                return tr("Sent again, it could be charged twice.")
            return tr("Sent again, it could be charged {count} times.").format(count=times)
        maximum, extra = times * cost, (times - 1) * cost
        text = plural(
            "Sent again, it could cost {maximum} credit in all, {extra} of it for nothing.",
            "Sent again, it could cost {maximum} credits in all, {extra} of them for nothing.",
            form_of(maximum),
        )
        return text.format(maximum=short_number(maximum), extra=short_number(extra))

    def _gone(self, item: Item) -> Card:
        failure, key = item.task.failure, f"gone {item.task.id}"
        assert failure is not None  # noqa: S101  that is what makes it gone
        cost = self._cost_of(item.task.service, item.task.type_id)
        retry = (
            plural(
                "Retry (costs {credits} credit)", "Retry (costs {credits} credits)", form_of(cost)
            ).format(credits=short_number(cost))
            if cost
            else tr("Retry (costs again)")
        )
        title = tr("{name}: the result is no longer on the service").format(name=item.name)
        choices = (
            self._choice(tr("Ask again (free)"), tr("It may be back"), item, TaskAction.ASK_AGAIN),
            self._choice(retry, tr("Send the picture as a new task"), item, TaskAction.SEND_AS_NEW),
            self._leave(key, tr("Leave it"), tr("It stays in the list as failed")),
        )
        explanation = explain(failure)
        return Card(key, title, sentences(explanation.meaning, explanation.next_step), choices)

    def _twice(self, item: Item) -> Card:
        """Return the card of a task accepted twice: the proof of the first came late."""
        key = f"twice {item.task.id}"
        title = tr("{name}: accepted twice").format(name=item.name)
        meaning = tr(
            "{service} had accepted the first attempt too, and may have charged you twice. "
            "The ledger shows both charges; ask the provider for a refund."
        ).format(service=service_name(item.task.service))
        seen = self._leave(key, tr("OK"), tr("Put this card away"))
        return Card(key, title, meaning, (seen,))

    def _choice(self, text: str, tip: str, item: Item, action: TaskAction) -> Choice:
        return Choice(text, tip, lambda: self.action_wanted.emit(action, [item.task.id]))

    def _leave(self, key: str, text: str, tip: str) -> Choice:
        """Return the choice that puts a card away until something changes."""

        def put_off() -> None:
            self._later.add(key)
            self._show()

        return Choice(text, tip, put_off)


def _result_gone(item: Item) -> bool:
    failed, failure = item.task.state is TaskState.FAILED, item.task.failure
    return failed and failure is not None and failure.kind == ResultGone.kind


def _waits_for_limit(item: Item) -> bool:
    """Return whether it waits for the user's decision on a limit, and not for a retry."""
    return item.suspended and is_held(item.task)
