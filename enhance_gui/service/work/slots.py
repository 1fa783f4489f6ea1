"""Defines a slot, where one job after the other is done: on this computer or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from enhance_gui.service.engine import Verdict, WorkJob, WorkResult


class WorkerLost(Enum):
    """Why a job came back without an outcome, as the record says it of a task that failed."""

    CRASHED = "the worker process ended unexpectedly, twice"
    TIMED_OUT = "the picture took too long"
    WITHDRAWN = "the task was deleted"
    GONE = "the workers of the cluster that had the picture were lost, three times"


Outcome = WorkResult | Verdict | WorkerLost


class JobEnd(NamedTuple):
    """How a job ended."""

    outcome: Outcome
    took_s: float = 0.0
    """How long a worker took for it; without the tries that failed before."""


class JobSlot(Protocol):
    """Does one job at a time."""

    def run(self, task_id: str, job: WorkJob, limit_s: float) -> JobEnd:
        """Do one job. Blocks: call it from a thread of its own.

        The job is tried anew where a worker was lost with it, within bounds.

        :param task_id: by which it can be withdrawn.
        :param limit_s: how long one try may take.
        """

    def withdraw(self, task_id: str) -> None:
        """Stop the work on a task. From any thread; may block for a moment."""

    def share(self, task_id: str) -> float:
        """Return which share of the work on a task is done, from 0 to 1. From any thread."""


class JobSlots(Protocol):
    """All slots of a service."""

    @property
    def all(self) -> Sequence[JobSlot]:
        """Return the slots, always the same ones."""

    @property
    def room(self) -> int:
        """Return how many of the slots may have a job now. From any thread."""

    @property
    def threads(self) -> int:
        """Return how many processor threads each job may keep busy."""

    def start(self, on_more_room: Callable[[], object]) -> None:
        """Begin to make room.

        :param on_more_room: is called, from any thread, after :attr:`room` has grown.
        """

    def warm_up(self) -> None:
        """Prepare for the first job, so that it does not wait. Blocks."""

    def stop(self) -> None:
        """Break off all jobs, for good; :meth:`JobSlot.run` returns. From any thread."""

    def close(self) -> None:
        """Give back what the slots hold, when no job runs any more."""
