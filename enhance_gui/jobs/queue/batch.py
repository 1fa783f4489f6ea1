"""A batch: some inputs that somebody waits for, each reported once when it reaches its end."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from enhance_gui.core.images.addresses import without_login
from enhance_gui.core.images.inputs.input_files import is_file
from enhance_gui.core.images.inputs.source import is_text, parse_source
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.service_errors import ServiceUnreachable
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.saving import Saving
from enhance_gui.core.tasks.states import ENDED
from enhance_gui.core.tasks.task import Failure, NewTask, Task, new_task
from enhance_gui.core.text.explanations import PAUSED
from enhance_gui.jobs.events import Event, ServiceStatusChanged, TaskChanged
from enhance_gui.jobs.queue.budgets import Budget
from enhance_gui.jobs.queue.reports import Report, report_of
from enhance_gui.jobs.queue.start_policy import saved_for
from enhance_gui.jobs.queue.task_queue import TaskQueue
from enhance_gui.storage.files.results import sha256_of


class Batch:
    """Inputs that were given together."""

    def __init__(
        self,
        queue: TaskQueue,
        on_report: Callable[[Report], None],
        max_cost: float | None = None,
    ) -> None:
        """
        :param on_report: gets the report of each input when it reaches its end.
        :param max_cost: credits that the batch may possibly be charged; beyond, it waits.
        """
        self._queue = queue
        self.budget = Budget(math.inf if max_cost is None else max_cost)
        """What all of it may cost. It takes the place of any earlier limit: what is named, or
        resumed, is wanted by whoever does so.
        """
        self._on_report = on_report
        self._given: dict[int, list[str]] = {}
        self._tasks: dict[int, TaskChanged] = {}
        self._held_up: dict[str, Failure] = {}
        """Why the tasks of a service wait, of those that do."""
        self._open: set[int] = set()
        self._reported: set[int] = set()
        self._complete = False
        self.done = asyncio.Event()
        """Set when every input has reached its end, or will not in this run."""
        queue.listen(self._on_event)

    async def enhance(
        self,
        inputs: Sequence[str],
        profile: ServiceProfile,
        enhance_type: EnhanceType,
        saving: Saving,
        folder: Path,
        *,
        keep_only: bool = False,
        at_work: Collection[int] = (),
        is_resumed: bool = False,
    ) -> None:
        """Add inputs and begin to work on them; one that is named twice is one task.

        :param saving: names the save folder.
        :param folder: the one that relative paths of files start from.
        :param keep_only: store them for a later run, and begin nothing.
        :param at_work: tasks whose inputs are not added again although they are saved by now.
        :param is_resumed: nor is any other input that was saved: where its result is no longer
            there, it is fetched once more from the service, which is free.
        :raises StorageError: they cannot be stored; none was.
        """
        now = self._queue.wall()
        keys = {text: _key(text, folder) for text in inputs}
        contents: dict[str, str] = {}
        if profile.name != LOCAL_SERVICE_NAME and profile.upload_path:
            contents = await asyncio.to_thread(_contents, set(keys.values()))
        entered: dict[NewTask, list[str]] = {}
        for text in inputs:
            new = new_task(keys[text], profile, enhance_type, saving, now)
            new = replace(new, given=_as_text(text), sha256=contents.get(keys[text], ""))
            entered.setdefault(new, []).append(text)
        saved = await saved_for(self._queue, list(entered), at_work, is_resumed=is_resumed)
        tasks = await self._queue.add(
            profile,
            list(entered),
            self.budget,
            saved.reported,
            saved.fetched,
            keep_only=keep_only,
        )
        self._expect([saved.as_it_is(task) for task in tasks], list(entered.values()))

    async def resume(self, profile: ServiceProfile, tasks: Sequence[Task]) -> None:
        """Continue stored tasks; those that were added already are not counted again."""
        others = [task for task in tasks if task.id not in self._given]
        self._expect(others, [[task.input] for task in others])
        await self._queue.resume(profile, others, self.budget)

    def expect_no_more(self) -> None:
        """Note that everything that belongs to the batch has been added."""
        self._complete = True
        self._end_if_over()

    def close(self) -> None:
        """Stop listening; report what has not reached its end as it stands."""
        # Its budget stays: what was left waiting is no cheaper because nobody waits for it.
        self._queue.unlisten(self._on_event)
        for task_id in self._given:
            self._report(self._tasks[task_id].task)

    @property
    def task_ids(self) -> frozenset[int]:
        """The tasks of its inputs."""
        return frozenset(self._given)

    @property
    def total(self) -> int:
        """Inputs in the batch."""
        return sum(map(len, self._given.values()))

    def _expect(self, tasks: Sequence[Task], entered: Sequence[list[str]]) -> None:
        for task, texts in zip(tasks, entered, strict=True):
            self._given.setdefault(task.id, []).extend(texts)
            # Events may have come before the caller knew which tasks are its own.
            now = TaskChanged(task, suspended=task.state in ENDED)
            self._take(self._tasks.get(task.id, now))

    def _on_event(self, event: Event) -> None:
        if isinstance(event, ServiceStatusChanged):
            self._on_service_status(event)
        if not isinstance(event, TaskChanged):
            return
        if event.task.id in self._given:
            self._take(event)
            self._end_if_over()
        elif not self._complete:
            self._tasks[event.task.id] = event

    def _on_service_status(self, event: ServiceStatusChanged) -> None:
        why = event.failure
        if why is None and event.out_of_reach:
            why = Failure(ServiceUnreachable.kind, "")
        if why is None:
            self._held_up.pop(event.service, None)
        # That this program ends is no cause that anybody could mend.
        elif why.kind != PAUSED:
            self._held_up[event.service] = why

    def _take(self, event: TaskChanged) -> None:
        """Take in how a task of the batch stands; what has ended is reported at once.

        What only waits is reported when nothing else goes on: it may still be finished.
        """
        task = event.task
        self._tasks[task.id] = event
        if event.suspended:
            self._open.discard(task.id)
        else:
            self._open.add(task.id)
        if event.suspended and task.state in ENDED:
            self._report(task)

    def _end_if_over(self) -> None:
        if self._complete and not self._open and not self.done.is_set():
            self.done.set()
            self.close()

    def _report(self, task: Task) -> None:
        if task.id in self._reported:
            return
        self._reported.add(task.id)
        if task.state not in ENDED and task.failure is None:
            why = self._held_up.get(task.service) or self._queue.pool.why_paused(task.service)
            task = replace(task, failure=why)
        for entered in self._given[task.id]:
            self._on_report(report_of(task, entered))


def _key(text: str, folder: Path) -> str:
    """Return the spelling under which an input is stored; one that is no input stays as it is."""
    try:
        return parse_source(text, folder).key
    except AddressNotUsable:
        # From a folder whose name is no text: in another one, another file may have this name.
        stem = text.strip() if is_text(str(folder)) else f"{folder}/{text.strip()}"
        return _as_text(stem)


def _as_text(name: str) -> str:
    """Return an input as it is stored: files may have names on Linux that are no text, and the
    login in an address that is refused is nothing to keep.
    """
    return without_login(name.encode("utf-8", "backslashreplace").decode())


def _contents(inputs: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of those inputs that are files."""
    files = [text for text in inputs if is_text(text) and Path(text).is_absolute()]
    return {text: sha256_of(Path(text)) or "" for text in files if is_file(Path(text))}
