"""The events that the queue publishes: values, never references into its inside."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.task import Failure, Task


@dataclass(frozen=True, slots=True)
class TaskChanged:
    """A task has taken a step, or waits for another reason than before."""

    task: Task
    suspended: bool = False
    """Whether nothing more will happen to it by itself in this run."""


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """The service has reported how far an accepted task is."""

    task_id: int
    phase: Phase
    queue_position: int
    expected_s: float | None
    """About how long it will take from now; ``None`` where nothing was learned yet."""
    percent: int | None = None
    """How far the work on it is, 0 to 100; ``None`` where the service does not report it."""


@dataclass(frozen=True, slots=True)
class TaskWaits:
    """A task's picture cannot be checked: its host is down, and is tried again by itself."""

    task_id: int
    host: str
    next_try_s: float
    """When, on the queue's clock."""


@dataclass(frozen=True, slots=True)
class PreviewMade:
    """There is a small picture of a draft that is given by address."""

    task_id: int
    file: Path


class ServiceStatus(StrEnum):
    """Whether one service can be used now, and if not why."""

    STARTING = "starting"
    """The local service is being started."""
    READY = "ready"
    OFFLINE = "offline"
    """It cannot be reached; one probe at a time is sent."""
    BUSY = "busy"
    """It answered that requests are to come later."""
    PAUSED = "paused"
    """Nothing is sent until the user does something."""


@dataclass(frozen=True, slots=True)
class ServiceStatusChanged:
    """The status of a service has changed."""

    service: str
    state: ServiceStatus
    failure: Failure | None = None
    """Why, where it is not ready."""
    out_of_reach: bool = False
    """Whether the service does not answer, whatever else holds its worker up."""


@dataclass(frozen=True, slots=True)
class NextTry:
    """It has changed when a service out of reach is asked next."""

    service: str
    next_try_s: float | None
    """When, on the queue's clock; in the past while it is being asked. ``None``: nothing is to be
    asked, or it is within reach.
    """


@dataclass(frozen=True, slots=True)
class CallbacksMended:
    """Callbacks of a service can be received again after a failure, or are no longer wanted."""

    service: str


Event = (
    CallbacksMended
    | NextTry
    | PreviewMade
    | ServiceStatusChanged
    | TaskChanged
    | TaskProgress
    | TaskWaits
)
