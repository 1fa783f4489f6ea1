"""Mistakes put into the program on purpose: a check that passes them all proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Final

from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task, new_private_id
from enhance_gui.jobs.queue.task_queue import TaskQueue
from enhance_gui.jobs.worker import result_fetch, result_plan
from enhance_gui.jobs.worker.sending import Sender, Sent
from enhance_gui.storage.files import results
from enhance_gui.storage.task_db import database, rows
from enhance_gui.wire.requests import CreateTaskRequest


def blind_resend() -> None:
    """Send a task in doubt again at the next start, without anybody's yes."""
    resume = TaskQueue.resume

    async def resume_blindly(
        self: TaskQueue, profile: ServiceProfile, tasks: Sequence[Task], *args: Any, **kwargs: Any
    ) -> None:
        again = [
            await self.db.do(self.db.store.attempts.send_again, task.id)
            if task.state is TaskState.IN_DOUBT
            else task
            for task in tasks
        ]
        await resume(self, profile, again, *args, **kwargs)

    TaskQueue.resume = resume_blindly  # type: ignore[method-assign]


def no_intent_row() -> None:
    """Write the attempt down only when its answer is there."""

    async def send(self: Sender, task: Task) -> Sent:
        private_id = new_private_id()
        request = CreateTaskRequest(await self._picurl(task), task.type_id, private_id)

        async def write_nothing() -> None:
            return

        store = self._context.db.store
        created = await self._context.api.create_task(request, write_nothing)
        await self._context.db.do(store.attempts.begin, task.id, private_id, "")
        accepted = await self._record(store.attempts.accepted, task.id, created.task_id)
        return Sent(accepted, created.queue_position)

    Sender.send = send  # type: ignore[method-assign]


def write_in_place() -> None:
    """Download into the file under its final name."""
    plan = result_plan.plan_outputs
    publish = results.PartFile.publish

    def plan_without_parts(*args: Any, **kwargs: Any) -> Any:
        stem, outputs = plan(*args, **kwargs)
        return stem, [replace(output, part=output.final) for output in outputs]

    def publish_unless_there(part: results.PartFile, final: Path) -> bool:
        return part.path == final or publish(part, final)

    setattr(result_fetch, "plan_outputs", plan_without_parts)  # noqa: B010  imported there by name
    setattr(results.PartFile, "publish", publish_unless_there)  # noqa: B010  otherwise named
    setattr(rows, "is_own_output", lambda *_: True)  # noqa: B010


def forgetful_database() -> None:
    """Let the database leave its last commits in the system's memory, as many programs do."""
    set_up = database._set_up

    def set_up_carelessly(connection: Any) -> None:
        set_up(connection)
        connection.execute("PRAGMA synchronous = NORMAL")

    database._set_up = set_up_carelessly


def unflushed_results() -> None:
    """Give results their names without bringing their content to the disk."""

    def finish(self: results.PartFile) -> int:
        file: IO[bytes] = self._file
        file.flush()
        return file.tell()

    results.PartFile.finish = finish  # type: ignore[method-assign]


MUTANTS: Final[dict[str, Callable[[], None]]] = {
    "blind-resend": blind_resend,
    "no-intent-row": no_intent_row,
    "write-in-place": write_in_place,
    "forgetful-database": forgetful_database,
    "unflushed-results": unflushed_results,
}
"""The last two show only where the power is cut."""
