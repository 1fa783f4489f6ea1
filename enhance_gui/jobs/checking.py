"""Checks pictures a little ahead of need, so that sending never waits for a slow picture host."""

from __future__ import annotations

from collections import deque
from typing import Final

from enhance_gui.core.errors import InputError, StorageError
from enhance_gui.core.tasks import Failure, Task, TaskState
from enhance_gui.jobs.events import TaskChanged
from enhance_gui.jobs.line import STORAGE_RETRY_S, Line
from enhance_gui.jobs.preparing import prepare
from enhance_gui.jobs.ready import ReadyTasks

CHECKED_AHEAD: Final = 4
"""Pictures checked before they can be sent; more would be asked for long before they are used."""

CHECKS_AT_ONCE: Final = 3


class Checker:
    """The first loop of a line."""

    def __init__(self, line: Line, ready: ReadyTasks) -> None:
        self._line = line
        self._ready = ready
        self._to_send: deque[int] = deque()
        self._drafts: deque[int] = deque()
        self._passed: set[int] = set()
        self._running = 0

    def take_up(self, task: Task) -> None:
        """Check a task; one that has passed as a draft and was started goes on at once."""
        if task.state is TaskState.DRAFT:
            self._drafts.append(task.id)
        elif task.id in self._passed:
            self._passed.discard(task.id)
            self._ready.append(task)
        else:
            self._to_send.append(task.id)
        self._line.bell.ring()

    async def run(self) -> None:
        while True:
            task_id = self._next()
            if task_id is None:
                await self._line.bell.wait()
            elif task_id in self._line.tasks:
                self._running += 1
                self._line.owner.start(self._check(task_id), f"task {task_id}: check")

    def _next(self) -> int | None:
        if self._running >= CHECKS_AT_ONCE:
            return None
        has_room = len(self._ready) + self._running < CHECKED_AHEAD
        if self._to_send and has_room and self._line.paused is None:
            return self._to_send.popleft()
        return self._drafts.popleft() if self._drafts else None

    async def _check(self, task_id: int) -> None:
        line, store = self._line, self._line.db.store
        try:
            prepared = await prepare(line.tasks[task_id].input, line.profile, line.pictures)
            checked = await line.db.do(store.checked, task_id, prepared.picture, prepared.sha256)
            if task_id in line.tasks:
                self._pass(checked)
        except InputError as error:
            if task_id in line.tasks:
                line.end(await line.db.do(store.refuse, task_id, Failure.of(error)))
        except StorageError as error:
            line.storage_trouble(error)
            line.owner.start(self._again_later(task_id), f"task {task_id}: check later")
        finally:
            self._running -= 1
            line.bell.ring()

    def _pass(self, task: Task) -> None:
        line = self._line
        line.tasks[task.id] = task
        if task.state is TaskState.DRAFT:
            self._passed.add(task.id)
            line.park(task)
        else:
            self._ready.append(task)
            line.publish(TaskChanged(task))

    async def _again_later(self, task_id: int) -> None:
        await self._line.clock.sleep(STORAGE_RETRY_S)
        if (task := self._line.tasks.get(task_id)) is not None:
            self.take_up(task)
