"""The queue of checked tasks that may be sent now, in order."""

from __future__ import annotations

from collections import deque

from enhance_gui.core.tasks.task import Task


class ReadyTasks:
    """A queue out of whose middle a task can be taken back."""

    def __init__(self) -> None:
        self._tasks: deque[Task] = deque()

    def __len__(self) -> int:
        return len(self._tasks)

    def append(self, task: Task) -> None:
        self._tasks.append(task)

    def put_back(self, task: Task) -> None:
        """Return a task to the front."""
        self._tasks.appendleft(task)

    def first(self) -> Task:
        return self._tasks[0]

    def pop(self) -> Task:
        return self._tasks.popleft()

    def remove(self, task_id: int) -> None:
        self._tasks = deque(task for task in self._tasks if task.id != task_id)
