"""One entry of the gallery: a task, and its last known progress."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from enhance_gui.core.images.inputs.source import LocalFile, WebAddress
from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task

_WEB: Final = re.compile(r"https?://", re.IGNORECASE)

NEARLY: Final = 0.97
"""Maximum of guessed progress: full means that it is finished."""


class Group(Enum):
    """The filter groups of the gallery. "All" is the lack of one."""

    CHECKING = "checking"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    NEEDS_YOU = "needs_you"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Ended by the user: no failure."""


NO_RESULT: Final = frozenset({Group.NEEDS_YOU, Group.FAILED, Group.CANCELLED})
"""Groups whose tasks have a reason for having no result."""

_GROUPS: Final = {
    TaskState.DRAFT: Group.WAITING,
    TaskState.QUEUED: Group.WAITING,
    TaskState.SENDING: Group.RUNNING,
    TaskState.IN_DOUBT: Group.NEEDS_YOU,
    TaskState.ACCEPTED: Group.RUNNING,
    TaskState.FINISHED: Group.RUNNING,
    TaskState.FETCHING: Group.RUNNING,
    TaskState.SAVED: Group.DONE,
    TaskState.FAILED: Group.FAILED,
    TaskState.CANCELLING: Group.RUNNING,
    TaskState.CANCELLED: Group.CANCELLED,
    TaskState.WRITTEN_OFF: Group.CANCELLED,
}

_CAN_NEED_YOU: Final = frozenset(
    {TaskState.QUEUED, TaskState.ACCEPTED, TaskState.FINISHED, TaskState.CANCELLING}
)
"""States in which a task with a reason to wait waits for the user."""


def input_name(entered: str) -> str:
    """Return what people call a picture that was given by address or path: one visible line."""
    source = WebAddress(entered) if _WEB.match(entered) else LocalFile(Path(entered))
    return "".join(icon if icon.isprintable() else " " for icon in source.name).strip()


@dataclass(frozen=True, slots=True)
class Item:
    """A task as the gallery shows it."""

    task: Task
    suspended: bool = False
    """Whether nothing more will happen to it by itself in this run."""
    phase: Phase | None = None
    """The phase that the service last reported; ``None`` before its first report."""
    queue_position: int = 0
    """Its place in the service's queue; 0 where that is not known."""
    expected_s: float | None = None
    """About how long it would still take, counted from :attr:`reported_at_s`."""
    reported_at_s: float = 0.0
    """When the last three were reported, by :meth:`~enhance_gui.core.clock.Clock.now_s`."""
    waits_for: str = ""
    """The picture's host, where that is down; empty where it does not wait for one."""
    next_try_s: float = 0.0
    """When that host is tried next, on the same clock."""
    percent: int | None = None
    """The progress that the service reported; ``None`` where it reports none."""
    preview: Path | None = None
    """A small picture of one that only the web has."""

    @property
    def group(self) -> Group:
        """The one group it belongs to."""
        task = self.task
        if task.state is TaskState.DRAFT and task.checked is None:
            return Group.CHECKING
        if self.attention:
            return Group.NEEDS_YOU
        return _GROUPS[task.state]

    @property
    def attention(self) -> bool:
        """Whether it goes on only after the user has done something."""
        task = self.task
        held = self.suspended and task.failure is not None and task.state in _CAN_NEED_YOU
        return held or task.state is TaskState.IN_DOUBT

    @property
    def name(self) -> str:
        """What people call the picture: one line without invisible characters."""
        by_server = self.task.checked.name if self.task.checked else ""
        return by_server or input_name(self.task.input)

    @property
    def before_file(self) -> Path | None:
        """The picture as it was, on this computer; ``None`` where only the web has it.

        Before there is a result to compare it with, it may be the small one.
        """
        return self.task.before_file or (None if self.after_file else self.preview)

    @property
    def is_previewed(self) -> bool:
        """Whether :attr:`before_file` is the small picture of one that only the web has."""
        return self.preview is not None and self.before_file == self.preview

    @property
    def after_file(self) -> Path | None:
        """The enhanced picture, once it is saved."""
        task = self.task
        return task.files[0] if task.state is TaskState.SAVED and task.files else None

    @property
    def is_unsaved(self) -> bool:
        """Whether there is a result that the program keeps until the user saves it."""
        return self.task.state is TaskState.SAVED and self.task.is_kept

    def left_s(self, now_s: float) -> float | None:
        """Return about how long it still takes; 0 where it takes longer than expected."""
        if self.task.state is not TaskState.ACCEPTED or self.expected_s is None:
            return None
        return max(0.0, self.expected_s - (now_s - self.reported_at_s))

    def progress(self, now_s: float, age_s: float) -> float | None:
        """Return how far it is, 0 to 1: as the service reports it, or else a guess up to
        :data:`NEARLY`; ``None`` where nothing was learned yet.

        :param age_s: time since the service accepted the task.
        """
        if self.percent is not None:
            return self.percent / 100
        left_s = self.left_s(now_s)
        if left_s is None:
            return None
        age_s = max(0.0, age_s)
        whole_s = age_s + left_s
        return min(NEARLY, age_s / whole_s) if whole_s > 0 else NEARLY
