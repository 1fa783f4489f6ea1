"""The polled tasks: which there are, and which is due next."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from enhance_gui.jobs.polling.polled_task import PolledTask


class PolledTasks(dict[int, PolledTask]):
    """The tasks of one service by their keys, and in the order in which they fall due."""

    def __init__(self) -> None:
        super().__init__()
        # By the moment they fall due, those in sight apart; stale entries are dropped lazily.
        self._in_sight: list[tuple[float, int, int]] = []
        self._others: list[tuple[float, int, int]] = []
        self._visible: frozenset[int] = frozenset()
        self._tickets = 0
        self.overlong = 0
        """How many take so long that they hold no place in the window."""

    def mark_overlong(self, task: PolledTask) -> None:
        """Have a task no longer hold a place in the window."""
        self.overlong += not task.overlong
        task.overlong = True

    def schedule(self, task: PolledTask, due_s: float) -> None:
        """Have a task polled next at ``due_s``; no request about it is under way."""
        task.sent_s = None
        task.due_s = due_s
        self._enter(task)

    def ask_about_all(self, now_s: float) -> None:
        """Have every task polled now, but those about which a request is under way."""
        for task in self.values():
            task.failures = 0
            if task.sent_s is None:
                self.schedule(task, now_s)

    def first_due(self, ready_s: float) -> PolledTask | None:
        """Return the task to poll when requests may go again at ``ready_s``."""
        in_sight, other = self._head(self._in_sight), self._head(self._others)
        if in_sight is None or other is None:
            return in_sight or other
        return in_sight if in_sight.due_s <= max(ready_s, other.due_s) else other

    def set_visible(self, keys: Iterable[int]) -> None:
        """Prefer these among the tasks that are due."""
        before, self._visible = self._visible, frozenset(keys)
        for key in before ^ self._visible:
            task = self.get(key)
            if task is not None and task.sent_s is None:
                self._enter(task)

    def _enter(self, task: PolledTask) -> None:
        """Enter a task at its ``due_s``; an earlier entry of it becomes stale."""
        self._tickets += 1
        task.ticket = self._tickets
        heap = self._in_sight if task.key in self._visible else self._others
        heapq.heappush(heap, (task.due_s, task.ticket, task.key))

    def _head(self, heap: list[tuple[float, int, int]]) -> PolledTask | None:
        while heap:
            _, ticket, key = heap[0]
            task = self.get(key)
            if task is not None and task.ticket == ticket and task.sent_s is None:
                return task
            heapq.heappop(heap)
        return None
