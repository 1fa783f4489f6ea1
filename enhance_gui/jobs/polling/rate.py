"""The request budget: a token bucket that also yields when the service says it is too much."""

from __future__ import annotations

import math

_MIN_SHARE = 1 / 8
_SHARE_AFTER_REFUSAL = 0.7
_SHARE_PER_ANSWER = 0.02


class TokenBucket:
    """At most ``burst + rate · t`` requests in any ``t`` seconds."""

    def __init__(self, requests_per_s: float, burst: int) -> None:
        self._rate = requests_per_s
        self._burst = float(burst)
        self._tokens = self._burst
        self._updated_s = -math.inf
        self._share = 1.0

    @property
    def requests_per_s(self) -> float:
        """The rate at present: the full one, or less after the service has refused some."""
        return self._rate * self._share

    def change(self, requests_per_s: float, burst: int, now_s: float) -> None:
        """Go by another rate from now on; what the service has refused is remembered."""
        self._refill(now_s)
        self._rate, self._burst = requests_per_s, float(burst)
        self._tokens = min(self._burst, self._tokens)

    def due_s(self, now_s: float) -> float:
        """Return the earliest moment at which a request may go."""
        self._refill(now_s)
        return self._updated_s + max(0.0, (1 - self._tokens) / self.requests_per_s)

    def take(self, now_s: float) -> None:
        """Account for one request sent now."""
        self._refill(now_s)
        self._tokens -= 1

    def rest_until(self, moment_s: float) -> None:
        """Start again at ``moment_s`` with one request: what piled up must not go as a burst."""
        self._refill(moment_s)
        self._tokens = min(self._tokens, 1.0)

    def refused(self) -> None:
        """Take less: the service has called the present rate too much."""
        self._share = max(_MIN_SHARE, self._share * _SHARE_AFTER_REFUSAL)

    def answered(self) -> None:
        """Win back a little of the rate."""
        self._share = min(1.0, self._share + _SHARE_PER_ANSWER)

    def _refill(self, now_s: float) -> None:
        passed_s = now_s - self._updated_s
        if passed_s > 0:
            # A hair of tolerance: a request sent exactly when it is due must find its token.
            gained = passed_s * self.requests_per_s + 1e-9
            self._tokens = min(self._burst, self._tokens + gained)
            self._updated_s = now_s
