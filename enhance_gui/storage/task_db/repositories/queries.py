"""Queries tasks and their logs, and hides ended ones from the user's list."""

from __future__ import annotations

import json
from collections.abc import Iterable

from enhance_gui.core.tasks.states import ENDED, TaskState
from enhance_gui.core.tasks.task import Task, TaskEvent
from enhance_gui.storage.task_db import rows
from enhance_gui.storage.task_db.schema import ENDED_STATES, listed
from enhance_gui.storage.task_db.transitions import Repository


class TaskLists(Repository):
    """Finds tasks, and takes ended ones from the user's list."""

    def get(self, task_id: int) -> Task:
        """:raises TransitionRefused: there is none of this number."""
        return self._db.task(task_id)

    def of(self, task_ids: Iterable[int]) -> list[Task]:
        """Return the tasks of these numbers, in the order in which they were added."""
        return self._db.tasks_of(task_ids)

    def in_states(self, states: Iterable[TaskState], service: str | None = None) -> list[Task]:
        """Return the tasks in any of the states, in the order in which they were added."""
        sql = (
            f"SELECT * FROM task WHERE state IN ({listed(states)}) "  # noqa: S608
            "AND service = coalesce(?, service) ORDER BY id"
        )
        return self._db.tasks_from(self._db.all(sql, service))

    def events(self, task_id: int) -> list[TaskEvent]:
        """Return a task's log, oldest first."""
        return [
            rows.event(row)
            for row in self._db.all("SELECT * FROM event WHERE task_id = ? ORDER BY id", task_id)
        ]

    def history(self) -> list[Task]:
        """Return the ended tasks that the user has not taken from the list, oldest first."""
        sql = (
            f"SELECT * FROM task WHERE state IN ({ENDED_STATES}) "  # noqa: S608
            "AND hidden_at IS NULL ORDER BY id"
        )
        return self._db.tasks_from(self._db.all(sql))

    def hide(self, task_ids: Iterable[int]) -> list[Task]:
        """Hide ended tasks from the user's list; they, and what they cost, stay stored.

        :returns: those that are hidden by now; one that has gone on meanwhile is not among them.
        """
        ended = [task for task in self._db.tasks_of(task_ids) if task.state in ENDED]
        return self._set_hidden(ended, self._db.now(), "hide")

    def bring_back(self, task_ids: Iterable[int]) -> list[Task]:
        """Bring hidden tasks back into the user's list; return them."""
        return self._set_hidden(self._db.tasks_of(task_ids), None, "bring_back")

    def _set_hidden(self, tasks: list[Task], hidden_at: str | None, word: str) -> list[Task]:
        with self._db.transaction() as sql:
            sql.execute(
                "UPDATE task SET hidden_at = ? WHERE id IN (SELECT value FROM json_each(?))",
                (hidden_at, json.dumps([task.id for task in tasks])),
            )
            for task in tasks:
                self._db.log(sql, task.id, word, task.state, task.state, "wish of the user")
        return tasks
