"""Stores attempts: each one paid request of a task, durable before it leaves."""

from __future__ import annotations

import sqlite3

from enhance_gui.core.storage_errors import TypeChanged
from enhance_gui.core.tasks.spending import SpendingLimits
from enhance_gui.core.tasks.states import Outcome, Step
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.storage.task_db.repositories.charges import Charges
from enhance_gui.storage.task_db.repositories.services import ADDRESS
from enhance_gui.storage.task_db.schema import ENDED_STATES, LAST_RANK
from enhance_gui.storage.task_db.task_database import TaskDatabase
from enhance_gui.storage.task_db.transitions import (
    TaskSteps,
    still_in_doubt,
    withdraw_approval,
)


class Attempts:
    """Opens attempts, settles them, and records the user's approval of further ones."""

    def __init__(self, db: TaskDatabase, steps: TaskSteps, charges: Charges) -> None:
        self._db = db
        self._steps = steps
        self._charges = charges

    def begin(
        self,
        task_id: int,
        private_id: str,
        request_sha256: str,
        *,
        cost: float = 0,
        limits: SpendingLimits | None = None,
        type_id: int | None = None,
    ) -> Task:
        """Make the intent durable: to be called before the first byte of createtask leaves.

        :param cost: credits that the attempt may cost, as far as is known now; what was known when
            the task was asked for counts where it is more.
        :param limits: what it must not exceed; checked in the same transaction.
        :param type_id: the enhance type that the request names; ``None``: that of the task.
        :raises SpendingLimitReached: it would, or its cost is not known.
        :raises TypeChanged: the user has chosen another type meanwhile.
        :raises TransitionRefused: also where another program has taken the list over since.
        """
        with self._steps.taking(
            task_id, Step.SEND, "sent", only_owner=True, detail=private_id
        ) as sql:
            if type_id not in (None, self._db.task(task_id).type_id):
                raise TypeChanged("task {number} has another type by now", number=task_id)
            if limits is not None:
                self._charges.refuse_beyond(limits, task_id, cost)
            sql.execute(
                "INSERT INTO attempt (task_id, number, service, private_id, request_sha256, "  # noqa: S608
                "outcome, cost, opened_at, batch, base_url) "
                "SELECT id, 1 + (SELECT count(*) FROM attempt WHERE task_id = task.id), "
                "service, ?, ?, 'open', max(?, known_cost), ?, batch, "
                f"{ADDRESS.format(service='task.service')} FROM task WHERE id = ?",
                (private_id, request_sha256, cost, self._db.now(), task_id),
            )
        return self._db.task(task_id)

    def reopen(self, task_id: int) -> Task:
        """Make durable that the attempt in doubt is sent once more with its own private id.

        Only for a service to which an equal private id is the same task.
        """
        with self._steps.taking(
            task_id, Step.SEND_SAME, "sent again, same id", only_owner=True
        ) as sql:
            sql.execute(
                "UPDATE attempt SET outcome = 'open', settled_at = NULL WHERE private_id = ?",
                (self._db.task(task_id).private_id,),
            )
        return self._db.task(task_id)

    def unsent(self, task_id: int, failure: Failure) -> Task:
        return self._settled(task_id, Step.UNSENT, Outcome.UNSENT, failure)

    def held(self, task_id: int, failure: Failure) -> Task:
        return self._settled(task_id, Step.HOLD, Outcome.REJECTED, failure)

    def rejected(self, task_id: int, failure: Failure) -> Task:
        """Record that the service refused the picture; an earlier attempt stays in doubt."""
        if self._db.task(task_id).doubtful is None:
            return self._settled(task_id, Step.REJECT, Outcome.REJECTED, failure)
        doubt = still_in_doubt(failure)
        with self._steps.taking(task_id, Step.DOUBT, failure.kind, doubt) as sql:
            self.settle(sql, task_id, Outcome.REJECTED)
            withdraw_approval(sql, task_id)
        return self._db.task(task_id)

    def in_doubt(self, task_id: int, failure: Failure) -> Task:
        return self._settled(task_id, Step.DOUBT, Outcome.IN_DOUBT, failure)

    def accepted(self, task_id: int, service_task_id: str) -> Task:
        """Record the service's task id.

        :raises TransitionRefused: another task that has not ended has this id.
        """
        with self._steps.taking(
            task_id, Step.ACCEPT, "accepted", None, detail=service_task_id
        ) as sql:
            private_id = self._db.task(task_id).private_id or ""
            part_from_earlier(sql, private_id, service_task_id)
            self.settle(sql, task_id, Outcome.ACCEPTED, service_task_id)
            sql.execute("UPDATE task SET accepted_at = ? WHERE id = ?", (self._db.now(), task_id))
        return self._db.task(task_id)

    def send_again(self, task_id: int) -> Task:
        """Approve another attempt for the user, who knows that it may cost twice."""
        with self._steps.taking(task_id, Step.SEND_AGAIN, "approved by the user", None) as sql:
            _approve(sql, task_id)
        return self._db.task(task_id)

    def give_up(self, task_id: int) -> Task:
        return self._steps.take(task_id, Step.GIVE_UP, "given up by the user")

    def retry(self, task_id: int) -> Task:
        """Queue a new attempt of an ended task for the user, who knows that it costs again."""
        with self._steps.taking(task_id, Step.RETRY, "approved by the user", None) as sql:
            _approve(sql, task_id)
            sql.execute("DELETE FROM output WHERE task_id = ?", (task_id,))
            sql.execute(
                "UPDATE task SET record = NULL, accepted_at = NULL, finished_at = NULL "
                "WHERE id = ?",
                (task_id,),
            )
        return self._db.task(task_id)

    def settle(
        self,
        sql: sqlite3.Connection,
        task_id: int,
        outcome: Outcome,
        service_task_id: str | None = None,
    ) -> None:
        """Set the outcome of the attempt that is under way."""
        sql.execute(
            "UPDATE attempt SET outcome = ?, service_task_id = ?, settled_at = ? "
            "WHERE task_id = ? AND outcome = 'open'",
            (outcome.value, service_task_id, self._db.now(), task_id),
        )

    def _settled(self, task_id: int, step: Step, outcome: Outcome, failure: Failure) -> Task:
        with self._steps.taking(task_id, step, failure.kind, failure) as sql:
            self.settle(sql, task_id, outcome)
        return self._db.task(task_id)


