"""Recovers, at the start of a run, what an earlier one has left unfinished."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from enhance_gui.core.service_errors import CreateInDoubt
from enhance_gui.core.tasks.states import Outcome, Step, TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.i18n import mark
from enhance_gui.storage.task_db.list_file import ListFile, Progress
from enhance_gui.storage.task_db.repositories.attempts import Attempts
from enhance_gui.storage.task_db.salvage import hold_back
from enhance_gui.storage.task_db.task_database import LIST_ITSELF, TaskDatabase
from enhance_gui.storage.task_db.transitions import TaskSteps, set_failure

_ENDED: Final = mark("the program ended while the request was on its way")


@dataclass(frozen=True, slots=True)
class Recovery:
    """What recovery found of an earlier run."""

    in_doubt: int = 0
    """Tasks whose request was on its way when the program ended."""
    interrupted: int = 0
    """Downloads that will be done again."""
    set_aside: Path | None = None
    """Folder of a damaged database."""
    salvaged: int = 0
    """Tasks read out of it."""
    is_older: bool = False
    """Whether the list is a copy from before the last run."""
    missing_attempts: int = 0
    """Requests of earlier runs that an empty new list does not know: the old one is gone."""

    @property
    def is_incomplete(self) -> bool:
        """Whether the list may lack requests that were charged."""
        return self.set_aside is not None or self.is_older or self.missing_attempts > 0


def take_over(
    db: TaskDatabase,
    steps: TaskSteps,
    attempts: Attempts,
    file: ListFile,
    set_aside: Path | None,
    salvaged: int,
) -> Recovery:
    """Take the list over for this run, and re-interpret what an earlier one left unfinished."""
    there, recorded = file.progress(), file.recorded()
    is_new = there == Progress(0, 0)
    is_behind = recorded is not None and set_aside is None and there.is_before(recorded)
    with db.transaction() as sql:
        # In one transaction with what makes it harmless: from here on it counts as new.
        steps.own(sql, 1 + max(there.epoch, recorded.epoch if recorded is not None else 0))
        sending = db.tasks_from(sql.execute("SELECT * FROM task WHERE state = 'sending'"))
        for task in sending:
            attempts.settle(sql, task.id, Outcome.IN_DOUBT)
            steps.walk(sql, task, Step.DOUBT, "found at start")
            set_failure(sql, task.id, Failure(CreateInDoubt.kind, _ENDED))
        fetching = db.tasks_from(sql.execute("SELECT * FROM task WHERE state = 'fetching'"))
        for task in fetching:
            steps.walk(sql, task, Step.PUT_OFF, "found at start")
        recovery = Recovery(
            in_doubt=len(sending),
            interrupted=len(fetching),
            set_aside=set_aside,
            salvaged=salvaged,
            is_older=is_behind and not is_new,
            missing_attempts=recorded.attempts if is_behind and is_new and recorded else 0,
        )
        if recovery.is_incomplete:
            _hold_back(db, sql, recovery)
    file.write_down()
    return recovery


def _hold_back(db: TaskDatabase, sql: sqlite3.Connection, recovery: Recovery) -> None:
    """Send nothing unseen, and record for good that the sums are a lower bound."""
    hold_back(sql)
    cause = "damaged" if recovery.set_aside else "older" if recovery.is_older else "missing"
    db.log(sql, LIST_ITSELF, "list", None, TaskState.DRAFT, cause)
