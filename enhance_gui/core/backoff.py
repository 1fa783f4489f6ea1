"""Computes how long to wait before a retry, by a rule or from a list."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

_MAX_DOUBLINGS: Final = 64
"""Beyond what any wait needs, and within what a float holds."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that grow with each failure in a row, up to a bound."""

    first_s: float
    """Wait after the first failure."""
    max_s: float
    factor: float = 2.0
    """How much longer each further wait is."""
    jitter: float = 0.0
    """Share of each wait that is left to chance, so that many do not come back at once: 0.5 is
    "equal jitter", 1 is "full jitter"."""

    def delay_s(self, failures: int, random: Random | None = None) -> float:
        """Return the wait after so many failures in a row, at least one.

        :param random: draws the share that is left to chance; without one it is waited in full.
        """
        growth = self.factor ** min(failures - 1, _MAX_DOUBLINGS)
        longest_s = min(self.max_s, self.first_s * growth)
        if random is None:
            return longest_s
        return random.uniform(longest_s * (1 - self.jitter), longest_s)


class Waits(tuple[float, ...]):
    """Waits before a few further tries, in seconds."""

    __slots__ = ()

    def after(self, failures: int) -> float | None:
        """Return the wait after so many failures in a row, at least one; ``None``: try no more."""
        return self[failures - 1] if failures <= len(self) else None
