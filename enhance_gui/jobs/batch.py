"""A batch: some inputs that somebody waits for, each reported once when it reaches its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from enhance_gui.core.enhance_types import EnhanceType
from enhance_gui.core.errors import AddressNotUsable
from enhance_gui.core.image_sources import parse_source
from enhance_gui.core.profiles import ServiceProfile
from enhance_gui.core.tasks import NewTask, Task
from enhance_gui.jobs.events import Event, TaskChanged
from enhance_gui.jobs.reports import Report, report_of
from enhance_gui.jobs.task_queue import TaskQueue


class Batch:
    """Inputs that were given together."""

    def __init__(self, queue: TaskQueue, on_report: Callable[[Report], None]) -> None:
        """:param on_report: told of each input when it reaches its end."""
        self._queue = queue
        self._on_report = on_report
        self._given: dict[int, list[str]] = {}
        self._tasks: dict[int, TaskChanged] = {}
        self._reported: set[int] = set()
        self._complete = False
        self.done = asyncio.Event()
        """Set when every input has reached its end."""
        queue.listen(self._hear)

    async def enhance(
        self,
        inputs: Sequence[str],
        profile: ServiceProfile,
        enhance_type: EnhanceType,
        save_folder: Path,
    ) -> None:
        """Add inputs and begin to work on them; one that is named twice is one task.

        :raises StorageError: they cannot be stored; none was.
        """
        keys: dict[str, list[str]] = {}
        for text in inputs:
            keys.setdefault(_key(text), []).append(text)
        new = [
            NewTask(key, profile.name, enhance_type.id, enhance_type.name, save_folder)
            for key in keys
        ]
        tasks = await self._queue.add(profile, new)
        self._expect(tasks, list(keys.values()))

    async def resume(self, profile: ServiceProfile, tasks: Sequence[Task]) -> None:
        """Continue stored tasks."""
        self._expect(tasks, [[task.input] for task in tasks], complete=False)
        await self._queue.resume(profile, tasks)

    def expect_no_more(self) -> None:
        """Everything that belongs to the batch has been added."""
        self._complete = True
        self._settle()

    def close(self) -> None:
        """Stop listening; report what has not reached its end as it stands."""
        self._queue.unlisten(self._hear)
        for task_id in self._given:
            if task_id not in self._reported:
                self._report(self._tasks[task_id].task)

    @property
    def total(self) -> int:
        """Inputs in the batch."""
        return sum(map(len, self._given.values()))

    def _expect(
        self, tasks: Sequence[Task], given: Sequence[list[str]], *, complete: bool = True
    ) -> None:
        for task, texts in zip(tasks, given, strict=True):
            self._given.setdefault(task.id, []).extend(texts)
            # Events may have come before the caller knew which tasks are its own.
            self._tasks.setdefault(task.id, TaskChanged(task))
        if complete:
            self.expect_no_more()

    def _hear(self, event: Event) -> None:
        if isinstance(event, TaskChanged):
            self._tasks[event.task.id] = event
            self._settle()

    def _settle(self) -> None:
        """Report what has ended."""
        if not self._complete:
            return
        for task_id in self._given:
            changed = self._tasks[task_id]
            if changed.parked and task_id not in self._reported:
                self._report(changed.task)
        if len(self._reported) == len(self._given):
            self.done.set()

    def _report(self, task: Task) -> None:
        self._reported.add(task.id)
        for given in self._given[task.id]:
            self._on_report(report_of(task, given))


def _key(text: str) -> str:
    """Return the spelling under which an input is stored; one that is no input stays as it is."""
    try:
        return parse_source(text).key
    except AddressNotUsable:
        return text.strip()
