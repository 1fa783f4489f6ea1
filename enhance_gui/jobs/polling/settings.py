"""The settings of one service's poller."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PollerSettings:
    """The request budget of a service and what a request is worth."""

    requests_per_s: float = 2.0
    """Request budget: creates and polls together."""
    max_in_flight: int = 0
    """Maximum of tasks alive on the service at once; 0 adapts itself."""
    request_value_s: float = 0
    """Seconds of waiting that one request is worth; 0: one request's share of the budget."""
    reports_progress: bool = False
    """Whether the service is known to report how far its tasks are; others may show it."""
    asking_is_free: bool = False
    """Whether a request costs next to nothing, as to the service of this computer."""

    @property
    def price_s(self) -> float:
        """Seconds of waiting that one request is worth, worked out."""
        return self.request_value_s or 1 / self.requests_per_s

    @property
    def burst_size(self) -> int:
        """Requests that may go at once after a rest: five seconds' worth of the budget."""
        return max(1, math.ceil(5 * self.requests_per_s))

    @property
    def min_gap_s(self) -> float:
        """The minimum time between two polls of one task."""
        return max(0.05, self.price_s / 4)
