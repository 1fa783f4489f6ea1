"""What one finished task tells about how long tasks take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DurationSample:
    """How long one task took, as far as looking from time to time can tell."""

    type_id: int
    """Enhance type."""
    megapixels: float
    """Size of the picture."""
    after_s: float
    """It took longer than this: the age at the last look that found it unfinished."""
    by_s: float
    """It took at most this: the age at the look that found it finished."""
