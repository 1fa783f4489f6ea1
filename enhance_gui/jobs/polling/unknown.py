"""A task that the service does not know: how often to ask again, and when to believe it."""

from __future__ import annotations

from typing import Final

_RETRIES_S: Final = (5.0, 5.0, 5.0, 20.0, 60.0, 300.0, 900.0, 1800.0, 3600.0)
"""Waits before a task is asked about again; then the last."""
UNKNOWN_FOR_LONG: Final = 3
"""Answers after which such a task holds no place in the window: it may be a mere lag until then."""
_AT_LEAST: Final = 5
_BELIEVED_AT_S: Final = 24 * 3600.0
"""Age at which the word is believed: the task was paid, to ask is free, and a service that has
failed over, or is asked with the token of another account, may know it again."""


def is_believed(unknowns: int, age_s: float) -> bool:
    """Return whether to believe it, after so many such answers before about a task of this age."""
    return age_s >= _BELIEVED_AT_S and unknowns >= _AT_LEAST


def ask_again_s(unknowns: int) -> float:
    """Return how long to wait after so many such answers before."""
    return _RETRIES_S[min(unknowns, len(_RETRIES_S) - 1)]
