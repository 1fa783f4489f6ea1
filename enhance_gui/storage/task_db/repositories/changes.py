"""Changes what waits to be sent: its enhance type, and its place among the others."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from enhance_gui.core.services.enhance_types import EnhanceType, colourises
from enhance_gui.core.tasks.spending import is_held
from enhance_gui.core.tasks.states import NOT_SENT, Step, TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.storage.task_db.repositories.queries import EarlierTasks
from enhance_gui.storage.task_db.schema import WAITS
from enhance_gui.storage.task_db.task_database import TaskDatabase
from enhance_gui.storage.task_db.transitions import TaskSteps, set_failure


class WaitingChanges:
    """Carries out what the user changes of tasks before they are sent."""

    def __init__(self, db: TaskDatabase, steps: TaskSteps, earlier: EarlierTasks) -> None:
        self._db = db
        self._steps = steps
        self._earlier = earlier

    def set_type(self, task_ids: Iterable[int], kind: EnhanceType) -> list[Task]:
        """Give waiting tasks another enhance type of their service, with its price.

        One transaction: of this and the step that sends a task one comes first. What may have been
        sent keeps its type. A task that was started, and against which something may speak with
        the new type, is a draft again, so that the user is asked.

        :returns: those that have been changed.
        """
        with self._db.transaction() as sql:
            tasks = self._db.tasks_of(task_ids)
            changed = [each for each in tasks if each.can_change_type and each.type_id != kind.id]
            for task in changed:
                self._set_type(sql, task, kind)
        return self._db.tasks_of(task.id for task in changed)

    def _set_type(self, sql: sqlite3.Connection, task: Task, kind: EnhanceType) -> None:
        sql.execute(
            "UPDATE task SET type_id = ?, type_name = ?, known_cost = ? WHERE id = ?",
            (kind.id, kind.name, kind.cost, task.id),
        )
        types = f"{task.type_name} → {kind.name}"
        self._db.log(sql, task.id, "set_type", task.state, task.state, "wish of the user", types)
        if is_held(task):
            set_failure(sql, task.id, None)  # by the price of the earlier type
        now = self._db.task(task.id)
        is_asked = colourises(kind.name) or self._earlier.duplicates(now)
        if now.state is TaskState.QUEUED and is_asked:
            self._steps.walk(sql, now, Step.REVIEW, "another enhance type")

    def move(self, task_ids: Iterable[int], *, to_front: bool) -> list[Task]:
        """Have waiting tasks sent before all others of their service, or after them.

        Among each other they keep their order.

        :returns: those that wait.
        """
        with self._db.transaction() as sql:
            waiting = [each for each in self._db.tasks_of(task_ids) if each.state in NOT_SENT]
            for service in {task.service for task in waiting}:
                own = [task for task in waiting if task.service == service]
                self._move(sql, service, own, to_front=to_front)
        return self._db.tasks_of(task.id for task in waiting)

    def _move(
        self, sql: sqlite3.Connection, service: str, tasks: list[Task], *, to_front: bool
    ) -> None:
        first, last = sql.execute(
            f"SELECT min(rank), max(rank) FROM task WHERE service = ? AND {WAITS}",  # noqa: S608
            (service,),
        ).fetchone()
        begin = first - len(tasks) if to_front else last + 1
        ordered = sorted(tasks, key=lambda task: (task.rank, task.id))
        sql.executemany(
            "UPDATE task SET rank = ? WHERE id = ?",
            [(rank, task.id) for rank, task in enumerate(ordered, start=begin)],
        )
