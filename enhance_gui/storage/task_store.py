"""The durable list of tasks: every step is one transaction that also writes its event.

One thread uses a store at a time (SQLite's own lock is not relied on for order). All methods
return the task as it is after the step; all raise :class:`~enhance_gui.core.errors.StorageError`
for the disk's and the database's faults and
:class:`~enhance_gui.core.errors.TransitionRefused` for a step that the task's state, or the
database's triggers, do not allow.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from enhance_gui.core.durations import DurationSample
from enhance_gui.core.errors import SpendingLimitReached, TransitionRefused
from enhance_gui.core.pictures import CheckedPicture
from enhance_gui.core.profiles import (
    BUNDLED_SERVICE_NAME,
    ServiceProfile,
    profile_from_mapping,
    profile_to_mapping,
)
from enhance_gui.core.spending import (
    DayLimit,
    LedgerEntry,
    SpendingLimit,
    goes_beyond,
    shown,
)
from enhance_gui.core.tasks import (
    CHARGE_POSSIBLE,
    ENDED,
    Failure,
    NewTask,
    Outcome,
    Step,
    Task,
    TaskEvent,
    TaskState,
)
from enhance_gui.storage import rows
from enhance_gui.storage.database import foreign_errors, open_database
from enhance_gui.storage.salvage import salvage

_CHARGE_POSSIBLE = ", ".join(sorted(f"'{outcome.value}'" for outcome in CHARGE_POSSIBLE))

_HINTS_KEPT = 8
"""Different task ids that callbacks may name for one attempt; one of them can be true."""

_DURATIONS_KEPT = 2000
"""Finished tasks per service whose durations the poller learns from."""


@dataclass(frozen=True, slots=True)
class Output:
    """One file of a task's result, on its way to its place."""

    number: int
    """0 for the main result; then faces or variants."""
    part: Path
    """Where it grows."""
    final: Path
    """Its name when it is whole."""
    sha256: str | None = None
    """Set once the part is whole, verified and on disk."""
    picture: CheckedPicture | None = None
    """What was verified."""
    placed: bool = False
    """Whether it is under its final name."""


@dataclass(frozen=True, slots=True)
class StoredHint:
    """A callback that a stored attempt was told of."""

    task_id: int
    """This program's number of the task."""
    service_task_id: str
    private_id: str
    outcome: Outcome
    """What is known of the attempt without the callback."""


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


