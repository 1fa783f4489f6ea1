"""When the next request may go: as the budget allows, and as the service and the network bear."""

from __future__ import annotations

from random import Random

from enhance_gui.jobs.polling.health import ConnectionHealth
from enhance_gui.jobs.polling.rate import TokenBucket
from enhance_gui.jobs.polling.settings import PollerSettings


class RequestThrottle:
    """Holds requests back, of whatever kind, to one service."""

    def __init__(self, settings: PollerSettings, random: Random) -> None:
        self._budget = TokenBucket(settings.requests_per_s, settings.burst_size)
        self.health = ConnectionHealth(random)
        """What goes wrong on the way to the service."""

    def change(self, settings: PollerSettings, now_s: float) -> None:
        """Go by another budget from now on; what the service has refused is remembered."""
        self._budget.change(settings.requests_per_s, settings.burst_size, now_s)

    @property
    def requests_per_s(self) -> float:
        """The rate at present."""
        return self._budget.requests_per_s

    def ready_s(self, now_s: float) -> float:
        """Return the earliest moment at which a request may go."""
        return max(self._budget.due_s(now_s), self.health.clear_s())

    def sent(self, now_s: float) -> None:
        """Account for one request sent now."""
        self._budget.take(now_s)
        self.health.sent(now_s)

    def answered(self, now_s: float) -> None:
        """Note an answer; after an offline time requests begin again one by one."""
        self._budget.answered()
        if self.health.answered():
            self._budget.rest_until(now_s)

    def busy(self, now_s: float, retry_after_s: float | None) -> bool:
        """Pause and slow down after a 429 or 503; return whether it is news."""
        is_news = self.health.busy(now_s, retry_after_s)
        if is_news:
            self._budget.refused()
        self._budget.rest_until(self.health.clear_s())
        return is_news

    def system_resumed(self, now_s: float) -> None:
        """Begin one by one after the computer has slept."""
        self.health.system_resumed()
        self._budget.rest_until(now_s)
