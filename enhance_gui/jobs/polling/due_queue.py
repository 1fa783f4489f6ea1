"""A polled task, and the queue of polled tasks in the order in which they fall due."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from enhance_gui.jobs.polling.progress import Progress


@dataclass(slots=True)
class PolledTask:
    """What the poller knows of one task. Moments are clock values."""

    key: int
    type_id: int
    megapixels: float
    created_s: float
    """When the service took it."""
    adopted: bool
    """Taken over from an earlier run: when it began to be worked on is not known."""
    position: int = 0
    """Place in the service's queue as last reported; 0: being worked on, as far as is known."""
    turn: float = 0
    """When it begins, by the count of the service's queue."""
    began_after_s: float = 0
    """It was not yet worked on at this moment …"""
    began_by_s: float = 0
    """… and was at this one."""
    seen_s: float = 0
    """The last moment at which it is known to have been unfinished."""
    due_s: float = 0
    """When to poll it next."""
    planned_s: float = 0
    """The same, but for what budget, errors and hints made of it."""
    ticket: int = 0
    """Number of its valid entry in the :class:`DueQueue`; others are stale."""
    sent_s: float | None = None
    """When the request now under way left; ``None``: none is under way."""
    failures: int = 0
    """Requests in a row that had no answer."""
    unknowns: int = 0
    """Answers in a row that named no such task."""
    hinted_s: float = -math.inf
    """When the last accepted hint made, or makes, it due."""
    reported: bool = False
    """A hint has arrived since the last answer."""
    reported_meanwhile: bool = False
    """A hint has arrived while a request was under way."""
    progress: Progress = field(default_factory=Progress)
    """The progress that the service reports, where it does."""
    overlong: bool = False
    """It takes so much longer than others that it no longer holds a place in the window."""

    @property
    def began_s(self) -> float:
        """About when it began to be worked on."""
        return (self.began_after_s + self.began_by_s) / 2

    @property
    def is_settled(self) -> bool:
        """Whether its next poll keeps the moment that a hint, a retry or a request has set."""
        return self.reported or bool(self.failures or self.unknowns) or self.sent_s is not None

    def is_late(self, now_s: float) -> bool:
        """Return whether it is polled so late that the moment says nothing of the service."""
        return self.adopted or now_s > 2 * self.planned_s - self.seen_s + 1


class DueQueue:
    """Tasks by the moment they fall due, those in sight apart; old entries are dropped lazily."""

    def __init__(self) -> None:
        self._in_sight: list[tuple[float, int, int]] = []
        self._others: list[tuple[float, int, int]] = []
        self._visible: frozenset[int] = frozenset()
        self._tickets = 0

    def put(self, task: PolledTask) -> None:
        """Enter a task at its ``due_s``; an earlier entry of it becomes stale."""
        self._tickets += 1
        task.ticket = self._tickets
        heap = self._in_sight if task.key in self._visible else self._others
        heapq.heappush(heap, (task.due_s, task.ticket, task.key))

    def set_visible(self, keys: Iterable[int], tasks: Mapping[int, PolledTask]) -> None:
        """Prefer these tasks among those that are due."""
        before, self._visible = self._visible, frozenset(keys)
        for key in before ^ self._visible:
            task = tasks.get(key)
            if task is not None and task.sent_s is None:
                self.put(task)

    def first(self, ready_s: float, tasks: Mapping[int, PolledTask]) -> PolledTask | None:
        """Return the task to poll when requests may go again at ``ready_s``."""
        in_sight = _head(self._in_sight, tasks)
        other = _head(self._others, tasks)
        if in_sight is None or other is None:
            return in_sight or other
        if in_sight.due_s <= max(ready_s, other.due_s):
            return in_sight
        return other


def _head(heap: list[tuple[float, int, int]], tasks: Mapping[int, PolledTask]) -> PolledTask | None:
    while heap:
        _, ticket, key = heap[0]
        task = tasks.get(key)
        if task is not None and task.ticket == ticket and task.sent_s is None:
            return task
        heapq.heappop(heap)
    return None
