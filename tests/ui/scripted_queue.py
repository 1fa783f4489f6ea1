"""A queue that does only what the test says, with the names of the real one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from enhance_gui.core.errors import TransitionRefused
from enhance_gui.core.pictures import CheckedPicture, PictureHeader
from enhance_gui.core.profiles import ServiceProfile
from enhance_gui.core.tasks import Failure, NewTask, Task, TaskState
from enhance_gui.jobs.events import Event, TaskChanged

MOMENT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


class ScriptedQueue:
    """Keeps tasks in memory and writes down what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int | str]] = []
        self.tasks: dict[int, Task] = {}
        self.naming = SimpleNamespace(template="")
        self.repeated: set[str] = set()
        """Inputs that are said to have been given before."""
        self._listeners: list[Callable[[Event], None]] = []

    def listen(self, listener: Callable[[Event], None]) -> None:
        self._listeners.append(listener)

    def unlisten(self, listener: Callable[[Event], None]) -> None:
        self._listeners.remove(listener)

    def tell(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)

    def put(self, task_id: int, state: TaskState, **fields: object) -> Task:
        """Have a task be in a state, and tell of it."""
        task = replace(self.tasks[task_id], state=state, **fields)  # type: ignore[arg-type]
        self.tasks[task_id] = task
        self.tell(TaskChanged(task, parked=state is not TaskState.ACCEPTED))
        return task

    def check(self, task_id: int, location: str = "") -> None:
        """Have a draft pass its checks."""
        where = location or self.tasks[task_id].input
        picture = CheckedPicture(where, PictureHeader("png", 100, 80), 1000)
        self.put(task_id, TaskState.DRAFT, checked=picture)

    def refuse(self, task_id: int, failure: Failure) -> None:
        self.put(task_id, TaskState.FAILED, failure=failure)

    async def draft(self, profile: ServiceProfile, new: Sequence[NewTask]) -> list[Task]:
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
            )
            for number, each in enumerate(new, start=1)
        ]
        self.tasks |= {task.id: task for task in tasks}
        return tasks

    async def twins(self, task: Task) -> list[Task]:
        return [task] if task.input in self.repeated else []

    async def start(self, task_id: int) -> Task:
        return self._step("start", task_id, TaskState.DRAFT, TaskState.QUEUED)

    async def cancel(self, task_id: int) -> Task:
        return self._step("cancel", task_id, self.tasks[task_id].state, TaskState.CANCELLED)

    async def send_again(self, task_id: int) -> Task:
        return self._step("send_again", task_id, TaskState.IN_DOUBT, TaskState.QUEUED)

    async def give_up(self, task_id: int) -> Task:
        return self._step("give_up", task_id, TaskState.IN_DOUBT, TaskState.WRITTEN_OFF)

    async def retry(self, task_id: int) -> Task:
        return self._step("retry", task_id, TaskState.FAILED, TaskState.QUEUED)

    async def ask_again(self, task_id: int) -> Task:
        return self._step("ask_again", task_id, TaskState.FAILED, TaskState.ACCEPTED)

    async def go_on(self, service: str) -> None:
        self.asked.append(("go_on", service))

    async def service_profile(self, name: str) -> ServiceProfile | None:
        return None

    def pause(self) -> None:
        self.asked.append(("pause", ""))

    def unpause(self) -> None:
        self.asked.append(("unpause", ""))

    def _step(self, word: str, task_id: int, source: TaskState, target: TaskState) -> Task:
        self.asked.append((word, task_id))
        if self.tasks[task_id].state is not source:
            raise TransitionRefused(f"it is {self.tasks[task_id].state.value}")
        return self.put(task_id, target)


def new_folder() -> Path:
    return Path("/nowhere/results")
