"""Records how accepted tasks end on the service."""

from __future__ import annotations

import sqlite3

from enhance_gui.core.storage_errors import TransitionRefused
from enhance_gui.core.tasks.durations import DurationSample
from enhance_gui.core.tasks.states import Step, TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.storage.task_db.task_database import TaskDatabase
from enhance_gui.storage.task_db.transitions import TaskSteps, set_failure


class AcceptedTasks:
    """Records what the service reports about tasks."""

    def __init__(self, db: TaskDatabase, steps: TaskSteps) -> None:
        self._db = db
        self._steps = steps

    def finished(self, task_id: int, record: bytes, duration: DurationSample | None) -> Task:
        """Record that the service has the result, and how long it took."""
        with self._steps.taking(task_id, Step.FINISH, "finished", None) as sql:
            sql.execute(
                "UPDATE task SET record = ?, finished_at = ? WHERE id = ?",
                (record, self._db.now(), task_id),
            )
            if duration is not None:
                sql.execute(
                    "INSERT INTO duration (service, type_id, megapixels, after_s, by_s) "
                    "SELECT service, ?, ?, ?, ? FROM task WHERE id = ?",
                    (
                        duration.type_id,
                        duration.megapixels,
                        duration.after_s,
                        duration.by_s,
                        task_id,
                    ),
                )
        return self._db.task(task_id)

    def new_record(self, task_id: int, record: bytes) -> Task:
        """Replace the record of a finished task after its addresses were asked for anew."""
        self._db.change("UPDATE task SET record = ? WHERE id = ?", record, task_id)
        return self._db.task(task_id)

    def failed(self, task_id: int, failure: Failure, record: bytes | None = None) -> Task:
        with self._steps.taking(task_id, Step.FAIL, failure.kind, failure) as sql:
            sql.execute(
                "UPDATE task SET record = coalesce(?, record) WHERE id = ?", (record, task_id)
            )
        return self._db.task(task_id)

    def ask_again(self, task_id: int) -> Task:
        """Queue a free question to the service about an ended task, at the user's request."""
        task = self._db.task(task_id)
        with self._db.transaction() as sql:
            ask_again(sql, self._steps, task, "asked again by the user", self._db.now())
        return self._db.task(task_id)


def ask_again(sql: sqlite3.Connection, steps: TaskSteps, task: Task, cause: str, now: str) -> None:
    """Return an ended task to polling, within a transaction: the service is asked once more.

    A task that has been sent in vain since is as old as this question: only of one whose age is
    known is it assumed, in some later run, that the service will never know it again.

    A result that was saved is fetched as if it never had been: it is not where it was put.

    :raises TransitionRefused: there is nothing that the service could be asked about.
    """
    if not task.can_ask_again:
        raise TransitionRefused(
            "task {number} is nothing that the service can be asked about", number=task.id
        )
    if task.state is TaskState.SAVED:
        sql.execute("DELETE FROM output WHERE task_id = ?", (task.id,))
    steps.walk(sql, task, Step.ASK_AGAIN, cause)
    sql.execute(
        "UPDATE task SET accepted_at = coalesce(accepted_at, ?) WHERE id = ?", (now, task.id)
    )
    set_failure(sql, task.id, None)
