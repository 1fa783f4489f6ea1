"""Who may be asked for money, by what the user has said: a second book, kept without the program.

It knows of orders, of every yes, of limits and of Pause, and looks at each request that reaches a
service. What it knows of a task it was told by what happened, never by the list of tasks; only
where the list itself was lost, damaged or swapped for an older one, it begins anew with that.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Task

ROUNDING = 1e-6


class Key(NamedTuple):
    """What must not be paid for twice: one picture, one enhance type, one service."""

    picture: str
    type_id: int
    base_url: str


@dataclass(slots=True, eq=False)
class Limit:
    """What the tasks of one batch may cost together."""

    maximum: float | None
    """Credits; ``None``: the user's limit for each batch."""
    spent: float = 0


@dataclass(slots=True)
class Order:
    """What is known of one task."""

    key: Key
    service: str
    may_be_sent: bool
    """Whether an attempt is owed: by the order itself, or by a yes to a further one."""
    price: float
    """Credits, as far as it was known when it was ordered; 0: not known."""
    limit: Limit | None = None
    may_be_repeated: bool = True
    """Whether an attempt in doubt may be sent with its own private id by itself."""
    is_held_back: bool = False
    """Whether it waits in a list that is not the newest: to start it is a word of its own."""
    yeses: int = 0
    """How often a further charge for its picture, with its type, was said yes to for it."""


@dataclass(slots=True)
class Charge:
    """One request that was charged."""

    key: Key
    price: float


@dataclass(slots=True)
class Sent:
    """One private id that has reached a service."""

    task_id: int
    price: float


@dataclass(frozen=True, slots=True)
class CommandHandlers:
    """What the user wanted at one moment."""

    orders: dict[int, Order]
    charged: frozenset[str]
    """What was charged by then."""
    yeses: Counter[Key]
    is_paused: bool


