"""The states of tasks and attempts, and every step between them.

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

from enum import Enum, StrEnum
from typing import Final


class TaskState(StrEnum):
    """The state of a task. The value is what the database holds."""

    DRAFT = "draft"
    """Added, not yet started by the user."""
    QUEUED = "queued"
    """Will be sent; free to cancel."""
    SENDING = "sending"
    """createtask may be on its way."""
    IN_DOUBT = "in_doubt"
    """createtask was sent, its answer is not known: it may have been charged."""
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
    """The user has cancelled it; the service is asked to delete it."""
    CANCELLED = "cancelled"
    """Cancelled by the user."""
    WRITTEN_OFF = "written_off"
    """In doubt, and given up by the user."""


ENDED: Final = frozenset(
    {TaskState.SAVED, TaskState.FAILED, TaskState.CANCELLED, TaskState.WRITTEN_OFF}
)
"""Nothing happens any more unless the user asks for it."""

NOT_SENT: Final = frozenset({TaskState.DRAFT, TaskState.QUEUED})
"""Nothing was sent, or nothing further."""

WITHOUT_RESULT: Final = ENDED - {TaskState.SAVED}


class Step(Enum):
    """Every transition from one state to another: ``(word, from, to)``."""

    START = ("start", frozenset({TaskState.DRAFT}), TaskState.QUEUED)
    """The user starts it."""
    REVIEW = ("review", frozenset({TaskState.QUEUED}), TaskState.DRAFT)
    """The user wants another enhance type, and whether it is to be sent with that is asked anew."""
    REMOVE = ("remove", NOT_SENT, TaskState.CANCELLED)
    """The user takes it back before anything more was sent."""
    REFUSE = ("refuse", NOT_SENT, TaskState.FAILED)
    """Preflight finds that the picture cannot be used; nothing more was sent."""
    DOUBT_AGAIN = ("doubt_again", NOT_SENT, TaskState.IN_DOUBT)
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
    """No trustworthy answer came back; or a further attempt was refused, not the one in doubt."""
    ADOPT = ("adopt", NOT_SENT | {TaskState.IN_DOUBT} | WITHOUT_RESULT, TaskState.ACCEPTED)
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
    RETRY = ("retry", WITHOUT_RESULT, TaskState.QUEUED)
    """The user wants a new attempt, knowing that it costs again."""
    ASK_AGAIN = ("ask_again", ENDED, TaskState.ACCEPTED)
    """The user wants the service asked once more about a task it accepted; free."""

    def __init__(self, word: str, sources: frozenset[TaskState], target: TaskState) -> None:
        self.word = word
        """The name of the step in the log of events."""
        self.sources = sources
        self.target = target


class Outcome(StrEnum):
    """The outcome of one attempt: one createtask with one private id."""

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
