"""Describes whether a picture is sent; :mod:`enhance_gui.jobs.queue.start_policy` decides it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Objection(StrEnum):
    """A reason not to send a draft without the user's approval."""

    RECOVERED = "recovered"
    """It may have been sent and charged: the list that it was read from cannot be relied on."""
    DUPLICATE = "duplicate"
    """Another task for its picture may have been charged, or has not ended."""
    COLOURED = "coloured"
    """Its picture has colours, which colourising would replace."""


class Verdict(StrEnum):
    """The decision about a draft."""

    CHECK = "check"
    """It is not known yet."""
    SEND = "send"
    """It is sent without asking, once its picture has passed the checks."""
    ASK = "ask"
    """It waits for the user's approval."""
    NOTHING = "nothing"
    """There is nothing to decide: it was started, or has ended."""


@dataclass(frozen=True, slots=True)
class StartDecision:
    """Whether a draft is sent, and what speaks against it."""

    verdict: Verdict
    objections: frozenset[Objection] = frozenset()
    """Empty where the user just wants to start pictures of this service by hand."""
