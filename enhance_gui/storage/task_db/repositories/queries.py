"""Queries tasks, their logs and their duplicates; hides ended ones from the user's list.

Duplicates are earlier tasks for the same picture, looked for so that none is paid for twice. Asked
of attempts, not of how a task has ended, and of the address of the service, not of its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from enhance_gui.core.images.addresses import same_spelling
from enhance_gui.core.images.inputs.source import is_web
from enhance_gui.core.storage_errors import TASK_RECOVERED
from enhance_gui.core.tasks.states import ENDED, TaskState
from enhance_gui.core.tasks.task import NewTask, Task, TaskEvent
from enhance_gui.storage.task_db import rows
from enhance_gui.storage.task_db.repositories.services import ADDRESS
from enhance_gui.storage.task_db.schema import CHARGED_OUTCOMES, ENDED_STATES, listed
from enhance_gui.storage.task_db.transitions import Repository

_CHARGED: Final = (
    "EXISTS (SELECT 1 FROM attempt WHERE task_id = task.id "  # noqa: S608  from the enum alone
    f"AND outcome IN ({CHARGED_OUTCOMES}))"
)
_RECOVERED: Final = f"failure_kind IS '{TASK_RECOVERED}'"
"""What waited in a list that cannot be relied on may have been sent since."""

_SAME_PLACE: Final = """(
    service = :service OR :address <> '' AND (
        service IN (SELECT name FROM service WHERE json_valid(profile)
            AND same_spelling(coalesce(json_extract(profile, '$.base_url'), '')) = :address)
        OR EXISTS (SELECT 1 FROM attempt WHERE task_id = task.id
            AND (base_url = '' OR substr(same_spelling(base_url) || '#', 1, 1 + length(:address))
                = :address || '#'))))"""
"""Whether a task went where a service is now, under whatever name. An address with a mark after it
is that of a service which has lost its data since: what it charged, it has charged all the same.
An attempt of which a damaged list has lost where it went may have gone there."""

_SAME_PICTURE: Final = """(
    type_id = :type_id
    AND (input IN (:input, :location) OR location IN (:input, :location)
        OR input_sha256 = :sha256))"""


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


@dataclass(frozen=True, slots=True)
class Earlier:
    """A task for the same picture, enhance type and place as another order."""

    id: int
    state: TaskState


class EarlierTasks(Repository):
    """Finds tasks for the same picture, enhance type and address of a service."""

    def of_order(self, new: NewTask) -> list[Earlier]:
        """Return the tasks that an order duplicates, oldest first: alive, or possibly charged.

        A file of this computer may be another picture by now: what has ended counts only where the
        content is the same, or was saved, which is for the caller to compare. A draft counts where
        it was recovered, or an attempt of it may have been charged.
        """
        found = self._db.all(
            "SELECT id, state FROM task "  # noqa: S608
            f"WHERE {_SAME_PICTURE} AND {_SAME_PLACE} "
            f"AND (state <> 'draft' OR {_RECOVERED} OR {_CHARGED}) AND CASE "
            "WHEN :is_file AND (:sha256 IS NULL OR input_sha256 IS NOT :sha256) "
            f"THEN input = :input AND (state NOT IN ({ENDED_STATES}) OR state = 'saved') "
            f"ELSE state NOT IN ({ENDED_STATES}) OR {_CHARGED} END ORDER BY id",
            **self._values(new, None, new.sha256 or None),
        )
        return [Earlier(row["id"], TaskState(row["state"])) for row in found]

    def duplicates(self, task: Task) -> list[Task]:
        """Return the other tasks for the picture of a draft that speak against sending it.

        Those that may have been charged, and those that are alive: of drafts only earlier ones, so
        that of two that are given together the first stands.
        """
        found = self._db.all(
            f"SELECT id FROM task WHERE {_SAME_PICTURE} AND {_SAME_PLACE} AND id <> :task_id "  # noqa: S608
            f"AND ({_CHARGED} OR state NOT IN ({ENDED_STATES}) "
            "AND (id < :task_id OR state <> 'draft')) "
            "AND NOT (:is_file AND input_sha256 IS NOT NULL AND input_sha256 IS NOT :sha256)",
            task_id=task.id,
            **self._values(
                task, task.checked.location if task.checked else None, task.input_sha256
            ),
        )
        return self._db.tasks_of(row["id"] for row in found)

    def leads_to(self, task: Task, location: str) -> bool:
        """Return whether the final address of a task is that of another task's picture.

        One that may have been charged and has brought nothing, or that is under way: of those that
        wait, the first one whose picture was checked. Tasks that were given the same address
        are none that the check has found: they were asked about when this one was added.
        """
        if not is_web(task.input):
            return False
        found = self._db.one(
            f"SELECT 1 FROM task WHERE {_SAME_PICTURE} AND {_SAME_PLACE} AND input <> :input "  # noqa: S608
            f"AND state <> 'saved' AND ({_CHARGED} OR state = 'draft' AND {_RECOVERED} "
            f"OR state NOT IN ('draft', {ENDED_STATES}) AND location IS NOT NULL) LIMIT 1",
            **self._values(task, location, None),
        )
        return found is not None

    def saved(self, new: Iterable[NewTask]) -> list[Task]:
        """Return the last saved task that each order duplicates, where there is one."""
        wanted: set[int] = set()
        for each in new:
            found = [one.id for one in self.of_order(each) if one.state is TaskState.SAVED]
            wanted.update(found[-1:])
        return self._db.tasks_of(wanted)

    def _values(
        self, of: NewTask | Task, location: str | None, sha256: str | None
    ) -> dict[str, object]:
        """Return what the conditions above ask about a picture and where it goes."""
        return {
            "type_id": of.type_id,
            "input": of.input,
            "location": location,
            "sha256": sha256,
            "service": of.service,
            "address": self._address(of.service),
            # Not one whose address refuses the program, in whose place a file is sent: it is the
            # picture of its address.
            "is_file": not is_web(location or of.input),
        }

    def _address(self, service: str) -> str:
        row = self._db.one(f"SELECT {ADDRESS.format(service='?')} AS place", service)
        return "" if row is None else same_spelling(str(row["place"]))
