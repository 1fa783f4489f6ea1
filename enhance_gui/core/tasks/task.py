"""Tasks, their states and every step between them.

A task is one picture with one enhance type on one service. The tables here are the whole state
machine: the database enforces them again with triggers built from these very tables, and the
property tests walk them.

The create call is paid and not idempotent. What keeps it from being paid twice is in three rules:
the attempt is durable (:attr:`TaskState.SENDING`) before the first byte leaves; an attempt whose
answer is not known is :attr:`TaskState.IN_DOUBT`; and out of that state leads no step that the
program takes by itself, except on proof (:attr:`Step.ADOPT`) or where the service promises that an
equal private id is the same task (:attr:`Step.SEND_SAME`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from pathlib import Path
from typing import Final

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.picture import CheckedPicture
from enhance_gui.core.images.source import ImageSource, stored_source
from enhance_gui.core.service_errors import (
    CreateInDoubt,
    DoubtNotRepeated,
    TaskDeleted,
    TaskUnknown,
)


class TaskState(StrEnum):
    """Where a task is. The value is what the database holds."""

    DRAFT = "draft"
    """Added, not yet started by the user."""
    QUEUED = "queued"
    """Will be sent; free to cancel."""
    SENDING = "sending"
    """createtask may be on its way."""
    IN_DOUBT = "in_doubt"
    """createtask was sent, its answer is not known: a charge is possible."""
    ACCEPTED = "accepted"
    """The service has the task: it is polled."""
    FINISHED = "finished"
    """The service has the result; it is not on disk yet."""
    FETCHING = "fetching"
    """The result is being downloaded, verified and placed."""
    SAVED = "saved"
    """Every file is verified and under its final name."""
    FAILED = "failed"
    """It ended without a result; the reason is recorded."""
    CANCELLING = "cancelling"
    """The user wants it gone; the service is being told."""
    CANCELLED = "cancelled"
    """Gone by the user's wish."""
    WRITTEN_OFF = "written_off"
    """In doubt, and given up by the user."""


ENDED: Final = frozenset(
    {TaskState.SAVED, TaskState.FAILED, TaskState.CANCELLED, TaskState.WRITTEN_OFF}
)
"""Nothing happens any more unless the user asks for it."""


