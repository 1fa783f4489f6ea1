"""Tasks: what each is, its attempts, and what went wrong with it."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.inputs.source import ImageSource, is_web, stored_source
from enhance_gui.core.images.left_out import LeftOut
from enhance_gui.core.images.picture import CheckedPicture
from enhance_gui.core.service_errors import (
    CreateInDoubt,
    DoubtNotRepeated,
    TaskDeleted,
    TaskUnknown,
)
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.saving import DEFAULT_QUALITY, ResultFormat, Saving
from enhance_gui.core.storage_errors import TASK_RECOVERED
from enhance_gui.core.tasks.states import CHARGE_POSSIBLE, NOT_SENT, Outcome, Step, TaskState

KEPT: Final = "kept"
"""The cause in a task's log of a result that the program keeps until the user saves it."""

_SENT_ANEW: Final = frozenset({TaskState.QUEUED, TaskState.SENDING, TaskState.IN_DOUBT})
"""States in which an attempt that was accepted earlier counts no more than any other."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task failed or waits, in a form that can be stored."""

    kind: str
    """The stable identifier of the error's class."""
    detail: str
    """What exactly happened, one clause."""
    code: int | None = None
    """The service's number, where it sent one."""

    @classmethod
    def of(cls, error: EnhanceError) -> Failure:
        return cls(error.kind, error.detail, error.code)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to add, as the user asks for it."""

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
    """Hash of a file on this computer; empty where it is not known."""
    result_format: ResultFormat | None = field(default=None, compare=False)
    """``None``: that of the task it is a duplicate of; of a new one, as the service gives it."""
    quality: int | None = field(default=None, compare=False)
    """Of a result that is converted with loss; ``None``: likewise, and the default."""
    is_kept: bool = field(default=False, compare=False)
    """Whether the program keeps the result until the user saves it."""
    is_default_folder: bool = field(default=False, compare=False)
    """Whether the user named no folder: the task that it is a duplicate of keeps its own."""


def new_task(
    input_: str,
    profile: ServiceProfile,
    kind: EnhanceType,
    saving: Saving,
    added_at: datetime,
) -> NewTask:
    """Return a task to add for a picture.

    :param saving: names the save folder.
    :param added_at: the same moment for all that are added together.
    """
    assert saving.folder is not None  # noqa: S101  of what is stored alone it may be left as it is
    folder = saving.folder_of(input_, saving.folder, added_at)
    return NewTask(
        input_,
        profile.name,
        kind.id,
        kind.name,
        folder,
        result_format=saving.result_format,
        quality=saving.quality,
        is_kept=saving.keeps,
        is_default_folder=saving.is_default_folder and folder == saving.folder,
    )


def new_private_id() -> str:
    """Return a fresh ``chtaskid``: 128 random bits, so that nobody can guess one in a callback."""
    return base64.b32encode(os.urandom(16)).decode().rstrip("=").lower()


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
    """Whether the user approved another attempt after this one."""
    deleted: bool = False
    """Whether the service has deleted its record of it, at the user's request."""
    elsewhere: bool = False
    """Whether the service had another address then: its number means nothing at the present one."""
    delete_wanted: bool = False
    """Whether the user wants the service's record of it deleted, which is still to be done."""
    proven_late: bool = False
    """Whether it was known to be accepted only when the next attempt had been sent."""


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """One entry of a task's log."""

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
"""The failure by which the service reports that the task is gone for good."""

_FORGOTTEN: Final = frozenset({TaskUnknown.kind, _DELETED})
"""Failures by which the service reports that it does not have the task: nothing is to delete."""


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
    rank: int = 0
    """Where it stands among those that wait to be sent to its service: lower ones go first, and of
    equal ones the older."""
    result_format: ResultFormat = ResultFormat.AS_GIVEN
    """The kind of file that the user wants."""
    quality: int = DEFAULT_QUALITY
    is_kept: bool = False
    """Whether the program keeps the result until the user saves it, who has not done so yet."""
    left_out: tuple[LeftOut, ...] = ()
    """What the saved result has not that it was to have, beside what the original's file lost."""
    missing: tuple[str, ...] = ()
    """Why faces or variants are not there, a sentence each."""

    @property
    def source(self) -> ImageSource:
        """The input, read.

        :raises AddressNotUsable: it is none that a service could be given.
        """
        return stored_source(self.input)

    @property
    def picture_name(self) -> str:
        """What people call the picture, with its ending where it has one.

        :raises AddressNotUsable: as :attr:`source` does.
        """
        return (self.checked.name if self.checked else "") or self.source.name

    @property
    def stands_for(self) -> str:
        """The address in whose place the picture that came with it is used; empty: of none."""
        return self.given if is_web(self.given) and not is_web(self.input) else ""

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
        """The private ids under which the service may know it: one for each attempt."""
        return tuple(attempt.private_id for attempt in self.attempts)

    @property
    def service_task_id(self) -> str | None:
        return self.followed.service_task_id if self.followed else None

    @property
    def charges_possible(self) -> int:
        """How many times the service may have charged for it."""
        return sum(attempt.outcome in CHARGE_POSSIBLE for attempt in self.attempts)

    @property
    def can_change_type(self) -> bool:
        """Whether it can get another enhance type: nothing of it was, or may have been, sent.

        What was surely not processed is none of that.
        """
        is_recovered = self.failure is not None and self.failure.kind == TASK_RECOVERED
        return self.state in NOT_SENT and not self.charges_possible and not is_recovered

    @property
    def may_have_cost(self) -> int:
        """The same, as far as it can have cost something: this computer charges nothing."""
        return 0 if self.service == LOCAL_SERVICE_NAME else self.charges_possible

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
        """The attempts whose records the service is still to delete, at the user's request."""
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
        """Path of the picture that went in; it may have been removed since."""
        if self.input_copy is not None:
            return self.input_copy
        return Path(self.input) if Path(self.input).is_absolute() else None

    @property
    def megapixels(self) -> float:
        """Size of the picture in 10⁶ pixels; 1 where it is not known."""
        if self.checked is None:
            return 1.0
        return self.checked.header.width_px * self.checked.header.height_px / 1e6
