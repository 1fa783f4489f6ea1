"""The polled tasks: which there are, which of them wait on the service, which is due next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from enhance_gui.jobs.polling.due_queue import DueQueue, PolledTask
from enhance_gui.jobs.polling.service_queue import ServiceQueue


class PolledTasks(Mapping[int, PolledTask]):
    """Keeps the tasks of one service by their keys, and counts them."""

    def __init__(self, queue: ServiceQueue) -> None:
        self._by_key: dict[int, PolledTask] = {}
        self._queue = queue
        self._due = DueQueue()
        self.waiting = 0
        """How many wait in the service's queue, as far as is known."""
        self.overlong = 0
        """How many take so long that they hold no place in the window."""

    def __getitem__(self, key: int) -> PolledTask:
        return self._by_key[key]

    def __iter__(self) -> Iterator[int]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def add(self, task: PolledTask) -> None:
        """Take a task under watch."""
        self._by_key[task.key] = task

    def forget(self, key: int) -> None:
        """Drop a task, if it is there."""
        task = self._by_key.pop(key, None)
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
        self._due.put(task)

    def first_due(self, ready_s: float) -> PolledTask | None:
        """Return the task to poll when requests may go again at ``ready_s``."""
        return self._due.first(ready_s, self)

    def set_visible(self, keys: Iterable[int]) -> None:
        """Prefer these among the tasks that are due."""
        self._due.set_visible(keys, self)

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
