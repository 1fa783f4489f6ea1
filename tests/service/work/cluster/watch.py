"""Watches what users see of their tasks, poll after poll, and notes what they never may see.

What holds of a position: it is 0 or above, and above 0 only while the task waits. Of two waiting
tasks of a user the older one is nearer to its turn, and begins first. There are no more tasks
before one than wait at all, and no fewer than the older ones of its user without those that idle
workers begin at once. It grows only by workers that were lost and by what other users have made
meanwhile.

What holds of a task: it goes on, from waiting to its end, and back into the queue only with a new
start of the service. What has ended stays as it ended.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from enhance_gui.service.tasks.status import Status
from tests.service.serving import ENDED


@dataclass(slots=True)
class Room:
    """What is known of a service's room for tasks that are worked on."""

    most: int
    """Of all that it had so far."""
    lost: int = 0
    """How often one less could be worked on than before."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Of one request, what had happened before it was sent."""

    lost_room: int
    made_by_others: int


@dataclass(slots=True)
class _Seen:
    user: str
    status: int = Status.QUEUED
    position: int | None = None
    asked: Moment = Moment(0, 0)


class Watch:
    """What was seen of all tasks of a service."""

    def __init__(self, room: Room) -> None:
        """:param room: is kept up to date by others."""
        self.wrong: list[str] = []
        self.ends: dict[str, dict[str, Any]] = {}
        """The records of the tasks that have ended."""
        self.polls = 0
        self.grown = 0
        """How often a position was seen to have grown, rightly."""
        self._room = room
        self._seen: dict[str, _Seen] = {}
        self._made: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()
        """How many createtask calls of each user have been sent."""

    def makes(self, user: str = "") -> None:
        """Take note that a task is about to be made."""
        self._sent[user] += 1

    def refused(self, user: str = "") -> None:
        """Take note that none was made."""
        self._sent[user] -= 1

    def made(self, task_id: str, user: str = "") -> None:
        """Take note of a task; those of a user in the order in which they are made."""
        self._seen[task_id] = _Seen(user)
        self._made[user] += 1

    def restarted(self) -> None:
        """Take note that the service was started anew: what was worked on waits again."""
        for task_id, seen in self._seen.items():
            if task_id not in self.ends:
                seen.status, seen.position = Status.QUEUED, None

    def tasks(self, user: str = "") -> list[str]:
        """Return the tasks of a user, the oldest first."""
        return [task_id for task_id, seen in self._seen.items() if seen.user == user]

    def unsettled(self, user: str = "") -> list[str]:
        """Return those of the tasks of a user whose end was not seen."""
        return [task_id for task_id in self.tasks(user) if task_id not in self.ends]

    def moment(self, user: str = "") -> Moment:
        """Return what has happened: before each request of a user."""
        return Moment(self._room.lost, self._made.total() - self._made[user])

    def saw(self, task_id: str, record: dict[str, Any], asked: Moment) -> None:
        """Compare a record with what was seen before.

        :param asked: the moment before it was asked for.
        """
        self.polls += 1
        seen = self._seen[task_id]
        status, position = record["status"], record["queuenum"]
        if record != self.ends.get(task_id, record):
            self._note(task_id, f"had ended as {self.ends[task_id]}, and is {record}")
        if status < seen.status:
            self._note(task_id, f"went back from status {seen.status} to {status}")
        if position < 0 or (position and status != Status.QUEUED):
            self._note(task_id, f"has status {status} and the position {position}")
        if status == Status.QUEUED:
            self._compare(task_id, seen, position)
        seen.status, seen.asked = status, asked
        seen.position = position if status == Status.QUEUED else None
        if status in ENDED:
            self.ends[task_id] = record

    def saw_round(self, records: list[tuple[str, dict[str, Any], Moment]]) -> None:
        """Compare records of tasks of one user that were asked for one by one, the newest first."""
        newer: tuple[str, int, int, Moment] | None = None
        for task_id, record, asked in records:
            self.saw(task_id, record, asked)
            status, position = record["status"], record["queuenum"]
            if newer is not None and status == Status.QUEUED:
                other, other_status, other_position, other_asked = newer
                if other_status != Status.QUEUED:
                    self._note(task_id, f"waits, and {other}, which is newer, has begun")
                user = self._seen[task_id].user
                may_be = other_position - 1 + self._growth(user, other_asked)
                if position > max(0, may_be):
                    self._note(
                        task_id, f"is at {position}, and {other}, newer, at {other_position}"
                    )
            newer = task_id, status, position, asked
        waiting = [each for each in records if each[1]["status"] == Status.QUEUED]
        for older, (task_id, record, _) in enumerate(reversed(waiting)):
            if record["queuenum"] <= older - self._room.most:
                self._note(task_id, f"is at {record['queuenum']} behind {older} of its user")

    def _compare(self, task_id: str, seen: _Seen, position: int) -> None:
        begun = sum(other.status != Status.QUEUED for other in self._seen.values())
        waiting = self._sent.total() - begun
        if position > waiting:
            self._note(task_id, f"is at {position}, and only {waiting} can wait")
        if seen.position is not None and position > seen.position:
            self.grown += 1
            if position > seen.position + self._growth(seen.user, seen.asked):
                self._note(task_id, f"went back from {seen.position} to {position}")

    def _growth(self, user: str, since: Moment) -> int:
        """Return by how much the position of a user's task may have grown since some moment."""
        made_by_others = self._sent.total() - self._sent[user] - since.made_by_others
        return self._room.lost - since.lost_room + made_by_others

    def _note(self, task_id: str, what: str) -> None:
        self.wrong.append(f"{task_id[:8]} {what}")
