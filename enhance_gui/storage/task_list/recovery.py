"""The start of a run: what an earlier one has left halfway is put right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from enhance_gui.core.tasks import Failure, Outcome, Step
from enhance_gui.storage.task_list.attempts import Attempts
from enhance_gui.storage.task_list.task_database import TaskDatabase
from enhance_gui.storage.task_list.task_steps import TaskSteps, set_failure


@dataclass(frozen=True, slots=True)
class Recovery:
    """What the start found of an earlier run."""

    in_doubt: int = 0
    """Tasks whose request was on its way when the program ended."""
    interrupted: int = 0
    """Downloads that will be done again."""
    set_aside: Path | None = None
    """Folder of a damaged database."""
    salvaged: int = 0
    """Tasks read out of it."""


def take_over(
    db: TaskDatabase, steps: TaskSteps, attempts: Attempts, set_aside: Path | None, salvaged: int
) -> Recovery:
    """Become the owner of the list, and re-interpret what an earlier run left halfway."""
    with db.transaction() as sql:
        steps.own(sql)
        sending = db.tasks_from(sql.execute("SELECT * FROM task WHERE state = 'sending'"))
        for task in sending:
            attempts.settle(sql, task.id, Outcome.IN_DOUBT)
            steps.walk(sql, task, Step.DOUBT, "found at start")
            set_failure(
                sql,
                task.id,
                Failure("in_doubt", "the program ended while the request was on its way"),
            )
        fetching = db.tasks_from(sql.execute("SELECT * FROM task WHERE state = 'fetching'"))
        for task in fetching:
            steps.walk(sql, task, Step.PUT_OFF, "found at start")
    return Recovery(len(sending), len(fetching), set_aside, salvaged)
