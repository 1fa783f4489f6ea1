"""The polled tasks: which there are, which of them wait on the service, which is due next."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from enhance_gui.jobs.polling.polled_task import PolledTask
from enhance_gui.jobs.polling.service_queue import ServiceQueue


class PolledTasks(dict[int, PolledTask]):
    """The tasks of one service by their keys, counted, and in the order in which they fall due."""

    def __init__(self, queue: ServiceQueue) -> None:
        super().__init__()
        self._queue = queue
        # By the moment they fall due, those in sight apart; stale entries are dropped lazily.
        self._in_sight: list[tuple[float, int, int]] = []
        self._others: list[tuple[float, int, int]] = []
        self._visible: frozenset[int] = frozenset()
        self._tickets = 0
        self.waiting = 0
        """How many wait in the service's queue, as far as is known."""
        self.overlong = 0
        """How many take so long that they hold no place in the window."""

    def forget(self, key: int) -> None:
        """Drop a task, if it is there."""
        task = self.pop(key, None)
        if task is not None:
            self._set_position(task, 0)
            self.overlong -= task.overlong

    def mark_overlong(self, task: PolledTask) -> None:
        """Have a task no longer hold a place in the window."""
        self.overlong += not task.overlong
        task.overlong = True

    # When each is due.

    def schedule(self, task: PolledTask, due_s: float) -> None:
        """Have a task polled next at ``due_s``; no request about it is under way."""
        task.sent_s = None
        task.due_s = due_s
        self._enter(task)

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

    # Their places in the service's queue. Each change returns the tasks to plan anew: those that an
    # answer about another has shown to have begun.

    def joined(self, task: PolledTask, now_s: float, position: int) -> list[PolledTask]:
        """Take in the place of a new task."""
        self._queue.joined(task, now_s, position)
        self._set_position(task, position)
        return self._newly_begun()

    def waits(self, task: PolledTask, looked_s: float, position: int) -> list[PolledTask]:
        """Take in that a task waits, at ``position``."""
        self._queue.waits(task, looked_s, position)
        task.began_after_s = looked_s
        self._set_position(task, position)
        return self._newly_begun()

    def began(self, task: PolledTask, looked_s: float) -> list[PolledTask]:
        """Take in that a task waits no longer."""
        if task.position > 0:
            self._queue.began(task, looked_s)
        return self._newly_begun()

    def _newly_begun(self) -> list[PolledTask]:
        begun = []
        # A task may stand there twice: its position, set at once, keeps it from coming again.
        for task in self._queue.newly_begun():
            self._set_position(task, 0)
            if task.key in self and not task.is_settled:
                begun.append(task)
        return begun

    def _set_position(self, task: PolledTask, position: int) -> None:
        self.waiting += (position > 0) - (task.position > 0)
        task.position = position
