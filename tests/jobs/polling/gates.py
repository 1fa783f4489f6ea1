"""What must hold, and by how much it does."""

from __future__ import annotations

from dataclasses import dataclass

from enhance_gui.jobs.polling.settings import PollerSettings
from tests.jobs.polling.study import BatchRow, SingleRow

RATIO_LIMITS = {0: 1.60, 10: 1.40, 200: 1.15}
"""Most cost against the Bayes optimum, by the number of tasks learned from."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One promise, held against one figure."""

    promise: str
    value: float
    minimum: float
    maximum: float

    @property
    def holds(self) -> bool:
        return self.minimum <= self.value <= self.maximum


def single_gate(name: str, learned: int, row: SingleRow) -> Gate:
    """Hold the cost of looking at one task against the optimum."""
    return Gate(f"{name}, {learned} learned: cost ÷ optimum", row.ratio, 0.9, RATIO_LIMITS[learned])


def budget_gate(name: str, row: BatchRow, requests_per_s: float) -> Gate:
    """Hold the worst stretch of time against the budget."""
    burst = PollerSettings(requests_per_s=requests_per_s).burst_size
    return Gate(f"{name}: burst", row.over_budget, 0, burst + 1e-3)


def batch_gates(name: str, row: BatchRow, requests_per_s: float) -> list[Gate]:
    """Hold a large batch against its promises."""
    return [
        Gate(f"{name}: 95 % noticed within", row.p95_late_s, 0, 5.0),
        Gate(f"{name}: polls a task", row.polls, 1, 3.5),
        budget_gate(name, row, requests_per_s),
        Gate(f"{name}: most alive on the service", row.max_in_flight, 1, 64),
        Gate(f"{name}: seconds beyond the work's own", row.idle_s, 0, 30),
    ]


def trouble_gates(name: str, row: BatchRow, requests_per_s: float) -> list[Gate]:
    """Hold the return from trouble against its promises."""
    return [
        budget_gate(name, row, requests_per_s),
        Gate(f"{name}: requests during it", row.during, 0, 45),
        Gate(f"{name}: next request after", row.first_after_s, 0, 30),
        Gate(f"{name}: all noticed after", row.all_after_s, 0, 30),
    ]


def retry_after_gates(name: str, row: BatchRow, requests_per_s: float) -> list[Gate]:
    """Hold the wait that a service asked for against its word."""
    return [
        budget_gate(name, row, requests_per_s),
        Gate(f"{name}: waited longer than asked by", row.first_after_s, 0, 1.0),
        Gate(f"{name}: refused", row.refused, 1, 3),
        Gate(f"{name}: all noticed after", row.all_after_s, 0, 30),
    ]
