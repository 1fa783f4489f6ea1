"""A queue that does only what the test says, with the names of the real one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import ParamSpec, TypeVar

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.picture import CheckedPicture, PictureHeader
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.settings.saving import DEFAULT_QUALITY, ResultFormat
from enhance_gui.core.storage_errors import TransitionRefused
from enhance_gui.core.tasks.spending import LedgerEntry, LimitAhead, SpendingLimits
from enhance_gui.core.tasks.states import ENDED, TaskState
from enhance_gui.core.tasks.task import Failure, NewTask, Task, TaskEvent
from enhance_gui.jobs.events import Event, TaskChanged
from enhance_gui.jobs.queue.budgets import Budget
from enhance_gui.jobs.worker.context import Naming

P = ParamSpec("P")
R = TypeVar("R")

MOMENT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)

STILL = PictureHeader("png", 100, 80)


class ScriptedQueue:
    """Keeps tasks in memory and writes down what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int | str]] = []
        self.tasks: dict[int, Task] = {}
        self.naming = Naming()
        self.limits: dict[str, float | None] = {}
        self.batch_limits: list[float | None] = []
        """Those of each batch, in the order in which they were set."""
        self.entries: list[LedgerEntry] = []
        self.incomplete: datetime | None = None
        """What its ledger says."""
        self.networks: list[NetworkSettings] = []
        """Those that it was told to use, in order."""
        self.budgets: list[Budget] = []
        """Of each addition, and of each task that is sent once more."""
        self.logs: dict[int, list[TaskEvent]] = {}
        self.visible: list[list[int]] = []
        """What was said to be in sight, each time."""
        self.ahead: LimitAhead | None = None
        """The limit that will stop what is ready."""
        self.puts_back = False
        """Whether a started task is a draft again once it has another type."""
        self.problem: EnhanceError | None = None
        """What deleting on the service meets."""
        self.kept_there: set[int] = set()
        """Tasks that the service does not delete."""
        self.names_of_place: list[str] = []
        self.repeated: set[str] = set()
        """Inputs that are said to have been given before."""
        self._listeners: list[Callable[[Event], None]] = []
        # It has no parts: what the real queue's parts are asked, it is asked itself.
        self.pool = self.spending = self.db = self
        self.store = SimpleNamespace(
            tasks=self,
            services=self,
            charges=self,
            earlier=SimpleNamespace(duplicates=self.duplicates),
            changes=self,
            outputs=SimpleNamespace(copied=self.copied),
        )

    def listen(self, listener: Callable[[Event], None]) -> None:
        self._listeners.append(listener)

    def unlisten(self, listener: Callable[[Event], None]) -> None:
        self._listeners.remove(listener)

    def notify(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)

    def put(self, task_id: int, state: TaskState, **fields: object) -> Task:
        """Have a task be in a state, and tell of it."""
        task = replace(self.tasks[task_id], state=state, **fields)  # type: ignore[arg-type]
        self.tasks[task_id] = task
        self.notify(TaskChanged(task, suspended=state is not TaskState.ACCEPTED))
        return task

    def check(
        self,
        task_id: int,
        location: str = "",
        header: PictureHeader = STILL,
        sent_as: str = "",
    ) -> None:
        """Have a draft pass its checks."""
        where = location or self.tasks[task_id].input
        picture = CheckedPicture(where, header, 1000, sent_as=sent_as)
        self.put(task_id, TaskState.DRAFT, checked=picture)

    def refuse(self, task_id: int, failure: Failure) -> None:
        self.put(task_id, TaskState.FAILED, failure=failure)

    async def draft(
        self, profile: ServiceProfile, new: Sequence[NewTask], budget: Budget | None = None
    ) -> list[Task]:
        if budget is not None:
            self.budgets.append(budget)
        tasks = [
            Task(
                len(self.tasks) + number,
                each.input,
                each.service,
                each.type_id,
                each.type_name,
                each.save_folder,
                TaskState.DRAFT,
                MOMENT,
                result_format=each.result_format or ResultFormat.AS_GIVEN,
                quality=each.quality or DEFAULT_QUALITY,
                is_kept=each.is_kept,
            )
            for number, each in enumerate(new, start=1)
        ]
        self.tasks |= {task.id: task for task in tasks}
        return tasks

    async def copied(self, task_id: int) -> Task:
        self.tasks[task_id] = replace(self.tasks[task_id], is_kept=False)
        return self.tasks[task_id]

    async def do(self, method: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
        return await method(*args, **kwargs)

    async def work_on(self, profile: ServiceProfile, drafts: Sequence[Task]) -> None:
        """Leave them to :meth:`check` and :meth:`refuse`."""

    async def namesakes(self, profile: ServiceProfile) -> list[str]:
        return self.names_of_place

    async def duplicates(self, task: Task) -> list[Task]:
        return [task] if task.input in self.repeated else []

    async def start_unless_repeated(self, task_id: int, known: Collection[int] = ()) -> list[Task]:
        task = self.tasks[task_id]
        against = [
            duplicate for duplicate in await self.duplicates(task) if duplicate.id not in known
        ]
        if not against:
            self._step("start", task_id, TaskState.DRAFT, TaskState.QUEUED)
        return against

    async def cancel(self, task_id: int) -> Task:
        return self._step("cancel", task_id, self.tasks[task_id].state, TaskState.CANCELLED)

    async def take_back(self, task_id: int) -> Task:
        if self.tasks[task_id].state not in (TaskState.DRAFT, TaskState.QUEUED):
            raise TransitionRefused("task {number} has gone on", number=task_id)
        return self._step("take_back", task_id, self.tasks[task_id].state, TaskState.CANCELLED)

    async def set_type(self, task_ids: Collection[int], kind: EnhanceType) -> list[Task]:
        fitting = [id_ for id_ in task_ids if self.tasks[id_].can_change_type]
        self.asked += [(f"set type {kind.id}", id_) for id_ in fitting]
        changes = {"type_id": kind.id, "type_name": kind.name, "cost": kind.cost}
        state = TaskState.DRAFT if self.puts_back else TaskState.QUEUED
        states = {TaskState.DRAFT: TaskState.DRAFT, TaskState.QUEUED: state}
        return [self.put(id_, states[self.tasks[id_].state], **changes) for id_ in fitting]

    async def move(self, task_ids: Collection[int], *, to_front: bool) -> list[Task]:
        self.asked += [("move first" if to_front else "move last", id_) for id_ in task_ids]
        return [self.tasks[id_] for id_ in task_ids]

    def limits_on(self, service: str) -> SpendingLimits | None:
        return None if self.ahead is None else SpendingLimits(batch=self.ahead.maximum)

    async def limit_ahead(self, *_: object) -> LimitAhead | None:
        return self.ahead

    async def send_again(self, task_id: int, budget: Budget | None = None) -> Task:
        if budget is not None:
            self.budgets.append(budget)
        return self._step("send_again", task_id, TaskState.IN_DOUBT, TaskState.QUEUED)

    async def give_up(self, task_id: int) -> Task:
        return self._step("give_up", task_id, TaskState.IN_DOUBT, TaskState.WRITTEN_OFF)

    async def retry(self, task_id: int, budget: Budget | None = None) -> Task:
        if budget is not None:
            self.budgets.append(budget)
        return self._step("retry", task_id, TaskState.FAILED, TaskState.QUEUED)

    async def ask_again(self, task_id: int) -> Task:
        return self._step("ask_again", task_id, TaskState.FAILED, TaskState.ACCEPTED)

    async def hide(self, task_ids: Collection[int]) -> list[Task]:
        hidden = [self.tasks[id_] for id_ in task_ids if self.tasks[id_].state in ENDED]
        self.asked += [("hide", task.id) for task in hidden]
        return hidden

    async def bring_back(self, task_ids: Collection[int]) -> list[Task]:
        self.asked += [("bring_back", id_) for id_ in task_ids]
        return [self.tasks[id_] for id_ in task_ids]

    async def events(self, task_id: int) -> list[TaskEvent]:
        return self.logs.get(task_id, [])

    async def fetch_now(self, task_id: int) -> None:
        self.asked.append(("fetch_now", task_id))

    async def want_deleted(self, task_ids: Collection[int]) -> None:
        self.asked += [("want_deleted", id_) for id_ in task_ids]

    async def delete_on_service(self, task_id: int) -> Task:
        self.asked.append(("delete_on_service", task_id))
        if self.problem is not None:
            raise self.problem
        task = self.tasks[task_id]
        if task_id in self.kept_there:
            return task
        gone = tuple(replace(attempt, deleted=True) for attempt in task.attempts)
        return self.put(task_id, task.state, attempts=gone)

    def get(self, service: str) -> SimpleNamespace:
        """Return a worker without tasks that writes down how many it may have at a time."""
        return SimpleNamespace(
            context=SimpleNamespace(tasks={}),
            limit_parallel=lambda maximum: self.asked.append((f"at a time: {service}", maximum)),
        )

    def set_visible(self, task_ids: Collection[int]) -> None:
        self.visible.append(sorted(task_ids))

    async def resume(self, profile: ServiceProfile, tasks: Sequence[Task]) -> None:
        self.asked += [("resume", task.id) for task in tasks]

    async def unpause_service(self, service: str) -> None:
        self.asked.append(("unpause_service", service))

    async def profile(self, name: str) -> ServiceProfile | None:
        return None

    async def moved_from(self, profile: ServiceProfile) -> str | None:
        return None

    async def stored(self, service: str | None = None) -> list[Task]:
        return [
            task
            for task in self.tasks.values()
            if task.state not in ENDED and service in (None, task.service)
        ]

    async def renew(self, profile: ServiceProfile) -> None:
        self.asked.append(("renew", profile.name))

    async def rename(self, before: str, profile: ServiceProfile) -> None:
        self.asked.append(("rename", f"{before} to {profile.name}"))

    async def spend_on(self, service: str) -> None:
        self.asked.append(("spend_on", service))

    def limit_day(self, service: str, maximum: float | None) -> None:
        self.limits[service] = maximum

    @property
    def batch_limit(self) -> float | None:
        return self.batch_limits[-1]

    @batch_limit.setter
    def batch_limit(self, maximum: float | None) -> None:
        self.batch_limits.append(maximum)

    async def try_limits(self, service: str) -> None:
        self.asked.append(("try_limits", service))

    async def ledger(self, since: datetime, service: str | None = None) -> list[LedgerEntry]:
        return [entry for entry in self.entries if entry.at >= since]

    async def incomplete_before(self) -> datetime | None:
        return self.incomplete

    async def apply_network(self, network: NetworkSettings) -> None:
        self.networks.append(network)

    async def pause(self) -> None:
        self.asked.append(("pause", ""))

    async def unpause(self) -> None:
        self.asked.append(("unpause", ""))

    def _step(self, word: str, task_id: int, source: TaskState, target: TaskState) -> Task:
        self.asked.append((word, task_id))
        if self.tasks[task_id].state is not source:
            raise TransitionRefused(f"it is {self.tasks[task_id].state.value}")
        return self.put(task_id, target)


def new_folder() -> Path:
    return Path("/nowhere/results")
