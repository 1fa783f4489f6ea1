"""Checks that the database file is still the one in its place, and how new it is.

How far the list has come is also kept outside of it, so that an older copy of it is recognised.
The record is written after its changes are durable in the list: whenever the program or the
computer ends in between, the list is ahead of the record, never the other way round. All figures of
it only ever grow.
"""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Final, NamedTuple

from enhance_gui.core.storage_errors import LIST_REPLACED, StorageError
from enhance_gui.storage.settings.json_files import read_mapping, write_mapping
from enhance_gui.storage.task_db.database import foreign_errors

_log = logging.getLogger(__name__)

_LARGEST: Final = 2**53
_KEYS: Final = ("epoch", "events", "attempts")


class Progress(NamedTuple):
    """How far a list has come."""

    epoch: int
    """Number of the last program that has worked in it."""
    events: int
    """Number of the last event: each change of a task has one."""
    attempts: int = 0
    """Requests that may have been charged, and others; on record the maximum of any list there."""

    def is_before(self, other: Progress) -> bool:
        return self[:2] < other[:2]


class ListFile:
    """One list of tasks on disk, open."""

    def __init__(self, connection: sqlite3.Connection, path: Path, record: Path | None) -> None:
        """:param record: file outside of the list with how far each list has come; ``None``:
        nothing is kept of that.
        """
        self._connection = connection
        self._path = path
        self._record = record
        self._opened = _identity(path)

    @property
    def is_in_place(self) -> bool:
        """Whether the open list is the one that the next start will find."""
        return self._opened is not None and _identity(self._path) == self._opened

    def refuse_if_replaced(self) -> None:
        """:raises StorageError: what is written now will be gone when the program ends."""
        if not self.is_in_place:
            raise StorageError(
                "{path} is not the file that the program has opened",
                path=self._path,
                kind=LIST_REPLACED,
            )

    def recorded(self) -> Progress | None:
        """Return how far the list had come when that was last written down."""
        if self._record is None:
            return None
        kept = read_mapping(self._record).get(str(self._path))
        if not isinstance(kept, dict):
            return None
        figures = [each for key in _KEYS if type(each := kept.get(key)) is int]
        if len(figures) < len(_KEYS) or not all(0 <= figure < _LARGEST for figure in figures):
            return None
        return Progress(*figures)

    def progress(self) -> Progress:
        """Return how far the list has come."""
        with foreign_errors():
            row = self._connection.execute(
                "SELECT coalesce((SELECT epoch FROM owner), 0), "
                "coalesce((SELECT max(id) FROM event), 0), (SELECT count(*) FROM attempt)"
            ).fetchone()
        return Progress(*(min(figure, _LARGEST) for figure in row))

    def write_down(self) -> None:
        """Keep outside of the list how far it has come.

        Where that cannot be written, the work goes on: an earlier figure is true as well.
        """
        if self._record is None or not self.is_in_place:
            return
        kept, before = read_mapping(self._record), self.recorded() or Progress(0, 0)
        try:
            there = self.progress()
            # A new list in the place of one that is gone has sent nothing: what that one had sent
            # must not be forgotten with the next that is lost.
            there = there._replace(attempts=max(there.attempts, before.attempts))
            kept[str(self._path)] = dict(zip(_KEYS, there, strict=True))
            write_mapping(self._record, kept)
        except (OSError, StorageError) as error:
            _log.warning("how far the list has come could not be written down: %s", error)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