def _approve(sql: sqlite3.Connection, task_id: int) -> None:
    """Approve a further attempt, within a transaction; it comes after what waits by now."""
    # Of equal rank it would come first, as the older one.
    sql.execute(f"UPDATE task SET rank = {LAST_RANK} + 1 WHERE id = ?", (task_id,))  # noqa: S608
    sql.execute("UPDATE attempt SET approved = 1 WHERE task_id = ?", (task_id,))


def part_from_earlier(sql: sqlite3.Connection, private_id: str, service_task_id: str) -> None:
    """Detach the service's id of a new attempt from ended tasks that had the same one.

    A service that has lost its data counts anew at the same address, and what it has just accepted
    is paid. Its earlier record is out of reach, as if the service had moved: from now on that
    attempt's address is one that the service never has.

    :param private_id: of the attempt that gets the id.
    """
    sql.execute(
        "UPDATE attempt SET base_url = base_url || '#' || private_id "  # noqa: S608
        "WHERE service_task_id = :service_task_id AND private_id IS NOT :private_id "
        "AND base_url IS NOT '' AND (service, base_url) = "
        "(SELECT service, base_url FROM attempt WHERE private_id = :private_id) "
        "AND (task_id = (SELECT task_id FROM attempt WHERE private_id = :private_id) OR task_id IN "
        f"(SELECT id FROM task WHERE state IN ({ENDED_STATES})))",
        {"private_id": private_id, "service_task_id": service_task_id},
    )
