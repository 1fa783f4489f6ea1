"""Describes how long one finished task took, as a sample for the poller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DurationSample:
    """How long one task took, as the interval that polling has found."""

    type_id: int
    """Enhance type."""
    megapixels: float
    """Size of the picture."""
    after_s: float
    """It took longer than this: the age at the last poll that found it unfinished."""
    by_s: float
    """It took at most this: the age at the poll that found it finished."""
