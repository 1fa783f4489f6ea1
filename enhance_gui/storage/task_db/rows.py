"""Converts rows of the database into the program's values."""

from __future__ import annotations

import functools
import json
import logging
import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Final

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.images.addresses import same_spelling
from enhance_gui.core.images.left_out import LeftOut, Part
from enhance_gui.core.images.picture import CheckedPicture, PictureFacts, PictureHeader
from enhance_gui.core.services.profile import ServiceProfile, profile_from_mapping
from enhance_gui.core.settings.saving import DEFAULT_QUALITY, MAX_QUALITY, ResultFormat
from enhance_gui.core.tasks.spending import LedgerEntry
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Attempt, Failure, Task, TaskEvent
from enhance_gui.core.text.detail import read_detail, write_detail

_log = logging.getLogger(__name__)

_UNKNOWN_MOMENT: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a value that cannot be read: the damage must not cost the whole task."""

LOST_ADDRESS: Final = "https://lost.invalid"
"""Where a service is whose profile was lost: no host ever has such a name (RFC 2606)."""


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
        created_at=moment_of(row["created_at"]) or _UNKNOWN_MOMENT,
        checked=_checked(row),
        input_sha256=row["input_sha256"],
        input_copy=None if row["input_copy"] is None else Path(row["input_copy"]),
        attempts=tuple(
            _attempt(each, base_url, after) for each, after in zip_longest(attempts, attempts[1:])
        ),
        record=row["record"],
        failure=_failure(row),
        accepted_at=moment_of(row["accepted_at"]),
        finished_at=moment_of(row["finished_at"]),
        saved_at=moment_of(row["saved_at"]),
        # In any other place is none that the program has put there.
        files=tuple(
            Path(each["final"])
            for each in placed
            if state is TaskState.SAVED and _is_in(row["save_folder"], each["final"])
        ),
        sidecar=None if row["sidecar"] is None else Path(row["sidecar"]),
        given=row["given"],
        batch=row["batch"],
        cost=row["known_cost"],
        rank=row["rank"],
        result_format=_RESULT_FORMATS.get(row["result_format"], ResultFormat.AS_GIVEN),
        quality=row["quality"] if 1 <= row["quality"] <= MAX_QUALITY else DEFAULT_QUALITY,
        is_kept=bool(row["is_kept"]),
        left_out=left_out_of(placed[0]) if placed and placed[0]["number"] == 0 else (),
        missing=tuple(map(read_detail, _texts(row["missing"]))),
    )


_RESULT_FORMATS: Final = {each.value: each for each in ResultFormat}
_PARTS: Final = {each.value: each for each in Part}


def left_out_of(row: sqlite3.Row) -> tuple[LeftOut, ...]:
    """Return what the file of a result has not, from its row."""
    found = _texts(row["left_out"])
    return tuple(
        LeftOut(_PARTS[part], read_detail(reason))
        for part, reason in zip(found[::2], found[1::2], strict=False)
        if part in _PARTS
    )


def left_out_text(left_out: Iterable[LeftOut]) -> str:
    """Return what :func:`left_out_of` reads."""
    return texts_to_json(t for each in left_out for t in (each.part, write_detail(each.reason)))


def texts_to_json(texts: Iterable[str]) -> str:
    """Return texts as they are stored; empty for none."""
    listed = list(texts)
    return json.dumps(listed, ensure_ascii=False) if listed else ""


def _texts(text: str) -> list[str]:
    """Return stored texts; what is damaged has none."""
    if not text:
        return []
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [str(each) for each in found] if isinstance(found, list) else []


def facts_of(row: sqlite3.Row) -> PictureFacts:
    """Build what is known of the file of a result from its row."""
    return PictureFacts(_header(row), row["size_bytes"], row["sha256"])


def profile_of(text: str, name: str) -> ServiceProfile:
    """Return a stored profile; where it cannot be read, one at which nothing answers."""
    try:
        return profile_from_mapping(json.loads(text), name, was_in_use=True)
    # Too deep, a number of thousands of digits, no object, or none of a profile.
    except (ValueError, RecursionError, AttributeError, ProfileInvalid) as error:
        _log.warning("the kept profile of %s cannot be read: %s", name, type(error).__name__)
        return lost_profile(name)


def lost_profile(name: str) -> ServiceProfile:
    """Return a profile that stands in for one that was lost: nothing answers there."""
    return ServiceProfile(name, LOST_ADDRESS)


def is_own_output(save_folder: str, row: sqlite3.Row) -> bool:
    """Return whether an output has names that the program itself gives the files of a result.

    What else stands in a list may be any file of the user's, which nobody is to touch.
    """
    folder, name = os.path.split(row["part"])
    is_part = folder == save_folder and name.startswith(".") and name.endswith(".part")
    return is_part and _is_in(save_folder, row["final"])


def _is_in(folder: str, file: str) -> bool:
    # As texts: paths are expensive to make, and thousands of tasks are read at once.
    place, name = os.path.split(file)
    return place == folder and name not in ("", ".", "..")


def ledger_entry(row: sqlite3.Row) -> LedgerEntry:
    """Build an entry of the ledger from an attempt's row with the columns of its task."""
    return LedgerEntry(
        at=moment_of(row["opened_at"]) or _UNKNOWN_MOMENT,
        task_id=row["task_id"],
        input=row["input"],
        service=row["service"],
        type_id=row["type_id"],
        type_name=row["type_name"],
        cost=row["cost"],
        outcome=Outcome(row["outcome"]),
    )


