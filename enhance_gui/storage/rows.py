"""Rows of the database as values of the program."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum
from pathlib import Path

from enhance_gui.core.pictures import CheckedPicture, PictureHeader
from enhance_gui.core.spending import LedgerEntry
from enhance_gui.core.tasks import Attempt, Failure, Outcome, Task, TaskEvent, TaskState


class Unchanged(Enum):
    """A column that a step leaves as it is, where ``None`` would empty it."""

    VALUE = 0


UNCHANGED = Unchanged.VALUE


def task_of(
    row: sqlite3.Row,
    attempts: Sequence[sqlite3.Row],
    placed: Sequence[sqlite3.Row],
    base_url: str = "",
) -> Task:
    """Build a task from its row and those of its attempts and placed outputs.

    :param base_url: where its service is now; empty: it has only one place.
    """
    state = TaskState(row["state"])
    return Task(
        id=row["id"],
        input=row["input"],
        service=row["service"],
        type_id=row["type_id"],
        type_name=row["type_name"],
        save_folder=_folder(row["save_folder"]),
        state=state,
        created_at=datetime.fromisoformat(row["created_at"]),
        checked=None if row["location"] is None else picture_of(row, row["location"]),
        input_sha256=row["input_sha256"],
        input_copy=None if row["input_copy"] is None else Path(row["input_copy"]),
        attempts=tuple(_attempt(each, base_url) for each in attempts),
        record=row["record"],
        failure=_failure(row),
        accepted_at=_moment(row["accepted_at"]),
        finished_at=_moment(row["finished_at"]),
        saved_at=_moment(row["saved_at"]),
        files=tuple(Path(each["final"]) for each in placed) if state is TaskState.SAVED else (),
        sidecar=None if row["sidecar"] is None else Path(row["sidecar"]),
        given=row["given"],
        batch=row["batch"],
        cost=row["known_cost"],
    )


def picture_of(row: sqlite3.Row, location: str) -> CheckedPicture:
    """Build what is known of a picture from a row that holds its columns."""
    header = PictureHeader(row["format"], row["width_px"], row["height_px"])
    return CheckedPicture(location, header, row["size_bytes"])


def ledger_entry(row: sqlite3.Row) -> LedgerEntry:
    """Build an entry of the ledger from an attempt's row with the columns of its task."""
    return LedgerEntry(
        at=datetime.fromisoformat(row["opened_at"]),
        task_id=row["task_id"],
        input=row["input"],
        service=row["service"],
        type_id=row["type_id"],
        type_name=row["type_name"],
        cost=row["cost"],
        outcome=Outcome(row["outcome"]),
    )


def event(row: sqlite3.Row) -> TaskEvent:
    """Build a line of a task's log from its row."""
    return TaskEvent(
        at=datetime.fromisoformat(row["at"]),
        step=row["step"],
        target=TaskState(row["target"]),
        cause=row["cause"],
        detail=row["detail"],
    )


def grouped(found: Iterable[sqlite3.Row]) -> dict[int, list[sqlite3.Row]]:
    """Group rows by their task."""
    groups: dict[int, list[sqlite3.Row]] = {}
    for row in found:
        groups.setdefault(row["task_id"], []).append(row)
    return groups


def _attempt(row: sqlite3.Row, base_url: str) -> Attempt:
    return Attempt(
        number=row["number"],
        private_id=row["private_id"],
        outcome=Outcome(row["outcome"]),
        service_task_id=row["service_task_id"],
        approved=bool(row["approved"]),
        deleted=row["deleted_at"] is not None,
        delete_wanted=row["delete_wanted_at"] is not None,
        elsewhere=bool(base_url and row["base_url"]) and row["base_url"] != base_url,
    )


def _failure(row: sqlite3.Row) -> Failure | None:
    if row["failure_kind"] is None:
        return None
    return Failure(row["failure_kind"], row["failure_detail"] or "", row["failure_code"])


@functools.lru_cache(maxsize=1000)
def _folder(path: str) -> Path:
    """Thousands of tasks share a few folders; making a path is the dearest part of a task."""
    return Path(path)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
