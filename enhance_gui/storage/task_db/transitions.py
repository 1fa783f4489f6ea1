"""Carries out the steps of tasks: each is one transaction that also writes its event."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import EllipsisType
from typing import Any

from enhance_gui.core.service_errors import CreateInDoubt, DoubtNotRepeated
from enhance_gui.core.storage_errors import TASK_RECOVERED, ListTakenOver, TransitionRefused
from enhance_gui.core.tasks.states import Step
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.detail import Detail, write_detail
from enhance_gui.core.text.explanations import titled_detail
from enhance_gui.core.text.i18n import N_
from enhance_gui.storage.task_db.list_file import ListFile
from enhance_gui.storage.task_db.task_database import TaskDatabase


class TaskSteps:
    """Takes tasks from state to state."""

    def __init__(self, db: TaskDatabase, file: ListFile) -> None:
        self._db = db
        self._file = file
        self._epoch = 0

    def own(self, sql: sqlite3.Connection, epoch: int) -> None:
        """Make this program the only one that may send; an earlier one no longer may.

        :param epoch: above that of every program before.
        """
        sql.execute(
            "INSERT INTO owner (one, epoch) VALUES (1, ?) "
            "ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch",
            (epoch,),
        )
        self._epoch = epoch

    def take(
        self,
        task_id: int,
        step: Step,
        cause: str,
        failure: Failure | EllipsisType | None = ...,
    ) -> Task:
        """Take a step that changes nothing else.

        :param failure: why the task fails or waits from now on; left out: as before.
        """
        with self.taking(task_id, step, cause, failure):
            pass
        return self._db.task(task_id)

    @contextmanager
    def taking(
        self,
        task_id: int,
        step: Step,
        cause: str,
        failure: Failure | EllipsisType | None = ...,
        *,
        only_owner: bool = False,
        detail: str = "",
    ) -> Iterator[sqlite3.Connection]:
        """Take one step in one transaction with the changes of the block, which come before it.

        :param only_owner: it leads to a request that may be charged: the list has to be ours, and
            the one that a later start will find.
        :param detail: what the log records beside the cause; of a failure its own clause.
        :raises ListTakenOver: it is another program's by now.
        """
        task = self._db.task(task_id)
        if only_owner:
            self._file.refuse_if_replaced()
        with self._db.transaction() as sql:
            if only_owner and sql.execute("SELECT epoch FROM owner").fetchone()[0] != self._epoch:
                raise ListTakenOver("another start of the program has taken the list over")
            yield sql
            if isinstance(failure, Failure):
                detail = failure.detail
            self.walk(sql, task, step, cause, detail)
            if not isinstance(failure, EllipsisType):
                set_failure(sql, task_id, failure)
        if only_owner:
            self._file.write_down()

    def walk(
        self, sql: sqlite3.Connection, task: Task, step: Step, cause: str, detail: str = ""
    ) -> None:
        """Take a step within a transaction.

        :raises TransitionRefused: it does not lead on from where the task is.
        """
        if task.state not in step.sources:
            raise TransitionRefused(
                "task {number} is {state}: no step “{step}”",
                number=task.id,
                state=task.state.value,
                step=step.word,
            )
        # A task that takes a step has changed, and so comes back into the list.
        sql.execute(
            "UPDATE task SET state = ?, hidden_at = NULL WHERE id = ?",
            (step.target.value, task.id),
        )
        self._db.log(sql, task.id, step.word, task.state, step.target, cause, detail)

    def take_back(self, task_id: int, step: Step, cause: str, failure: Failure | None) -> Task:
        """End a task before anything more is sent; one with an attempt in doubt goes back to that.

        :param failure: why it ends; ``None``: the user wants it.
        """
        task = self._db.task(task_id)
        if task.doubtful is None or task.state not in step.sources:
            return self.take(task_id, step, cause, failure or ...)
        doubt = still_in_doubt(failure)
        if task.failure is not None and task.failure.kind == TASK_RECOVERED:
            # What the user has decided in the list that was lost is not known.
            doubt = replace(doubt, kind=DoubtNotRepeated.kind)
        with self.taking(task_id, Step.DOUBT_AGAIN, cause, doubt) as sql:
            withdraw_approval(sql, task_id)
        return self._db.task(task_id)


class Repository:
    """Reads and writes what the database holds of one subject."""

    def __init__(self, db: TaskDatabase, steps: TaskSteps) -> None:
        self._db = db
        self._steps = steps


def still_in_doubt(failure: Failure | None) -> Failure:
    """Return why a task is in doubt again of which a further attempt came to nothing.

    :param failure: why it came to nothing; ``None``: the user took it back.
    """
    if failure is None:
        taken_back = N_("an earlier attempt had no answer; the further one was taken back")
        return Failure(CreateInDoubt.kind, taken_back)
    detail = Detail(
        "an earlier attempt had no answer; the further one came to nothing: {reason}",
        reason=titled_detail(failure),
    )
    return Failure(CreateInDoubt.kind, detail, failure.code)


def withdraw_approval(sql: sqlite3.Connection, task_id: int) -> None:
    """Require a new approval for the next attempt, within a transaction."""
    sql.execute(
        "UPDATE attempt SET approved = 0 WHERE task_id = ? AND outcome = 'in_doubt'", (task_id,)
    )


def set_failure(sql: sqlite3.Connection, task_id: int, failure: Failure | None) -> None:
    """Write why a task failed or waits, within a transaction."""
    values: tuple[Any, ...] = (None, None, None)
    if failure is not None:
        values = (failure.kind, write_detail(failure.detail), failure.code)
    sql.execute(
        "UPDATE task SET failure_kind = ?, failure_detail = ?, failure_code = ? WHERE id = ?",
        (*values, task_id),
    )
