"""Stores callback hints about attempts until they are proven or refuted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from enhance_gui.core.tasks.states import Outcome, Step
from enhance_gui.core.tasks.task import Task
from enhance_gui.storage.task_db.repositories.attempts import part_from_earlier
from enhance_gui.storage.task_db.repositories.services import ADDRESS
from enhance_gui.storage.task_db.transitions import Repository, set_failure

_HINTS_KEPT: Final = 8
"""Maximum number of task ids that callbacks may name for one attempt; one can be true."""


@dataclass(frozen=True, slots=True)
class StoredHint:
    """A callback about a stored attempt."""

    task_id: int
    """This program's number of the task."""
    service_task_id: str
    private_id: str
    outcome: Outcome
    """What is known of the attempt without the callback."""


class CallbackHints(Repository):
    """Keeps hints about attempts in doubt, and the proofs that come of them."""

    def task_of(self, private_id: str) -> Task | None:
        """Return the task with an attempt that carries this ``chtaskid``."""
        row = self._db.one(
            "SELECT task.* FROM task JOIN attempt ON attempt.task_id = task.id "
            "WHERE attempt.private_id = ?",
            private_id,
        )
        return None if row is None else self._db.tasks_from([row])[0]

    def note(self, service: str, service_task_id: str, private_id: str) -> StoredHint | None:
        """Store a callback about an attempt whose own answer is not known.

        :returns: the attempt as it stands; ``None`` where the callback is of no
            use: an unknown task, or an attempt of which something else is known.
        """
        hint = self._hint(service, service_task_id, private_id)
        if hint is None or hint.outcome is Outcome.ACCEPTED:
            return hint
        kept = {each.service_task_id for each in self.of(service, private_id)}
        if service_task_id not in kept:
            if len(kept) >= _HINTS_KEPT:
                return None
            self._db.change("INSERT INTO callback_hint VALUES (?, ?)", private_id, service_task_id)
        return hint

    def of(self, service: str, private_id: str | None = None) -> list[StoredHint]:
        """Return the stored callbacks of a service, or of one attempt."""
        return [
            StoredHint(row["task_id"], row["named"], row["private_id"], Outcome(row["outcome"]))
            for row in self._db.all(
                "SELECT attempt.*, callback_hint.service_task_id AS named FROM callback_hint "
                "JOIN attempt USING (private_id) "
                "WHERE service = ? AND private_id = coalesce(?, private_id)",
                service,
                private_id,
            )
        ]

    def forget(self, private_id: str, service_task_id: str) -> None:
        """Drop a stored callback: settled, or refuted."""
        self._db.change(
            "DELETE FROM callback_hint WHERE private_id = ? AND service_task_id = ?",
            private_id,
            service_task_id,
        )

    def confirm_accepted(self, private_id: str, service_task_id: str) -> Task | None:
        """Record the proof that an attempt in doubt was accepted after all.

        The task is followed from here where it has not ended well and no later attempt is
        accepted; else it is only known from now on that it was accepted twice.

        :returns: the task, or ``None`` where no attempt in doubt carries this private id.
        """
        task = self.task_of(private_id)
        attempt = (
            next((a for a in task.attempts if a.private_id == private_id), None) if task else None
        )
        if task is None or attempt is None or attempt.outcome is not Outcome.IN_DOUBT:
            return None
        with self._db.transaction() as sql:
            part_from_earlier(sql, private_id, service_task_id)
            # It is known where the service is now, which may have moved since it was sent.
            sql.execute(
                "UPDATE attempt SET outcome = 'accepted', service_task_id = ?, settled_at = ?, "  # noqa: S608
                f"base_url = coalesce(nullif({ADDRESS.format(service='attempt.service')}, ''), "
                "base_url) WHERE private_id = ?",
                (service_task_id, self._db.now(), private_id),
            )
            sql.execute("DELETE FROM callback_hint WHERE private_id = ?", (private_id,))
            overtaken = any(
                each.outcome is Outcome.ACCEPTED and each.number > attempt.number
                for each in task.attempts
            )
            if task.state in Step.ADOPT.sources and not overtaken:
                sql.execute(
                    "UPDATE task SET accepted_at = ? WHERE id = ?", (self._db.now(), task.id)
                )
                self._steps.walk(sql, task, Step.ADOPT, "proof by callback", service_task_id)
                set_failure(sql, task.id, None)
            else:
                self._db.log(
                    sql,
                    task.id,
                    "adopt",
                    task.state,
                    task.state,
                    "accepted twice",
                    service_task_id,
                )
        return self._db.task(task.id)

    def _hint(self, service: str, service_task_id: str, private_id: str) -> StoredHint | None:
        # The private id is this program's own and means one attempt wherever the service is; the
        # other one means something only where it was given out.
        row = self._db.one(
            "SELECT * FROM attempt WHERE service = ? AND private_id = ? "  # noqa: S608
            "AND (outcome IN ('open', 'in_doubt') OR service_task_id = ?) "
            "UNION ALL SELECT * FROM (SELECT * FROM attempt WHERE service = ? "
            f"AND service_task_id = ? AND base_url IN ({ADDRESS.format(service='?')}, '') "
            "ORDER BY base_url DESC) LIMIT 1",
            service,
            private_id,
            service_task_id,
            service,
            service_task_id,
            service,
        )
        if row is None:
            return None
        outcome = Outcome(row["outcome"])
        return StoredHint(row["task_id"], service_task_id, row["private_id"], outcome)
