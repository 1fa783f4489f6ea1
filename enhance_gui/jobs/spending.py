"""The user's limits on spending: which apply to a task that is about to be sent."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from weakref import WeakSet

from enhance_gui.core.spending import BatchLimit, DayLimit, SpendingLimit, day_of
from enhance_gui.core.tasks import Task


@dataclass(slots=True, eq=False, weakref_slot=True)
class Budget:
    """What one batch may cost."""

    most: float
    """Credits; infinite: no limit."""
    tasks: set[int] = field(default_factory=set)
    """Those that are held to it now."""
    before: float = 0
    """What its tasks may have been charged when they joined, less what those that have left since
    may have been charged meanwhile: the rest is what the batch may have cost."""


class Batches:
    """The budgets of what the window sends: one limit for each, changed for all together.

    What is added together is a batch, and what the user wants sent once more together is another.
    """

    def __init__(self) -> None:
        self._most = math.inf
        self._budgets: WeakSet[Budget] = WeakSet()

    def begin(self) -> Budget:
        """Return the budget of one more batch."""
        budget = Budget(self._most)
        self._budgets.add(budget)
        return budget

    def limit(self, most: float | None) -> None:
        """Set what each batch may cost, those that are at work included; ``None``: no limit."""
        self._most = math.inf if most is None else most
        for budget in self._budgets:
            budget.most = self._most


class Spending:
    """Keeps the limits. That they hold is for the store, in the step that records an attempt."""

    def __init__(self, wall: Callable[[], datetime]) -> None:
        self._wall = wall
        self._a_day: dict[str, float] = {}
        self._free_days: set[tuple[str, datetime]] = set()
        self._budgets: list[Budget] = []

    def limit_day(self, service: str, most: float | None) -> None:
        """Set what a service may possibly charge a day; ``None``: no limit."""
        if most is None:
            self._a_day.pop(service, None)
        else:
            self._a_day[service] = most

    def by_budget(self, task_ids: set[int]) -> list[set[int]]:
        """Return the tasks in groups: held to the same budget, or to none."""
        groups = [each.tasks & task_ids for each in self._budgets]
        groups.append(task_ids.difference(*groups))
        return [each for each in groups if each]

    def join(self, budget: Budget, task_ids: set[int], charged: float) -> None:
        """Hold tasks of one group to the budget of a batch, and to no earlier one any more.

        :param charged: what has possibly been charged for them already: the earlier batch's.
        """
        for each in self._budgets:
            if each.tasks & task_ids:
                each.tasks -= task_ids
                each.before -= charged
        budget.tasks |= task_ids
        budget.before += charged
        others = [each for each in self._budgets if each.tasks and each is not budget]
        self._budgets = [*others, budget]

    def allow_more(self, service: str, tasks: Iterable[Task]) -> None:
        """The user said yes: no limit for today, nor for the batches of these tasks."""
        self._free_days.add((service, day_of(self._wall())))
        ids = {task.id for task in tasks}
        self._budgets = [each for each in self._budgets if not each.tasks & ids]

    def limits_on(self, task: Task) -> list[SpendingLimit]:
        """Return the limits to which an attempt of this task is held now."""
        limits: list[SpendingLimit] = [
            BatchLimit(each.most, frozenset(each.tasks), each.before)
            for each in self._budgets
            if each.most < math.inf and task.id in each.tasks
        ]
        most, today = self._a_day.get(task.service), day_of(self._wall())
        if most is not None and (task.service, today) not in self._free_days:
            limits.append(DayLimit(most, task.service, today))
        return limits
