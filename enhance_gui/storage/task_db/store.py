"""The durable list of tasks: every step is one transaction that also writes its event.

One thread uses a store at a time (SQLite's own lock is not relied on for order). All methods
return the task as it is after the step; all raise :class:`~enhance_gui.core.errors.StorageError`
for the disk's and the database's faults and
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
from enhance_gui.storage.task_db.repositories.accepted import AcceptedTasks
from enhance_gui.storage.task_db.repositories.attempts import Attempts
from enhance_gui.storage.task_db.repositories.batches import Batches
from enhance_gui.storage.task_db.repositories.charges import Charges
from enhance_gui.storage.task_db.repositories.deletions import Deletions
from enhance_gui.storage.task_db.repositories.drafts import WaitingTasks
from enhance_gui.storage.task_db.repositories.earlier_tasks import EarlierTasks
from enhance_gui.storage.task_db.repositories.hints import CallbackHints, StoredHint
from enhance_gui.storage.task_db.repositories.outputs import Output, Outputs
from enhance_gui.storage.task_db.repositories.queries import TaskLists
from enhance_gui.storage.task_db.repositories.recovery import Recovery, take_over
from enhance_gui.storage.task_db.repositories.services import Services
from enhance_gui.storage.task_db.salvage import recover_rows
from enhance_gui.storage.task_db.task_database import TaskDatabase, moment
from enhance_gui.storage.task_db.transitions import TaskSteps

__all__ = ["Output", "Recovery", "StoredHint", "TaskStore"]
# The first three are what the store gives and takes.

_log = logging.getLogger(__name__)


class TaskStore:
    """The list of tasks on disk: one database, and the parts that read and write it.

    What the parts can do is named here, so that whoever holds the store needs to know none of them.
    """

    def __init__(
        self, connection: sqlite3.Connection, wall: Callable[[], datetime], file: ListFile
    ) -> None:
        self._connection = connection
        self._file = file
        self._db = db = TaskDatabase(connection, wall)
        self._steps = steps = TaskSteps(db, file)
        self.task = db.task
        self.tasks_of = db.tasks_of
        self.recovery = Recovery()

        services = Services(db)
        self.remember_service = services.remember_service
        self.rename_service = services.rename_service
        self.service = services.service
        self.has_sent = services.has_sent
        self.namesakes = services.namesakes
        self.durations = services.durations

        lists = TaskLists(db)
        self.tasks = lists.tasks
        self.events = lists.events
        self.history = lists.history
        self.hide = lists.hide
        self.bring_back = lists.bring_back

        earlier = EarlierTasks(db)
        self.duplicates = earlier.duplicates
        self.saved_earlier = earlier.saved_earlier

        waiting = WaitingTasks(db, steps, earlier)
        self.add = waiting.add
        self.add_or_find = waiting.add_or_find
        self.save_in = waiting.save_in
        self.checked = waiting.checked
        self.copied = waiting.copied
        self.refuse = waiting.refuse
        self.wait = waiting.wait
        self.start = waiting.start
        self.start_unless_repeated = waiting.start_unless_repeated
        self.remove = waiting.remove

        charges = Charges(db)
        self.ledger = charges.ledger
        self.incomplete_before = charges.incomplete_before

        batches = Batches(db)
        self.begin_batch = batches.begin_batch
        self.join_batch = batches.join_batch
        self.allow_more = batches.allow_more
        self.hold = batches.hold
        self.let_go = batches.let_go
        self.is_paused = batches.is_paused
        self.set_paused = batches.set_paused

        self._attempts = attempts = Attempts(db, steps, charges)
        self.begin_attempt = attempts.begin_attempt
        self.reopen_attempt = attempts.reopen_attempt
        self.unsent = attempts.unsent
        self.held = attempts.held
        self.rejected = attempts.rejected
        self.in_doubt = attempts.in_doubt
        self.accepted = attempts.accepted
        self.send_again = attempts.send_again
        self.give_up = attempts.give_up
        self.retry = attempts.retry

        hints = CallbackHints(db, steps)
        self.task_of_private_id = hints.task_of_private_id
        self.note_callback = hints.note_callback
        self.callback_hints = hints.callback_hints
        self.forget_callback = hints.forget_callback
        self.adopt = hints.adopt

        accepted_tasks = AcceptedTasks(db, steps)
        self.finished = accepted_tasks.finished
        self.new_record = accepted_tasks.new_record
        self.failed = accepted_tasks.failed
        self.ask_again = accepted_tasks.ask_again

        outputs = Outputs(db, steps)
        self.begin_fetch = outputs.begin_fetch
        self.outputs = outputs.outputs
        self.is_claimed = outputs.is_claimed
        self.output_verified = outputs.output_verified
        self.output_placed = outputs.output_placed
        self.output_missing = outputs.output_missing
        self.put_off = outputs.put_off
        self.lose = outputs.lose
        self.saved = outputs.saved

        deletions = Deletions(db, steps)
        self.begin_cancel = deletions.begin_cancel
        self.cancelled = deletions.cancelled
        self.keep = deletions.keep
        self.want_deleted = deletions.want_deleted
        self.deletions_wanted = deletions.deletions_wanted
        self.deleted_on_service = deletions.deleted_on_service
        self.forget_deletion = deletions.forget_deletion

    @classmethod
    def open(
        cls, path: Path, wall: Callable[[], datetime], record: Path | None = None
    ) -> TaskStore:
        """Open the list to work in it, and put right what an earlier run left halfway.

        The caller holds the instance lock. Nothing is sent: a request that was on its way becomes
        "in doubt", a download that was halfway becomes "finished". What waits in a list that was
        damaged, or is older than the last run, becomes a draft.

        :param record: file outside of the list that tells how far it had come; it is written.
        :raises DatabaseTooNew: see :func:`~enhance_gui.storage.task_db.database.open_database`.
        """
        opened = open_database(path, wall())
        try:
            salvaged = 0
            if opened.set_aside is not None:
                damaged = opened.set_aside / path.name
                salvaged = recover_rows(damaged, opened.connection, moment(wall()))
            store = cls(opened.connection, wall, ListFile(opened.connection, path, record))
            store._take_over(opened.set_aside, salvaged)
        except BaseException:
            opened.connection.close()
            raise
        return store

    @property
    def is_in_place(self) -> bool:
        """Whether what is stored here is what the next start will find."""
        return self._file.is_in_place

    def close(self) -> None:
        try:
            if self._file.is_in_place:
                self._file.write_down()
            else:
                _log.error("the list of tasks was replaced or deleted; this run's steps are lost")
        finally:
            self._connection.close()

    def _take_over(self, set_aside: Path | None, salvaged: int) -> None:
        self.recovery = take_over(
            self._db, self._steps, self._attempts, self._file, set_aside, salvaged
        )
