"""The results of a connection test: steps that each passed, failed, or could not be tried."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from enhance_gui.core.services.profile import Phase


class Step(StrEnum):
    """A step of the connection test, in the order of testing."""

    ADDRESS = "address"
    """The address is one that can be called."""
    NAME = "name"
    """The host's name leads to a network address."""
    CONNECTED = "connected"
    TLS = "tls"
    """The connection is encrypted, with a certificate to be trusted."""
    ANSWER = "answer"
    """A server answers in HTTP there."""
    TOKEN = "token"  # noqa: S105  the name of a step
    ENVELOPE = "envelope"
    """The answer is that of the documented API."""
    TYPES = "types"
    """The profile lists enhance types."""
    ACCESS = "access"
    """What others can reach on this computer through the service."""


class Verdict(StrEnum):
    """The result of a step."""

    OK = "ok"
    FAILED = "failed"
    UNCLEAR = "unclear"
    """Tried, and nothing is proven by what came of it."""
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True)
class CheckedStep:
    """One step with its result."""

    step: Step
    verdict: Verdict
    words: str
    """A sentence for people."""


ConnectionTest = tuple[CheckedStep, ...]
"""All steps, in their order."""


def passed(connection_test: ConnectionTest) -> bool:
    """Return whether nothing speaks against using the service."""
    return all(each.verdict is not Verdict.FAILED for each in connection_test)


@dataclass(frozen=True, slots=True)
class RecordSeen:
    """A service's record of one task, and how the program reads it."""

    task_id: str
    status: int | None
    """The service's number; ``None`` where it sent none."""
    phase: Phase
    is_in_table: bool
    """Whether the status table of the profile names the number; else the phase follows from what
    the record carries: an error code, a result, a place in the queue, or none of them.
    """
    queue_position: int
    error_code: int
    error_message: str
    result_count: int
    """How many addresses of results the record names."""
