"""Stores how far the files of results have come."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from enhance_gui.core.images.left_out import LeftOut
from enhance_gui.core.images.picture import PictureFacts
from enhance_gui.core.tasks.states import Step
from enhance_gui.core.tasks.task import KEPT, Failure, Task
from enhance_gui.core.text.detail import write_detail
from enhance_gui.storage.task_db import rows
from enhance_gui.storage.task_db.transitions import Repository
from enhance_gui.wire.records import PictureInfo

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Output:
    """One file of a task's result, from planned to published."""

    number: int
    """0 for the main result; then faces or variants."""
    part: Path
    """Where it grows."""
    final: Path
    """Its name when it is whole."""
    suffix: str = ""
    """What follows the stem in its name: empty for the main result; set where it is planned."""
    promised: PictureInfo = field(default_factory=PictureInfo)
    """What the service reports of it; set where it is planned."""
    facts: PictureFacts | None = None
    """What was found of the part; set once it is whole, verified and on disk."""
    left_out: tuple[LeftOut, ...] = ()
    """What it has not that it was to have; set likewise."""
    placed: bool = False
    """Whether it is under its final name."""

    @property
    def name(self) -> str:
        """What it is called in reports: ``face-2``; empty for the main result."""
        return self.suffix.lstrip("-")

    @property
    def is_part_of_picture(self) -> bool:
        """Whether it shows only a part of the picture. A variant is the whole of it."""
        return self.suffix.startswith("-face-")


class Outputs(Repository):
    """Keeps how far the files of a result have come."""

    def begin_fetch(self, task_id: int, outputs: Sequence[Output]) -> Task:
        """Record the names before a byte is written; placed outputs of an earlier try stay.

        The folder of the names is the task's: another one, wanted since they were planned, comes
        too late.
        """
        with self._steps.taking(task_id, Step.FETCH, "fetching") as sql:
            placed = {each.number for each in self.of(task_id) if each.placed}
            sql.execute(
                "DELETE FROM output WHERE task_id = ? "
                "AND number NOT IN (SELECT value FROM json_each(?))",
                (task_id, json.dumps(list(placed))),
            )
            sql.executemany(
                "INSERT INTO output (task_id, number, part, final) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (task_id, number) DO NOTHING",
                [
                    (task_id, output.number, str(output.part), str(output.final))
                    for output in outputs
                ],
            )
            sql.executemany(
                "UPDATE task SET save_folder = ? WHERE id = ?",
                [(str(output.part.parent), task_id) for output in outputs[:1]],
            )
        return self._db.task(task_id)

    def of(self, task_id: int) -> list[Output]:
        """Return the files of a task, the main result first."""
        found = []
        for row in self._db.all(
            "SELECT output.*, save_folder FROM output JOIN task ON task.id = task_id "
            "WHERE task_id = ? ORDER BY number",
            task_id,
        ):
            if rows.is_own_output(row["save_folder"], row):
                found.append(_output(row))
            else:
                _log.warning("a file of task %d is none of its own and left alone", task_id)
        return found

    def is_claimed(self, final: Path, task_id: int) -> bool:
        """Return whether a file under this name may be the result of another task."""
        row = self._db.one(
            "SELECT 1 FROM output WHERE final = ? AND task_id <> ? "
            "AND (placed OR sha256 IS NOT NULL) LIMIT 1",
            str(final),
            task_id,
        )
        return row is not None

    def verified(
        self,
        task_id: int,
        number: int,
        final: Path,
        facts: PictureFacts,
        left_out: Sequence[LeftOut] = (),
    ) -> None:
        """Record that a part is whole and verified, and the name it is about to get.

        :param left_out: what it has not that it was to have.
        """
        self._db.change(
            "UPDATE output SET final = ?, sha256 = ?, size_bytes = ?, format = ?, "
            "width_px = ?, height_px = ?, left_out = ? WHERE task_id = ? AND number = ?",
            str(final),
            facts.sha256,
            facts.size_bytes,
            facts.header.format,
            facts.header.width_px,
            facts.header.height_px,
            rows.left_out_text(left_out),
            task_id,
            number,
        )

    def placed(self, task_id: int, number: int) -> None:
        self._db.change(
            "UPDATE output SET placed = 1 WHERE task_id = ? AND number = ?", task_id, number
        )

    def missing(self, task_id: int, number: int) -> None:
        """Record that a file is no longer in its place."""
        self._db.change(
            "UPDATE output SET placed = 0, sha256 = NULL WHERE task_id = ? AND number = ?",
            task_id,
            number,
        )

    def put_off(self, task_id: int, failure: Failure) -> Task:
        return self._steps.take(task_id, Step.PUT_OFF, failure.kind, failure)

    def lose(self, task_id: int, failure: Failure) -> Task:
        return self._steps.take(task_id, Step.LOSE, failure.kind, failure)

    def saved(self, task_id: int, sidecar: Path | None, missing: Sequence[str] = ()) -> Task:
        """Record that every file is in its place.

        :param missing: why faces or variants are not there, a sentence each.
        """
        written = None if sidecar is None else str(sidecar)
        cause = KEPT if self._db.task(task_id).is_kept else "saved"
        with self._steps.taking(task_id, Step.SAVE, cause, None) as sql:
            sql.execute(
                "UPDATE task SET sidecar = ?, missing = ?, saved_at = ? WHERE id = ?",
                (written, rows.texts_to_json(map(write_detail, missing)), self._db.now(), task_id),
            )
        return self._db.task(task_id)

    def copied(self, task_id: int) -> Task:
        """Record that the user has saved what the program kept for that."""
        with self._db.transaction() as sql:
            task = self._db.task(task_id)
            if task.is_kept:
                sql.execute("UPDATE task SET is_kept = 0 WHERE id = ?", (task_id,))
                self._db.log(sql, task_id, "copy", task.state, task.state, "wish of the user")
        return self._db.task(task_id)


def _output(row: sqlite3.Row) -> Output:
    return Output(
        number=row["number"],
        part=Path(row["part"]),
        final=Path(row["final"]),
        facts=None if row["sha256"] is None else rows.facts_of(row),
        left_out=rows.left_out_of(row),
        placed=bool(row["placed"]),
    )
