"""What the poller knows of one task."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from enhance_gui.jobs.polling.progress import Progress


@dataclass(slots=True)
class PolledTask:
    """What the poller knows of one task. Moments are clock values."""

    key: int
    type_id: int
    megapixels: float
    created_s: float
    """When the service took it."""
    resumed: bool
    """Taken over from an earlier run: when it began to be worked on is not known."""
    position: int = 0
    """Place in the service's queue as last reported; 0: being worked on, as far as is known."""
    turn: float = 0
    """When it begins, by the count of the service's queue."""
    began_after_s: float = 0
    """It was not yet worked on at this moment …"""
    began_by_s: float = 0
    """… and was at this one."""
    seen_s: float = 0
    """The last moment at which it is known to have been unfinished."""
    due_s: float = 0
    """When to poll it next."""
    planned_s: float = 0
    """The same, but for what budget, errors and hints made of it."""
    ticket: int = 0
    """Number of its valid entry among those that fall due; others are stale."""
    sent_s: float | None = None
    """When the request now under way left; ``None``: none is under way."""
    failures: int = 0
    """Requests in a row that had no answer."""
    unknowns: int = 0
    """Answers in a row that named no such task."""
    hinted_s: float = -math.inf
    """When the last accepted hint made, or makes, it due."""
    reported: bool = False
    """A hint has arrived since the last answer."""
    reported_meanwhile: bool = False
    """A hint has arrived while a request was under way."""
    progress: Progress = field(default_factory=Progress)
    """The progress that the service reports, where it does."""
    overlong: bool = False
    """It takes so much longer than others that it no longer holds a place in the window."""

    @property
    def began_s(self) -> float:
        """About when it began to be worked on."""
        return (self.began_after_s + self.began_by_s) / 2

    @property
    def is_settled(self) -> bool:
        """Whether its next poll keeps the moment that a hint, a retry or a request has set."""
        return self.reported or bool(self.failures or self.unknowns) or self.sent_s is not None

    def is_late(self, now_s: float) -> bool:
        """Return whether it is polled so late that the moment says nothing of the service."""
        return self.resumed or now_s > 2 * self.planned_s - self.seen_s + 1
