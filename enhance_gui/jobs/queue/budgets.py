"""The user's limits on spending: which apply to a task that is about to be sent."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.tasks.spending import DayLimit, SpendingLimits, day_of
from enhance_gui.core.tasks.task import NewTask, Task

if TYPE_CHECKING:  # the window is shown before databases are loaded
    from enhance_gui.core.threads import StoreThread
    from enhance_gui.storage.task_db.store import TaskStore


@dataclass(slots=True, eq=False)
class Budget:
    """What one batch may cost: what is added together, or wanted once more together."""

    max_cost: float | None = None
    """Credits; infinite: no limit; ``None``: the user's limit for each batch."""
    batch: int | None = None
    """Its number in the list of tasks, once it has one."""


class Batches:
    """Stores the batches of budgets, and which tasks are in them."""

    def __init__(self, db: StoreThread[TaskStore]) -> None:
        self._db = db
        self._storing = asyncio.Lock()

    async def number_of(self, budget: Budget | None) -> int | None:
        """Return the stored batch of a budget; ``None``: there is nothing to hold it to."""
        if budget is None or budget.max_cost == math.inf:
            return None
        async with self._storing:  # of two that share it, one stores it
            if budget.batch is None:
                budget.batch = await self._db.do(self._db.store.batches.begin, budget.max_cost)
        return budget.batch

    async def join(self, budget: Budget | None, tasks: Sequence[Task]) -> None:
        """Hold tasks to a budget in place of the one that they were held to; ``None``: leave it."""
        if budget is not None:
            batch = await self.number_of(budget)
            await self._db.do(self._db.store.batches.join, batch, [task.id for task in tasks])


class Spending:
    """Keeps the limits. That they hold is for the store, in the step that records an attempt."""

    def __init__(self, wall: Callable[[], datetime]) -> None:
        self._wall = wall
        self._a_day: dict[str, float] = {}
        self._free_days: set[tuple[str, datetime]] = set()
        self._batch_limit: float | None = None
        self.version = 0
        """Another one with each change of a limit."""

    @property
    def batch_limit(self) -> float | None:
        """Credits for each batch that has no limit of its own; ``None``: no limit."""
        return self._batch_limit

    @batch_limit.setter
    def batch_limit(self, maximum: float | None) -> None:
        self.version += 1
        self._batch_limit = maximum

    def limit_day(self, service: str, maximum: float | None) -> None:
        """Set what a service may possibly charge a day; ``None``: no limit."""
        self.version += 1
        if maximum is None:
            self._a_day.pop(service, None)
        else:
            self._a_day[service] = maximum

    def free_day(self, service: str) -> None:
        """Lift the limit on this service for today, as the user approved."""
        self.version += 1
        self._free_days.add((service, day_of(self._wall())))

    def limits_on(self, service: str) -> SpendingLimits | None:
        """Return what an attempt on a service is held to now; ``None``: it never charges."""
        if service == LOCAL_SERVICE_NAME:
            return None
        maximum, today = self._a_day.get(service), day_of(self._wall())
        has_day = maximum is not None and (service, today) not in self._free_days
        day = DayLimit(maximum, service, today) if has_day and maximum is not None else None
        return SpendingLimits(day, self.batch_limit)


def priced(new: Sequence[NewTask], profile: ServiceProfile) -> list[NewTask]:
    """Return new tasks with what they are known to cost now."""
    return [replace(each, cost=profile.cost_of(each.type_id)) for each in new]