class TaskStore:
    """The list of tasks on disk."""

    def __init__(
        self, connection: sqlite3.Connection, wall: Callable[[], datetime], recovery: Recovery
    ) -> None:
        self._connection = connection
        self._wall = wall
        self._epoch = 0
        self.recovery = recovery

    @classmethod
    def open(cls, path: Path, wall: Callable[[], datetime]) -> TaskStore:
        """Open the list to work in it, and put right what an earlier run left halfway.

        The caller holds the instance lock. Nothing is sent: a request that was on its way becomes
        "in doubt", a download that was halfway becomes "finished".

        :raises DatabaseTooNew: see :func:`~enhance_gui.storage.database.open_database`.
        """
        opened = open_database(path, wall())
        store = cls(opened.connection, wall, Recovery(set_aside=opened.set_aside))
        try:
            salvaged = 0
            if opened.set_aside is not None:
                salvaged = salvage(opened.set_aside / path.name, opened.connection)
            store._take_over(opened.set_aside, salvaged)
        except BaseException:
            opened.connection.close()
            raise
        return store

    def close(self) -> None:
        self._connection.close()

    # -- services ---------------------------------------------------------------------------------

    def remember_service(self, profile: ServiceProfile) -> None:
        """Keep the profile, so that stored tasks can be resumed without its file."""
        text = json.dumps(profile_to_mapping(profile), ensure_ascii=False)
        with self._transaction() as sql:
            sql.execute(
                "INSERT INTO service (name, profile) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET profile = excluded.profile",
                (profile.name, text),
            )

    def service(self, name: str) -> ServiceProfile | None:
        """Return the kept profile."""
        row = self._one("SELECT profile FROM service WHERE name = ?", name)
        return None if row is None else profile_from_mapping(json.loads(row["profile"]), name)

    def has_sent(self, service: str) -> bool:
        """Tell whether a service may have tasks of ours whose results are still to come."""
        row = self._one(
            "SELECT 1 FROM task JOIN attempt ON attempt.task_id = task.id WHERE task.service = ? "
            "AND state NOT IN ('draft', 'saved', 'failed', 'cancelled', 'written_off') LIMIT 1",
            service,
        )
        return row is not None

    # -- reading ----------------------------------------------------------------------------------

    def task(self, task_id: int) -> Task:
        row = self._one("SELECT * FROM task WHERE id = ?", task_id)
        if row is None:
            raise TransitionRefused(f"there is no task {task_id}")
        return self._tasks([row])[0]

    def tasks(self, states: Iterable[TaskState], service: str | None = None) -> list[Task]:
        """Return the tasks in any of the states, in the order in which they were added."""
        wanted = [state.value for state in states]
        marks = ", ".join("?" * len(wanted))
        sql = f"SELECT * FROM task WHERE state IN ({marks})"  # noqa: S608  only question marks
        if service is not None:
            sql += " AND service = ?"
            wanted.append(service)
        return self._tasks(self._all(sql + " ORDER BY id", *wanted))

    def tasks_of(self, task_ids: Iterable[int]) -> list[Task]:
        """Return the tasks of these numbers, in the order in which they were added."""
        wanted = json.dumps(list(task_ids))
        sql = "SELECT * FROM task WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
        return self._tasks(self._all(sql, wanted))

    def twins(self, task: Task) -> list[Task]:
        """Return earlier tasks for the same picture and type that were not refused or cancelled."""
        return self._tasks(
            self._all(
                "SELECT * FROM task WHERE id < ? AND service = ? AND type_id = ? "
                "AND state NOT IN ('failed', 'cancelled', 'written_off') "
                "AND (input = ? OR location = ? OR input_sha256 = ?) ORDER BY id",
                task.id,
                task.service,
                task.type_id,
                task.input,
                task.checked.location if task.checked else None,
                task.input_sha256,
            )
        )

    def outputs(self, task_id: int) -> list[Output]:
        """Return the files of a task, the main result first."""
        return [
            _output(row)
            for row in self._all("SELECT * FROM output WHERE task_id = ? ORDER BY number", task_id)
        ]

    def durations(self, service: str) -> list[DurationSample]:
        """Return what was learned of a service's durations, oldest first."""
        return [
            DurationSample(row["type_id"], row["megapixels"], row["after_s"], row["by_s"])
            for row in self._all(
                "SELECT * FROM (SELECT * FROM duration WHERE service = ? ORDER BY id DESC LIMIT ?) "
                "ORDER BY id",
                service,
                _DURATIONS_KEPT,
            )
        ]

    def events(self, task_id: int) -> list[TaskEvent]:
        """Return a task's log, oldest first."""
        return [
            rows.event(row)
            for row in self._all("SELECT * FROM event WHERE task_id = ? ORDER BY id", task_id)
        ]

    # -- history ----------------------------------------------------------------------------------

    def history(self) -> list[Task]:
        """Return the ended tasks that the user has not taken from the list, oldest first."""
        ended = json.dumps([state.value for state in ENDED])
        sql = (
            "SELECT * FROM task WHERE state IN (SELECT value FROM json_each(?)) "
            "AND hidden_at IS NULL ORDER BY id"
        )
        return self._tasks(self._all(sql, ended))

    def hide(self, task_ids: Iterable[int]) -> list[Task]:
        """The user takes ended tasks from the list; they, and what they cost, stay stored.

        :returns: those that are hidden by now; one that has gone on meanwhile is not among them.
        """
        ended = {task.id: task for task in self.tasks_of(task_ids) if task.state in ENDED}
        with self._transaction() as sql:
            sql.execute(
                "UPDATE task SET hidden_at = ? WHERE id IN (SELECT value FROM json_each(?))",
                (self._now(), json.dumps(list(ended))),
            )
            for task in ended.values():
                self._log(sql, task.id, "hide", task.state, task.state, "wish of the user")
        return list(ended.values())

    def bring_back(self, task_ids: Iterable[int]) -> list[Task]:
        """The user wants hidden tasks back in the list; return them."""
        wanted = self.tasks_of(task_ids)
        with self._transaction() as sql:
            sql.execute(
                "UPDATE task SET hidden_at = NULL WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps([task.id for task in wanted]),),
            )
            for task in wanted:
                self._log(sql, task.id, "bring_back", task.state, task.state, "wish of the user")
        return wanted

    # -- before sending ---------------------------------------------------------------------------

    def add(self, new: Sequence[NewTask], *, draft: bool = False) -> list[Task]:
        """Add tasks, all or none; their services must be remembered."""
        state = TaskState.DRAFT if draft else TaskState.QUEUED
        with self._transaction() as sql:
            ids = [self._insert(sql, each, state) for each in new]
        return self.tasks_of(ids)

    def add_or_find(self, new: Sequence[NewTask]) -> list[Task]:
        """Add tasks, all or none; one that is stored already and has not ended is found instead.

        In one transaction, so that two who ask for the same at once get the same task: a command
        that is typed again after a crash, or twice at once, is not paid for twice. A task whose
        result is not being fetched yet takes over the new save folder.

        :returns: a task for each, in order.
        """
        with self._transaction() as sql:
            ids = [
                self._found(sql, each) or self._insert(sql, each, TaskState.QUEUED) for each in new
            ]
        tasks = {task.id: task for task in self.tasks_of(ids)}
        return [tasks[each] for each in ids]

    def _found(self, sql: sqlite3.Connection, new: NewTask) -> int | None:
        row = sql.execute(
            "SELECT id FROM task WHERE input = ? AND service = ? AND type_id = ? "
            "AND state NOT IN ('draft', 'saved', 'failed', 'cancelled', 'written_off') "
            "ORDER BY id LIMIT 1",
            (new.input, new.service, new.type_id),
        ).fetchone()
        if row is None:
            return None
        sql.execute(
            "UPDATE task SET save_folder = ? WHERE id = ? AND state <> 'fetching' "
            "AND NOT EXISTS (SELECT 1 FROM output WHERE task_id = task.id AND placed)",
            (str(new.save_folder), row["id"]),
        )
        return int(row["id"])

    def _insert(self, sql: sqlite3.Connection, new: NewTask, state: TaskState) -> int:
        cursor = sql.execute(
            "INSERT INTO task (input, service, type_id, type_name, save_folder, state, "
            "created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                new.input,
                new.service,
                new.type_id,
                new.type_name,
                str(new.save_folder),
                state.value,
                self._now(),
            ),
        )
        task_id = int(cursor.lastrowid or 0)
        self._log(sql, task_id, "add", None, state, "added")
        return task_id

    def start(self, task_id: int) -> Task:
        return self._step(task_id, Step.START, "started by the user")

    def remove(self, task_id: int) -> Task:
        return self._step(task_id, Step.REMOVE, "taken back by the user")

    def checked(self, task_id: int, picture: CheckedPicture, input_sha256: str | None) -> Task:
        """Record what preflight found."""
        with self._transaction() as sql:
            sql.execute(
                "UPDATE task SET location = ?, format = ?, width_px = ?, height_px = ?, "
                "size_bytes = ?, input_sha256 = coalesce(?, input_sha256) WHERE id = ?",
                (
                    picture.location,
                    picture.header.format,
                    picture.header.width_px,
                    picture.header.height_px,
                    picture.size_bytes,
                    input_sha256,
                    task_id,
                ),
            )
            state = TaskState(
                sql.execute("SELECT state FROM task WHERE id = ?", (task_id,)).fetchone()[0]
            )
            self._log(sql, task_id, "check", state, state, "checked", _shown_picture(picture))
        return self.task(task_id)

    def copied(self, task_id: int, copy: Path, sha256: str, size_bytes: int) -> Task:
        """Record where the picture that went in has been kept, and what it is exactly."""
        with self._transaction() as sql:
            sql.execute(
                "UPDATE task SET input_copy = ?, input_sha256 = ?, size_bytes = ? WHERE id = ?",
                (str(copy), sha256, size_bytes, task_id),
            )
        return self.task(task_id)

    def refuse(self, task_id: int, failure: Failure) -> Task:
        return self._step(task_id, Step.REFUSE, failure.kind, failure=failure)

    def wait(self, task_id: int, failure: Failure | None) -> Task:
        """Record why a task stays where it is for now."""
        with self._transaction() as sql:
            _set_failure(sql, task_id, failure)
        return self.task(task_id)

    # -- sending ----------------------------------------------------------------------------------

    def begin_attempt(
        self,
        task_id: int,
        private_id: str,
        request_sha256: str,
        *,
        cost: float = 0,
        limits: Sequence[SpendingLimit] = (),
    ) -> Task:
        """Make the intent durable: to be called before the first byte of createtask leaves.

        :param cost: credits that the attempt may cost.
        :param limits: what it must not lead beyond; judged in the same transaction.
        :raises SpendingLimitReached: it would.
        :raises TransitionRefused: also where another program has taken the list over since.
        """

        def insert(sql: sqlite3.Connection) -> None:
            for limit in limits:
                self._refuse_beyond(limit, cost)
            sql.execute(
                "INSERT INTO attempt (task_id, number, service, private_id, request_sha256, "
                "outcome, cost, opened_at, base_url) SELECT id, 1 + (SELECT count(*) FROM attempt "
                "WHERE task_id = task.id), service, ?, ?, 'open', ?, ?, coalesce((SELECT "
                "json_extract(profile, '$.base_url') FROM service WHERE name = task.service AND "
                "json_valid(profile)), '') FROM task WHERE id = ?",
                (private_id, request_sha256, cost, self._now(), task_id),
            )

        return self._step(
            task_id, Step.SEND, "sent", before=insert, only_owner=True, detail=private_id
        )

    def reopen_attempt(self, task_id: int) -> Task:
        """Make durable that the last attempt is sent once more with its own private id.

        Only for a service to which an equal private id is the same task.
        """

        def reopen(sql: sqlite3.Connection) -> None:
            self._settle(sql, task_id, Outcome.OPEN)

        return self._step(
            task_id, Step.SEND_SAME, "sent again, same id", before=reopen, only_owner=True
        )

    def unsent(self, task_id: int, failure: Failure) -> Task:
        return self._settled(task_id, Step.UNSENT, Outcome.UNSENT, failure)

    def held(self, task_id: int, failure: Failure) -> Task:
        return self._settled(task_id, Step.HOLD, Outcome.REJECTED, failure)

    def rejected(self, task_id: int, failure: Failure) -> Task:
        return self._settled(task_id, Step.REJECT, Outcome.REJECTED, failure)

    def in_doubt(self, task_id: int, failure: Failure) -> Task:
        return self._settled(task_id, Step.DOUBT, Outcome.IN_DOUBT, failure)

    def accepted(self, task_id: int, service_task_id: str) -> Task:
        """Record the service's task id."""

        def settle(sql: sqlite3.Connection) -> None:
            self._settle(sql, task_id, Outcome.ACCEPTED, service_task_id)
            sql.execute("UPDATE task SET accepted_at = ? WHERE id = ?", (self._now(), task_id))

        return self._step(
            task_id, Step.ACCEPT, "accepted", before=settle, failure=None, detail=service_task_id
        )

    # -- what it may have cost --------------------------------------------------------------------

    def ledger(self, since: datetime, service: str | None = None) -> list[LedgerEntry]:
        """Return every attempt since a moment that may have been charged, oldest first."""
        return [
            rows.ledger_entry(row)
            for row in self._all(
                "SELECT attempt.*, input, type_id, type_name FROM attempt "  # noqa: S608
                "JOIN task ON task.id = task_id "
                f"WHERE outcome IN ({_CHARGE_POSSIBLE}) AND opened_at >= ? "
                "AND attempt.service = coalesce(?, attempt.service) "
                "ORDER BY opened_at, task_id, number",
                _moment(since),
                service,
            )
        ]

    def possibly_charged(self, task_ids: Iterable[int]) -> float:
        """Return the credits that may have been charged for some tasks."""
        row = self._one(
            "SELECT total(cost) AS cost FROM attempt "  # noqa: S608  from the enums alone
            f"WHERE outcome IN ({_CHARGE_POSSIBLE}) "
            "AND task_id IN (SELECT value FROM json_each(?))",
            json.dumps(list(task_ids)),
        )
        return 0.0 if row is None else float(row["cost"])

    def _charged_since(self, since: datetime, service: str) -> float:
        row = self._one(
            "SELECT total(cost) AS cost FROM attempt "  # noqa: S608  from the enums alone
            f"WHERE service = ? AND opened_at >= ? AND outcome IN ({_CHARGE_POSSIBLE})",
            service,
            _moment(since),
        )
        return 0.0 if row is None else float(row["cost"])

    def _refuse_beyond(self, limit: SpendingLimit, cost: float) -> None:
        """:raises SpendingLimitReached: another ``cost`` would lead beyond the limit."""
        if isinstance(limit, DayLimit):
            spent = self._charged_since(limit.since, limit.service)
        else:
            spent = self.possibly_charged(limit.tasks) - limit.before
        if goes_beyond(limit.most, spent, cost):
            raise SpendingLimitReached(
                f"the next task costs {shown(cost)}, {shown(spent)} may have been spent, and the "
                f"limit is {limit.words}"
            )

    # -- in doubt ---------------------------------------------------------------------------------

    def task_of_private_id(self, private_id: str) -> Task | None:
        """Return the task that one of whose attempts carries this ``chtaskid``."""
        row = self._one(
            "SELECT task.* FROM task JOIN attempt ON attempt.task_id = task.id "
            "WHERE attempt.private_id = ?",
            private_id,
        )
        return None if row is None else self._tasks([row])[0]

    def note_callback(
        self, service: str, service_task_id: str, private_id: str
    ) -> StoredHint | None:
        """Keep what a callback says of an attempt whose own answer is not known.

        :returns: the attempt as it stands; ``None`` where the callback tells of nothing that is
            of use: an unknown task, or an attempt of which something else is known.
        """
        hint = self._hint(service, service_task_id, private_id)
        if hint is None or hint.outcome is Outcome.ACCEPTED:
            return hint
        kept = {each.service_task_id for each in self.callback_hints(service, private_id)}
        if service_task_id not in kept:
            if len(kept) >= _HINTS_KEPT:
                return None
            with self._transaction() as sql:
                sql.execute(
                    "INSERT INTO callback_hint VALUES (?, ?)", (private_id, service_task_id)
                )
        return hint

    def callback_hints(self, service: str, private_id: str | None = None) -> list[StoredHint]:
        """Return the kept callbacks of a service, or of one attempt."""
        return [
            StoredHint(row["task_id"], row["named"], row["private_id"], Outcome(row["outcome"]))
            for row in self._all(
                "SELECT attempt.*, callback_hint.service_task_id AS named FROM callback_hint "
                "JOIN attempt USING (private_id) "
                "WHERE service = ? AND private_id = coalesce(?, private_id)",
                service,
                private_id,
            )
        ]

    def forget_callback(self, private_id: str, service_task_id: str) -> None:
        """Drop a kept callback: settled, or refuted."""
        with self._transaction() as sql:
            sql.execute(
                "DELETE FROM callback_hint WHERE private_id = ? AND service_task_id = ?",
                (private_id, service_task_id),
            )

    def _hint(self, service: str, service_task_id: str, private_id: str) -> StoredHint | None:
        row = self._one(
            "SELECT * FROM attempt WHERE service = ? AND private_id = ? "
            "AND (outcome IN ('open', 'in_doubt') OR service_task_id = ?) "
            "UNION ALL SELECT * FROM attempt WHERE service = ? AND service_task_id = ? LIMIT 1",
            service,
            private_id,
            service_task_id,
            service,
            service_task_id,
        )
        if row is None:
            return None
        outcome = Outcome(row["outcome"])
        return StoredHint(row["task_id"], service_task_id, row["private_id"], outcome)

    def adopt(self, private_id: str, service_task_id: str) -> Task | None:
        """Record the proof that an attempt in doubt was accepted after all.

        Where the task has not been sent again it is followed from here; where it has, it is only
        known from now on that it was accepted twice.

        :returns: the task, or ``None`` where no attempt in doubt carries this private id.
        """
        task = self.task_of_private_id(private_id)
        attempt = (
            next((a for a in task.attempts if a.private_id == private_id), None) if task else None
        )
        if task is None or attempt is None or attempt.outcome is not Outcome.IN_DOUBT:
            return None
        with self._transaction() as sql:
            sql.execute(
                "UPDATE attempt SET outcome = 'accepted', service_task_id = ?, settled_at = ? "
                "WHERE private_id = ?",
                (service_task_id, self._now(), private_id),
            )
            sql.execute("DELETE FROM callback_hint WHERE private_id = ?", (private_id,))
            if task.state in Step.ADOPT.sources:
                sql.execute("UPDATE task SET accepted_at = ? WHERE id = ?", (self._now(), task.id))
                self._walk(sql, task, Step.ADOPT, "proof by callback", service_task_id)
                _set_failure(sql, task.id, None)
            else:
                self._log(
                    sql,
                    task.id,
                    "adopt",
                    task.state,
                    task.state,
                    "accepted twice",
                    service_task_id,
                )
        return self.task(task.id)

    def send_again(self, task_id: int) -> Task:
        """The user approves another attempt, knowing that it may cost twice."""
        return self._step(
            task_id, Step.SEND_AGAIN, "approved by the user", before=self._approval(task_id)
        )

    def give_up(self, task_id: int) -> Task:
        return self._step(task_id, Step.GIVE_UP, "given up by the user")

    def retry(self, task_id: int) -> Task:
        """The user wants a new attempt of an ended task, knowing that it costs again."""

        def forget_result(sql: sqlite3.Connection) -> None:
            self._approval(task_id)(sql)
            sql.execute("DELETE FROM output WHERE task_id = ?", (task_id,))
            sql.execute(
                "UPDATE task SET record = NULL, accepted_at = NULL, finished_at = NULL "
                "WHERE id = ?",
                (task_id,),
            )

        return self._step(
            task_id, Step.RETRY, "approved by the user", before=forget_result, failure=None
        )

    # -- after it was accepted --------------------------------------------------------------------

    def finished(self, task_id: int, record: bytes, duration: DurationSample | None) -> Task:
        """Record that the service has the result, and how long it took."""

        def keep(sql: sqlite3.Connection) -> None:
            sql.execute(
                "UPDATE task SET record = ?, finished_at = ? WHERE id = ?",
                (record, self._now(), task_id),
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

        return self._step(task_id, Step.FINISH, "finished", before=keep, failure=None)

    def new_record(self, task_id: int, record: bytes) -> Task:
        """Replace the record of a finished task: its addresses have been asked for anew."""
        with self._transaction() as sql:
            sql.execute("UPDATE task SET record = ? WHERE id = ?", (record, task_id))
        return self.task(task_id)

    def failed(self, task_id: int, failure: Failure, record: bytes | None = None) -> Task:
        def keep(sql: sqlite3.Connection) -> None:
            sql.execute(
                "UPDATE task SET record = coalesce(?, record) WHERE id = ?", (record, task_id)
            )

        return self._step(task_id, Step.FAIL, failure.kind, before=keep, failure=failure)

    def ask_again(self, task_id: int) -> Task:
        """The user wants the service asked once more about a failed task."""
        followed = self.task(task_id).followed
        if followed is not None and followed.elsewhere:
            raise TransitionRefused(f"task {task_id} was sent to an earlier address of its service")
        return self._step(task_id, Step.ASK_AGAIN, "asked again by the user", failure=None)

    def begin_cancel(self, task_id: int) -> Task:
        return self._step(task_id, Step.CANCEL, "cancelled by the user")

    def cancelled(self, task_id: int) -> Task:
        task = self.task(task_id)

        def mark(sql: sqlite3.Connection) -> None:
            if task.followed is not None:
                self._mark_deleted(sql, task_id, task.followed.number)

        return self._step(
            task_id, Step.CANCELLED, "deleted on the service", before=mark, failure=None
        )

    def deleted_on_service(self, task_id: int, attempt: int) -> Task:
        """Record that the service has deleted its record of an attempt; the task stays ended."""
        task = self.task(task_id)
        with self._transaction() as sql:
            self._mark_deleted(sql, task_id, attempt)
            named = next((a.service_task_id for a in task.attempts if a.number == attempt), None)
            cause = "wish of the user"
            self._log(sql, task_id, "delete", task.state, task.state, cause, named or "")
        return self.task(task_id)

    def _mark_deleted(self, sql: sqlite3.Connection, task_id: int, attempt: int) -> None:
        sql.execute(
            "UPDATE attempt SET deleted_at = ? WHERE task_id = ? AND number = ?",
            (self._now(), task_id, attempt),
        )

    def keep(self, task_id: int) -> Task:
        return self._step(task_id, Step.KEEP, "the service did not delete it")

    # -- fetching ---------------------------------------------------------------------------------

    def begin_fetch(self, task_id: int, outputs: Sequence[Output]) -> Task:
        """Record the names before a byte is written; placed outputs of an earlier try stay."""

        def plan(sql: sqlite3.Connection) -> None:
            sql.execute("DELETE FROM output WHERE task_id = ? AND NOT placed", (task_id,))
            sql.executemany(
                "INSERT INTO output (task_id, number, part, final) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (task_id, number) DO NOTHING",
                [(task_id, each.number, str(each.part), str(each.final)) for each in outputs],
            )

        return self._step(task_id, Step.FETCH, "fetching", before=plan)

    def output_verified(
        self, task_id: int, number: int, final: Path, sha256: str, picture: CheckedPicture
    ) -> None:
        """Record that a part is whole and verified, and the name it is about to get."""
        with self._transaction() as sql:
            sql.execute(
                "UPDATE output SET final = ?, sha256 = ?, size_bytes = ?, format = ?, "
                "width_px = ?, height_px = ? WHERE task_id = ? AND number = ?",
                (
                    str(final),
                    sha256,
                    picture.size_bytes,
                    picture.header.format,
                    picture.header.width_px,
                    picture.header.height_px,
                    task_id,
                    number,
                ),
            )

    def output_placed(self, task_id: int, number: int) -> None:
        with self._transaction() as sql:
            sql.execute(
                "UPDATE output SET placed = 1 WHERE task_id = ? AND number = ?", (task_id, number)
            )

    def put_off(self, task_id: int, failure: Failure) -> Task:
        return self._step(task_id, Step.PUT_OFF, failure.kind, failure=failure)

    def lose(self, task_id: int, failure: Failure) -> Task:
        return self._step(task_id, Step.LOSE, failure.kind, failure=failure)

    def saved(self, task_id: int, sidecar: Path) -> Task:
        """Record that every file is in its place."""

        def keep(sql: sqlite3.Connection) -> None:
            sql.execute(
                "UPDATE task SET sidecar = ?, saved_at = ? WHERE id = ?",
                (str(sidecar), self._now(), task_id),
            )

        return self._step(task_id, Step.SAVE, "saved", before=keep, failure=None)

    # -- within -----------------------------------------------------------------------------------

    def _take_over(self, set_aside: Path | None, salvaged: int) -> None:
        """Become the owner of the list, and re-interpret what an earlier run left halfway."""
        with self._transaction() as sql:
            sql.execute("UPDATE owner SET epoch = epoch + 1")
            self._epoch = sql.execute("SELECT epoch FROM owner").fetchone()[0]
            sending = self._tasks(sql.execute("SELECT * FROM task WHERE state = 'sending'"))
            for task in sending:
                self._settle(sql, task.id, Outcome.IN_DOUBT)
                self._walk(sql, task, Step.DOUBT, "found at start")
                _set_failure(
                    sql,
                    task.id,
                    Failure("in_doubt", "the program ended while the request was on its way"),
                )
            fetching = self._tasks(sql.execute("SELECT * FROM task WHERE state = 'fetching'"))
            for task in fetching:
                self._walk(sql, task, Step.PUT_OFF, "found at start")
        self.recovery = Recovery(len(sending), len(fetching), set_aside, salvaged)

    def _settled(self, task_id: int, step: Step, outcome: Outcome, failure: Failure) -> Task:
        def settle(sql: sqlite3.Connection) -> None:
            self._settle(sql, task_id, outcome)

        return self._step(task_id, step, failure.kind, before=settle, failure=failure)

    def _settle(
        self,
        sql: sqlite3.Connection,
        task_id: int,
        outcome: Outcome,
        service_task_id: str | None = None,
    ) -> None:
        """Set the outcome of the last attempt."""
        sql.execute(
            "UPDATE attempt SET outcome = ?, service_task_id = ?, settled_at = ? "
            "WHERE task_id = ? AND number = (SELECT max(number) FROM attempt WHERE task_id = ?)",
            (outcome.value, service_task_id, self._now(), task_id, task_id),
        )

    @staticmethod
    def _approval(task_id: int) -> Callable[[sqlite3.Connection], None]:
        def approve(sql: sqlite3.Connection) -> None:
            sql.execute("UPDATE attempt SET approved = 1 WHERE task_id = ?", (task_id,))

        return approve

    def _step(
        self,
        task_id: int,
        step: Step,
        cause: str,
        *,
        before: Callable[[sqlite3.Connection], None] | None = None,
        failure: Failure | rows.Unchanged | None = rows.UNCHANGED,
        only_owner: bool = False,
        detail: str = "",
    ) -> Task:
        """Take one step in one transaction.

        :param before: further changes of the same transaction, made before the state changes.
        :param detail: what the log is to say beside the cause; of a failure its own clause.
        """
        task = self.task(task_id)
        with self._transaction() as sql:
            if only_owner:
                self._refuse_if_taken_over(sql)
            if before is not None:
                before(sql)
            if isinstance(failure, Failure):
                detail = failure.detail
            self._walk(sql, task, step, cause, detail)
            if not isinstance(failure, rows.Unchanged):
                _set_failure(sql, task_id, failure)
        return self.task(task_id)

    def _walk(
        self, sql: sqlite3.Connection, task: Task, step: Step, cause: str, detail: str = ""
    ) -> None:
        if task.state not in step.sources:
            raise TransitionRefused(f"task {task.id} is {task.state.value}: no step “{step.word}”")
        # What takes a step is news, and so comes back into the list.
        sql.execute(
            "UPDATE task SET state = ?, hidden_at = NULL WHERE id = ?",
            (step.target.value, task.id),
        )
        self._log(sql, task.id, step.word, task.state, step.target, cause, detail)

    def _log(
        self,
        sql: sqlite3.Connection,
        task_id: int,
        step: str,
        source: TaskState | None,
        target: TaskState,
        cause: str,
        detail: str = "",
    ) -> None:
        sql.execute(
            "INSERT INTO event (task_id, step, source, target, cause, at, detail) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                task_id,
                step,
                None if source is None else source.value,
                target.value,
                cause,
                self._now(),
                detail,
            ),
        )

    def _refuse_if_taken_over(self, sql: sqlite3.Connection) -> None:
        if sql.execute("SELECT epoch FROM owner").fetchone()[0] != self._epoch:
            raise TransitionRefused("another start of the program has taken the list over")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with foreign_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself where the disk is full or failing.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _tasks(self, found: Iterable[sqlite3.Row]) -> list[Task]:
        """Build tasks from rows, reading attempts and outputs of all of them at once."""
        task_rows = list(found)
        if not task_rows:
            return []
        first, last = task_rows[0]["id"], task_rows[-1]["id"]
        attempts = rows.grouped(
            self._all("SELECT * FROM attempt WHERE task_id BETWEEN ? AND ?", first, last)
        )
        placed = rows.grouped(
            self._all(
                "SELECT * FROM output WHERE placed AND task_id BETWEEN ? AND ? ORDER BY number",
                first,
                last,
            )
        )
        places = self._places() if attempts else {}
        return [
            rows.task_of(
                row,
                attempts.get(row["id"], []),
                placed.get(row["id"], []),
                places.get(row["service"], ""),
            )
            for row in task_rows
        ]

    def _places(self) -> dict[str, str]:
        """Return where services are; the one of this computer is at another port in each run."""
        found = self._all(
            "SELECT name, coalesce(json_extract(profile, '$.base_url'), '') AS place FROM service "
            "WHERE json_valid(profile)"
        )
        return {row["name"]: row["place"] for row in found if row["name"] != BUNDLED_SERVICE_NAME}

    def _one(self, sql: str, *values: object) -> sqlite3.Row | None:
        with foreign_errors():
            row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
            return row

    def _all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with foreign_errors():
            return self._connection.execute(sql, values).fetchall()

    def _now(self) -> str:
        return _moment(self._wall())


def _moment(at: datetime) -> str:
    """Write a moment as the database has them: texts in UTC that sort by time."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _shown_picture(picture: CheckedPicture) -> str:
    """Write what was found of a picture as the log has it, in no language."""
    header = picture.header
    shown = f"{header.format}, {header.width_px} × {header.height_px}"
    return shown if picture.size_bytes is None else f"{shown}, {picture.size_bytes:,} bytes"


def _set_failure(sql: sqlite3.Connection, task_id: int, failure: Failure | None) -> None:
    values: tuple[Any, ...] = (None, None, None)
    if failure is not None:
        values = (failure.kind, failure.detail, failure.code)
    sql.execute(
        "UPDATE task SET failure_kind = ?, failure_detail = ?, failure_code = ? WHERE id = ?",
        (*values, task_id),
    )


def _output(row: sqlite3.Row) -> Output:
    return Output(
        number=row["number"],
        part=Path(row["part"]),
        final=Path(row["final"]),
        sha256=row["sha256"],
        picture=None if row["sha256"] is None else rows.picture_of(row, row["final"]),
        placed=bool(row["placed"]),
    )