class Step(Enum):
    """Every way from one state to another: ``(word, from, to)``."""

    START = ("start", frozenset({TaskState.DRAFT}), TaskState.QUEUED)
    """The user starts it."""
    REMOVE = ("remove", frozenset({TaskState.DRAFT, TaskState.QUEUED}), TaskState.CANCELLED)
    """The user takes it back before anything more was sent."""
    REFUSE = ("refuse", frozenset({TaskState.DRAFT, TaskState.QUEUED}), TaskState.FAILED)
    """Preflight finds that the picture cannot be used; nothing more was sent."""
    DOUBT_AGAIN = (
        "doubt_again",
        frozenset({TaskState.DRAFT, TaskState.QUEUED}),
        TaskState.IN_DOUBT,
    )
    """A further attempt comes to nothing before it is sent: an earlier one is still in doubt."""
    SEND = ("send", frozenset({TaskState.QUEUED}), TaskState.SENDING)
    """A new attempt, with a private id of its own, is about to leave."""
    SEND_SAME = ("send_same", frozenset({TaskState.IN_DOUBT}), TaskState.SENDING)
    """The same attempt again, same private id: only to a service for which that is one task."""
    UNSENT = ("unsent", frozenset({TaskState.SENDING}), TaskState.QUEUED)
    """The service did not process the request: to be sent later."""
    ACCEPT = ("accept", frozenset({TaskState.SENDING}), TaskState.ACCEPTED)
    """The service named its task id."""
    HOLD = ("hold", frozenset({TaskState.SENDING}), TaskState.QUEUED)
    """The service refused for a reason that will pass, such as an empty balance."""
    REJECT = ("reject", frozenset({TaskState.SENDING}), TaskState.FAILED)
    """The service refused the picture."""
    DOUBT = ("doubt", frozenset({TaskState.SENDING}), TaskState.IN_DOUBT)
    """No answer to believe came back; or a further attempt was refused, not the one in doubt."""
    ADOPT = (
        "adopt",
        frozenset(
            {
                TaskState.IN_DOUBT,
                TaskState.DRAFT,
                TaskState.QUEUED,
                TaskState.WRITTEN_OFF,
                TaskState.FAILED,
                TaskState.CANCELLED,
            }
        ),
        TaskState.ACCEPTED,
    )
    """Proof came late: the service has a task with our private id."""
    SEND_AGAIN = ("send_again", frozenset({TaskState.IN_DOUBT}), TaskState.QUEUED)
    """The user approves a second attempt, knowing that it may cost twice."""
    GIVE_UP = ("give_up", frozenset({TaskState.IN_DOUBT}), TaskState.WRITTEN_OFF)
    """The user writes it off."""
    FINISH = ("finish", frozenset({TaskState.ACCEPTED}), TaskState.FINISHED)
    """gettask shows the result."""
    FAIL = ("fail", frozenset({TaskState.ACCEPTED}), TaskState.FAILED)
    """gettask shows that it failed, was deleted, or is unknown."""
    FETCH = ("fetch", frozenset({TaskState.FINISHED}), TaskState.FETCHING)
    """Names are reserved and recorded; the download begins."""
    PUT_OFF = ("put_off", frozenset({TaskState.FETCHING}), TaskState.FINISHED)
    """The download or the saving did not succeed now; it will be tried again."""
    SAVE = ("save", frozenset({TaskState.FETCHING}), TaskState.SAVED)
    """Every file is in its place."""
    LOSE = ("lose", frozenset({TaskState.FINISHED, TaskState.FETCHING}), TaskState.FAILED)
    """The result cannot be had, or is not the picture promised."""
    CANCEL = ("cancel", frozenset({TaskState.ACCEPTED}), TaskState.CANCELLING)
    """The user wants it deleted on the service."""
    CANCELLED = ("cancelled", frozenset({TaskState.CANCELLING}), TaskState.CANCELLED)
    """The service has deleted it, or no longer knows it."""
    KEEP = ("keep", frozenset({TaskState.CANCELLING}), TaskState.ACCEPTED)
    """The service would not delete it: it is followed again."""
    RETRY = (
        "retry",
        frozenset({TaskState.FAILED, TaskState.CANCELLED, TaskState.WRITTEN_OFF}),
        TaskState.QUEUED,
    )
    """The user wants a new attempt, knowing that it costs again."""
    ASK_AGAIN = (
        "ask_again",
        frozenset({TaskState.FAILED, TaskState.CANCELLED, TaskState.WRITTEN_OFF, TaskState.SAVED}),
        TaskState.ACCEPTED,
    )
    """The user wants the service asked once more about a task it accepted; free."""

    @property
    def word(self) -> str:
        """The name of the step in the log of events."""
        return self.value[0]

    @property
    def sources(self) -> frozenset[TaskState]:
        return self.value[1]

    @property
    def target(self) -> TaskState:
        return self.value[2]


class Outcome(StrEnum):
    """What became of one attempt: one createtask with one private id."""

    OPEN = "open"
    """It may be on its way."""
    UNSENT = "unsent"
    """The service surely did not process it."""
    REJECTED = "rejected"
    """The service refused it: no charge."""
    IN_DOUBT = "in_doubt"
    """It may have been processed, and charged."""
    ACCEPTED = "accepted"
    """The service named a task id."""


OUTCOME_STEPS: Final[frozenset[tuple[Outcome, Outcome]]] = frozenset(
    {
        (Outcome.OPEN, Outcome.UNSENT),
        (Outcome.OPEN, Outcome.REJECTED),
        (Outcome.OPEN, Outcome.IN_DOUBT),
        (Outcome.OPEN, Outcome.ACCEPTED),
        (Outcome.IN_DOUBT, Outcome.OPEN),
        (Outcome.IN_DOUBT, Outcome.ACCEPTED),
    }
)
"""Every change of an attempt's outcome. Accepted, rejected and unsent are final."""

