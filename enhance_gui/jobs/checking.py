"""Checks pictures a little ahead of need, so that sending never waits for a slow picture host."""

from __future__ import annotations

from collections import deque
from typing import Final

from enhance_gui.core.errors import InputError, StorageError
from enhance_gui.core.tasks import Failure
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
        self._waiting: deque[int] = deque()
        self._running = 0

    def add(self, task_id: int) -> None:
        self._waiting.append(task_id)

    async def run(self) -> None:
        line = self._line
        while True:
            if not self._may_start():
                await line.bell.wait()
                continue
            task_id = self._waiting.popleft()
            if task_id in line.tasks:
                self._running += 1
                line.owner.start(self._check(task_id), f"task {task_id}: check")

    def _may_start(self) -> bool:
        has_room = len(self._ready) + self._running < CHECKED_AHEAD
        may_run = self._running < CHECKS_AT_ONCE and self._line.paused is None
        return bool(self._waiting) and has_room and may_run

    async def _check(self, task_id: int) -> None:
        line, store = self._line, self._line.db.store
        try:
            prepared = await prepare(line.tasks[task_id].input, line.profile, line.pictures)
            if task_id not in line.tasks:
                return
            checked = await line.db.do(store.checked, task_id, prepared.picture, prepared.sha256)
            if task_id in line.tasks:
                line.tasks[task_id] = checked
                self._ready.append(checked)
                line.publish(TaskChanged(checked))
        except InputError as error:
            if task_id in line.tasks:
                line.end(await line.db.do(store.refuse, task_id, Failure.of(error)))
        except StorageError as error:
            line.storage_trouble(error)
            line.owner.start(self._again_later(task_id), f"task {task_id}: check later")
        finally:
            self._running -= 1
            line.bell.ring()

    async def _again_later(self, task_id: int) -> None:
        await self._line.clock.sleep(STORAGE_RETRY_S)
        self._waiting.append(task_id)
        self._line.bell.ring()
