"""Stores tasks before anything is sent: adds, checks, starts and removes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from enhance_gui.core.images.inputs.source import is_web
from enhance_gui.core.images.left_out import left_out
from enhance_gui.core.images.picture import CheckedPicture
from enhance_gui.core.picture_errors import ORDERED_BEFORE
from enhance_gui.core.service_errors import STAND_BY_READY
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.settings.saving import DEFAULT_QUALITY, ResultFormat, Saving
from enhance_gui.core.storage_errors import TransitionRefused
from enhance_gui.core.tasks.states import ENDED, NOT_SENT, Step, TaskState
from enhance_gui.core.tasks.task import Failure, NewTask, Task
from enhance_gui.core.text.detail import Detail
from enhance_gui.storage.task_db.repositories.accepted import ask_again
from enhance_gui.storage.task_db.repositories.charges import join
from enhance_gui.storage.task_db.repositories.queries import EarlierTasks
from enhance_gui.storage.task_db.schema import LAST_RANK
from enhance_gui.storage.task_db.task_database import TaskDatabase
from enhance_gui.storage.task_db.transitions import TaskSteps, set_failure

_STANDING_STILL: Final = ENDED | {TaskState.DRAFT}
_BEFORE_CHARGES: Final = NOT_SENT | {TaskState.FAILED}


class WaitingTasks:
    """Adds tasks to the list, and records what is found of their pictures."""

    def __init__(self, db: TaskDatabase, steps: TaskSteps, earlier: EarlierTasks) -> None:
        self._db = db
        self._steps = steps
        self._earlier = earlier

    def add(
        self, new: Sequence[NewTask], *, draft: bool = False, batch: int | None = None
    ) -> list[Task]:
        """Add tasks, all or none; their services must be remembered.

        :param batch: the one that they are in; ``None``: none.
        """
        state = TaskState.DRAFT if draft else TaskState.QUEUED
        with self._db.transaction() as sql:
            ids = [self._insert(sql, each, state) for each in new]
            join(sql, batch, ids)
        return self._db.tasks_of(ids)

    def add_or_find(
        self,
        new: Sequence[NewTask],
        or_saved: Collection[int] = (),
        or_fetched: Collection[int] = (),
        batch: int | None = None,
    ) -> list[Task]:
        """Add tasks, all or none; return an existing task in place of a duplicate.

        In one transaction, so that two who ask for the same at once get the same task: a command
        that is typed again after a crash, or twice at once, is not paid for twice. A task whose
        result is not being fetched yet takes over the new save folder.

        Nor is one added anew whose last order may have been charged and has brought nothing: the
        service is asked once more where it may have the result, which is free; else it is returned
        as it has ended, and only the user's approval of that very task pays again. On the
        local service nothing is paid.

        :param or_saved: tasks that are found although they are saved by now.
        :param or_fetched: saved tasks whose result is no longer there: to be fetched once more.
        :param batch: the one that all of them are in from now on; ``None``: none.
        :returns: a task for each, in order.
        """
        with self._db.transaction() as sql:
            ids = [
                self._found(sql, each, frozenset(or_saved), frozenset(or_fetched))
                or self._insert(sql, each, TaskState.QUEUED)
                for each in new
            ]
            join(sql, batch, ids)
            # What they cost by now may be more than when they were first asked for.
            sql.executemany(
                "UPDATE task SET known_cost = max(known_cost, ?) WHERE id = ?",
                [(each.cost, task_id) for each, task_id in zip(new, ids, strict=True)],
            )
        tasks = {task.id: task for task in self._db.tasks_of(ids)}
        return [tasks[each] for each in ids]

    def _found(
        self,
        sql: sqlite3.Connection,
        new: NewTask,
        or_saved: frozenset[int],
        or_fetched: frozenset[int],
    ) -> int | None:
        earlier = self._earlier.of_order(new)
        going_on = [each.id for each in earlier if each.state not in _STANDING_STILL]
        saved = [each.id for each in earlier if each.id in or_saved]
        # What was recovered is sent with the user's approval alone, and this is not one.
        is_paid = new.service != LOCAL_SERVICE_NAME
        recovered = [each.id for each in earlier if is_paid and each.state is TaskState.DRAFT]
        if found := going_on or saved or recovered:
            self._save_otherwise(sql, found[0], new)
            return found[0]
        if not earlier or not is_paid:
            return None
        last = self._db.task(earlier[-1].id)
        if last.state is TaskState.SAVED and last.id not in or_fetched:
            return None  # what it cost has brought something: this is another order
        if last.can_ask_again:
            ask_again(sql, self._steps, last, "given once more by the user", self._db.now())
            self._save_otherwise(sql, last.id, new)
        return last.id

    def save_otherwise(self, saving: Saving, task_ids: Iterable[int]) -> None:
        """Change how results are saved, unless a part is there already, or on its way."""
        with self._db.transaction() as sql:
            for task in self._db.tasks_of(task_ids):
                folder = saving.folder_of(task.input, task.save_folder, task.created_at)
                new = NewTask(
                    task.input,
                    task.service,
                    task.type_id,
                    task.type_name,
                    folder,
                    result_format=saving.result_format,
                    quality=saving.quality,
                    is_kept=task.is_kept and folder == task.save_folder,
                )
                self._save_otherwise(sql, task.id, new)

    def _save_otherwise(self, sql: sqlite3.Connection, task_id: int, new: NewTask) -> None:
        """Change how a result is saved, unless it is being fetched, or a part of it is there."""
        sql.execute(
            "UPDATE task SET save_folder = coalesce(?, save_folder), "
            "result_format = coalesce(?, result_format), quality = coalesce(?, quality), "
            "is_kept = coalesce(?, is_kept) WHERE id = ? AND state <> 'fetching' "
            "AND NOT EXISTS (SELECT 1 FROM output WHERE task_id = task.id AND placed)",
            (
                None if new.is_default_folder else str(new.save_folder),
                new.result_format,
                new.quality,
                None if new.is_default_folder else new.is_kept,
                task_id,
            ),
        )

    def _insert(self, sql: sqlite3.Connection, new: NewTask, state: TaskState) -> int:
        cursor = sql.execute(
            "INSERT INTO task (input, given, service, type_id, type_name, save_folder, state, "
            "created_at, known_cost, result_format, quality, is_kept) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                new.input,
                "" if new.given == new.input else new.given,
                new.service,
                new.type_id,
                new.type_name,
                str(new.save_folder),
                state.value,
                self._db.now(),
                new.cost,
                new.result_format or ResultFormat.AS_GIVEN,
                new.quality or DEFAULT_QUALITY,
                new.is_kept,
            ),
        )
        task_id = int(cursor.lastrowid or 0)
        sql.execute(f"UPDATE task SET rank = {LAST_RANK} WHERE id = ?", (task_id,))  # noqa: S608
        self._db.log(sql, task_id, "add", None, state, "added")
        return task_id

    def start(self, task_id: int) -> Task:
        return self._steps.take(task_id, Step.START, "started by the user", None)

    def start_unless_repeated(self, task_id: int, known: Collection[int] = ()) -> list[Task]:
        """Start a draft, unless it has duplicates that the user does not know of.

        :param known: the duplicates in spite of which the user wants it sent.
        :returns: those that speak against it, where it was not started.
        """
        against = [t for t in self._earlier.duplicates(self._db.task(task_id)) if t.id not in known]
        if not against:
            self.start(task_id)
        return against

    def remove(self, task_id: int) -> Task:
        """Remove a task that is not sent; where an earlier attempt is in doubt it stays so."""
        return self._steps.take_back(task_id, Step.REMOVE, "taken back by the user", None)

    def checked(self, task_id: int, picture: CheckedPicture, input_sha256: str | None) -> Task:
        """Record what preflight found.

        A task of which nothing was sent yet is refused where its address turns out to lead to a
        picture that was ordered before: the preflight shows that first, and nobody was asked. The
        user's approval to send it all the same comes after that.
        """
        with self._db.transaction() as sql:
            task = self._db.task(task_id)
            self._set_picture(sql, task_id, picture, input_sha256)
            self._log_check(sql, task, picture)
            if _was_never_asked_about(task) and self._earlier.leads_to(task, picture.location):
                failure = Failure(
                    ORDERED_BEFORE,
                    Detail(
                        "its address leads to {address}, which was ordered before",
                        address=picture.location,
                    ),
                )
                self._steps.walk(sql, task, Step.REFUSE, failure.kind, failure.detail)
                set_failure(sql, task_id, failure)
        return self._db.task(task_id)

    def converted(self, task_id: int, sent_as: str) -> None:
        """Record the format that a picture was converted to for the service."""
        self._db.change("UPDATE task SET sent_as = ? WHERE id = ?", sent_as, task_id)

    def stand_in(
        self, task_id: int, path: Path, picture: CheckedPicture, input_sha256: str | None
    ) -> Task:
        """Record that a file is sent in the place of an address whose host refuses the program.

        The address stays the picture's location, so that whoever orders it again finds this task.
        A task that the service has refused for that host waits for the user, who can retry it.

        :param picture: what was found of the file.
        :raises TransitionRefused: something may have been charged for it, or its picture was
            ordered before and the user was not asked about that.
        """
        with self._db.transaction() as sql:
            task = self._db.task(task_id)
            if not is_web(task.input):
                raise TransitionRefused("task {number} has its file", number=task_id)
            if task.state not in _BEFORE_CHARGES or task.charges_possible:
                raise TransitionRefused("task {number} may have been sent", number=task_id)
            address = task.input
            self._set_picture(sql, task_id, replace(picture, location=address), input_sha256)
            sql.execute(
                "UPDATE task SET input = ?, given = ? WHERE id = ?", (str(path), address, task_id)
            )
            self._db.log(sql, task_id, "stand_in", task.state, task.state, "host refused", address)
            self._log_check(sql, task, picture)
            if task.state is TaskState.FAILED and task.failure is not None:
                set_failure(sql, task_id, replace(task.failure, kind=STAND_BY_READY))
            now = self._db.task(task_id)
            is_asked = now.state is not TaskState.QUEUED or now.service == LOCAL_SERVICE_NAME
            if not is_asked and self._earlier.duplicates(now):
                raise TransitionRefused("task {number} has duplicates", number=task_id)
        return self._db.task(task_id)

    def copied(self, task_id: int, copy: Path, sha256: str, size_bytes: int) -> Task:
        """Record where the picture that went in has been kept, and what it is exactly."""
        self._db.change(
            "UPDATE task SET input_copy = ?, input_sha256 = ?, size_bytes = ? WHERE id = ?",
            str(copy),
            sha256,
            size_bytes,
            task_id,
        )
        return self._db.task(task_id)

    def _set_picture(
        self,
        sql: sqlite3.Connection,
        task_id: int,
        picture: CheckedPicture,
        input_sha256: str | None,
    ) -> None:
        sql.execute(
            "UPDATE task SET location = ?, format = ?, width_px = ?, height_px = ?, "
            "size_bytes = ?, server_name = ?, input_sha256 = coalesce(?, input_sha256), "
            "frames = ?, extras = ?, sent_as = ? WHERE id = ?",
            (
                picture.location,
                picture.header.format,
                picture.header.width_px,
                picture.header.height_px,
                picture.size_bytes,
                picture.name,
                input_sha256,
                picture.header.frames,
                " ".join(sorted(picture.header.extras)),
                picture.sent_as,
                task_id,
            ),
        )

    def _log_check(self, sql: sqlite3.Connection, task: Task, picture: CheckedPicture) -> None:
        shown = _shown_picture(picture)
        self._db.log(sql, task.id, "check", task.state, task.state, "checked", shown)

    def refuse(self, task_id: int, failure: Failure) -> Task:
        """Record that a picture cannot be used; an earlier attempt in doubt stays so."""
        return self._steps.take_back(task_id, Step.REFUSE, failure.kind, failure)

    def wait(self, task_id: int, failure: Failure | None) -> Task:
        """Record why a task stays where it is for now."""
        with self._db.transaction() as sql:
            set_failure(sql, task_id, failure)
        return self._db.task(task_id)


def _was_never_asked_about(task: Task) -> bool:
    """Return whether a paid task is about to be sent whose picture was not checked before."""
    is_first_look = task.checked is None and not task.attempts
    is_paid = task.service != LOCAL_SERVICE_NAME
    return task.state is TaskState.QUEUED and is_first_look and is_paid


def _shown_picture(picture: CheckedPicture) -> str:
    """Return what was found of a picture in the form of the log, in no language."""
    header = picture.header
    shown = [f"{header.format}, {header.width_px} × {header.height_px}"]
    if picture.size_bytes is not None:
        shown.append(f"{picture.size_bytes:,} bytes")
    shown += [each.part.value for each in left_out(header)]
    if picture.sent_as:
        shown.append(f"→ {picture.sent_as}")
    return ", ".join(shown)
