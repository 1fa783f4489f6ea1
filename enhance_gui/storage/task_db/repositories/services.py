"""Stores the profiles, names and durations of services."""

from __future__ import annotations

import json
from typing import Final

from enhance_gui.core.images.addresses import same_spelling
from enhance_gui.core.services.profile import ServiceProfile, profile_to_mapping
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.tasks.work_times import DurationSample
from enhance_gui.storage.task_db import rows
from enhance_gui.storage.task_db.schema import ENDED_STATES
from enhance_gui.storage.task_db.transitions import Repository

ADDRESS: Final = (
    "coalesce((SELECT nullif(json_extract(profile, '$.base_url'), "  # noqa: S608  a constant
    f"'{rows.LOST_ADDRESS}') FROM service "
    "WHERE name = {service} AND json_valid(profile)), '')"
)
"""Where a service is now; empty where that was lost."""

_DURATIONS_KEPT: Final = 2000
"""Finished tasks per service whose durations the poller learns from."""


class Services(Repository):
    """The services that tasks were or will be sent to."""

    def remember(self, profile: ServiceProfile) -> None:
        """Store the profile, so that stored tasks can be resumed without its file."""
        self._db.change(
            "INSERT INTO service (name, profile) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET profile = excluded.profile",
            profile.name,
            _written(profile),
        )

    def profile(self, name: str) -> ServiceProfile | None:
        """Return the stored profile."""
        row = self._db.one("SELECT profile FROM service WHERE name = ?", name)
        return None if row is None else rows.profile_of(row["profile"], name)

    def namesakes(self, profile: ServiceProfile) -> list[str]:
        """Return the other names under which tasks may have been charged at a profile's address."""
        return [
            row["service"]
            for row in self._db.all(
                "SELECT DISTINCT service FROM attempt "
                "WHERE same_spelling(base_url) = ? AND service <> ? ORDER BY service",
                same_spelling(profile.base_url),
                profile.name,
            )
        ]

    def has_sent(self, service: str) -> bool:
        """Return whether a service may have tasks of ours whose results are still to come."""
        row = self._db.one(
            "SELECT 1 FROM task JOIN attempt ON attempt.task_id = task.id "  # noqa: S608
            "WHERE task.service = ? "
            f"AND state NOT IN ('draft', {ENDED_STATES}) LIMIT 1",
            service,
        )
        return row is not None

    def durations(self, service: str) -> list[DurationSample]:
        """Return what was learned of a service's durations, oldest first."""
        return [
            DurationSample(row["type_id"], row["megapixels"], row["after_s"], row["by_s"])
            for row in self._db.all(
                "SELECT * FROM (SELECT * FROM duration WHERE service = ? ORDER BY id DESC LIMIT ?) "
                "ORDER BY id",
                service,
                _DURATIONS_KEPT,
            )
        ]

    def rename(self, before: str, profile: ServiceProfile) -> list[Task]:
        """Rename the service of stored tasks, and of what was learned of it.

        Nothing is renamed while a task of it has not ended. What stays under the old name: a task
        with a number that a task of the new name has too, and the old profile, since a picture may
        be about to be added for it.

        :returns: the tasks that were renamed and not taken from the list, oldest first.
        """
        with self._db.transaction() as sql:
            if self._is_unfinished(before):
                return []
            sql.execute(
                "INSERT INTO service (name, profile) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (profile.name, _written(profile)),
            )
            renamed = json.dumps(self._movable(before, profile.name))
            for statement in (
                "UPDATE attempt SET service = ? WHERE task_id IN (SELECT value FROM json_each(?))",
                "UPDATE task SET service = ? WHERE id IN (SELECT value FROM json_each(?))",
            ):
                sql.execute(statement, (profile.name, renamed))
            sql.execute("UPDATE duration SET service = ? WHERE service = ?", (profile.name, before))
        return self._db.tasks_from(
            self._db.all(
                "SELECT * FROM task WHERE id IN (SELECT value FROM json_each(?)) "
                "AND hidden_at IS NULL ORDER BY id",
                renamed,
            )
        )

    def _is_unfinished(self, service: str) -> bool:
        sql = f"SELECT 1 FROM task WHERE service = ? AND state NOT IN ({ENDED_STATES}) LIMIT 1"  # noqa: S608
        return self._db.one(sql, service) is not None

    def _movable(self, service: str, target: str) -> list[int]:
        """Return the tasks that can be moved to another service's name without a conflict."""
        found = self._db.all(
            "SELECT id FROM task WHERE service = ? AND NOT EXISTS (SELECT 1 FROM attempt AS own "
            "JOIN attempt AS other USING (base_url, service_task_id) "
            "WHERE own.task_id = task.id AND other.service = ?)",
            service,
            target,
        )
        return [row["id"] for row in found]


def _written(profile: ServiceProfile) -> str:
    return json.dumps(profile_to_mapping(profile), ensure_ascii=False)
