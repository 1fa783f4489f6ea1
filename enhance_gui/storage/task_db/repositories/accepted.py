"""Records how accepted tasks end on the service, and what is to be deleted there."""

from __future__ import annotations

import json
import sqlite3

from enhance_gui.core.storage_errors import TransitionRefused
from enhance_gui.core.tasks.states import ENDED, Step, TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.tasks.work_times import DurationSample
from enhance_gui.storage.task_db.transitions import Repository, TaskSteps, set_failure


class AcceptedTasks(Repository):
    """Records what the service reports about tasks."""

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


class Deletions(Repository):
    """Keeps requests to delete until they are carried out or withdrawn."""

    def begin_cancel(self, task_id: int) -> Task:
        return self._steps.take(task_id, Step.CANCEL, "cancelled by the user")

    def cancelled(self, task_id: int) -> Task:
        followed = self._db.task(task_id).followed
        with self._steps.taking(task_id, Step.CANCELLED, "deleted on the service", None) as sql:
            if followed is not None:
                self._mark_deleted(sql, task_id, followed.number)
        return self._db.task(task_id)

    def keep(self, task_id: int) -> Task:
        return self._steps.take(task_id, Step.KEEP, "the service did not delete it")

    def want(self, task_id: int) -> Task:
        """Store a request to delete the service's records of an ended task.

        It is withdrawn by itself where the task goes on, by another command of the user.

        :raises TransitionRefused: the task has not ended.
        """
        task = self._db.task(task_id)
        if task.state not in ENDED:
            raise TransitionRefused(
                "task {number} is {state}: it is cancelled first",
                number=task_id,
                state=task.state.value,
            )
        self._db.change(
            "UPDATE attempt SET delete_wanted_at = coalesce(delete_wanted_at, ?) "
            "WHERE task_id = ? AND number IN (SELECT value FROM json_each(?))",
            self._db.now(),
            task_id,
            json.dumps([each.number for each in task.on_service]),
        )
        return self._db.task(task_id)

    def wanted(self, service: str | None = None) -> list[Task]:
        """Return the tasks of a service, or of all, of which something is still to be deleted.

        What was sent to an earlier address of its service is left out, as long as it is not there
        again: another task may have its number where the service is now.
        """
        found = self._db.tasks_from(
            self._db.all(
                "SELECT * FROM task WHERE service = coalesce(?, service) AND id IN "
                "(SELECT task_id FROM attempt WHERE delete_wanted_at IS NOT NULL) ORDER BY id",
                service,
            )
        )
        return [task for task in found if task.to_delete]

    def done(self, task_id: int, attempt: int) -> Task:
        """Record that the service has deleted its record of an attempt; the task stays ended."""
        task = self._db.task(task_id)
        with self._db.transaction() as sql:
            self._mark_deleted(sql, task_id, attempt)
            named = next((a.service_task_id for a in task.attempts if a.number == attempt), None)
            cause = "wish of the user"
            self._db.log(sql, task_id, "delete", task.state, task.state, cause, named or "")
        return self._db.task(task_id)

    def forget(self, task_id: int, attempt: int | None = None) -> Task:
        """Drop the request, for one attempt or all: withdrawn, or the service refused."""
        self._db.change(
            "UPDATE attempt SET delete_wanted_at = NULL "
            "WHERE task_id = ? AND number = coalesce(?, number)",
            task_id,
            attempt,
        )
        return self._db.task(task_id)

    def _mark_deleted(self, sql: sqlite3.Connection, task_id: int, attempt: int) -> None:
        sql.execute(
            "UPDATE attempt SET delete_wanted_at = NULL, deleted_at = ? "
            "WHERE task_id = ? AND number = ?",
            (self._db.now(), task_id, attempt),
        )
