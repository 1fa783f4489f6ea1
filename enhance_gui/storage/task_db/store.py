"""Opens the durable list of tasks: every step is one transaction that also writes its event.

One thread uses a store at a time (SQLite's own lock is not relied on for order). The methods of its
repositories return the task as it is after the step; all raise
:class:`~enhance_gui.core.errors.StorageError` for the disk's and the database's faults and
:class:`~enhance_gui.core.errors.TransitionRefused` for a step that the task's state, or the
database's triggers, do not allow.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from enhance_gui.storage.task_db.database import open_database
from enhance_gui.storage.task_db.list_file import ListFile
from enhance_gui.storage.task_db.recovery import Recovery, recover_rows, take_over
from enhance_gui.storage.task_db.repositories.accepted import AcceptedTasks, Deletions
from enhance_gui.storage.task_db.repositories.attempts import Attempts
from enhance_gui.storage.task_db.repositories.changes import WaitingChanges
from enhance_gui.storage.task_db.repositories.charges import Batches, Charges
from enhance_gui.storage.task_db.repositories.drafts import WaitingTasks
from enhance_gui.storage.task_db.repositories.hints import CallbackHints, StoredHint
from enhance_gui.storage.task_db.repositories.outputs import Output, Outputs
from enhance_gui.storage.task_db.repositories.queries import EarlierTasks, TaskLists
from enhance_gui.storage.task_db.repositories.services import Services
from enhance_gui.storage.task_db.task_database import TaskDatabase, moment
from enhance_gui.storage.task_db.transitions import TaskSteps

__all__ = ["Output", "Recovery", "StoredHint", "TaskStore"]
# The first three are what the store gives and takes.

_log = logging.getLogger(__name__)


class TaskStore:
    """Holds the open list of tasks: one database, and the repositories that read and write it."""

    def __init__(
        self, connection: sqlite3.Connection, wall: Callable[[], datetime], file: ListFile
    ) -> None:
        self._connection = connection
        self._file = file
        self._db = db = TaskDatabase(connection, wall)
        self._steps = steps = TaskSteps(db, file)
        self.recovery = Recovery()
        self.services = Services(db, steps)
        self.tasks = TaskLists(db, steps)
        self.earlier = EarlierTasks(db, steps)
        self.drafts = WaitingTasks(db, steps, self.earlier)
        self.changes = WaitingChanges(db, steps, self.earlier)
        self.batches = Batches(db, steps)
        self.charges = Charges(db, steps)
        self.attempts = Attempts(db, steps, self.charges)
        self.hints = CallbackHints(db, steps)
        self.accepted = AcceptedTasks(db, steps)
        self.outputs = Outputs(db, steps)
        self.deletions = Deletions(db, steps)

    @classmethod
    def open(
        cls, path: Path, wall: Callable[[], datetime], record: Path | None = None
    ) -> TaskStore:
        """Open the list to work in it, and recover what an earlier run left unfinished.

        The caller holds the instance lock. Nothing is sent: a request that was on its way becomes
        "in doubt", a download that was halfway becomes "finished". What waits in a list that was
        damaged, or is older than the last run, becomes a draft.

        :param record: file outside of the list that records how far it had come; it is written.
        :raises StorageError: see :func:`~enhance_gui.storage.task_db.database.open_database`.
        """
        opened = open_database(path, wall())
        try:
            salvaged = 0
            if opened.quarantined is not None:
                damaged = opened.quarantined / path.name
                salvaged = recover_rows(damaged, opened.connection, moment(wall()))
            store = cls(opened.connection, wall, ListFile(opened.connection, path, record))
            store.recovery = take_over(
                store._db, store._steps, store.attempts, store._file, opened.quarantined, salvaged
            )
        except BaseException:
            opened.connection.close()
            raise
        return store

    @property
    def is_in_place(self) -> bool:
        """Whether the open list is the one that the next start will find."""
        return self._file.is_in_place

    def close(self) -> None:
        try:
            if self._file.is_in_place:
                self._file.write_down()
            else:
                _log.error("the list of tasks was replaced or deleted; this run's steps are lost")
        finally:
            self._connection.close()