class Judge:
    """Keeps the second book."""

    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}
        self.sent: dict[str, Sent] = {}
        self.charged: dict[str, Charge] = {}
        self.yeses: Counter[Key] = Counter()
        self.excused: Counter[Key] = Counter()
        """Charges that a lost, damaged or older list knows nothing of."""
        self.covered: set[str] = set()
        """Their private ids."""
        self.is_complete = True
        """Whether the list was always the newest, and whole."""
        self.is_paused = False
        self.is_replaced = False
        """Whether the open list is not the one that the next start will find."""
        self.batch_limit: float | None = None
        self.day_limits: dict[str, float] = {}
        self.free_days: set[tuple[str, datetime]] = set()
        self.spent_a_day: defaultdict[tuple[str, datetime], float] = defaultdict(float)

    # -- what the user says -----------------------------------------------------------------------

    def ordered(
        self, task: Task, key: Key, price: float, limit: Limit | None, *, is_another: bool = False
    ) -> None:
        """A task was added that owes its first attempt; a draft owes none yet.

        :param is_another: beside one that has brought its result.
        """
        is_draft = task.state is TaskState.DRAFT
        self.orders[task.id] = Order(key, task.service, not is_draft, price, limit)
        if is_another:
            self._count_yes(self.orders[task.id])

    def named_again(self, task_id: int, price: float, limit: Limit | None) -> None:
        """An order was found to stand already: it is held to the new limit alone."""
        order = self.orders[task_id]
        order.price = max(order.price, price)
        order.limit = limit

    def said_yes(self, task_id: int) -> None:
        """One further attempt is owed."""
        order = self.orders[task_id]
        order.may_be_sent = order.may_be_repeated = True
        order.is_held_back = False
        self._count_yes(order)

    def _count_yes(self, order: Order) -> None:
        order.yeses += 1
        self.yeses[order.key] += 1

    def type_changed(self, task_id: int, type_id: int, price: float, *, is_draft: bool) -> None:
        """Another enhance type was chosen at a price that was shown, before anything was charged.

        What was said yes to before was the earlier type.

        :param is_draft: it waits for Start, perhaps because this type was ordered before.
        """
        order = self.orders[task_id]
        self.yeses[order.key] -= order.yeses
        order.yeses = 0
        order.key = order.key._replace(type_id=type_id)
        order.price = price
        if is_draft:
            order.may_be_sent = False

    def started(self, task_id: int, *, in_spite: bool) -> None:
        """:param in_spite: of earlier orders of the same picture, which were shown."""
        order = self.orders[task_id]
        if in_spite or order.is_held_back:
            self.said_yes(task_id)
        order.may_be_sent = True

    def taken_back(self, task_id: int) -> None:
        """Nothing is owed any more."""
        self.orders[task_id].may_be_sent = False

    # -- what reaches a service -------------------------------------------------------------------

    def request(self, task_id: int, private_id: str, key: Key, price: float, day: datetime) -> bool:
        """See that a request may be made which can be charged.

        :param price: credits, by the profile that the work goes by.
        :returns: whether it is a new attempt.
        """
        assert not self.is_paused, "sent while sending is paused"
        assert not self.is_replaced, "sent out of a list that the next start does not find"
        order = self.orders[task_id]
        assert key == order.key, "another picture, type or service than ordered"
        if (before := self.sent.get(private_id)) is not None:
            assert before.task_id == task_id or not self.is_complete, "a private id of another task"
            assert order.may_be_repeated, "repeated out of an older list by itself"
            return False
        assert order.may_be_sent, "sent without a yes"
        order.may_be_sent = False
        price = max(price, order.price)
        self._refuse_beyond(order, price, day)
        self.sent[private_id] = Sent(task_id, price)
        return True

    def _refuse_beyond(self, order: Order, price: float, day: datetime) -> None:
        a_day = self.day_limits.get(order.service, math.inf)
        if (order.service, day) in self.free_days:
            a_day = math.inf
        limit = order.limit or Limit(math.inf)
        of_batch = limit.maximum if limit.maximum is not None else self.batch_limit
        of_batch = math.inf if of_batch is None else of_batch
        assert price or a_day == of_batch == math.inf, "sent under a limit at a cost nobody knows"
        assert self.spent_a_day[order.service, day] + price <= a_day + ROUNDING, "beyond the day's"
        assert limit.spent + price <= of_batch + ROUNDING, "beyond the limit of the batch"
        self.spent_a_day[order.service, day] += price
        limit.spent += price

    def free(self, task_id: int, private_id: str, day: datetime, *, is_owed: bool) -> None:
        """A request was surely not charged: it took nothing of any limit.

        :param is_owed: it was not processed either, and is to be sent later.
        """
        order, price = self.orders[task_id], self.sent[private_id].price
        order.may_be_sent = is_owed
        self.spent_a_day[order.service, day] -= price
        if order.limit is not None:
            order.limit.spent -= price

    def charge(self, private_id: str, key: Key) -> None:
        """A service takes its money."""
        assert private_id not in self.charged
        self.charged[private_id] = Charge(key, self.sent[private_id].price)
        times = sum(each.key == key for each in self.charged.values())
        allowed = 1 + self.yeses[key] + self.excused[key]
        assert times <= allowed, f"charged {times} times, with a word for {allowed}"

    # -- another list -----------------------------------------------------------------------------

    def handlers(self) -> CommandHandlers:
        orders = {task_id: replace(order) for task_id, order in self.orders.items()}
        charged, yeses = frozenset(self.charged), self.yeses.copy()
        return CommandHandlers(orders, charged, yeses, self.is_paused)

    def take_back_to(self, earlier: CommandHandlers) -> None:
        self.orders = {task_id: replace(order) for task_id, order in earlier.orders.items()}
        self.yeses = earlier.yeses.copy()
        self.is_paused = earlier.is_paused

    def begin_anew(self, tasks: Iterable[Task], keys: dict[int, Key], *, is_paused: bool) -> None:
        """The list is not the newest, or not whole: nothing in it is owed before a further word."""
        known: set[str] = set()
        self.orders = {}
        for task in tasks:
            order = Order(keys[task.id], task.service, may_be_sent=False, price=task.cost)
            order.may_be_repeated, order.is_held_back = False, True
            self.orders[task.id] = order
            known.update(
                attempt.private_id
                for attempt in task.attempts
                if attempt.outcome in (Outcome.ACCEPTED, Outcome.IN_DOUBT)
            )
        for private_id in self.charged.keys() - known - self.covered:
            self.covered.add(private_id)
            self.excused[self.charged[private_id].key] += 1
        self.spent_a_day.clear()  # of what is not known no limit can know
        self.is_complete = False
        self.is_paused = is_paused