CHARGE_POSSIBLE: Final = frozenset({Outcome.OPEN, Outcome.IN_DOUBT, Outcome.ACCEPTED})
"""Outcomes of attempts that may have cost something."""


_SENT_ANEW: Final = frozenset({TaskState.QUEUED, TaskState.SENDING, TaskState.IN_DOUBT})
"""States in which an attempt that was accepted earlier counts no more than any other."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task failed or waits, in a form that can be stored."""

    kind: str
    """The stable word of the error's class."""
    detail: str
    """What exactly happened, one clause."""
    code: int | None = None
    """The service's number, where it sent one."""

    @classmethod
    def of(cls, error: EnhanceError) -> Failure:
        return cls(error.kind, error.detail, error.code)


@dataclass(frozen=True, slots=True)
class NewTask:
    """What the user asks for."""

    input: str
    """An address or the absolute path of a local file."""
    service: str
    """Name of the service's profile."""
    type_id: int
    type_name: str
    save_folder: Path
    given: str = field(default="", compare=False)
    """The input as the user wrote it; empty: just so. Spellings of one input make no two tasks."""
    cost: float = field(default=0, compare=False)
    """Credits that it was known to cost when it was asked for; 0: not known."""
    sha256: str = field(default="", compare=False)
    """Of a file on this computer; empty where that is not known."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One createtask of a task."""

    number: int
    """1 for the first."""
    private_id: str
    """The ``chtaskid`` that was sent."""
    outcome: Outcome
    service_task_id: str | None
    """The service's ``taskid``; set exactly where the outcome is accepted."""
    approved: bool
    """Whether the user said yes to another attempt after this one."""
    deleted: bool = False
    """Whether the service has deleted its record of it, by the user's wish."""
    elsewhere: bool = False
    """Whether the service had another address then: its number says nothing at the present one."""
    delete_wanted: bool = False
    """Whether the user wants the service's record of it deleted, which is still to be done."""
    proven_late: bool = False
    """Whether it was known to be accepted only when the next attempt had been sent."""


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """One line of a task's log."""

    at: datetime
    step: str
    """The word of a :class:`Step`, or of what happened without one: add, check, delete, …"""
    target: TaskState
    """Where the task was after it."""
    cause: str
    """Who or what led to it; of a failure the stable word of its class."""
    detail: str = ""
    """What exactly: an id, a picture's kind and size, the clause of a failure."""


_DELETED: Final = TaskDeleted.kind
"""The failure by which the service says that the task is gone for good."""

_FORGOTTEN: Final = frozenset({TaskUnknown.kind, _DELETED})
"""Failures by which the service says that it does not have the task now: nothing is to delete."""