def event(row: sqlite3.Row) -> TaskEvent:
    """Build an entry of a task's log from its row."""
    return TaskEvent(
        at=moment_of(row["at"]) or _UNKNOWN_MOMENT,
        step=row["step"],
        target=TaskState(row["target"]),
        cause=row["cause"],
        detail=read_detail(row["detail"]),
    )


def grouped(found: Iterable[sqlite3.Row]) -> dict[int, list[sqlite3.Row]]:
    """Group rows by their task."""
    groups: dict[int, list[sqlite3.Row]] = {}
    for row in found:
        groups.setdefault(row["task_id"], []).append(row)
    return groups


def _checked(row: sqlite3.Row) -> CheckedPicture | None:
    columns = ("location", "format", "width_px", "height_px")
    is_known = all(row[column] is not None for column in columns)
    if not is_known:
        return None
    extras = frozenset(row["extras"].split())
    header = replace(_header(row), frames=row["frames"], extras=extras)
    name, sent_as = row["server_name"], row["sent_as"]
    return CheckedPicture(row["location"], header, row["size_bytes"], name, sent_as)


def _header(row: sqlite3.Row) -> PictureHeader:
    return PictureHeader(row["format"], row["width_px"], row["height_px"])


def _attempt(row: sqlite3.Row, base_url: str, after: sqlite3.Row | None) -> Attempt:
    """:param after: the next attempt of the same task."""
    settled_at = moment_of(row["settled_at"])
    next_at = None if after is None else moment_of(after["opened_at"])
    return Attempt(
        number=row["number"],
        private_id=row["private_id"],
        outcome=Outcome(row["outcome"]),
        service_task_id=row["service_task_id"],
        approved=bool(row["approved"]),
        deleted=row["deleted_at"] is not None,
        delete_wanted=row["delete_wanted_at"] is not None,
        elsewhere=bool(base_url and row["base_url"])
        and row["base_url"] != base_url
        and same_spelling(row["base_url"]) != same_spelling(base_url),
        proven_late=settled_at is not None and next_at is not None and settled_at >= next_at,
    )


def _failure(row: sqlite3.Row) -> Failure | None:
    if row["failure_kind"] is None:
        return None
    return Failure(
        row["failure_kind"], read_detail(row["failure_detail"] or ""), row["failure_code"]
    )


@functools.lru_cache(maxsize=1000)
def _folder(path: str) -> Path:
    """Thousands of tasks share a few folders; making a path is a task's most expensive part."""
    return Path(path)


def moment_of(text: str | None) -> datetime | None:
    """Return a stored moment; ``None`` for none, and for one that cannot be read."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