@dataclass(frozen=True, slots=True)
class Task:
    """A stored task, as it is at one moment."""

    id: int
    """This program's own number for it."""
    input: str
    service: str
    type_id: int
    type_name: str
    save_folder: Path
    state: TaskState
    created_at: datetime
    checked: CheckedPicture | None = None
    """What preflight found."""
    input_sha256: str | None = None
    input_copy: Path | None = None
    """The picture that went in, kept for comparing; a local file is its own."""
    attempts: tuple[Attempt, ...] = ()
    record: bytes | None = None
    """The service's last record of it, as JSON."""
    failure: Failure | None = None
    """Why it failed, is in doubt, or waits."""
    accepted_at: datetime | None = None
    finished_at: datetime | None = None
    saved_at: datetime | None = None
    files: tuple[Path, ...] = ()
    """Saved pictures, the main result first."""
    sidecar: Path | None = None
    given: str = ""
    """The input as the user wrote it first; empty: as :attr:`input`."""
    batch: int | None = None
    """The batch with which it shares a limit; ``None``: it is in none."""
    cost: float = 0
    """Credits that it was known to cost when it was added or asked for again; 0: not known."""

    @property
    def source(self) -> ImageSource:
        """The input, read.

        :raises AddressNotUsable: it is none that a service could be given.
        """
        return stored_source(self.input)

    @property
    def attempt(self) -> Attempt | None:
        """The last attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def followed(self) -> Attempt | None:
        """The attempt that the task stands for.

        Once accepted that is the last accepted one: a late proof may show that an earlier attempt
        was. Before, it is the one under way, else the last in doubt: what became of a further
        attempt says nothing of it. Without either it is the last.
        """
        counts = Outcome.OPEN if self.state in _SENT_ANEW else Outcome.ACCEPTED
        for outcome in (counts, Outcome.IN_DOUBT):
            if found := [attempt for attempt in self.attempts if attempt.outcome is outcome]:
                return found[-1]
        return self.attempt

    @property
    def doubtful(self) -> Attempt | None:
        """The attempt in doubt that the task goes back to where a further one comes to nothing.

        None where an attempt was accepted: more is known of that one.
        """
        outcomes = {attempt.outcome for attempt in self.attempts}
        has_doubt = Outcome.IN_DOUBT in outcomes and Outcome.ACCEPTED not in outcomes
        return self.followed if has_doubt else None

    @property
    def private_id(self) -> str | None:
        return self.followed.private_id if self.followed else None

    @property
    def private_ids(self) -> tuple[str, ...]:
        """Under which the service may know it: one an attempt."""
        return tuple(attempt.private_id for attempt in self.attempts)

    @property
    def service_task_id(self) -> str | None:
        return self.followed.service_task_id if self.followed else None

    @property
    def charges_possible(self) -> int:
        """How many times the service may have charged for it."""
        return sum(attempt.outcome in CHARGE_POSSIBLE for attempt in self.attempts)

    @property
    def on_service(self) -> tuple[Attempt, ...]:
        """The attempts of which the service, where it is now, still has a record, as far as is
        known.
        """
        forgotten = self.failure is not None and self.failure.kind in _FORGOTTEN
        return tuple(
            attempt
            for attempt in self.attempts
            if attempt.outcome is Outcome.ACCEPTED
            and not attempt.deleted
            and not attempt.elsewhere
            and not (forgotten and attempt == self.followed)
        )

    @property
    def to_delete(self) -> tuple[Attempt, ...]:
        """The attempts whose records the service is still to delete, by the user's wish."""
        return tuple(each for each in self.on_service if each.delete_wanted)

    @property
    def can_ask_again(self) -> bool:
        """Whether the service may have a result of this ended task: to ask is free."""
        followed = self.followed
        return (
            self.state in Step.ASK_AGAIN.sources
            and followed is not None
            and followed.outcome is Outcome.ACCEPTED
            and not (followed.deleted or followed.elsewhere)
            and (self.failure is None or self.failure.kind != _DELETED)
        )

    @property
    def may_be_repeated(self) -> bool:
        """Whether it is in doubt, and its service may be sent the very request again by itself.

        That is for a service alone to which an equal private id is the same task.
        """
        is_known_here = self.failure is None or self.failure.kind != DoubtNotRepeated.kind
        return self.state is TaskState.IN_DOUBT and self.private_id is not None and is_known_here

    @property
    def is_refused_again(self) -> bool:
        """Whether it is in doubt, and its service has refused to be sent the same once more."""
        is_doubt = self.failure is None or self.failure.kind == CreateInDoubt.kind
        return self.state is TaskState.IN_DOUBT and not is_doubt

    @property
    def accepted_twice(self) -> bool:
        """Whether two attempts are proven to have been accepted, which nobody knew in between.

        Not where the user wanted another attempt of a task that had been accepted and had failed.
        """
        accepted = [attempt for attempt in self.attempts if attempt.outcome is Outcome.ACCEPTED]
        return len(accepted) > 1 and any(each.proven_late for each in accepted)

    @property
    def before_file(self) -> Path | None:
        """Where the picture that went in can be looked at; it may have been removed since."""
        if self.input_copy is not None:
            return self.input_copy
        return Path(self.input) if Path(self.input).is_absolute() else None

    @property
    def megapixels(self) -> float:
        """Size of the picture in 10⁶ pixels; 1 where it is not known."""
        if self.checked is None:
            return 1.0
        return self.checked.header.width_px * self.checked.header.height_px / 1e6
